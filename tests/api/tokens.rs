//! Tokens: make, show, list, revoke.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use http::Method;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::client::{BASE, TASKS, TOKENS, TestApp, USERS, basic};
use crate::wire::Fault::{LoseResponse, Refuse};

#[tokio::test]
async fn a_token_shows_its_secret_once() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"label": "laptop", "scope": "read", "duration": 3600});

    let created = ada.post(TOKENS, &body).send().await;

    assert_eq!(created.status, 201);
    assert_eq!(created.header("cache-control"), "no-store");
    let mut token = created.json()["token"].clone();
    let secret = token["token"].take();
    assert!(
        secret
            .as_str()
            .is_some_and(|secret| secret.starts_with("tdo_"))
    );
    assert_eq!(created.header("location"), token["uri"]);
    let uri = token["uri"].as_str().expect("a URI");
    assert!(uri.starts_with(&format!("{BASE}{TOKENS}/")));
    assert!(!uri.contains(secret.as_str().expect("a secret")));
    let lives = |member: &str| {
        let time: jiff::Timestamp = token[member]
            .as_str()
            .expect("a time")
            .parse()
            .expect("a time");
        time
    };
    assert_eq!(
        (lives("expires_at") - lives("created_at"))
            .total(jiff::Unit::Second)
            .expect("a span"),
        3600.0
    );
    for (member, value) in body.as_object().expect("an object") {
        assert_eq!(&token[member], value);
    }
    token.as_object_mut().expect("an object").remove("token");
    let listed = ada.get(TOKENS).send().await;
    assert_eq!(
        (listed.status, listed.json()),
        (200, json!({"tokens": [token]}))
    );
}

#[tokio::test]
async fn every_member_of_a_token_is_optional() {
    let app = TestApp::start().await;
    let (token, _) = app.user("ada").await.token(&json!({})).await;
    assert_eq!(token["label"], "");
    assert_eq!(token["scope"], "write");
    assert_eq!(token["duration"], 600);
}

