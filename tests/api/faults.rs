//! What DynamoDB does at times and the embedded engine never.

use futures_util::future::join_all;
use serde_json::json;

use crate::client::{Call, TASKS, TestApp};
use crate::wire::Fault::{self, LoseReply, NoConnection, Pass, Refuse};

const THROTTLED: Fault = Refuse(400, "ProvisionedThroughputExceededException");

#[tokio::test]
async fn a_create_whose_reply_was_lost_makes_one_task() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.take_calls();
    app.wire.next([Pass, LoseReply]);

    let created = ada.create(&json!({"title": "Buy milk"})).await;

    assert_eq!(app.wire.take_calls(), ["UpdateItem", "PutItem", "PutItem"]);
    assert_eq!(ada.list().await, [created]);
}

#[tokio::test]
async fn a_number_whose_reply_was_lost_stays_unused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.next([LoseReply]);
    let created = ada.create(&json!({"title": "Buy milk"})).await;
    assert!(
        created["uri"]
            .as_str()
            .is_some_and(|uri| uri.ends_with("/tasks/2"))
    );
}

#[tokio::test]
async fn an_update_whose_reply_was_lost_is_done_once() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uri = ada.create(&json!({"title": "Buy milk"})).await["uri"]
        .as_str()
        .expect("URI")
        .to_owned();
    app.wire.next([LoseReply]);

    let updated = ada.put(&uri, &json!({"done": true})).send().await;

    assert_eq!((updated.status, updated.header("etag")), (200, "\"1.2\""));
    assert_eq!(ada.list().await, [updated.json()["task"].clone()]);
}

#[tokio::test]
async fn a_delete_whose_reply_was_lost_has_succeeded() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uri = ada.create(&json!({"title": "Buy milk"})).await["uri"]
        .as_str()
        .expect("URI")
        .to_owned();
    app.wire.next([LoseReply]);
    assert_eq!(ada.delete(&uri).send().await.status, 200);
    assert_eq!(ada.delete(&uri).send().await.status, 404);
}

#[tokio::test]
async fn a_passing_fault_is_not_noticed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    for fault in [THROTTLED, Refuse(500, "InternalServerError"), NoConnection] {
        app.wire.next([fault.clone()]);
        assert_eq!(ada.get(TASKS).send().await.status, 200, "{fault:?}");
    }
}

#[tokio::test]
async fn a_lasting_fault_is_503_and_says_nothing_of_its_cause() {
    for fault in [
        THROTTLED,
        Refuse(500, "InternalServerError"),
        Refuse(503, "x"),
        NoConnection,
    ] {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        ada.create(&json!({"title": "Buy milk"})).await;
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
            assert!(failed.facts.cause.is_some());
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
        assert_eq!((failed.status, failed.facts.dynamodb_calls), (503, 9));
    }
    app.wire.always(Pass);
    app.wire.next(vec![NoConnection; 8]);
    let read = ada.get(TASKS).send().await;
    assert_eq!((read.status, read.facts.dynamodb_calls), (200, 9));
}

#[tokio::test]
async fn an_unexpected_refusal_is_500_and_says_nothing_of_its_cause() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.next([Refuse(400, "ResourceNotFoundException")]);

    let failed = ada.get(TASKS).send().await;

    assert_eq!(failed.status, 500);
    assert_eq!(failed.json(), json!({"error": "Internal server error"}));
    let cause = failed.facts.cause.expect("a cause");
    assert!(cause.contains("ResourceNotFoundException"), "{cause}");
}

#[tokio::test]
async fn a_full_list_is_a_conflict() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let full = Refuse(400, "ItemCollectionSizeLimitExceededException");
    let uri = ada.create(&json!({"title": "Buy milk"})).await["uri"]
        .as_str()
        .expect("URI")
        .to_owned();

    app.wire.next([Pass, full.clone()]);
    let create = ada.post(TASKS, &json!({"title": "x"})).send().await;
    app.wire.next([full.clone()]);
    let update = ada.put(&uri, &json!({"title": "x"})).send().await;

    for refused in [create, update] {
        let expected = json!({"error": "Conflict", "detail": "the list is full"});
        assert_eq!((refused.status, refused.json()), (409, expected));
    }
}

#[tokio::test]
async fn a_delete_that_was_only_refused_before_is_still_404() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    for fault in [THROTTLED, Refuse(400, "TransactionConflictException")] {
        app.wire.next([fault]);
        assert_eq!(ada.delete(&format!("{TASKS}/9")).send().await.status, 404);
    }
}

#[tokio::test]
async fn a_write_that_meets_a_transaction_is_tried_again() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    let conflict = || Refuse(400, "TransactionConflictException");
    app.wire.next([conflict(), Pass, conflict()]);
    let created = ada.create(&json!({"title": "Buy milk"})).await;
    app.wire.next([conflict(), conflict()]);
    let uri = created["uri"].as_str().expect("a URI");
    assert_eq!(
        ada.put(uri, &json!({"done": true})).send().await.status,
        200
    );
    app.wire.next([conflict(), conflict()]);
    assert_eq!(ada.delete(uri).send().await.status, 200);
}
