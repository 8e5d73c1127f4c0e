//! Writes whose response is lost while somebody else is at the same item. The SDK sends them again;
//! whatever happened in between, each is applied once, and its success is said.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{Call, PASSWORD, TASKS, TOKENS, TestApp, TestResponse, USERS, basic};
use crate::wire::Fault::{self, Cancel, CutResponse, FailAfterwards, Hold, LoseResponse};
use crate::wire::{Gate, LOST_RESPONSES};

/// Sends a request whose first call of `target` is applied while its response is lost. `between`
/// happens after that and before the SDK sends the call again.
async fn interleaved(
    app: &TestApp,
    (target, fault): (&str, Fault),
    request: Call<'_>,
    between: impl AsyncFnOnce(),
) -> TestResponse {
    let request = request.send();
    app.wire
        .between_attempts(target, fault, request, between)
        .await
}

fn text<'a>(task: &'a Value, member: &str) -> &'a str {
    task[member].as_str().expect("a string")
}

fn first_task() -> String {
    format!("{TASKS}/1")
}

fn account() -> String {
    format!("{USERS}/ada")
}

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

/// As if the account's last create had begun `seconds` earlier.
pub async fn age_last_create(app: &TestApp, seconds: u64) {
    let key = |value: &str| AttributeValue::S(value.to_owned());
    let update = app.table.update_item().table_name("todo");
    let millis = AttributeValue::N((seconds * 1_000).to_string());
    let update = update
        .key("pk", key("user#ada"))
        .key("sk", key("account"))
        .update_expression("SET allocated_at = allocated_at - :millis")
        .expression_attribute_values(":millis", millis);
    update.send().await.expect("an update");
}

// D1, with the account: the task came back into a partition that nobody has.
#[tokio::test]
async fn an_account_deleted_while_a_creation_is_retried_leaves_no_task_behind() {
    let app = TestApp::with_creation_window(Duration::from_secs(30)).await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    let other = elsewhere.holder(ada.authorization.clone());
    let request = ada.post(TASKS, &json!({"title": "Buy milk"}));

    let created = interleaved(&app, ("PutItem", LoseResponse), request, async || {
        let waits = other.delete(&account()).send().await;
        assert_eq!(waits.status, 503);
        assert_eq!(waits.json(), json!({"error": "Service unavailable"}));
        let seconds: u64 = waits.header("retry-after").parse().expect("seconds");
        assert!((25..=30).contains(&seconds), "{seconds}");
        // Closed all the same: nobody can begin another create.
        let refused = other.post(TASKS, &json!({"title": "Late"})).send().await;
        assert_eq!(refused.status, 401);
    })
    .await;

    assert_eq!(created.status, 201);
    age_last_create(&app, 29).await;
    let nearly = other.delete(&account()).send().await;
    assert_eq!((nearly.status, nearly.header("retry-after")), (503, "1"));
    age_last_create(&app, 1).await;
    assert_eq!(other.delete(&account()).send().await.status, 200);
    let attempts = |pk: &AttributeValue| pk.as_s().is_ok_and(|pk| pk.starts_with("attempts#"));
    assert!(app.items().await.iter().all(|item| attempts(&item["pk"])));
}

// D2. A response that broke off after its 200 was not counted as lost.
#[tokio::test]
async fn a_deletion_whose_response_was_lost_has_succeeded() {
    for loss in LOST_RESPONSES {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        ada.create(&json!({"title": "Buy milk"})).await;
        let (token, bearer) = ada.token(&json!({})).await;
        bearer.get(TASKS).send().await;

        let deleted = interleaved(
            &app,
            ("UpdateItem task#", loss.clone()),
            ada.delete(&first_task()),
            async || {},
        )
        .await;
        let revocation = ada.delete(text(&token, "uri"));
        let revoked = interleaved(
            &app,
            ("UpdateItem token#", loss.clone()),
            revocation,
            async || {},
        )
        .await;

        for done in [deleted, revoked] {
            assert_eq!(
                (done.status, done.json()),
                (200, json!({"result": true})),
                "{loss:?}"
            );
        }
        assert_eq!(ada.delete(&first_task()).send().await.status, 404);
        assert_eq!(ada.delete(text(&token, "uri")).send().await.status, 404);
        assert_eq!(bearer.get(TASKS).send().await.status, 401);
    }
}

