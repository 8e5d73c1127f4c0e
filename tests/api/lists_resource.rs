//! Lists as a resource, and tasks that are created in them and moved between them.

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{BASE, TASKS, TestApp, TestResponse, User};
use crate::responses::seen;
use crate::wire::Fault::LoseResponse;

const LISTS: &str = "/todo/api/v1.0/lists";

async fn new_list(user: &User<'_>, body: &Value) -> String {
    let created = user.post(LISTS, body).send().await;
    assert_eq!(created.status, 201, "{created:?}");
    created.header("location").to_owned()
}

/// One member of each resource of a collection.
fn each(collection: &TestResponse, name: &str, member: &str) -> Vec<Value> {
    let all = collection.json()[name].clone();
    let all = all.as_array().expect("a collection").iter();
    all.map(|one| one[member].clone()).collect()
}

async fn names(user: &User<'_>) -> Vec<Value> {
    each(&user.get(LISTS).send().await, "lists", "name")
}

async fn titles(user: &User<'_>, list: &str, query: &str) -> Vec<Value> {
    let page = user.get(&format!("{list}/tasks?{query}")).send().await;
    assert_eq!(page.status, 200, "{list} {query} {page:?}");
    each(&page, "tasks", "title")
}

#[tokio::test]
async fn every_account_has_an_inbox() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let mut listed = ada.get(LISTS).send().await.json();
    for member in ["created_at", "updated_at"] {
        listed["lists"][0][member] = json!("some time");
    }
    let inbox = json!({
        "uri": format!("{BASE}{LISTS}/inbox"),
        "name": "Inbox",
        "order": 0,
        "tasks": format!("{BASE}{LISTS}/inbox/tasks"),
        "created_at": "some time",
        "updated_at": "some time",
        "etag": "\"1.1\"",
    });
    assert_eq!(listed, json!({"lists": [inbox]}));
    let renamed = ada
        .put(&format!("{LISTS}/inbox"), &json!({"name": "Later"}))
        .send()
        .await;
    assert_eq!((renamed.status, renamed.header("etag")), (200, "\"1.2\""));
    assert_eq!(names(&ada).await, ["Later"]);
}

#[tokio::test]
async fn a_list_is_created_changed_and_ordered() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let created = ada.post(LISTS, &json!({"name": "Home"})).send().await;
    assert_eq!((created.status, created.header("etag")), (201, "\"1.1\""));
    let home = format!("{BASE}{LISTS}/1");
    assert_eq!(created.header("location"), home);
    assert_eq!(ada.get(&home).send().await.json(), created.json());
    new_list(&ada, &json!({"name": "Work"})).await;
    new_list(&ada, &json!({"name": "First", "order": -0.5})).await;
    assert_eq!(names(&ada).await, ["First", "Inbox", "Home", "Work"]);

    let moved = ada.patch(&home, &json!({"order": 2.5})).send().await;
    assert_eq!(moved.json()["list"]["order"], 2.5);
    assert_eq!(names(&ada).await, ["First", "Inbox", "Work", "Home"]);
    let reset = ada.patch(&home, &json!({"order": null})).send().await;
    assert_eq!(reset.json()["list"]["order"], 1);
    assert_eq!(reset.json()["list"]["name"], "Home");
    assert_eq!(names(&ada).await, ["First", "Inbox", "Home", "Work"]);

    let old = HeaderValue::from_static("\"1.2\"");
    let stale = ada.put(&home, &json!({"name": "x"}));
    let stale = stale.header("if-match", old).send().await;
    assert_eq!((stale.status, stale.header("etag")), (412, "\"1.3\""));
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let missing = ada.request(method.clone(), &format!("{LISTS}/9"));
        let missing = missing.json(&json!({"name": "x"})).send().await;
        assert_eq!(missing.status, 404, "{method}");
    }
}

