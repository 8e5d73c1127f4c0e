//! Creates, updates and deletions of tasks.

use std::sync::Arc;

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::{first_task, interleaved, text};
use crate::client::{TASKS, TestApp};
use crate::wire::Fault::{Cancel, CutResponse, FailAfterwards, Hold, LoseResponse};
use crate::wire::{Gate, LOST_RESPONSES};

// D1. The repeated PutItem found no item, so it succeeded again.
#[tokio::test]
async fn a_task_deleted_while_its_creation_is_retried_stays_deleted() {
    for loss in LOST_RESPONSES {
        let app = TestApp::start().await;
        let elsewhere = app.twin().await;
        let ada = app.user("ada").await;
        ada.get(TASKS).send().await;
        let other = elsewhere.holder(ada.authorization.clone());
        let request = ada.post(TASKS, &json!({"title": "Buy milk"}));

        // UpdateItem: the id. PutItem: done, its response lost.
        let created = interleaved(&app, ("PutItem", loss.clone()), request, async || {
            let listed = other.list().await;
            let deleted = other.delete(text(&listed[0], "uri")).send().await;
            assert_eq!(deleted.status, 200);
        })
        .await;

        assert_eq!(created.status, 201, "{loss:?}");
        assert_eq!(created.json()["task"]["title"], "Buy milk");
        assert_eq!(ada.list().await, [] as [Value; 0]);
        assert_eq!(ada.get(&first_task()).send().await.status, 404);
    }
}

// D1, with a key: the record and the task in one transaction.
#[tokio::test]
async fn a_task_created_with_a_key_and_deleted_meanwhile_stays_deleted() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    let other = elsewhere.holder(ada.authorization.clone());
    let key = HeaderValue::from_static("k");
    let request = ada.post(TASKS, &json!({"title": "Buy milk"}));
    // Then a conflict, after which the transaction is sent under another token.
    let request = request.header("idempotency-key", key);

    let created = interleaved(
        &app,
        ("TransactWriteItems", LoseResponse),
        request,
        async || {
            assert_eq!(other.delete(&first_task()).send().await.status, 200);
            app.wire.fail(
                "TransactWriteItems",
                Cancel(["None", "TransactionConflict"]),
            );
        },
    )
    .await;

    assert_eq!(
        (created.status, created.header("idempotency-replayed")),
        (201, "")
    );
    assert_eq!(ada.list().await, [] as [Value; 0]);
}

// D3. The repeated UpdateItem was applied again, over what somebody else had written meanwhile.
#[tokio::test]
async fn an_update_is_applied_once_although_others_write_before_its_retry() {
    for (loss, others) in [(FailAfterwards, 1), (LoseResponse, 2), (CutResponse, 3)] {
        let app = TestApp::start().await;
        let elsewhere = app.twin().await;
        let ada = app.user("ada").await;
        ada.create(&json!({"title": "Old"})).await;
        let other = elsewhere.holder(ada.authorization.clone());
        let mut theirs = Value::Null;

        let request = ada.put(
            &first_task(),
            &json!({"title": "Mine", "description": "Mine"}),
        );
        let updated = interleaved(
            &app,
            ("UpdateItem task#", loss.clone()),
            request,
            async || {
                for number in 0..others {
                    let body = json!({"title": format!("Theirs {number}")});
                    let written = other.put(&first_task(), &body).send().await;
                    assert_eq!(written.status, 200);
                    theirs = written.json();
                }
            },
        )
        .await;

        // The response has the task as it is now.
        assert_eq!(
            (updated.status, updated.json()),
            (200, theirs.clone()),
            "{loss:?}"
        );
        assert_eq!(theirs["task"]["description"], "Mine");
        assert_eq!(updated.header("etag"), format!("\"1.{}\"", 2 + others));
        assert_eq!(ada.get(&first_task()).send().await.json(), theirs);
    }
}

// D3, related: 412 for a write that had succeeded.
#[tokio::test]
async fn a_conditional_write_that_was_applied_is_no_conflict_although_others_wrote_since() {
    for method in [Method::PUT, Method::PATCH] {
        let app = TestApp::start().await;
        let elsewhere = app.twin().await;
        let ada = app.user("ada").await;
        ada.create(&json!({"title": "Old"})).await;
        let other = elsewhere.holder(ada.authorization.clone());

        let request = ada
            .request(method, &first_task())
            .json(&json!({"title": "Mine"}));
        let request = request.header("if-match", HeaderValue::from_static("\"1.1\""));
        let updated = interleaved(
            &app,
            ("UpdateItem task#", LoseResponse),
            request,
            async || {
                let body = json!({"description": "Theirs"});
                assert_eq!(other.put(&first_task(), &body).send().await.status, 200);
            },
        )
        .await;

        assert_eq!((updated.status, updated.header("etag")), (200, "\"1.3\""));
    }
}

