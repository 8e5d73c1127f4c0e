//! Logging in with a token, and what it allows.

use http::Method;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::client::{TASKS, TOKENS, TestApp, USERS, basic};
use crate::wire::Fault::Refuse;

#[tokio::test]
async fn a_token_logs_in_as_bearer_and_as_a_basic_user_name() {
    let app = TestApp::start().await;
    let (token, _) = app.user("ada").await.token(&json!({})).await;
    let secret = token["token"].as_str().expect("a token");
    for authorization in [
        format!("Bearer {secret}").parse().expect("a header"),
        format!("bearer  {secret} ").parse().expect("a header"),
        basic(secret, ""),
        basic(secret, "x-oauth-basic"),
    ] {
        let listed = app
            .get(TASKS)
            .header(AUTHORIZATION, authorization)
            .send()
            .await;
        assert_eq!(listed.status, 200);
    }
}

#[tokio::test]
async fn an_invalid_token_gets_the_same_response_as_a_wrong_password() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    app.user("bob").await;
    let (revoked, bearer) = ada.token(&json!({})).await;
    let uri = revoked["uri"].as_str().expect("a URI");
    assert_eq!(ada.delete(uri).send().await.json(), json!({"result": true}));
    let text = revoked["token"].as_str().expect("a token");
    let other_secret = format!("{}{}", &text[..text.len() - 4], "AAAA");
    let name = |name: &str| -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(name)
    };
    let (live, _) = ada.token(&json!({})).await;
    let live = live["token"].as_str().expect("a token");
    let (_, rest) = live.split_once('.').expect("a dot");
    let others = [
        format!("tdo_{}.{rest}", name("bob")),
        format!("tdo_{}.{rest}", name("nobody")),
        format!("tdo_{}.{rest}", name("ADA")),
        other_secret,
        "tdo_".to_owned(),
        "tdo_x.y.z".to_owned(),
        format!("{live}x"),
        live.replace("tdo_", ""),
        live.to_uppercase(),
    ];
    let wrong = app.get(TASKS).login("ada", "wrong password").send().await;
    assert_eq!(wrong.status, 401);
    let mut refusals = vec![bearer.get(TASKS).send().await];
    for other in others {
        let bearer = format!("Bearer {other}").parse().expect("a header");
        refusals.push(app.get(TASKS).header(AUTHORIZATION, bearer).send().await);
        refusals.push(
            app.get(TASKS)
                .header(AUTHORIZATION, basic(&other, ""))
                .send()
                .await,
        );
    }
    for refused in refusals {
        assert_eq!((refused.status, &refused.bytes), (401, &wrong.bytes));
        assert_eq!(refused.headers, wrong.headers);
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_while_its_item_still_exists() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (token, bearer) = ada.token(&json!({"duration": 60})).await;
    app.clock.set_ahead(61_000);

    assert_eq!(bearer.get(TASKS).send().await.status, 401);
    assert_eq!(ada.get(TOKENS).send().await.json(), json!({"tokens": []}));
    let uri = token["uri"].as_str().expect("a URI");
    assert_eq!(ada.delete(uri).send().await.status, 404);
}

#[tokio::test]
async fn a_read_token_cannot_write() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let (token, reader) = ada.token(&json!({"scope": "read"})).await;
    let uri = task["uri"].as_str().expect("a URI");
    let forbidden = json!({"error": "Forbidden", "detail": "this token may only read"});
    let body = json!({"title": "x"});
    for (method, path) in [
        (Method::POST, TASKS),
        (Method::PUT, uri),
        (Method::PATCH, uri),
        (Method::DELETE, uri),
        (Method::DELETE, token["uri"].as_str().expect("a URI")),
    ] {
        let refused = reader.request(method, path).json(&body).send().await;
        assert_eq!((refused.status, refused.json()), (403, forbidden.clone()));
    }
    assert_eq!(reader.list().await, [task]);
    assert_eq!(reader.get(TOKENS).send().await.status, 200);
    assert_eq!(reader.get(&format!("{USERS}/ada")).send().await.status, 200);
}

#[tokio::test]
async fn a_token_cannot_access_the_account_or_create_tokens() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (_, bearer) = ada.token(&json!({"scope": "write"})).await;
    let account = format!("{USERS}/ada");
    let forbidden = json!({"error": "Forbidden", "detail": "this needs the password, not a token"});
    for (method, path) in [
        (Method::PUT, account.as_str()),
        (Method::DELETE, &account),
        (Method::POST, TOKENS),
    ] {
        let refused = bearer
            .request(method, path)
            .json(&json!({"email": null}))
            .send()
            .await;
        assert_eq!((refused.status, refused.json()), (403, forbidden.clone()));
    }
    bearer.create("Buy milk").await;
}

#[tokio::test]
async fn a_token_can_revoke_itself_and_is_evicted_at_once() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (token, bearer) = ada.token(&json!({})).await;
    let uri = token["uri"].as_str().expect("a URI");
    assert_eq!(bearer.delete(uri).send().await.status, 200);
    assert_eq!(bearer.get(TASKS).send().await.status, 401);
    assert_eq!(ada.delete(uri).send().await.status, 404);
    assert_eq!(
        ada.delete(&format!("{TOKENS}/nonsense"))
            .send()
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_cold_token_costs_one_call_and_a_warm_one_none() {
    let app = TestApp::start().await;
    let (_, bearer) = app.user("ada").await.token(&json!({})).await;
    app.wire.take_calls();
    bearer.get(TASKS).send().await;
    assert_eq!(app.wire.take_calls(), ["BatchGetItem", "Query"]);
    bearer.get(TASKS).send().await;
    assert_eq!(app.wire.take_calls(), ["Query"]);
}

#[tokio::test]
async fn a_throttled_table_is_503_for_a_token_too() {
    let app = TestApp::start().await;
    let (_, bearer) = app.user("ada").await.token(&json!({})).await;
    app.wire.always(Refuse(400, "ThrottlingException"));
    let failed = bearer.get(TASKS).send().await;
    let expected: Value = json!({"error": "Service unavailable"});
    assert_eq!((failed.status, failed.json()), (503, expected));
}