#[tokio::test]
async fn a_task_is_created_in_a_list_and_moved_to_another() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let home = new_list(&ada, &json!({"name": "Home"})).await;
    let work = new_list(&ada, &json!({"name": "Work"})).await;
    let mop = ada.create(&json!({"title": "Mop", "list": home})).await;
    assert_eq!(mop["list"], home);
    let tasks = format!("{home}/tasks");
    let created = ada.post(&tasks, &json!({"title": "Cook"})).send().await;
    let cook = created.json()["task"].clone();
    assert_eq!((created.status, &cook["list"]), (201, &json!(home)));
    let other = ada.post(&tasks, &json!({"title": "x", "list": work}));
    let other = other.send().await;
    assert_eq!(
        (other.status, &other.json()["field"]),
        (400, &json!("list"))
    );
    assert_eq!(titles(&ada, &home, "").await, ["Mop", "Cook"]);

    let moved = ada.put(&mop.uri, &json!({"list": work})).send().await;
    assert_eq!(
        (moved.status, &moved.json()["task"]["list"]),
        (200, &json!(work))
    );
    assert_eq!(moved.json()["task"]["title"], "Mop");
    assert_eq!(
        ada.get(&mop.uri).send().await.json()["task"],
        moved.json()["task"]
    );
    assert_eq!(titles(&ada, &home, "").await, ["Cook"]);
    assert_eq!(titles(&ada, &work, "").await, ["Mop"]);

    let reset = ada.patch(&mop.uri, &json!({"list": null})).send().await;
    assert_eq!(reset.json()["task"]["list"], format!("{BASE}{LISTS}/inbox"));
    assert_eq!(titles(&ada, &work, "").await, [] as [Value; 0]);
    assert_eq!(titles(&ada, &format!("{LISTS}/inbox"), "").await, ["Mop"]);
}

#[tokio::test]
async fn a_list_that_there_is_not_is_a_bad_member_and_a_missing_path() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let body = json!({"title": "x", "list": format!("{LISTS}/7")});
    let detail = "list must be the URI of an existing list";
    let refused = json!({"error": "Bad request", "detail": detail, "field": "list"});
    for call in [ada.post(TASKS, &body), ada.put(&task.uri, &body)] {
        assert_eq!(seen(&call.send().await), (400, refused.clone()));
    }
    let tasks = format!("{LISTS}/7/tasks");
    for call in [ada.post(&tasks, &json!({"title": "x"})), ada.get(&tasks)] {
        let missing = call.send().await;
        assert_eq!(seen(&missing), (404, json!({"error": "Not found"})));
    }
    assert_eq!(ada.list().await, [task]);
}

#[tokio::test]
async fn a_lists_tasks_stand_in_their_order_the_done_ones_last() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let home = new_list(&ada, &json!({"name": "Home"})).await;
    for title in ["a", "b", "c", "d"] {
        ada.create(&json!({"title": title, "list": home})).await;
    }
    ada.create("elsewhere").await;
    let put = async |id: u32, body: Value| {
        let uri = format!("{TASKS}/{id}");
        assert_eq!(ada.put(&uri, &body).send().await.status, 200);
    };
    put(4, json!({"order": 0.5})).await;
    put(2, json!({"done": true})).await;
    put(1, json!({"done": true, "order": -7})).await;
    assert_eq!(titles(&ada, &home, "").await, ["d", "c", "a", "b"]);
    assert_eq!(titles(&ada, &home, "done=false").await, ["d", "c"]);
    assert_eq!(titles(&ada, &home, "done=true").await, ["a", "b"]);
    assert_eq!(
        titles(&ada, &home, "sort=-title").await,
        ["d", "c", "b", "a"]
    );
    // An order that was set while it was done counts once it is open again.
    put(1, json!({"done": false})).await;
    assert_eq!(titles(&ada, &home, "").await, ["a", "d", "c", "b"]);
    let reset = ada
        .patch(&format!("{TASKS}/4"), &json!({"order": null}))
        .send()
        .await;
    assert_eq!(reset.json()["task"]["order"], 4);
    assert_eq!(titles(&ada, &home, "").await, ["a", "c", "d", "b"]);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for list in ["inbox", "inbox", "1", "1", "1"] {
        if list == "1" && names(&ada).await.len() == 1 {
            new_list(&ada, &json!({"name": "Home"})).await;
        }
        ada.create(&json!({"title": "x", "list": format!("{LISTS}/{list}")}))
            .await;
    }
    let page = ada.get(&format!("{LISTS}/1/tasks?limit=2")).send().await;
    let next = page.json()["next"].as_str().expect("a next").to_owned();
    let last = ada.get(&next).send().await;
    assert_eq!(each(&last, "tasks", "uri"), [format!("{BASE}{TASKS}/5")]);
    let foreign = ada.get(&next.replace("/lists/1/", "/lists/inbox/"));
    let foreign = foreign.send().await;
    assert_eq!(
        (foreign.status, &foreign.json()["field"]),
        (400, &json!("cursor"))
    );
}

