//! What the deadline and the size of a response allow a batch.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use todo_api::lambda::LambdaResponse;

use super::{BATCH, body_of, part, responses, statuses, task};
use crate::client::{TASKS, TestApp, TestResponse};
use crate::wire::Fault::Hold;
use crate::wire::Gate;

#[tokio::test]
async fn what_the_deadline_cuts_off_is_503_and_what_came_before_stands() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("Buy milk").await;
    app.wire
        .fail("UpdateItem task#000000000001", Hold(Gate::closed()));
    let parts = [
        part("POST", TASKS, r#"{"title": "In time"}"#),
        part("PUT", task(1), r#"{"done": true}"#),
        part("POST", TASKS, r#"{"title": "Too late"}"#),
        part("DELETE", task(1), ""),
    ];
    app.wire.take_calls();
    let call = ada
        .request(Method::POST, BATCH)
        .bytes("application/json", body_of(&parts));
    let batch = call.send_within(Duration::from_secs(1)).await;

    let found = responses(&batch);
    assert_eq!(statuses(&batch), [201, 503, 503, 503]);
    for late in &found[1..] {
        let body = late.body.as_ref().map(|body| body.get());
        assert_eq!(body, Some(r#"{"error":"Service unavailable"}"#));
        assert_eq!(
            late.headers.get("Retry-After").map(String::as_str),
            Some("1")
        );
    }
    assert_eq!(
        app.wire.take_calls(),
        ["UpdateItem", "PutItem", "UpdateItem"]
    );
    assert_eq!(batch.record.cause.as_deref(), Some("the deadline passed"));
    let titles: Vec<_> = ada
        .list()
        .await
        .iter()
        .map(|task| task["title"].clone())
        .collect();
    assert_eq!(titles, ["Buy milk", "In time"]);
}

/// A task as large as they get, of one character.
fn largest(character: char) -> Value {
    let text = |length: usize| character.to_string().repeat(length);
    let tags = (0..10).map(|tag| format!("{}{tag}", text(49)));
    let steps = (0..50).map(|_| json!({"title": text(200)}));
    json!({
        "title": text(500),
        "due": "2028-01-01",
        "repeat": "FREQ=DAILY",
        "description": text(4_000),
        "tags": tags.collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

/// What Lambda sends for a response, in bytes.
async fn sent_bytes(response: &TestResponse) -> usize {
    let mut sent = axum::response::Response::new(response.bytes.clone().into());
    *sent.headers_mut() = response.headers.clone();
    let sent = LambdaResponse::new(false, sent).await;
    serde_json::to_vec(&sent).expect("JSON").len()
}

const LAMBDA_MAX_BYTES: usize = 6_291_456;

#[tokio::test]
async fn the_largest_responses_are_fewer_bytes_than_lambda_sends() {
    // A quotation mark is escaped in the body, and both of its bytes once more in Lambda's response.
    // A response about a repeating task that is completed has the next one too.
    let (low, done) = (r#"{"priority": "low"}"#, r#"{"done": true}"#);
    for (character, change, shown) in [('"', low, 50), ('\u{1f600}', low, 41), ('"', done, 40)] {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let task = largest(character);
        for _ in 0..50 {
            ada.create(&task).await;
        }
        let changes: Vec<_> = (1..=50)
            .map(|id| part("PUT", self::task(id), change))
            .collect();

        let call = ada.request(Method::POST, BATCH);
        let call = call.bytes("application/json", body_of(&changes));
        let batch = call.send_within(Duration::from_secs(120)).await;

        let bytes = sent_bytes(&batch).await;
        assert!((2_500_000..LAMBDA_MAX_BYTES).contains(&bytes), "{bytes}");
        let batch = batch.json();
        let responses = batch["responses"].as_array().expect("responses");
        assert_eq!(responses.len(), 50);
        for (index, response) in responses.iter().enumerate() {
            assert_eq!(response["status"], 200);
            assert_eq!(response["headers"], json!({"ETag": "\"1.2\""}));
            assert_eq!(response["body"].is_null(), index >= shown, "{index}");
        }
        assert!(bytes > 4_900_000 || change == low, "{bytes}");
    }
}
