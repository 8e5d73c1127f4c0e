//! An operator replaces a forgotten password: `make set-password`, without the terminal.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use todo_api::auth::PasswordHasher;
use todo_api::domain::account::Username;
use todo_api::domain::password::Password;
use todo_api::store::StoreError;

use crate::client::{PASSWORD, TASKS, TOKENS, TestApp, USERS, basic};
use crate::wire::LOST_RESPONSES;

const NEW: &str = "a new passphrase";

async fn reset(app: &TestApp, name: &str) -> Result<(), StoreError> {
    let username = name.parse::<Username>().expect("a user name");
    let password = Password::typed(NEW.to_owned()).expect("a password");
    let hash = PasswordHasher::new().hash(password).await.expect("a hash");
    app.store.reset_password(&username, hash).await
}

#[tokio::test]
async fn the_old_password_and_all_tokens_end_and_the_new_password_works() {
    let app = TestApp::with_settings(&[("AUTH_CACHE_SECONDS", "0")]).await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let token = ada.post(TOKENS, &json!({})).send().await.json()["token"]["token"].clone();
    let bearer = format!("Bearer {}", token.as_str().expect("a token"));
    let token = app.holder(bearer.parse().expect("a header"));
    assert_eq!(token.get(TASKS).send().await.status, 200);
    app.wire.take_calls();

    assert!(reset(&app, "ada").await.is_ok());

    assert_eq!(app.wire.take_calls(), ["UpdateItem"]);
    assert_eq!(token.get(TASKS).send().await.status, 401);
    assert_eq!(ada.get(TASKS).send().await.status, 401);
    let ada = app.holder(basic("ada", NEW));
    assert_eq!(ada.list().await, [task]);
}

#[tokio::test]
async fn it_is_applied_once_whichever_response_is_lost() {
    for fault in LOST_RESPONSES {
        let app = TestApp::start().await;
        app.user("ada").await;
        app.wire.fail("UpdateItem account", fault);
        assert!(reset(&app, "ada").await.is_ok());
        let items = app.items().await;
        let mut versions = items
            .iter()
            .filter_map(|item| item.get("credential_version"));
        assert_eq!(versions.next(), Some(&AttributeValue::N("2".to_owned())));
    }
}

#[tokio::test]
async fn it_names_a_user_that_is_not_there_and_an_account_that_is_closed() {
    let app = TestApp::with_creation_window(std::time::Duration::from_secs(3600)).await;
    let missing = reset(&app, "ada").await;
    assert!(matches!(missing, Err(StoreError::NotFound)), "{missing:?}");
    assert!(app.items().await.is_empty());

    let ada = app.user("ada").await;
    ada.create("Buy milk").await;
    let closing = ada.delete(&format!("{USERS}/ada")).send().await;
    assert_eq!(closing.status, 503);

    let closed = reset(&app, "ada").await;
    let is_closed = matches!(closed, Err(StoreError::StaleCredentials(_)));
    assert!(is_closed, "{closed:?}");
    // The password still continues the deletion.
    let deletion = app.holder(basic("ada", PASSWORD));
    let deletion = deletion.delete(&format!("{USERS}/ada")).send().await;
    assert_eq!(deletion.status, 503);
}