#[tokio::test]
async fn a_refused_token_request_names_the_member_and_the_reason() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (body, field, problem) in [
        (json!({"label": 5}), "label", "must be a string"),
        (
            json!({"label": "x".repeat(101)}),
            "label",
            "must have at most 100 characters",
        ),
        (
            json!({"label": "a\nb"}),
            "label",
            "must not contain control characters",
        ),
        (
            json!({"scope": "admin"}),
            "scope",
            "must be \"read\", \"write\" or \"calendar\"",
        ),
        (json!({"scope": null}), "scope", "must be a string"),
        (
            json!({"duration": 59}),
            "duration",
            "must be 60 to 31536000 seconds",
        ),
        (
            json!({"duration": 31_536_001}),
            "duration",
            "must be 60 to 31536000 seconds",
        ),
        (
            json!({"duration": 315_360_001, "scope": "calendar"}),
            "duration",
            "must be 60 to 315360000 seconds",
        ),
        (
            json!({"duration": 60.5}),
            "duration",
            "must be a whole number",
        ),
        (
            json!({"duration": "60"}),
            "duration",
            "must be a whole number",
        ),
        (json!({"expires_in": 60}), "expires_in", "is not known here"),
    ] {
        let refused = ada.post(TOKENS, &body).send().await;
        let detail = format!("{field} {problem}");
        let expected = json!({"error": "Bad request", "detail": detail, "field": field});
        assert_eq!((refused.status, refused.json()), (400, expected));
    }
}

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
async fn only_the_digest_of_a_token_is_stored() {
    let app = TestApp::start().await;
    let (token, _) = app.user("ada").await.token(&json!({})).await;
    let secret = token["token"]
        .as_str()
        .expect("a token")
        .rsplit('.')
        .next()
        .expect("a secret");
    assert_eq!(secret.len(), 43);
    let stored = format!("{:?}", app.items().await);
    assert!(!stored.contains(secret));
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

/// Lets the one token that is valid for a minute have been created a minute earlier.
pub async fn expire(app: &TestApp) {
    let items = app.items().await;
    let minute = Some(&AttributeValue::N("60".to_owned()));
    let item = items.iter().find(|item| item.get("duration") == minute);
    let item = item.expect("a token");
    let shift = |name: &str, by: i64| {
        let number: i64 = item[name]
            .as_n()
            .expect("a number")
            .parse()
            .expect("a number");
        AttributeValue::N((number - by).to_string())
    };
    let put = app
        .table
        .put_item()
        .table_name("todo")
        .set_item(Some(item.clone()));
    put.item("created_at", shift("created_at", 61_000))
        .item("expires_at", shift("expires_at", 61))
        .send()
        .await
        .expect("a write");
}

#[tokio::test]
async fn an_expired_token_is_refused_while_its_item_still_exists() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (token, bearer) = ada.token(&json!({"duration": 60})).await;
    expire(&app).await;

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
async fn the_id_of_a_revoked_token_is_not_used_again() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (first, _) = ada.token(&json!({})).await;
    let uri = first["uri"].as_str().expect("a URI");
    ada.delete(uri).send().await;
    let (second, bearer) = ada.token(&json!({})).await;
    assert_ne!(first["uri"], second["uri"]);
    assert_eq!(ada.delete(uri).send().await.status, 404);
    assert_eq!(bearer.get(TASKS).send().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_at_most_100_valid_tokens_even_under_parallel_requests() {
    let app = TestApp::with_settings(&[("LOGIN_FAILURES_PER_USER", "1000")]).await;
    let ada = app.user("ada").await;
    let body = json!({});
    // Each hashes the password, and on a busy machine that takes them longer than a request may.
    let patience = Duration::from_secs(120);
    let responses = (0..104).map(|_| ada.post(TOKENS, &body).send_within(patience));
    let responses = join_all(responses).await;
    let made = responses
        .iter()
        .filter(|response| response.status == 201)
        .count();
    assert_eq!(made, 100);
    let conflict = json!({"error": "Conflict", "detail": "there are 100 tokens already"});
    for response in responses.iter().filter(|response| response.status != 201) {
        assert_eq!((response.status, response.json()), (409, conflict.clone()));
    }
    let listed = ada.get(TOKENS).send().await.json()["tokens"].clone();
    let times: Vec<_> = listed
        .as_array()
        .expect("tokens")
        .iter()
        .map(|token| token["created_at"].as_str())
        .collect();
    assert!(times.is_sorted());
    let uri = listed[40]["uri"].as_str().expect("a URI");
    assert_eq!(ada.delete(uri).send().await.status, 200);
    assert_eq!(ada.post(TOKENS, &body).send().await.status, 201);
    assert_eq!(ada.post(TOKENS, &body).send().await.status, 409);
}

#[tokio::test]
async fn token_writes_whose_response_was_lost_succeed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    app.wire.fail("TransactWriteItems", LoseResponse);
    let (token, bearer) = ada.token(&json!({})).await;
    assert_eq!(bearer.get(TASKS).send().await.status, 200);
    app.wire.fail("UpdateItem", LoseResponse);
    let revoked = bearer
        .delete(token["uri"].as_str().expect("a URI"))
        .send()
        .await;
    assert_eq!(revoked.status, 200);
    assert_eq!(ada.get(TOKENS).send().await.json(), json!({"tokens": []}));
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

#[tokio::test]
async fn a_duration_may_be_any_json_spelling_of_a_whole_number() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (raw, status) in [
        (r#"{"duration": 600.0}"#, 201),
        (r#"{"duration": 6e2}"#, 201),
        (r#"{"duration": 600.5}"#, 400),
        (r#"{"duration": 1e300}"#, 400),
        (r#"{"duration": -0.0}"#, 400),
        (r#"{"duration": "600"}"#, 400),
    ] {
        let response = ada
            .request(Method::POST, TOKENS)
            .bytes("application/json", raw)
            .send()
            .await;
        assert_eq!(response.status, status, "{raw}");
        if status == 201 {
            assert_eq!(response.json()["token"]["duration"], 600);
        }
    }
}
