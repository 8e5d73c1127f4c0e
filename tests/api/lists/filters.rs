//! Filters and search.

use serde_json::json;

use super::{fill, finish, titled};
use crate::client::{TASKS, TestApp};

#[tokio::test]
async fn done_and_open_tasks_are_told_apart() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada, &["a", "b", "c", "d"]).await;
    finish(&ada, 2).await;
    finish(&ada, 3).await;
    assert_eq!(titled(&ada, "done=true").await, ["b", "c"]);
    assert_eq!(titled(&ada, "done=false&limit=1").await, ["a", "d"]);
    assert_eq!(titled(&ada, "done=true&sort=-id").await, ["c", "b"]);
}

#[tokio::test]
async fn titles_are_found_by_their_beginning_whatever_its_case() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(
        &ada,
        &[
            "apple",
            "Straße",
            "An",
            "strasse 2",
            "banana",
            "a",
            "STRAND",
            "ä",
        ],
    )
    .await;
    assert_eq!(titled(&ada, "title_prefix=A").await, ["a", "An", "apple"]);
    assert_eq!(
        titled(&ada, "title_prefix=STRASS&limit=1").await,
        ["Straße", "strasse 2"]
    );
    assert_eq!(
        titled(&ada, "title_prefix=a&sort=-title").await,
        ["apple", "An", "a"]
    );
    assert_eq!(
        titled(&ada, "title_prefix=a&sort=id").await,
        ["apple", "An", "a"]
    );
    assert_eq!(titled(&ada, "title_prefix=%C3%84").await, ["ä"]);
    assert_eq!(titled(&ada, "title_prefix=strasse+").await, ["strasse 2"]);
}

#[tokio::test]
async fn long_titles_are_told_apart_beyond_what_the_index_holds() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (b, a, short) = (
        "x".repeat(130) + "b",
        "x".repeat(130) + "a",
        "x".repeat(127),
    );
    fill(&ada, &[&b, &a, &short]).await;
    // Alike in 128 code points, so by creation.
    assert_eq!(
        titled(&ada, "sort=title").await,
        [short.clone(), b.clone(), a.clone()]
    );
    assert_eq!(titled(&ada, &format!("title_prefix={a}")).await, [a]);
    assert_eq!(
        titled(&ada, &format!("title_prefix={}", &b[..130]))
            .await
            .len(),
        2
    );
}

#[tokio::test]
async fn the_last_character_there_is_can_begin_a_title() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let last = char::MAX.to_string().repeat(200);
    fill(&ada, &[&last, " b", "a"]).await;
    assert_eq!(
        titled(&ada, "sort=title&limit=1").await,
        [" b", "a", last.as_str()]
    );
    assert_eq!(
        titled(&ada, "title_prefix=%F4%8F%BF%BF").await,
        [last.as_str()]
    );
}

#[tokio::test]
async fn a_text_is_found_anywhere_in_title_and_description() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("Buy MILK").await;
    ada.create(&json!({"title": "Shop", "description": "eggs,\nmilk"}))
        .await;
    ada.create(&json!({"title": "Mil", "description": "k"}))
        .await;
    assert_eq!(titled(&ada, "q=milk").await, ["Buy MILK", "Shop"]);
    assert_eq!(titled(&ada, "q=K").await, ["Buy MILK", "Shop", "Mil"]);
    assert_eq!(titled(&ada, "q=eggs%2C").await, ["Shop"]);
    assert_eq!(titled(&ada, "q=nothing").await, [] as [&str; 0]);
}

#[tokio::test]
async fn tasks_are_found_by_their_due_date() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (title, due) in [
        ("late", json!("2026-12-31")),
        ("never", json!(null)),
        ("early", json!("0001-01-01")),
        ("last", json!("9999-12-31")),
        ("also late", json!("2026-12-31")),
    ] {
        ada.create(&json!({"title": title, "due": due})).await;
    }
    assert_eq!(
        titled(&ada, "sort=due&limit=1").await,
        ["early", "late", "also late", "last"]
    );
    assert_eq!(
        titled(&ada, "sort=-due").await,
        ["last", "also late", "late", "early"]
    );
    assert_eq!(titled(&ada, "due_before=2026-12-31").await, ["early"]);
    assert_eq!(
        titled(&ada, "due_after=2026-12-30&due_before=2027-01-01").await,
        ["late", "also late"]
    );
    assert_eq!(titled(&ada, "due_after=2026-12-31&sort=id").await, ["last"]);
    assert_eq!(
        titled(&ada, "due_after=2026-12-31&due_before=2026-12-31").await,
        [] as [&str; 0]
    );
    ada.patch(&format!("{TASKS}/1"), &json!({"due": null}))
        .send()
        .await;
    assert_eq!(
        titled(&ada, "due_after=2026-12-30&due_before=2027-01-01").await,
        ["also late"]
    );
}

#[tokio::test]
async fn a_bad_parameter_is_named() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.take_calls();
    let long = "x".repeat(501);
    let date = "must be a date like 2026-12-31";
    for (query, field, problem) in [
        ("limit=0", "limit", "must be a whole number from 1 to 1000"),
        (
            "limit=1001",
            "limit",
            "must be a whole number from 1 to 1000",
        ),
        ("limit=", "limit", "must be a whole number from 1 to 1000"),
        ("limit=2&limit=2", "limit", "is given twice"),
        ("done=yes", "done", "must be true or false"),
        ("done", "done", "must be true or false"),
        ("title_prefix=", "title_prefix", "must not be empty"),
        (
            "title_prefix=%00",
            "title_prefix",
            "must not contain control characters",
        ),
        ("q=", "q", "must not be empty"),
        ("q=%0A", "q", "must not contain control characters"),
        (
            &format!("q={long}"),
            "q",
            "must have at most 500 characters",
        ),
        ("q=%FF", "q", "must be UTF-8"),
        ("due_before=2026-02-30", "due_before", date),
        ("due_after=tomorrow", "due_after", date),
        (
            "sort=created_at",
            "sort",
            "must be id, title or due, or one of them after a minus sign; or, in a list, order",
        ),
        ("cursor=", "cursor", "is not one that this list gave"),
        ("cursor=x", "cursor", "is not one that this list gave"),
        ("cursor=*&x", "cursor", "is not one that this list gave"),
    ] {
        let refused = ada.get(&format!("{TASKS}?{query}")).send().await;
        let detail = format!("{field} {problem}");
        let expected = json!({"error": "Bad request", "detail": detail, "field": field});
        assert_eq!((refused.status, refused.json()), (400, expected), "{query}");
    }
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
}
