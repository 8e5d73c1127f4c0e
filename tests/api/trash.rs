//! The trash: what is in it, for how long, and what leaves it on which way.

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{BASE, LISTS, TASKS, TRASH, TestApp, TestResponse, User};
use crate::indexes::{Item, tasks_in_agreement, text};
use crate::lists::walk_of;
use crate::responses::{is_deleted, not_found, seen};

const DAY: i64 = 24 * 60 * 60 * 1_000;

fn trash(id: u32) -> String {
    format!("{TRASH}/{id}")
}

/// What a task with everything is created from.
fn everything() -> Value {
    json!({
        "title": "Buy milk", "description": "2 l", "due": "2026-12-31T17:30", "priority": "high",
        "tags": ["shop"], "steps": [{"title": "Go", "done": true}], "order": -2.5,
        "list": format!("{LISTS}/1"),
    })
}

async fn delete(user: &User<'_>, uri: &str) {
    assert_eq!(seen(&user.delete(uri).send().await), is_deleted());
}

async fn restore(user: &User<'_>, id: u32) -> TestResponse {
    user.request(Method::POST, &trash(id)).send().await
}

/// The trash without the times of deletion, which are checked.
async fn in_trash(user: &User<'_>) -> Vec<Value> {
    let mut tasks = walk_of(user, TRASH, "limit=2").await;
    for task in &mut tasks {
        let members = task.as_object_mut().expect("an object");
        let deleted_at = members.remove("deleted_at");
        assert_eq!(deleted_at.as_ref(), Some(&members["updated_at"]));
    }
    tasks
}

/// A task after `writes` more writes, all but its time.
fn at_version(mut task: Value, version: u32, updated_at: &Value) -> Value {
    task["etag"] = json!(format!("\"1.{version}\""));
    task["updated_at"] = updated_at.clone();
    task
}

async fn item_of(app: &TestApp, id: u32) -> Item {
    let key = format!("task#{id:012}");
    let mut items = app.items().await.into_iter();
    items.find(|item| text(item, "sk") == key).expect("an item")
}

#[tokio::test]
async fn the_trash_holds_the_last_deleted_task_first() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    assert_eq!(
        seen(&ada.get(TRASH).send().await),
        (200, json!({"tasks": []}))
    );
    ada.create_list("Home").await;
    let mut tasks = vec![ada.create(&everything()).await.json];
    for title in ["Two", "Three", "Four", "Five"] {
        tasks.push(ada.create(title).await.json);
    }
    for (order, id) in [3, 1, 5, 2].into_iter().enumerate() {
        // In this order although they may be deleted within one millisecond.
        app.clock.set_ahead(order as i64 * 10);
        delete(&ada, &format!("{TASKS}/{id}")).await;
    }

    let held = in_trash(&ada).await;

    let expected = [2, 5, 1, 3].map(|id: usize| tasks[id - 1].clone());
    let expected: Vec<_> = expected
        .into_iter()
        .zip(&held)
        .map(|(task, held)| at_version(task, 2, &held["updated_at"]))
        .collect();
    assert_eq!(held, expected);
    assert_eq!(ada.list().await, [tasks[3].clone()]);
    let page = ada.get(&format!("{TRASH}?limit=5")).send().await;
    assert_eq!(page.json()["tasks"].as_array().map(Vec::len), Some(4));
    assert_eq!((page.header("link"), page.json().get("next")), ("", None));
    let etag = HeaderValue::from_str(page.header("etag")).expect("a tag");
    let again = ada.get(&format!("{TRASH}?limit=5"));
    let again = again.header("if-none-match", etag).send().await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn a_restored_task_is_as_it_was_with_a_new_entity_tag() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    for done in [false, true] {
        let task = ada.create(&everything()).await;
        let body = json!({"done": done, "description": "3 l"});
        let before = ada.put(&task.uri, &body).send().await.json()["task"].clone();
        delete(&ada, &task.uri).await;
        let id = if done { 2 } else { 1 };

        let restored = restore(&ada, id).await;

        let shown = restored.json()["task"].clone();
        assert_eq!(restored.status, 200, "{restored:?}");
        assert_eq!(shown, at_version(before, 4, &shown["updated_at"]));
        assert_eq!(restored.header("etag"), "\"1.4\"");
        let read = ada.get(&task.uri).send().await;
        assert_eq!((read.status, &read.bytes), (200, &restored.bytes));
        let listed = ada.get(&format!("{LISTS}/1/tasks")).send().await.json();
        let mut listed = listed["tasks"].as_array().expect("tasks").iter();
        assert!(listed.any(|task| *task == shown));
        assert_eq!(in_trash(&ada).await, [] as [Value; 0]);
        assert_eq!(seen(&restore(&ada, id).await), not_found());
        tasks_in_agreement(&app).await;
        let stored = item_of(&app, id).await;
        assert!(!stored.contains_key("deleted_at") && !stored.contains_key("expires_at"));
    }
}

