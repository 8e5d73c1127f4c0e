//! Tasks: create, read, update, delete.

use http::Method;
use serde_json::{Value, json};

use crate::client::{BASE, TASKS, TestApp};

/// `task` with its changing members replaced, so that a whole response can be compared.
fn settled(mut task: Value) -> Value {
    for member in ["created_at", "updated_at", "completed_at"] {
        if let Some(time) = task[member].as_str() {
            let shape: String = time
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect();
            assert_eq!(shape, "0000-00-00T00:00:00.000Z", "{member}");
            task[member] = json!("some time");
        }
    }
    task
}

fn buy_milk() -> Value {
    json!({
        "uri": format!("{BASE}{TASKS}/1"),
        "list": format!("{BASE}/todo/api/v1.0/lists/inbox"),
        "title": "Buy milk",
        "description": "",
        "done": false,
        "due": null,
        "repeat": null,
        "priority": null,
        "tags": [],
        "steps": [],
        "order": 1,
        "created_at": "some time",
        "updated_at": "some time",
        "completed_at": null,
        "etag": "\"1.1\"",
    })
}

#[tokio::test]
async fn a_new_list_is_empty() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;

    let listed = ada.get(TASKS).send().await;

    assert_eq!(listed.status, 200);
    assert_eq!(listed.json(), json!({"tasks": []}));
    assert_eq!(listed.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn a_created_task_is_returned_with_its_uri_and_then_listed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;

    let created = ada.post(TASKS, &json!({"title": "Buy milk"})).send().await;

    assert_eq!(created.status, 201);
    assert_eq!(created.header("location"), format!("{BASE}{TASKS}/1"));
    assert_eq!(created.header("etag"), "\"1.1\"");
    assert_eq!(created.header("content-type"), "application/json");
    assert_eq!(created.header("cache-control"), "no-store");
    let task = created.json()["task"].clone();
    assert_eq!(settled(task.clone()), buy_milk());
    assert_eq!(task["created_at"], task["updated_at"]);
    assert_eq!(ada.list().await, [task]);
}

#[tokio::test]
async fn a_task_is_read_as_it_was_created() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"title": "  Müll\u{301} 🗑 ", "description": "a\n\tb", "due": "2026-12-31"});
    let created = ada.create(&body).await;

    let read = ada.get(&created.uri).send().await;

    assert_eq!(read.status, 200);
    assert_eq!(read.json(), json!({"task": created.json}));
    assert_eq!(read.header("etag"), "\"1.1\"");
    assert_eq!(read.header("cache-control"), "private, no-cache");
    for member in ["title", "description", "due"] {
        assert_eq!(created[member], body[member]);
    }
}

#[tokio::test]
async fn a_new_task_is_not_done_whatever_the_body_says() {
    let app = TestApp::start().await;
    let task = app
        .user("ada")
        .await
        .create(&json!({"title": "Buy milk", "done": true}))
        .await;
    assert_eq!(settled(task.json), buy_milk());
}

#[tokio::test]
async fn tasks_are_listed_in_the_order_of_their_creation() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for number in 1..=12 {
        ada.create(&json!({"title": format!("Task {number}")}))
            .await;
    }

    let titles = ada.list().await;
    let titles: Vec<_> = titles.iter().map(|task| task["title"].as_str()).collect();

    let expected: Vec<_> = (1..=12).map(|number| format!("Task {number}")).collect();
    assert_eq!(
        titles,
        expected
            .iter()
            .map(|title| Some(title.as_str()))
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn each_member_is_updated_alone_by_put_and_by_patch() {
    let changes = [
        ("title", json!("Buy bread")),
        ("description", json!("wholemeal")),
        ("description", json!("")),
        ("due", json!("2027-01-01")),
        ("due", json!(null)),
    ];
    for method in [Method::PUT, Method::PATCH] {
        for (member, value) in &changes {
            let app = TestApp::start().await;
            let ada = app.user("ada").await;
            let full = json!({"title": "Buy milk", "description": "2 l", "due": "2026-12-31"});
            let before = ada.create(&full).await;
            let uri = before.uri.as_str();

            let body = json!({ *member: value });
            let updated = ada.request(method.clone(), uri).json(&body).send().await;

            assert_eq!(updated.status, 200, "{updated:?}");
            assert_eq!(updated.header("etag"), "\"1.2\"");
            let mut expected = before.clone();
            let after = updated.json()["task"].clone();
            expected[*member] = value.clone();
            expected["etag"] = json!("\"1.2\"");
            expected["updated_at"] = after["updated_at"].clone();
            assert_eq!(after, expected, "{method} {body}");
            assert_eq!(ada.list().await, [after]);
        }
    }
}

#[tokio::test]
async fn completed_at_is_when_done_last_became_true() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let uri = task.uri.as_str();
    let done = async |done: bool| {
        let updated = ada.put(uri, &json!({ "done": done })).send().await;
        assert_eq!(updated.status, 200);
        updated.json()["task"].clone()
    };

    let first = done(true).await;
    let again = done(true).await;
    let undone = done(false).await;

    assert_eq!(first["done"], true);
    assert_eq!(first["completed_at"], first["updated_at"]);
    assert_eq!(again["completed_at"], first["completed_at"]);
    assert_eq!(
        (&undone["done"], &undone["completed_at"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(undone["etag"], "\"1.4\"");
}

#[tokio::test]
async fn put_takes_null_for_due_alone_and_patch_for_the_description_too() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"title": "Buy milk", "description": "2 l", "due": "2026-12-31"});
    let uri = ada.create(&body).await.uri;
    let refused = |method: Method, member: &'static str| {
        let call = ada.request(method, &uri).json(&json!({ member: null }));
        async move {
            let response = call.send().await;
            assert_eq!(response.status, 400);
            assert_eq!(response.json()["field"], member);
        }
    };

    refused(Method::PUT, "title").await;
    refused(Method::PUT, "description").await;
    refused(Method::PUT, "done").await;
    refused(Method::PATCH, "title").await;
    refused(Method::PATCH, "done").await;

    let cleared = ada
        .patch(&uri, &json!({"description": null, "due": null}))
        .send()
        .await;
    assert_eq!(cleared.status, 200);
    assert_eq!(settled(cleared.json()["task"].clone()), {
        let mut expected = buy_milk();
        expected["etag"] = json!("\"1.2\"");
        expected
    });
}

