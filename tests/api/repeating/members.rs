//! The member `repeat`: what it holds, what it refuses, and what it needs `due` for.

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::{both, read};
use crate::client::{BASE, LISTS, TASKS, TRASH, TestApp};

const UNSUPPORTED: &str = "repeat must be a rule like FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH: supported are FREQ=DAILY, WEEKLY, MONTHLY or YEARLY; INTERVAL=1 to 999; with WEEKLY, BYDAY=MO to SU, each once; with MONTHLY, one BYMONTHDAY=1 to 31 or -1";
const NEEDS_DUE: &str = "repeat needs a due date";

fn refusal(detail: &str) -> Value {
    json!({"error": "Bad request", "detail": detail, "field": "repeat"})
}

#[tokio::test]
async fn a_rule_is_given_back_in_its_canonical_form() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let changed = ada
        .create(&json!({"title": "x", "due": "2126-01-31"}))
        .await;
    for (sent, shown) in [
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("INTERVAL=1;FREQ=YEARLY", "FREQ=YEARLY"),
        (
            "BYDAY=SU,FR,MO;INTERVAL=2;FREQ=WEEKLY",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR,SU",
        ),
        (
            "BYMONTHDAY=-1;FREQ=MONTHLY;INTERVAL=999",
            "FREQ=MONTHLY;INTERVAL=999;BYMONTHDAY=-1",
        ),
    ] {
        let body = json!({"title": "x", "due": "2126-01-31", "repeat": sent});
        let created = ada.create(&body).await;
        assert_eq!(created["repeat"], shown);
        assert_eq!(read(&ada, &created["uri"]).await, created);
        for method in [Method::PUT, Method::PATCH] {
            let before = read(&ada, &changed["uri"]).await;
            let request = ada
                .request(method, &changed.uri)
                .json(&json!({"repeat": sent}));
            let (task, next) = both(&request.send().await);
            let mut expected = before;
            for moved in ["etag", "updated_at"] {
                expected[moved] = task[moved].clone();
            }
            expected["repeat"] = json!(shown);
            assert_eq!((&task, next), (&expected, Value::Null));
            assert_eq!(read(&ada, &changed["uri"]).await, task);
            let (task, _) = both(&ada.put(&changed.uri, &json!({"repeat": null})).send().await);
            assert_eq!(
                (&task["repeat"], &task["due"]),
                (&json!(null), &json!("2126-01-31"))
            );
        }
    }
}

#[tokio::test]
async fn anything_else_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"title": "x", "due": "2126-01-31", "repeat": "FREQ=DAILY"});
    let task = ada.create(&body).await;
    let mut invalid: Vec<_> = [json!(5), json!(true), json!([]), json!({})]
        .map(|value| (value, "repeat must be a string or null"))
        .into();
    for rule in [
        "",
        "daily",
        "freq=daily",
        "FREQ=HOURLY",
        "FREQ=DAILY;COUNT=3",
        "FREQ=DAILY;UNTIL=20261231",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=MO,MO",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=1,2",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY ",
    ] {
        invalid.push((json!(rule), UNSUPPORTED));
    }
    for (value, detail) in invalid {
        let body = json!({"title": "x", "due": "2126-01-31", "repeat": value});
        for call in [
            ada.post(TASKS, &body),
            ada.put(&task.uri, &body),
            ada.patch(&task.uri, &body),
        ] {
            let refused = call.send().await;
            assert_eq!(
                (refused.status, refused.json()),
                (400, refusal(detail)),
                "{value}"
            );
        }
    }
    assert_eq!(ada.list().await, [task.json]);
}

#[tokio::test]
async fn a_task_without_a_due_date_cannot_repeat() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let bare = ada.create("Buy milk").await;
    let dated = ada
        .create(&json!({"title": "x", "due": "2126-01-31"}))
        .await;
    app.wire.take_calls();

    let rule = json!({"repeat": "FREQ=DAILY"});
    let new = json!({"title": "x", "repeat": "FREQ=DAILY"});
    let cleared = json!({"due": null, "repeat": "FREQ=DAILY"});
    let key = HeaderValue::from_static("key");
    for (call, calls) in [
        (ada.post(TASKS, &new), 0),
        (ada.post(TASKS, &new).header("idempotency-key", key), 0),
        (ada.post(&format!("{LISTS}/inbox/tasks"), &new), 0),
        (ada.put(&bare.uri, &rule), 1),
        (ada.patch(&bare.uri, &rule), 1),
        (
            ada.put(&bare.uri, &json!({"repeat": "FREQ=DAILY", "done": true})),
            1,
        ),
        (
            ada.put(&bare.uri, &json!({"repeat": "FREQ=DAILY", "order": 5})),
            1,
        ),
        (ada.put(&dated.uri, &cleared), 0),
        (ada.patch(&dated.uri, &cleared), 0),
    ] {
        let refused = call.send().await;
        assert_eq!((refused.status, refused.json()), (400, refusal(NEEDS_DUE)));
        assert_eq!(app.wire.take_calls().len(), calls);
    }
    assert_eq!(ada.list().await, [bare.json.clone(), dated.json]);

    // What is said about the task itself comes first.
    let missing = ada.put(&format!("{TASKS}/9"), &rule).send().await;
    assert_eq!(
        (missing.status, missing.json()),
        (404, json!({"error": "Not found"}))
    );
    let other = HeaderValue::from_static("\"1.7\"");
    let changed = ada
        .put(&bare.uri, &rule)
        .header("if-match", other)
        .send()
        .await;
    assert_eq!((changed.status, changed.header("etag")), (412, "\"1.1\""));
    // With one in the same request it can.
    let body = json!({"due": "2126-02-28", "repeat": "FREQ=DAILY"});
    let (task, _) = both(&ada.put(&bare.uri, &body).send().await);
    assert_eq!(
        (&task["due"], &task["repeat"]),
        (&body["due"], &body["repeat"])
    );
}

