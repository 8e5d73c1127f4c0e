//! The list of a task: named in a body or by the path, and refused when it is not there.

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::{full, inbox, list, read, user_with_lists};
use crate::client::{BASE, LISTS, TASKS, TestApp};

fn tasks_of(list: &str) -> String {
    format!("{LISTS}/{list}/tasks")
}

/// What is said about a list that is not there, in the body of a task.
fn no_such_list() -> Value {
    json!({"error": "Bad request", "detail": "list must be the URI of an existing list", "field": "list"})
}

#[tokio::test]
async fn a_list_that_is_gone_or_somebody_elses_or_never_was_is_refused_alike() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let bob = app.user("bob").await;
    for _ in 1..=5 {
        bob.create_list("Bob's").await;
    }
    assert_eq!(ada.delete(&list(2)).send().await.status, 200);
    let task = ada.create(&full()).await;
    let done = ada.create(&json!({"title": "Done"})).await;
    ada.put(&done.uri, &json!({"done": true})).send().await;
    let done = read(&ada, &done.uri).await;
    let done_uri = done["uri"].as_str().expect("a URI").to_owned();

    // Gone, Bob's, nobody's.
    for number in [2, 5, 77] {
        let body = json!({"title": "x", "list": list(number)});
        let with_key = ada.post(TASKS, &body);
        let with_key = with_key.header("idempotency-key", HeaderValue::from_static("k"));
        for request in [
            ada.post(TASKS, &body),
            with_key,
            ada.put(&task.uri, &body),
            ada.patch(&task.uri, &body),
            // A task that is done enters no list that is gone either.
            ada.put(&done_uri, &body),
            ada.patch(&done_uri, &body),
            ada.put(&task.uri, &json!({"list": list(number), "done": true})),
            ada.put(&done_uri, &json!({"list": list(number), "done": false})),
        ] {
            let refused = request.send().await;
            assert_eq!(
                (refused.status, refused.json()),
                (400, no_such_list()),
                "{number}"
            );
        }
        for path in [tasks_of(&number.to_string()), format!("{LISTS}/{number}")] {
            let missing = ada.get(&path).send().await;
            assert_eq!(
                (missing.status, missing.json()),
                (404, json!({"error": "Not found"}))
            );
        }
        let body = json!({"title": "x"});
        let with_key = ada.post(&tasks_of(&number.to_string()), &body);
        let with_key = with_key.header("idempotency-key", HeaderValue::from_static("k2"));
        for request in [ada.post(&tasks_of(&number.to_string()), &body), with_key] {
            let missing = request.send().await;
            assert_eq!(
                (missing.status, missing.json()),
                (404, json!({"error": "Not found"}))
            );
        }
    }
    assert_eq!(ada.list().await, [task.json, done]);
}

#[tokio::test]
async fn a_task_that_is_not_there_is_404_whatever_its_new_list() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let gone = ada.create(&full()).await;
    ada.delete(&gone.uri).send().await;
    for uri in [gone.uri, format!("{TASKS}/99")] {
        for body in [
            json!({"list": list(1)}),
            json!({"list": inbox()}),
            json!({"order": 1}),
            json!({"done": false}),
            json!({"done": true}),
        ] {
            for method in [Method::PUT, Method::PATCH] {
                let request = ada.request(method, &uri).json(&body);
                let request = request.header("if-match", HeaderValue::from_static("\"1.9\""));
                let missing = request.send().await;
                assert_eq!(
                    (missing.status, missing.json()),
                    (404, json!({"error": "Not found"})),
                    "{body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_task_is_created_in_the_list_of_the_path() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let post = async |path: &str, body: Value| ada.post(&tasks_of(path), &body).send().await;

    let created = post("1", json!({"title": "x"})).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.header("location"), format!("{BASE}{TASKS}/1"));
    assert_eq!(created.json()["task"]["list"], list(1));
    let named = post("1", json!({"title": "x", "list": "/todo/api/v1.0/lists/1"})).await;
    assert_eq!(
        (named.status, &named.json()["task"]["list"]),
        (201, &json!(list(1)))
    );
    let in_inbox = post("inbox", json!({"title": "x"})).await;
    assert_eq!(
        (in_inbox.status, &in_inbox.json()["task"]["list"]),
        (201, &json!(inbox()))
    );

    for (path, other) in [
        ("1", list(2)),
        ("1", inbox()),
        ("1", list(99)),
        ("inbox", list(1)),
    ] {
        let refused = post(path, json!({"title": "x", "list": other})).await;
        let detail = "list must be the list of the path";
        let expected = json!({"error": "Bad request", "detail": detail, "field": "list"});
        assert_eq!(
            (refused.status, refused.json()),
            (400, expected),
            "{path} {other}"
        );
    }
    let shown = ada.get(&tasks_of("1")).send().await.json();
    assert_eq!(
        shown,
        json!({"tasks": [created.json()["task"], named.json()["task"]]})
    );
    let shown = ada.get(&tasks_of("inbox")).send().await.json();
    assert_eq!(shown, json!({"tasks": [in_inbox.json()["task"]]}));
    assert_eq!(ada.list().await.len(), 3);
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_the_list_and_not_to_the_path() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let body = json!({"title": "Buy milk"});
    let post = async |path: &str, key: &'static str| {
        let key = HeaderValue::from_static(key);
        ada.post(path, &body)
            .header("idempotency-key", key)
            .send()
            .await
    };
    let first = post(TASKS, "inbox").await;
    let again = post(&tasks_of("inbox"), "inbox").await;
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, "true")
    );
    assert_eq!(again.bytes, first.bytes);

    let first = post(&tasks_of("1"), "home").await;
    for path in [TASKS, &tasks_of("2"), &tasks_of("inbox")] {
        assert_eq!(post(path, "home").await.status, 422, "{path}");
    }
    assert_eq!(ada.delete(&list(1)).send().await.status, 200);
    let replay = post(&tasks_of("1"), "home").await;
    assert_eq!(
        (replay.status, replay.header("idempotency-replayed")),
        (201, "true")
    );
    assert_eq!(replay.bytes, first.bytes);
    assert_eq!(post(&tasks_of("1"), "new").await.status, 404);
    assert_eq!(ada.list().await.len(), 1);
}

#[tokio::test]
async fn an_order_that_is_reset_is_that_of_the_id_in_a_list_too() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let first = ada
        .create(&json!({"title": "first", "list": list(1)}))
        .await;
    let second = ada
        .create(&json!({"title": "second", "list": list(1), "order": 0.5}))
        .await;
    let titles = async || {
        let path = format!("{LISTS}/1/tasks");
        let shown = ada.get(&path).send().await.json()["tasks"].clone();
        let shown = shown.as_array().expect("tasks").iter();
        shown.map(|task| task["title"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(titles().await, ["second", "first"]);
    let reset = ada.patch(&second.uri, &json!({"order": null})).send().await;
    assert_eq!(
        (reset.status, &reset.json()["task"]["order"]),
        (200, &json!(2))
    );
    assert_eq!(titles().await, ["first", "second"]);
    assert_eq!(read(&ada, &first.uri).await, first.json);
}
