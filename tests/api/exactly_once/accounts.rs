//! Registrations, changes and deletions of accounts, tokens.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use http::Method;
use serde_json::{Value, json};

use super::{age_last_create, first_task, interleaved, text};
use crate::client::{PASSWORD, TASKS, TOKENS, TestApp, USERS, basic};
use crate::wire::Fault::{Cancel, LoseResponse};
use crate::wire::LOST_RESPONSES;

fn account() -> String {
    format!("{USERS}/ada")
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