#[tokio::test]
async fn clearing_the_due_date_clears_the_rule() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let with = json!({"due": "2126-01-31", "repeat": "FREQ=DAILY"});
    let task = ada.create("Buy milk").await;
    for (method, body) in [
        (Method::PUT, json!({"due": null})),
        (Method::PATCH, json!({"due": null})),
        (Method::PUT, json!({"due": null, "repeat": null})),
        (Method::PATCH, json!({"due": null, "list": null})),
        (Method::PUT, json!({"due": null, "done": true})),
        (Method::PUT, json!({"due": null, "done": false})),
    ] {
        both(&ada.put(&task.uri, &with).send().await);
        let cleared = ada.request(method, &task.uri).json(&body).send().await;
        let (shown, next) = both(&cleared);
        let members = [&shown["due"], &shown["repeat"], &next];
        assert_eq!(members, [&Value::Null; 3], "{body}");
        assert_eq!(read(&ada, &shown["uri"]).await, shown);
    }
    assert_eq!(ada.list().await.len(), 1);
}

#[tokio::test]
async fn an_update_of_another_member_leaves_the_rule() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    let body = json!({"title": "x", "due": "2126-01-31T10:00", "repeat": "FREQ=MONTHLY"});
    let task = ada.create(&body).await;
    for (name, value) in [
        ("title", json!("Other")),
        ("description", json!("Other")),
        ("done", json!(false)),
        ("due", json!("2126-02-01")),
        ("priority", json!("high")),
        ("tags", json!(["home"])),
        ("steps", json!([{"title": "One", "done": true}])),
        ("list", json!(format!("{BASE}{LISTS}/1"))),
        ("order", json!(2.5)),
    ] {
        let before = read(&ada, &task["uri"]).await;
        let (after, next) = both(&ada.put(&task.uri, &json!({name: value})).send().await);
        let mut expected = before;
        for moved in ["etag", "updated_at"] {
            expected[moved] = after[moved].clone();
        }
        expected[name] = value;
        assert_eq!((&after, next), (&expected, Value::Null));
        assert_eq!(read(&ada, &task["uri"]).await, after);
    }
}

#[tokio::test]
async fn a_repeated_create_shows_the_first_response_after_the_completion_too() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"title": "x", "due": "2126-01-31", "repeat": "FREQ=DAILY"});
    let create = || {
        let key = HeaderValue::from_static("key");
        ada.post(TASKS, &body).header("idempotency-key", key).send()
    };
    let first = create().await;
    assert_eq!(first.json()["task"]["repeat"], "FREQ=DAILY");
    both(
        &ada.put(first.header("location"), &json!({"done": true}))
            .send()
            .await,
    );

    let again = create().await;

    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.bytes), (201, &first.bytes));
    assert_eq!(ada.list().await.len(), 2);
}

#[tokio::test]
async fn a_restored_task_repeats_as_before() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"title": "x", "due": "2127-01-31", "repeat": "FREQ=MONTHLY"});
    let first = ada.create(&body).await;
    let (_, next) = both(&ada.put(&first.uri, &json!({"done": true})).send().await);
    assert_eq!(next["due"], "2127-02-28");
    let uri = next["uri"].as_str().expect("a URI");
    assert_eq!(ada.delete(uri).send().await.status, 200);
    let restored = ada
        .request(Method::POST, &format!("{TRASH}/2"))
        .send()
        .await;
    assert_eq!(restored.status, 200);
    assert_eq!(restored.json()["task"]["repeat"], "FREQ=MONTHLY");

    let (_, next) = both(&ada.put(uri, &json!({"done": true})).send().await);

    assert_eq!(next["due"], "2127-03-31");
}
