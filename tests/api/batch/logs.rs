//! What the log says of a batch.

use serde_json::{Value, json};

use super::{BATCH, part, prepared, send, statuses, task};
use crate::client::{PASSWORD, TASKS, TestApp, basic};
use crate::wire::Fault::{Pass, Refuse};

#[tokio::test]
async fn a_batch_is_one_line_in_the_log() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.lines.take();
    let parts = [
        part("POST", TASKS, r#"{"title": "Buy milk"}"#),
        part("PUT", task(77), r#"{"done": true}"#),
        part("DELETE", task(1), ""),
    ];
    let batch = send(&ada, &parts).await;

    assert_eq!(statuses(&batch), [201, 404, 200]);
    let lines = app.lines.take();
    assert_eq!(lines.lines().count(), 1);
    let line: Value = serde_json::from_str(&lines).expect("JSON");
    let logged = [
        "Route",
        "method",
        "status",
        "parts",
        "worst_status",
        "dynamodb_calls",
        "level",
    ];
    let logged = logged.map(|name| line[name].clone());
    let expected = json!([BATCH, "POST", 200, 3, 404, 4, "INFO"]);
    assert_eq!(json!(logged), expected);
    ada.get(TASKS).send().await;
    let line: Value = serde_json::from_str(&app.lines.take()).expect("JSON");
    assert!(line.get("parts").is_none() && line.get("worst_status").is_none());
}

#[tokio::test]
async fn the_log_of_a_batch_has_the_cause_of_its_first_500_whatever_fails_with_503() {
    let app = prepared().await;
    let ada = app.holder(basic("ada", PASSWORD));
    app.wire.rule(|call| match call {
        "UpdateItem task#000000000003" => Refuse(400, "ResourceNotFoundException"),
        "UpdateItem task#000000000004" => Refuse(400, "ProvisionedThroughputExceededException"),
        "UpdateItem task#000000000006" => Refuse(400, "ValidationException"),
        _ => Pass,
    });
    app.lines.take();
    let tick = |id| part("PUT", task(id), r#"{"done": true}"#);
    for (ids, expected, worst, cause) in [
        (
            &[3, 4][..],
            &[500, 503][..],
            500,
            "ResourceNotFoundException",
        ),
        (
            &[4, 3, 6, 4],
            &[503, 500, 500, 503],
            500,
            "ResourceNotFoundException",
        ),
        (&[6, 3], &[500, 500], 500, "ValidationException"),
        (
            &[77, 4],
            &[404, 503],
            503,
            "ProvisionedThroughputExceededException",
        ),
    ] {
        let parts: Vec<_> = ids.iter().copied().map(tick).collect();
        let batch = send(&ada, &parts).await;
        assert_eq!(statuses(&batch), expected);
        let line: Value = serde_json::from_str(&app.lines.take()).expect("JSON");
        let logged = ["worst_status", "level", "Errors"].map(|name| line[name].clone());
        assert_eq!(json!(logged), json!([worst, "ERROR", 1]));
        let logged = line["cause"].as_str().expect("a cause");
        assert!(logged.contains(cause), "{logged}");
    }
}
