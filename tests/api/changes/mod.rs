//! The feed of changes: what it holds, how it is followed, and that it leaves nothing out.

pub mod costs;
mod follower;

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{BASE, CHANGES, LISTS, TASKS, TRASH, TestApp, User};
use crate::responses::seen;

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// Longer than the time that is gone over again.
const A_MINUTE: i64 = 60_000;

fn uri(path: &str) -> String {
    format!("{BASE}/todo/api/v1.0/{path}")
}

/// The changes of one walk from `start` on, and where the next one begins.
async fn walk(user: &User<'_>, start: &str) -> (Vec<Value>, String) {
    let (mut changes, mut next) = (Vec::new(), start.to_owned());
    loop {
        let page = user.get(&next).send().await;
        assert_eq!(page.status, 200, "{next}: {page:?}");
        let body = page.json();
        changes.extend(body["changes"].as_array().expect("changes").iter().cloned());
        next = body["next"].as_str().expect("a next page").to_owned();
        if body["more"] == json!(false) {
            assert_eq!(page.header("link"), "");
            return (changes, next);
        }
        assert_eq!(page.header("link"), format!("<{next}>; rel=\"next\""));
    }
}

#[tokio::test]
async fn the_changes_are_everything_in_the_order_in_which_it_last_changed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let inbox = ada.get(&uri("lists/inbox")).send().await.json();
    let mut clock = 0;
    let mut tick = || {
        clock += 10;
        app.clock.set_ahead(clock);
    };
    tick();
    let home = ada.create_list("Home").await;
    for title in ["One", "Two", "Three", "Four"] {
        tick();
        let body = json!({"title": title, "list": home});
        ada.create(&body).await;
    }
    tick();
    ada.create_list("Gone").await;
    let change = async |method: Method, path: &str, body: &Value| {
        let changed = ada.request(method, &uri(path)).json(body).send().await;
        assert_eq!(changed.status, 200, "{changed:?}");
        changed.json()
    };
    let nothing = json!({});
    tick();
    let second = change(Method::PUT, "tasks/2", &json!({"done": true})).await;
    tick();
    change(Method::DELETE, "tasks/3", &nothing).await;
    tick();
    let renamed = change(Method::PUT, "lists/1", &json!({"name": "House"})).await;
    tick();
    change(Method::DELETE, "tasks/1", &nothing).await;
    tick();
    change(Method::DELETE, "lists/2", &nothing).await;
    tick();
    change(Method::DELETE, "trash/3", &nothing).await;
    tick();
    let first = change(Method::POST, "trash/1", &nothing).await;
    let fourth = ada.get(&uri("tasks/4")).send().await.json();

    let page = ada.get(CHANGES).send().await;

    let expected = json!([
        inbox, fourth, second, renamed,
        {"deleted": uri("lists/2")}, {"deleted": uri("tasks/3")}, first,
    ]);
    assert_eq!((page.status, &page.json()["changes"]), (200, &expected));
    let mut members: Vec<_> = page
        .json()
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    members.sort_unstable();
    assert_eq!(members, ["changes", "more", "next"]);
    assert_eq!(page.json()["more"], json!(false));
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!((page.header("etag"), page.header("link")), ("", ""));
    for limit in 1..=8 {
        let (changes, _) = walk(&ada, &format!("{CHANGES}?limit={limit}")).await;
        assert_eq!(json!(changes), expected, "{limit}");
    }
}

#[tokio::test]
async fn a_client_that_follows_next_gets_what_has_changed_since() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("One").await;
    app.clock.set_ahead(A_MINUTE);
    let (changes, next) = walk(&ada, CHANGES).await;
    assert_eq!(changes.len(), 2);
    let (changes, next) = walk(&ada, &next).await;
    assert_eq!(changes, [] as [Value; 0]);

    app.clock.set_ahead(2 * A_MINUTE);
    let second = ada.create("Two").await;
    let (changes, again) = walk(&ada, &next).await;
    assert_eq!(changes, [json!({"task": second.json})]);
    // Committed within 30 seconds before the walk began, so it comes once more, with its entity tag.
    let (changes, next) = walk(&ada, &again).await;
    assert_eq!(changes, [json!({"task": second.json})]);

    app.clock.set_ahead(3 * A_MINUTE);
    let (changes, next) = walk(&ada, &next).await;
    assert_eq!(changes, [json!({"task": second.json})]);
    let (changes, next) = walk(&ada, &next).await;
    assert_eq!(changes, [] as [Value; 0]);
    ada.delete(&task.uri).send().await;
    ada.delete(&format!("{TRASH}/1")).send().await;
    let (changes, _) = walk(&ada, &next).await;
    assert_eq!(changes, [json!({"deleted": task.uri})]);
}

#[tokio::test]
async fn what_a_clock_that_is_behind_writes_after_a_walk_comes_in_the_next_one() {
    let app = TestApp::start().await;
    let behind = app.twin().await;
    let ada = app.user("ada").await;
    let late = behind.holder(ada.authorization.clone());
    let task = ada.create("One").await;
    app.clock.set_ahead(A_MINUTE);
    behind.clock.set_ahead(A_MINUTE - 29_000);
    let (changes, next) = walk(&ada, &format!("{CHANGES}?limit=1")).await;
    assert_eq!(changes.len(), 2);

    // Before the place that the walk has reached, and the same item moves back.
    let changed = ada.put(&task.uri, &json!({"title": "Two"})).send().await;
    assert_eq!(changed.status, 200);
    let (_, next_after_two) = walk(&ada, &next).await;
    let changed = late.put(&task.uri, &json!({"title": "Three"})).send().await;
    let created = late.create("Four").await;

    for next in [next, next_after_two] {
        let (changes, _) = walk(&ada, &next).await;
        assert_eq!(changes, [changed.json(), json!({"task": created.json})]);
    }
}

