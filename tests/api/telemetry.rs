//! What is written down of a request.

use http::Method;
use serde_json::{Value, json};

use crate::client::{Call, TASKS, TestApp};
use crate::wire::Fault::Refuse;

/// The only line there is, without what differs from run to run.
fn line(app: &TestApp) -> Value {
    let lines = app.lines.take();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    let mut line: Value = serde_json::from_str(&lines).expect("JSON");
    assert!(
        line["Latency"]
            .as_f64()
            .is_some_and(|latency| latency > 0.0)
    );
    assert!(
        line["_aws"]["Timestamp"]
            .as_i64()
            .is_some_and(|time| time > 1_700_000_000_000)
    );
    for varying in ["timestamp", "Latency", "account_id"] {
        line[varying].take();
    }
    line["_aws"]["Timestamp"].take();
    line
}

#[tokio::test]
async fn a_request_is_one_line_that_includes_its_metrics() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;

    ada.get(&format!("{TASKS}/1")).send().await;

    let count = |name| json!({"Name": name, "Unit": "Count"});
    let latency = json!({"Name": "Latency", "Unit": "Milliseconds"});
    let expected = json!({
        "timestamp": null,
        "level": "INFO",
        "request_id": "request-1",
        "trace_id": "1-trace",
        "method": "GET",
        "status": 404,
        "dynamodb_calls": 4,
        "account_id": null,
        "Function": "todo-api",
        "Route": "/todo/api/v1.0/tasks/{id}",
        "Requests": 1,
        "Errors": 0,
        "Latency": null,
        "ConsumedUnits": 5.0,
        "FailedLogins": 0,
        "ColdStarts": 1,
        "_aws": {
            "Timestamp": null,
            "CloudWatchMetrics": [
                {
                    "Namespace": "TodoApi",
                    "Dimensions": [["Function"], ["Function", "Route"]],
                    "Metrics": [count("Requests"), latency],
                },
                {
                    "Namespace": "TodoApi",
                    "Dimensions": [["Function"]],
                    "Metrics": [
                        count("Errors"),
                        count("ConsumedUnits"),
                        count("FailedLogins"),
                        count("ColdStarts"),
                    ],
                },
            ],
        },
    });
    assert_eq!(line(&app), expected);
    ada.get(TASKS).send().await;
    assert_eq!(line(&app)["ColdStarts"], 0);
}

#[tokio::test]
async fn a_failure_is_logged_with_its_cause() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.lines.take();
    app.wire
        .fail("Query", Refuse(400, "ResourceNotFoundException"));

    ada.get(TASKS).send().await;

    let line = line(&app);
    assert_eq!(
        (&line["level"], &line["status"]),
        (&json!("ERROR"), &json!(500))
    );
    assert_eq!(line["Errors"], 1);
    assert!(
        line["cause"]
            .as_str()
            .is_some_and(|cause| cause.contains("ResourceNotFoundException"))
    );
}

#[tokio::test]
async fn failed_logins_are_counted_and_missing_credentials_are_not() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let failed = async |call: Call<'_>| {
        call.send().await;
        line(&app)["FailedLogins"].clone()
    };
    assert_eq!(failed(app.get(TASKS)).await, 0);
    assert_eq!(failed(app.get(TASKS).login("ada", "wrong")).await, 1);
    assert_eq!(failed(app.get(TASKS).login("nobody", "wrong")).await, 1);
    let (token, bearer) = ada.token(&json!({})).await;
    ada.delete(token["uri"].as_str().expect("a URI"))
        .send()
        .await;
    app.lines.take();
    assert_eq!(failed(bearer.get(TASKS)).await, 1);
    for _ in 0..10 {
        app.get(TASKS).login("ada", "wrong").send().await;
    }
    app.lines.take();
    // Refused unheard, it counts all the same: it is how a flood looks from then on.
    assert_eq!(failed(app.get(TASKS).login("ada", "wrong")).await, 1);
}

#[tokio::test]
async fn a_line_contains_no_input_of_the_client() {
    let app = TestApp::start().await;
    let brew = Method::from_bytes(b"BREW").expect("a method");
    app.request(brew, "/made-up?made=up").send().await;
    let lines = app.lines.take();
    assert!(
        !lines.contains("made") && !lines.contains("BREW"),
        "{lines}"
    );
}