#[tokio::test]
async fn a_deleted_list_is_gone_and_leaves_a_tombstone_without_content() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let home = new_list(&ada, &json!({"name": "Home"})).await;
    for id in 1..=3 {
        ada.create(&json!({"title": "x", "list": home})).await;
        if id == 2 {
            ada.put(&format!("{TASKS}/2"), &json!({"done": true}))
                .send()
                .await;
        }
    }
    ada.create("Stays").await;

    let deleted = ada.delete(&home).send().await;

    assert_eq!(seen(&deleted), (200, json!({"result": true})));
    assert_eq!(ada.get(&home).send().await.status, 404);
    assert_eq!(ada.delete(&home).send().await.status, 404);
    assert_eq!(names(&ada).await, ["Inbox"]);
    assert_eq!(ada.list().await.len(), 1);
    let items = app.items().await;
    let is = |sort_key: &str| {
        let mut found = items.iter();
        let found = found.find(|item| item["sk"].as_s().is_ok_and(|key| key == sort_key));
        found.expect("an item").clone()
    };
    let tombstone = is("list#000000000001");
    for kept in [
        "created_by",
        "write_1",
        "change_key",
        "expires_at",
        "emptied",
    ] {
        assert!(tombstone.contains_key(kept), "{kept}");
    }
    for gone in ["name", "order"] {
        assert!(!tombstone.contains_key(gone), "{gone}");
    }
    for id in 1..=3 {
        let task = is(&format!("task#{id:012}"));
        assert!(
            task["status_key"]
                .as_s()
                .expect("a key")
                .starts_with("trash#")
        );
        assert!(!task.contains_key("list_key"));
    }
    assert_eq!(
        new_list(&ada, &json!({"name": "Home"})).await,
        format!("{BASE}{LISTS}/2")
    );
}

#[tokio::test]
async fn lost_responses_of_lists_and_moves_are_applied_once() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(LISTS).send().await;
    app.wire.fail("PutItem", LoseResponse);
    let home = new_list(&ada, &json!({"name": "Home"})).await;
    assert_eq!(names(&ada).await, ["Inbox", "Home"]);
    app.wire.fail("TransactWriteItems", LoseResponse);
    let task = ada.create(&json!({"title": "x", "list": home})).await;
    assert_eq!(ada.list().await, std::slice::from_ref(&task));
    app.wire.fail("TransactWriteItems", LoseResponse);
    let moved = ada.put(&task.uri, &json!({"order": 7})).send().await;
    assert_eq!((moved.status, moved.header("etag")), (200, "\"1.2\""));
    assert_eq!(ada.list().await, [moved.json()["task"].clone()]);
    app.wire.fail("UpdateItem list#", LoseResponse);
    let renamed = ada.put(&home, &json!({"name": "House"})).send().await;
    assert_eq!((renamed.status, renamed.header("etag")), (200, "\"1.2\""));
    app.wire.fail("UpdateItem list#", LoseResponse);
    assert_eq!(ada.delete(&home).send().await.status, 200);
    assert_eq!(ada.list().await, [] as [Value; 0]);
}

#[tokio::test]
async fn an_idempotency_key_counts_for_one_list_by_either_path() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let home = new_list(&ada, &json!({"name": "Home"})).await;
    let post = async |path: &str| {
        let call = ada.post(path, &json!({"title": "x"}));
        let key = HeaderValue::from_static("k");
        call.header("idempotency-key", key).send().await
    };
    let first = post(&format!("{home}/tasks")).await;
    assert_eq!(first.status, 201);
    assert_eq!(post(TASKS).await.status, 422);
    ada.delete(&home).send().await;
    let replay = post(&format!("{home}/tasks")).await;
    assert_eq!(replay.header("idempotency-replayed"), "true");
    assert_eq!(seen(&replay), (201, first.json()));

    let bob = app.user("bob").await;
    let post = async |path: &str| {
        let call = bob.post(path, &json!({"title": "x"}));
        let key = HeaderValue::from_static("k");
        call.header("idempotency-key", key).send().await
    };
    assert_eq!(post(TASKS).await.status, 201);
    let replay = post(&format!("{LISTS}/inbox/tasks")).await;
    assert_eq!(replay.header("idempotency-replayed"), "true");
}