#[tokio::test]
async fn a_walk_that_lasts_shows_what_changes_meanwhile() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for title in ["One", "Two", "Three"] {
        ada.create(title).await;
    }
    app.clock.set_ahead(A_MINUTE);
    let page = ada.get(&format!("{CHANGES}?limit=2")).send().await.json();
    assert_eq!(page["more"], json!(true));
    let next = page["next"].as_str().expect("a next page");
    // Long after the walk began, one that was shown and one that was not.
    app.clock.set_ahead(10 * DAY);
    for id in [1, 3] {
        let changed = ada.put(&format!("{TASKS}/{id}"), &json!({"done": true}));
        assert_eq!(changed.send().await.status, 200);
    }
    let (changes, next) = walk(&ada, next).await;
    let ends = |changes: &[Value]| -> Vec<_> {
        let ids = changes.iter().map(|change| change["task"]["uri"].clone());
        ids.map(|uri| {
            uri.as_str()
                .and_then(|uri| uri.rsplit('/').next())
                .map(str::to_owned)
        })
        .map(Option::unwrap_or_default)
        .collect()
    };
    assert_eq!(ends(&changes), ["2", "1", "3"]);
    // The next one begins where this one began.
    let (changes, _) = walk(&ada, &next).await;
    assert_eq!(ends(&changes), ["1", "3"]);
}

#[tokio::test]
async fn a_cursor_of_more_than_30_days_is_gone_unless_it_was_followed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("One").await;
    let (_, first) = walk(&ada, CHANGES).await;
    let in_walk = ada.get(&format!("{CHANGES}?limit=1")).send().await.json();
    let in_walk = in_walk["next"].as_str().expect("a next page").to_owned();

    app.clock.set_ahead(20 * DAY);
    let (_, followed) = walk(&ada, &first).await;
    app.clock.set_ahead(30 * DAY - A_MINUTE);
    assert_eq!(ada.get(&first).send().await.status, 200);
    app.clock.set_ahead(30 * DAY + A_MINUTE);

    for old in [first, in_walk] {
        let gone = ada.get(&old).send().await;
        assert_eq!(seen(&gone), (410, json!({"error": "Gone"})));
    }
    let (changes, _) = walk(&ada, &followed).await;
    assert_eq!(changes, [] as [Value; 0]);
    assert_eq!(walk(&ada, CHANGES).await.0.len(), 2);
}

#[tokio::test]
async fn a_cursor_of_somebody_else_or_of_another_collection_is_refused() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for user in [&ada, &bob] {
        user.create("One").await;
        user.create("Two").await;
    }
    let cursor_of = |next: &Value| {
        let next = next.as_str().expect("a next page");
        next.split_once("cursor=").expect("a cursor").1.to_owned()
    };
    let ended = cursor_of(&json!(walk(&ada, CHANGES).await.1));
    let page = ada.get(&format!("{CHANGES}?limit=1")).send().await.json();
    let in_walk = cursor_of(&page["next"]);
    let page = ada.get(&format!("{TASKS}?limit=1")).send().await.json();
    let of_tasks = cursor_of(&page["next"]);
    let cases = [
        (&bob, CHANGES, ended.as_str()),
        (&bob, CHANGES, &in_walk),
        (&ada, TASKS, &ended),
        (&ada, TRASH, &in_walk),
        (&ada, CHANGES, &of_tasks),
        (&ada, CHANGES, "AAAA"),
        (&ada, CHANGES, "%C3%A9"),
        (&ada, CHANGES, ""),
    ];
    for (user, path, cursor) in cases {
        let refused = user.get(&format!("{path}?cursor={cursor}")).send().await;
        let expected = json!({
            "error": "Bad request", "detail": "cursor is not one that this list gave",
            "field": "cursor",
        });
        assert_eq!(seen(&refused), (400, expected), "{path} {cursor}");
    }
    let limited = ada
        .get(&format!("{CHANGES}?limit=1&cursor={ended}"))
        .send()
        .await;
    assert_eq!(limited.status, 200);
    let refused = ada.get(&format!("{CHANGES}?limit=0")).send().await;
    assert_eq!(
        (refused.status, &refused.json()["field"]),
        (400, &json!("limit"))
    );
    assert_eq!(
        ada.request(Method::POST, CHANGES)
            .send()
            .await
            .header("allow"),
        "GET, HEAD, OPTIONS"
    );
}

#[tokio::test]
async fn a_token_that_may_only_read_follows_the_changes() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("One").await;
    let (_, reader) = ada.token(&json!({"scope": "read"})).await;
    let (changes, _) = walk(&reader, CHANGES).await;
    assert_eq!(changes.len(), 2);
    let head = reader.request(Method::HEAD, CHANGES);
    let head = head
        .header("if-none-match", HeaderValue::from_static("*"))
        .send()
        .await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
}

/// What a list's deletion makes of its tasks is a change of each.
#[tokio::test]
async fn a_deleted_list_and_its_tasks_are_among_the_changes_once_each() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let home = ada.create_list("Home").await;
    for title in ["One", "Two"] {
        ada.create(&json!({"title": title, "list": home})).await;
    }
    app.clock.set_ahead(A_MINUTE);
    let (_, next) = walk(&ada, CHANGES).await;
    assert_eq!(ada.delete(&format!("{LISTS}/1")).send().await.status, 200);

    let (changes, _) = walk(&ada, &next).await;

    let mut deleted: Vec<_> = changes
        .iter()
        .map(|change| change["deleted"].clone())
        .collect();
    deleted.sort_unstable_by_key(Value::to_string);
    assert_eq!(deleted, [uri("lists/1"), uri("tasks/1"), uri("tasks/2")]);
}
