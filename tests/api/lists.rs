//! Lists: pages, filters, order, search.

use futures_util::future::join_all;
use http::HeaderValue;
use serde_json::{Value, json};

use crate::changes::costs::copy_task;
use crate::client::{BASE, TASKS, TestApp, TestResponse, User};

/// All the pages of a collection of tasks, glued together.
pub async fn walk(user: &User<'_>, query: &str) -> Vec<Value> {
    walk_of(user, TASKS, query).await
}

/// As [`walk`], of the collection at `path`.
pub async fn walk_of(user: &User<'_>, path: &str, query: &str) -> Vec<Value> {
    let mut tasks = Vec::new();
    let mut uri = format!("{path}?{query}");
    loop {
        let page = user.get(&uri).send().await;
        assert_eq!(page.status, 200, "{uri}: {page:?}");
        let body = page.json();
        tasks.extend(body["tasks"].as_array().expect("tasks").iter().cloned());
        match body["next"].as_str() {
            Some(next) => {
                assert_eq!(page.header("link"), format!("<{next}>; rel=\"next\""));
                uri = next.to_owned();
            }
            None => {
                assert_eq!((page.header("link"), body.get("next")), ("", None));
                return tasks;
            }
        }
    }
}

fn titles(tasks: &[Value]) -> Vec<&str> {
    tasks
        .iter()
        .map(|task| task["title"].as_str().expect("a title"))
        .collect()
}

async fn titled(user: &User<'_>, query: &str) -> Vec<String> {
    titles(&walk(user, query).await)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

async fn fill(user: &User<'_>, titles: &[&str]) {
    for title in titles {
        user.create(&json!({ "title": title })).await;
    }
}

async fn finish(user: &User<'_>, id: u32) {
    let done = user
        .put(&format!("{TASKS}/{id}"), &json!({"done": true}))
        .send()
        .await;
    assert_eq!(done.status, 200);
}

#[tokio::test]
async fn a_page_holds_as_many_as_asked_for_and_says_where_the_next_is() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada, &["a", "b", "c", "d", "e"]).await;

    let page = ada.get(&format!("{TASKS}?limit=2")).send().await.json();

    assert_eq!(titles(page["tasks"].as_array().expect("tasks")), ["a", "b"]);
    let next = page["next"].as_str().expect("a next page");
    assert!(
        next.starts_with(&format!("{BASE}{TASKS}?limit=2&cursor=")),
        "{next}"
    );
    for limit in ["1", "2", "3", "5", "1000"] {
        assert_eq!(
            titled(&ada, &format!("limit={limit}")).await,
            ["a", "b", "c", "d", "e"]
        );
    }
    assert_eq!(
        titled(&ada, "limit=2&sort=-id").await,
        ["e", "d", "c", "b", "a"]
    );
}

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

fn cursor(page: &TestResponse) -> String {
    let next = page.json()["next"]
        .as_str()
        .expect("a next page")
        .to_owned();
    next.split_once("cursor=").expect("a cursor").1.to_owned()
}

#[tokio::test]
async fn a_cursor_belongs_to_its_query_and_its_user() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    fill(&ada, &["a", "b", "c"]).await;
    fill(&bob, &["x", "y", "z"]).await;
    let cursor = cursor(&ada.get(&format!("{TASKS}?limit=1&done=false")).send().await);
    let with = |query: &str, cursor: &str| format!("{TASKS}?{query}&cursor={cursor}");

    let more = ada.get(&with("limit=2&done=false", &cursor)).send().await;
    assert_eq!(
        titles(more.json()["tasks"].as_array().expect("tasks")),
        ["b", "c"]
    );

    let mut refused = vec![
        ada.get(&with("limit=1", &cursor)).send().await,
        ada.get(&with("done=true", &cursor)).send().await,
        ada.get(&with("done=false&sort=-id", &cursor)).send().await,
        ada.get(&with("done=false&q=a", &cursor)).send().await,
        bob.get(&with("done=false", &cursor)).send().await,
    ];
    for index in [0, 5, cursor.len() / 2, cursor.len() - 2] {
        let other = if cursor.as_bytes()[index] == b'A' {
            "B"
        } else {
            "A"
        };
        let mut mangled = cursor.clone();
        mangled.replace_range(index..=index, other);
        refused.push(ada.get(&with("done=false", &mangled)).send().await);
    }
    for response in refused {
        assert_eq!(
            (response.status, &response.json()["field"]),
            (400, &json!("cursor"))
        );
    }
}