#[tokio::test]
async fn a_patch_may_call_itself_a_merge_patch() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uri = ada.create("Buy milk").await.uri;
    let patch = ada.request(Method::PATCH, &uri);
    let patched = patch
        .bytes("application/merge-patch+json", r#"{"done": true}"#)
        .send()
        .await;
    assert_eq!(
        (patched.status, &patched.json()["task"]["done"]),
        (200, &json!(true))
    );
}

#[tokio::test]
async fn a_task_can_be_sent_back_unchanged() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let uri = task.uri.as_str();

    let same = ada.put(uri, &task).send().await;
    assert_eq!((same.status, same.header("etag")), (200, "\"1.2\""));

    let read_only = json!({"uri": 5, "etag": null, "created_at": [], "updated_at": {}});
    let nothing = ada.put(uri, &read_only).send().await;
    assert_eq!((nothing.status, nothing.header("etag")), (200, "\"1.3\""));
    assert_eq!(nothing.json()["task"]["title"], "Buy milk");
}

#[tokio::test]
async fn a_deleted_task_is_gone() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let kept = ada.create("Keep").await;
    let uri = ada.create("Drop").await.uri;

    let deleted = ada.delete(&uri).send().await;
    assert_eq!(
        (deleted.status, deleted.json()),
        (200, json!({"result": true}))
    );

    for method in [Method::GET, Method::DELETE] {
        let missing = ada.request(method, &uri).send().await;
        assert_eq!(
            (missing.status, missing.json()),
            (404, json!({"error": "Not found"}))
        );
    }
    let missing = ada.put(&uri, &json!({"done": true})).send().await;
    assert_eq!(
        (missing.status, missing.json()),
        (404, json!({"error": "Not found"}))
    );
    assert_eq!(ada.list().await, [kept]);
}

#[tokio::test]
async fn an_id_is_never_used_again() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let first = ada.create("First").await;
    ada.delete(first.uri.as_str()).send().await;
    let second = ada.create("Second").await;
    assert_eq!(second["uri"], format!("{BASE}{TASKS}/2"));
}

#[tokio::test]
async fn somebody_elses_task_looks_like_no_task_at_all() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let task = ada.create("Buy milk").await;
    let uri = task.uri.as_str();
    let body = json!({"title": "Mine now"});

    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let foreign = bob.request(method.clone(), uri).json(&body).send().await;
        let missing = bob
            .request(method, &format!("{TASKS}/999"))
            .json(&body)
            .send()
            .await;
        assert_eq!(foreign.status, 404);
        assert_eq!(
            (foreign.bytes, foreign.headers),
            (missing.bytes, missing.headers)
        );
    }
    assert_eq!(ada.list().await, [task]);
    assert_eq!(bob.list().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_malformed_id_looks_like_no_task_at_all() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("Buy milk").await;
    let missing = ada.get(&format!("{TASKS}/999")).send().await;

    let ids = [
        "0",
        "01",
        "-1",
        "+1",
        "1.0",
        "abc",
        "1000000000000",
        "18446744073709551617",
        "1%20",
        "..",
        "%2e%2e",
        "1%2F1",
        "task%23000000000001",
        "%00",
        "%FF",
        "１",
    ];
    for id in ids {
        let uri = format!("{TASKS}/{id}");
        let Ok(_) = uri.parse::<http::Uri>() else {
            continue;
        };
        let malformed = ada.get(&uri).send().await;
        assert_eq!(malformed.status, 404, "{id}");
        assert_eq!(malformed.bytes, missing.bytes, "{id}");
        assert_eq!(malformed.headers, missing.headers, "{id}");
    }
}
