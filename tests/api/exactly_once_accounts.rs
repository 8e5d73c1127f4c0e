//! As `exactly_once`, for accounts and tokens.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use http::Method;
use serde_json::{Value, json};
use todo_api::domain::account::Username;
use todo_api::domain::token::{Label, Scope, TokenContent, TokenDuration};

use crate::client::{PASSWORD, TASKS, TOKENS, TestApp, USERS, basic};
use crate::exactly_once::{EVERY_LOSS, interleaved, text, with_loss};
use crate::wire::Fault::{Cancel, LoseReply, Pass};
use crate::wire::Loss::NoResponse;

fn account() -> String {
    format!("{USERS}/ada")
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

    let created = interleaved(&app, (1, NoResponse), request, async {
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
    let revoked = interleaved(&app, (0, NoResponse), revocation, async {
        other.token(&json!({})).await;
    })
    .await;

    assert_eq!(revoked.status, 200);
    let listed = other.get(TOKENS).send().await.json();
    assert_eq!(listed["tokens"].as_array().map(Vec::len), Some(1));
}

// The transaction that creates a token is lost, the token revoked, and a conflict has it sent anew.
// Past the router, because with a password other calls of the login are on their way meanwhile.
#[tokio::test]
async fn a_token_revoked_while_its_creation_is_retried_stays_revoked() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let username = "ada".parse::<Username>().expect("a user name");
    let account = app.store.create_account(&username, "none".to_owned(), None);
    let account = account.await.map_err(|error| error.to_string());
    let account = account.expect("an account").account;
    let content = TokenContent {
        label: Label::default(),
        scope: Scope::Write,
        duration: TokenDuration::default(),
    };

    // The slots, then the transaction.
    let creation = app.store.create_token(&account, content);
    let created = with_loss(&app, (1, NoResponse), creation, async {
        let listed = elsewhere.store.list_tokens(&account).await.expect("tokens");
        let revocation = elsewhere.store.revoke_token(&account, listed[0].id);
        revocation.await.expect("revoked");
        app.wire.next([Cancel(["None", "TransactionConflict"])]);
    })
    .await;

    assert!(created.is_ok(), "it was created");
    let listed = app.store.list_tokens(&account).await.expect("tokens");
    assert!(listed.is_empty());
    // Lost, refused by a conflict, sent anew and refused by its own token; and the last list.
    let calls = app.wire.take_calls();
    let transaction = "TransactWriteItems";
    assert_eq!(
        calls[calls.len() - 4..],
        [transaction, transaction, transaction, "Query"]
    );
}

// D4. The update of an account had no guard at all.
#[tokio::test]
async fn an_account_is_changed_once_although_its_response_was_lost() {
    for loss in EVERY_LOSS {
        let app = TestApp::start().await;
        let elsewhere = app.twin().await;
        let ada = app.user("ada").await;
        let other = elsewhere.holder(ada.authorization.clone());

        // The login's two calls, then the write.
        let request = ada.put(&account(), &json!({"email": "mine@example.com"}));
        let alone = interleaved(&app, (2, loss), request, async {}).await;
        assert_eq!((alone.status, alone.header("etag")), (200, "\"1.2\""));

        let request = ada.put(&account(), &json!({"email": "again@example.com"}));
        let beside = interleaved(&app, (2, loss), request, async {
            let theirs = json!({"email": "theirs@example.com"});
            let written = other.put(&account(), &theirs).send().await;
            assert_eq!((written.status, written.header("etag")), (200, "\"1.4\""));
        })
        .await;
        assert_eq!(
            (beside.status, beside.header("etag")),
            (200, "\"1.4\""),
            "{loss:?}"
        );
        assert_eq!(beside.json()["user"]["email"], "theirs@example.com");
        let read = ada.get(&account()).send().await;
        assert_eq!(read.json(), beside.json());
    }
}

// The transaction is lost, and a conflict has it sent anew under another token.
#[tokio::test]
async fn a_registration_is_known_by_the_account_it_made() {
    let app = TestApp::start().await;
    // The count of registrations, then the transaction.
    let conflict = Cancel(["TransactionConflict", "None"]);
    app.wire.next([Pass, LoseReply, conflict]);
    let body = json!({"username": "ada", "password": PASSWORD});
    let registered = app.request(Method::POST, USERS).json(&body).send().await;
    assert_eq!(registered.status, 201);
    let again = app.request(Method::POST, USERS).json(&body).send().await;
    assert_eq!(again.status, 409);
    let ada = app.holder(basic("ada", PASSWORD));
    assert_eq!(ada.list().await, [] as [Value; 0]);
}