#[tokio::test]
async fn an_update_of_a_task_that_is_deleted_before_its_retry_has_succeeded() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    ada.create(&json!({"title": "Old"})).await;
    let other = elsewhere.holder(ada.authorization.clone());

    let request = ada.put(&first_task(), &json!({"title": "Mine"}));
    let updated = interleaved(
        &app,
        ("UpdateItem task#", LoseResponse),
        request,
        async || {
            assert_eq!(other.delete(&first_task()).send().await.status, 200);
        },
    )
    .await;

    assert_eq!(
        (updated.status, &updated.json()["task"]["title"]),
        (200, &json!("Mine"))
    );
    assert_eq!(ada.list().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_task_is_reopened_once_although_somebody_ticks_it_before_the_retry() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    ada.create(&json!({"title": "Buy milk"})).await;
    ada.put(&first_task(), &json!({"done": true})).send().await;
    let other = elsewhere.holder(ada.authorization.clone());

    // GetItem, then the UpdateItem on the version read.
    let request = ada.put(&first_task(), &json!({"done": false}));
    let reopened = interleaved(
        &app,
        ("UpdateItem task#", FailAfterwards),
        request,
        async || {
            let ticked = other
                .put(&first_task(), &json!({"done": true}))
                .send()
                .await;
            assert_eq!(ticked.header("etag"), "\"1.4\"");
        },
    )
    .await;

    assert_eq!((reopened.status, reopened.header("etag")), (200, "\"1.4\""));
    assert_eq!(reopened.json()["task"]["done"], true);
}

#[tokio::test]
async fn a_task_that_somebody_changes_while_it_is_reopened_is_read_again() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    ada.create(&json!({"title": "Buy milk"})).await;
    ada.put(&first_task(), &json!({"done": true})).send().await;
    let other = elsewhere.holder(ada.authorization.clone());
    for (if_match, status) in [("*", 200), ("\"1.4\"", 412)] {
        app.wire.take_calls();
        // It has been read, and its write waits while somebody else writes.
        let gate = Gate::closed();
        app.wire.fail("UpdateItem task#", Hold(Arc::clone(&gate)));
        let request = ada.put(&first_task(), &json!({"done": false}));
        let request = request.header("if-match", HeaderValue::from_static(if_match));
        let path = first_task();
        let between = async {
            gate.arrived().await;
            let body = json!({"description": "Theirs"});
            assert_eq!(other.put(&path, &body).send().await.status, 200);
            gate.open();
        };
        let (reopened, ()) = tokio::join!(request.send(), between);

        assert_eq!(reopened.status, status);
        let read = ada.get(&first_task()).send().await.json();
        assert_eq!(read["task"]["description"], "Theirs");
        assert_eq!(read["task"]["done"], false);
    }
}

// D5. The item that refused the repeated PutItem was taken for somebody else's.
#[tokio::test]
async fn a_task_changed_while_its_creation_is_retried_was_created() {
    for loss in LOST_RESPONSES {
        let app = TestApp::start().await;
        let elsewhere = app.twin().await;
        let ada = app.user("ada").await;
        ada.get(TASKS).send().await;
        let other = elsewhere.holder(ada.authorization.clone());

        let request = ada.post(TASKS, &json!({"title": "Mine"}));
        let created = interleaved(&app, ("PutItem", loss.clone()), request, async || {
            // More writes than the register holds: `created_by` is never changed.
            for number in 0..5 {
                let body = json!({"title": format!("Theirs {number}")});
                assert_eq!(other.put(&first_task(), &body).send().await.status, 200);
            }
        })
        .await;

        assert_eq!(
            (created.status, created.header("etag")),
            (201, "\"1.1\""),
            "{loss:?}"
        );
        assert_eq!(created.json()["task"]["title"], "Mine");
        assert_eq!(ada.list().await[0]["title"], "Theirs 4");
    }
}