#[tokio::test]
async fn tasks_deleted_with_their_list_are_restored_to_the_inbox_one_by_one() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    let mut tasks = Vec::new();
    for _ in 1..=3 {
        tasks.push(ada.create(&everything()).await.json);
    }
    let done = ada.put(&format!("{TASKS}/2"), &json!({"done": true}));
    tasks[1] = done.send().await.json()["task"].clone();
    // One before the list, in its own request.
    delete(&ada, &format!("{TASKS}/3")).await;
    delete(&ada, &format!("{LISTS}/1")).await;
    assert_eq!(in_trash(&ada).await.len(), 3);
    assert_eq!(ada.list().await, [] as [Value; 0]);

    for (number, mut task) in (1..).zip(tasks) {
        let restored = restore(&ada, number).await;

        let shown = restored.json()["task"].clone();
        assert_eq!(restored.status, 200, "{restored:?}");
        task["list"] = json!(format!("{BASE}{LISTS}/inbox"));
        let version = if number == 2 { 4 } else { 3 };
        assert_eq!(shown, at_version(task, version, &shown["updated_at"]));
        assert_eq!(ada.list().await.len(), number as usize);
    }
    let inbox = walk_of(&ada, &format!("{LISTS}/inbox/tasks"), "").await;
    assert_eq!(inbox.len(), 3);
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn after_30_days_a_task_has_left_the_trash_although_its_item_is_still_there() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("Old").await;
    ada.create("Older").await;
    for id in [2, 1] {
        delete(&ada, &format!("{TASKS}/{id}")).await;
    }
    let first = ada.get(&format!("{TRASH}?limit=1")).send().await.json();
    let next = first["next"].as_str().expect("a next page").to_owned();

    app.clock.set_ahead(30 * DAY - 60_000);
    assert_eq!(in_trash(&ada).await.len(), 2);
    assert_eq!(
        ada.get(&next).send().await.json()["tasks"][0]["title"],
        "Older"
    );

    app.clock.set_ahead(30 * DAY + 1_000);
    assert_eq!(
        seen(&ada.get(TRASH).send().await),
        (200, json!({"tasks": []}))
    );
    assert_eq!(
        seen(&ada.get(&next).send().await),
        (200, json!({"tasks": []}))
    );
    assert_eq!(seen(&restore(&ada, 1).await), not_found());
    assert_eq!(seen(&ada.delete(&trash(1)).send().await), not_found());
    assert_eq!(seen(&ada.delete(TRASH).send().await), is_deleted());
    assert_eq!(text(&item_of(&app, 1).await, "title"), "Old");
}

