//! Errors of DynamoDB that the embedded engine never returns.

use futures_util::future::join_all;
use serde_json::json;

use crate::client::{Call, TASKS, TestApp};
use crate::wire::Fault::{self, LoseResponse, NoConnection, Page, Pass, Refuse};

const THROTTLED: Fault = Refuse(400, "ProvisionedThroughputExceededException");

#[tokio::test]
async fn a_create_whose_response_was_lost_creates_one_task() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.take_calls();
    app.wire.fail("PutItem", LoseResponse);

    let created = ada.create("Buy milk").await;

    assert_eq!(app.wire.take_calls(), ["UpdateItem", "PutItem", "PutItem"]);
    assert_eq!(ada.list().await, [created]);
}

#[tokio::test]
async fn an_id_whose_response_was_lost_stays_unused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.fail("UpdateItem", LoseResponse);
    let created = ada.create("Buy milk").await;
    assert!(
        created["uri"]
            .as_str()
            .is_some_and(|uri| uri.ends_with("/tasks/2"))
    );
}

#[tokio::test]
async fn an_update_whose_response_was_lost_is_applied_once() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uri = ada.create("Buy milk").await.uri;
    app.wire.fail("UpdateItem", LoseResponse);

    let updated = ada.put(&uri, &json!({"done": true})).send().await;

    assert_eq!((updated.status, updated.header("etag")), (200, "\"1.2\""));
    assert_eq!(ada.list().await, [updated.json()["task"].clone()]);
}

#[tokio::test]
async fn a_delete_whose_response_was_lost_succeeds() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uri = ada.create("Buy milk").await.uri;
    app.wire.fail("UpdateItem", LoseResponse);
    assert_eq!(ada.delete(&uri).send().await.status, 200);
    assert_eq!(ada.delete(&uri).send().await.status, 404);
}

#[tokio::test]
async fn a_single_failed_call_is_retried() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    for fault in [THROTTLED, Refuse(500, "InternalServerError"), NoConnection] {
        app.wire.fail("Query", fault.clone());
        assert_eq!(ada.get(TASKS).send().await.status, 200, "{fault:?}");
    }
}

#[tokio::test]
async fn a_lasting_fault_is_503_without_its_cause() {
    for fault in [
        THROTTLED,
        Refuse(500, "InternalServerError"),
        Refuse(503, "x"),
        NoConnection,
    ] {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        ada.create("Buy milk").await;
        let task = format!("{TASKS}/1");
        app.wire.always(fault.clone());
        let calls = [
            ada.get(TASKS),
            ada.get(&task),
            ada.post(TASKS, &json!({"title": "x"})),
            ada.put(&task, &json!({"title": "x"})),
            ada.delete(&task),
        ];
        for failed in join_all(calls.map(Call::send)).await {
            assert_eq!(failed.status, 503, "{fault:?}");
            assert_eq!(failed.json(), json!({"error": "Service unavailable"}));
            assert_eq!(failed.header("retry-after"), "1");
            assert!(failed.record.cause.is_some());
        }
    }
}

/// More than the SDK's own quota of retries would allow.
#[tokio::test]
async fn a_long_outage_leaves_every_later_request_all_of_its_attempts() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.always(NoConnection);
    for failed in join_all((0..30).map(|_| ada.get(TASKS).send())).await {
        assert_eq!((failed.status, failed.record.dynamodb_calls), (503, 9));
    }
    app.wire.always(Pass);
    for _ in 0..8 {
        app.wire.fail("Query", NoConnection);
    }
    let read = ada.get(TASKS).send().await;
    assert_eq!((read.status, read.record.dynamodb_calls), (200, 9));
}

#[tokio::test]
async fn an_unexpected_error_is_500_without_its_cause() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire
        .fail("Query", Refuse(400, "ResourceNotFoundException"));

    let failed = ada.get(TASKS).send().await;

    assert_eq!(failed.status, 500);
    assert_eq!(failed.json(), json!({"error": "Internal server error"}));
    let cause = failed.record.cause.expect("a cause");
    assert!(cause.contains("ResourceNotFoundException"), "{cause}");
}

#[tokio::test]
async fn a_refusal_that_cannot_be_read_is_logged_with_its_http_status() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    for (page, status) in [(403, 500), (404, 500), (502, 503)] {
        app.wire.always(Page(page));

        let failed = ada.get(TASKS).send().await;

        assert_eq!(failed.status, status);
        let cause = failed.record.cause.expect("a cause");
        assert!(cause.contains(&format!("HTTP status {page}")), "{cause}");
    }
}

#[tokio::test]
async fn a_full_list_is_a_conflict() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let full = Refuse(400, "ItemCollectionSizeLimitExceededException");
    let uri = ada.create("Buy milk").await.uri;

    app.wire.fail("PutItem", full.clone());
    let create = ada.post(TASKS, &json!({"title": "x"})).send().await;
    app.wire.fail("UpdateItem", full.clone());
    let update = ada.put(&uri, &json!({"title": "x"})).send().await;

    for refused in [create, update] {
        let expected = json!({"error": "Conflict", "detail": "the list is full"});
        assert_eq!((refused.status, refused.json()), (409, expected));
    }
}

#[tokio::test]
async fn a_delete_of_a_missing_task_is_404_after_a_retry_too() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    for fault in [THROTTLED, Refuse(400, "TransactionConflictException")] {
        app.wire.fail("UpdateItem", fault);
        assert_eq!(ada.delete(&format!("{TASKS}/9")).send().await.status, 404);
    }
}

#[tokio::test]
async fn a_write_that_conflicts_with_a_transaction_is_retried() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    let conflict = || Refuse(400, "TransactionConflictException");
    app.wire.fail("UpdateItem", conflict());
    app.wire.fail("PutItem", conflict());
    let created = ada.create("Buy milk").await;
    // More than the attempts that the SDK makes.
    for _ in 0..12 {
        app.wire.fail("UpdateItem", conflict());
    }
    let uri = created.uri.as_str();
    assert_eq!(
        ada.put(uri, &json!({"done": true})).send().await.status,
        200
    );
    for _ in 0..2 {
        app.wire.fail("UpdateItem", conflict());
    }
    assert_eq!(ada.delete(uri).send().await.status, 200);
}