// D2, among others: the trace of the revocation is not the next token's to overwrite.
#[tokio::test]
async fn a_revocation_is_known_although_another_token_is_created_before_its_retry() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    let (token, bearer) = ada.token(&json!({})).await;
    bearer.get(TASKS).send().await;
    let other = elsewhere.holder(ada.authorization.clone());

    let revocation = bearer.delete(text(&token, "uri"));
    let revoked = interleaved(
        &app,
        ("UpdateItem token#", LoseResponse),
        revocation,
        async || {
            other.token(&json!({})).await;
        },
    )
    .await;

    assert_eq!(revoked.status, 200);
    let listed = other.get(TOKENS).send().await.json();
    assert_eq!(listed["tokens"].as_array().map(Vec::len), Some(1));
}

// The transaction that creates a token is lost, the token revoked, and a conflict has it sent again.
#[tokio::test]
async fn a_token_revoked_while_its_creation_is_retried_stays_revoked() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    let other = elsewhere.holder(ada.authorization.clone());
    other.get(TASKS).send().await;

    // The login's two calls, the slots, the transaction.
    let request = ada.post(TOKENS, &json!({}));
    let created = interleaved(
        &app,
        ("TransactWriteItems", LoseResponse),
        request,
        async || {
            let listed = other.get(TOKENS).send().await.json();
            let revoked = other.delete(text(&listed["tokens"][0], "uri")).send().await;
            assert_eq!(revoked.status, 200);
            app.wire.fail(
                "TransactWriteItems",
                Cancel(["None", "TransactionConflict"]),
            );
        },
    )
    .await;

    assert_eq!(created.status, 201);
    assert_eq!(other.get(TOKENS).send().await.json(), json!({"tokens": []}));
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

// D4. The update of an account had no guard at all.
#[tokio::test]
async fn an_account_is_changed_once_although_its_response_was_lost() {
    for loss in LOST_RESPONSES {
        let app = TestApp::start().await;
        let elsewhere = app.twin().await;
        let ada = app.user("ada").await;
        let other = elsewhere.holder(ada.authorization.clone());

        // The login's two calls, then the write.
        let request = ada.put(&account(), &json!({"email": "mine@example.com"}));
        let alone = interleaved(
            &app,
            ("UpdateItem account", loss.clone()),
            request,
            async || {},
        )
        .await;
        assert_eq!((alone.status, alone.header("etag")), (200, "\"1.2\""));

        let request = ada.put(&account(), &json!({"email": "again@example.com"}));
        let changed = interleaved(
            &app,
            ("UpdateItem account", loss.clone()),
            request,
            async || {
                let theirs = json!({"email": "theirs@example.com"});
                let written = other.put(&account(), &theirs).send().await;
                assert_eq!((written.status, written.header("etag")), (200, "\"1.4\""));
            },
        )
        .await;
        assert_eq!(
            (changed.status, changed.header("etag")),
            (200, "\"1.4\""),
            "{loss:?}"
        );
        assert_eq!(changed.json()["user"]["email"], "theirs@example.com");
        let read = ada.get(&account()).send().await;
        assert_eq!(read.json(), changed.json());
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

// The transaction is lost, and a conflict has it sent again under another token.
#[tokio::test]
async fn a_registration_is_known_by_the_account_it_made() {
    let app = TestApp::start().await;
    // The count of registrations, then the transaction.
    let conflict = Cancel(["TransactionConflict", "None"]);
    app.wire.fail("TransactWriteItems", LoseResponse);
    app.wire.fail("TransactWriteItems", conflict);
    let body = json!({"username": "ada", "password": PASSWORD});
    let registered = app.request(Method::POST, USERS).json(&body).send().await;
    assert_eq!(registered.status, 201);
    let again = app.request(Method::POST, USERS).json(&body).send().await;
    assert_eq!(again.status, 409);
    let ada = app.holder(basic("ada", PASSWORD));
    assert_eq!(ada.list().await, [] as [Value; 0]);
}
