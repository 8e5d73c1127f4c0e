//! Creating tokens, and how many there may be.

use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::json;

use crate::client::{BASE, TASKS, TOKENS, TestApp};
use crate::wire::Fault::LoseResponse;

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
