//! What is written down of a request.

use http::Method;
use serde_json::{Value, json};

use crate::client::{TASKS, TestApp};
use crate::wire::Fault::Refuse;

/// The only line there is, without what differs from run to run.
fn line(app: &TestApp) -> Value {
    let lines = app.lines.take();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    let mut line: Value = serde_json::from_str(&lines).expect("JSON");
    assert!(
        line["duration_ms"]
            .as_f64()
            .is_some_and(|duration| duration > 0.0)
    );
    for varying in ["timestamp", "duration_ms", "account_id"] {
        line[varying].take();
    }
    line
}

#[tokio::test]
async fn a_request_is_one_line() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;

    ada.get(&format!("{TASKS}/1")).send().await;

    let expected = json!({
        "timestamp": null,
        "level": "INFO",
        "request_id": "request-1",
        "method": "GET",
        "route": "/todo/api/v1.0/tasks/{id}",
        "status": 404,
        "duration_ms": null,
        "dynamodb_calls": 4,
        "capacity_units": 5.0,
        "account_id": null,
    });
    assert_eq!(line(&app), expected);
}

#[tokio::test]
async fn a_failure_is_logged_with_its_cause() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.lines.take();
    app.wire.next([Refuse(400, "ResourceNotFoundException")]);

    ada.get(TASKS).send().await;

    let line = line(&app);
    assert_eq!(
        (&line["level"], &line["status"]),
        (&json!("ERROR"), &json!(500))
    );
    assert!(
        line["cause"]
            .as_str()
            .is_some_and(|cause| cause.contains("ResourceNotFoundException"))
    );
}

#[tokio::test]
async fn a_line_holds_nothing_a_caller_made_up() {
    let app = TestApp::start().await;
    let brew = Method::from_bytes(b"BREW").expect("a method");
    app.request(brew, "/made-up?made=up").send().await;
    let lines = app.lines.take();
    assert!(
        !lines.contains("made") && !lines.contains("BREW"),
        "{lines}"
    );
}