#[tokio::test]
async fn of_a_purged_task_only_a_tombstone_is_left() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    let task = ada.create(&everything()).await;
    assert_eq!(seen(&ada.delete(&trash(1)).send().await), not_found());
    delete(&ada, &task.uri).await;
    let before = item_of(&app, 1).await;

    assert_eq!(seen(&ada.delete(&trash(1)).send().await), is_deleted());

    let left = item_of(&app, 1).await;
    let mut names: Vec<_> = left.keys().map(String::as_str).collect();
    names.sort_unstable();
    let register = ["write_1", "write_2", "write_3", "write_4"];
    let others = ["change_key", "created_by", "deleted_at", "expires_at", "pk"];
    assert_eq!(names, [&others[..], &["sk", "version"], &register].concat());
    for kept in ["created_by", "deleted_at", "expires_at"] {
        assert_eq!(left[kept], before[kept], "{kept}");
    }
    for method in [Method::POST, Method::DELETE] {
        let again = ada.request(method, &trash(1)).send().await;
        assert_eq!(seen(&again), not_found());
    }
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let request = ada.request(method, &task.uri).json(&json!({"done": false}));
        assert_eq!(seen(&request.send().await), not_found());
    }
    assert_eq!(in_trash(&ada).await, [] as [Value; 0]);
    assert_eq!(ada.list().await, [] as [Value; 0]);
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn a_purge_may_be_limited_to_one_version() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    delete(&ada, &task.uri).await;
    let purge = async |tag| {
        let request = ada.delete(&trash(1));
        let tag = HeaderValue::from_static(tag);
        request.header("if-match", tag).send().await
    };

    let refused = purge("\"1.1\"").await;
    let expected = (412, json!({"error": "Precondition failed"}));
    assert_eq!(seen(&refused), expected);
    assert_eq!(refused.header("etag"), "\"1.2\"");
    assert_eq!(in_trash(&ada).await.len(), 1);

    assert_eq!(seen(&purge("\"1.2\"").await), is_deleted());
    assert_eq!(seen(&purge("\"1.2\"").await), not_found());
}

#[tokio::test]
async fn the_whole_trash_is_emptied_and_nothing_else() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for number in 1..=9 {
        ada.create(&json!({"title": format!("Task {number}")}))
            .await;
    }
    for id in 1..=7 {
        delete(&ada, &format!("{TASKS}/{id}")).await;
    }
    assert_eq!(restore(&ada, 7).await.status, 200);
    let left = ada.list().await;

    assert_eq!(seen(&ada.delete(TRASH).send().await), is_deleted());

    assert_eq!(in_trash(&ada).await, [] as [Value; 0]);
    assert_eq!(ada.list().await, left);
    assert_eq!(left.len(), 3);
    assert_eq!(seen(&ada.delete(TRASH).send().await), is_deleted());
    let tasks = tasks_in_agreement(&app).await;
    let purged = tasks.iter().filter(|task| !task.contains_key("title"));
    assert_eq!((tasks.len(), purged.count()), (9, 6));
}

#[tokio::test]
async fn who_may_only_read_sees_the_trash_and_changes_nothing_of_it() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    delete(&ada, &task.uri).await;
    let (_, reader) = ada.token(&json!({"scope": "read"})).await;

    let expected = json!({"error": "Forbidden", "detail": "this token may only read"});
    for (method, path) in [
        (Method::POST, trash(1)),
        (Method::DELETE, trash(1)),
        (Method::DELETE, TRASH.to_owned()),
    ] {
        let refused = reader.request(method, &path).send().await;
        assert_eq!(seen(&refused), (403, expected.clone()), "{path}");
    }
    assert_eq!(in_trash(&reader).await.len(), 1);
}

#[tokio::test]
async fn a_cursor_of_another_collection_or_another_user_is_refused() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for user in [&ada, &bob] {
        for _ in 1..=2 {
            let task = user.create("Buy milk").await;
            delete(user, &task.uri).await;
            user.create("Buy bread").await;
        }
    }
    let cursor = async |path: &str| {
        let page = ada.get(&format!("{path}?limit=1")).send().await.json();
        let next = page["next"].as_str().expect("a next page").to_owned();
        next.split_once("cursor=").expect("a cursor").1.to_owned()
    };
    let (of_trash, of_tasks) = (cursor(TRASH).await, cursor(TASKS).await);
    for (user, path, cursor) in [
        (&bob, TRASH, &of_trash),
        (&ada, TASKS, &of_trash),
        (&ada, TRASH, &of_tasks),
        (&ada, TRASH, &"x".to_owned()),
        (&ada, TRASH, &String::new()),
    ] {
        let refused = user.get(&format!("{path}?cursor={cursor}")).send().await;
        let expected = json!({
            "error": "Bad request", "detail": "cursor is not one that this list gave",
            "field": "cursor",
        });
        assert_eq!(seen(&refused), (400, expected), "{path} {cursor}");
    }
    for query in ["limit=0", "limit=1001", "limit=1&limit=1"] {
        let refused = ada.get(&format!("{TRASH}?{query}")).send().await;
        assert_eq!(
            (refused.status, &refused.json()["field"]),
            (400, &json!("limit"))
        );
    }
}