#[tokio::test]
async fn a_walk_misses_nothing_and_sees_nothing_twice_while_others_write() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for sort in ["id", "-id", "title", "-title", "due", "-due"] {
        let mut standing = Vec::new();
        let mut passing = Vec::new();
        for number in 0..30 {
            let body = json!({"title": format!("{}", number % 7), "due": format!("2026-01-{:02}", number % 9 + 1)});
            let task = ada.create(&body).await;
            let uri = task.uri.as_str().to_owned();
            if number % 3 == 0 {
                passing.push(uri)
            } else {
                standing.push(uri)
            }
        }
        let mut seen = Vec::new();
        let mut uri = format!("{TASKS}?limit=4&sort={sort}");
        loop {
            let page = ada.get(&uri).send().await.json();
            let tasks = page["tasks"].as_array().expect("tasks").clone();
            seen.extend(
                tasks
                    .iter()
                    .map(|task| task["uri"].as_str().expect("a URI").to_owned()),
            );
            if let Some(gone) = passing.pop() {
                ada.delete(&gone).send().await;
                ada.create(&json!({"title": "0 new", "due": "2026-01-05"}))
                    .await;
            }
            // The very task the cursor stands on goes too, at times.
            if let Some(last) = seen.last().filter(|last| !standing.contains(last)) {
                ada.delete(last).send().await;
            }
            match page["next"].as_str() {
                Some(next) => uri = next.to_owned(),
                None => break,
            }
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{sort}: seen twice");
        assert!(
            standing.iter().all(|uri| seen.contains(uri)),
            "{sort}: missed"
        );
        for task in ada.list().await {
            ada.delete(task["uri"].as_str().expect("a URI"))
                .send()
                .await;
        }
    }
}

#[tokio::test]
async fn a_page_is_cut_after_four_queries_and_names_the_next() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("hay").await;
    ada.create("needle").await;
    copy_task(&app, 1, 2, 4_199).await;
    app.wire.take_calls();

    // The last but one, behind all copies of the hay.
    let uri = format!("{TASKS}?q=needle&sort=-id");
    let first = ada.get(&uri).send().await.json();

    assert_eq!(app.wire.take_calls(), ["Query"; 4]);
    assert_eq!(first["tasks"], json!([]));
    let second = ada
        .get(first["next"].as_str().expect("a next page"))
        .send()
        .await
        .json();
    assert_eq!(
        titles(second["tasks"].as_array().expect("tasks")),
        ["needle"]
    );
    assert_eq!(second.get("next"), None);
}

#[tokio::test]
async fn a_page_of_the_largest_tasks_fits_into_a_lambda_response() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    // Each kind is the largest in its way: in the table, in JSON, and in JSON within JSON.
    for kind in ["\u{1F600}", "\"", "\n"] {
        let title = if kind == "\n" { "\\" } else { kind };
        let body = json!({"title": title.repeat(500), "description": kind.repeat(4_000)});
        ada.create(&body).await;
    }
    for of in 1..=3 {
        copy_task(&app, of, 3 + (of - 1) * 339, 339).await;
    }
    let mut count = 0;
    let mut uri = TASKS.to_owned();
    loop {
        let page = ada.get(&uri).send().await;
        let nested = serde_json::to_vec(&json!({"body": page.json().to_string()})).expect("JSON");
        assert!(nested.len() < 6_000_000, "{}", nested.len());
        count += page.json()["tasks"].as_array().expect("tasks").len();
        match page.json()["next"].as_str() {
            Some(next) => uri = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(count, 1_020);
}

#[tokio::test]
async fn tasks_outside_the_filter_add_no_cost() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    for number in 0..20 {
        ada.create(&json!({"title": format!("A {number}"), "due": "2026-01-01"}))
            .await;
    }
    let costs = async || {
        let mut costs = Vec::new();
        for query in [
            "done=false",
            "title_prefix=a",
            "due_before=2026-02-01",
            "sort=title&limit=5",
        ] {
            let response = ada.get(&format!("{TASKS}?{query}")).send().await;
            assert!(response.record.units > 0.0);
            costs.push(response.record.units);
        }
        costs.push(ada.get(&format!("{TASKS}/1")).send().await.record.units);
        costs
    };
    let alone = costs().await;
    for _ in 0..10 {
        let body = json!({"title": "Z", "due": "2027-01-01"});
        let done = join_all((0..50).map(|_| ada.create(&body))).await;
        let body = json!({"done": true});
        let uris = done.iter().map(|task| task.uri.as_str());
        join_all(uris.map(|uri| ada.put(uri, &body).send())).await;
    }
    assert_eq!(costs().await, alone);
}

#[tokio::test]
async fn a_list_that_has_not_changed_is_not_sent_again() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada, &["a", "b"]).await;
    let first = ada.get(&format!("{TASKS}?limit=1")).send().await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with("W/\""));
    let again = |etag: &str| {
        let etag = HeaderValue::from_str(etag).expect("a header");
        ada.get(&format!("{TASKS}?limit=1"))
            .header("if-none-match", etag)
            .send()
    };
    let same = again(&etag).await;
    assert_eq!(
        (same.status, same.bytes.len(), same.header("etag")),
        (304, 0, etag.as_str())
    );
    assert_eq!(same.header("cache-control"), "private, no-cache");
    assert_eq!(same.header("link"), first.header("link"));
    assert_eq!(again("W/\"other\"").await.status, 200);
    finish(&ada, 1).await;
    assert_eq!(again(&etag).await.status, 200);
}
