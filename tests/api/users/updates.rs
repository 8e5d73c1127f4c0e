//! Changing the email and the password.

use std::sync::Arc;

use http::Method;
use http::header::AUTHORIZATION;
use serde_json::json;

use super::{ada, path, register};
use crate::client::{PASSWORD, TASKS, TOKENS, TestApp, USERS, basic};
use crate::wire::Fault::{Hold, LoseResponse};
use crate::wire::Gate;

#[tokio::test]
async fn only_email_and_password_can_be_set() {
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    bob.create("Buy milk").await;
    let before = app.items().await;
    let secret = [
        "pk",
        "sk",
        "version",
        "credential_version",
        "password_hash",
        "last_task_id",
        "id",
        "account_id",
    ];
    for member in secret {
        let calls = [
            app.request(Method::POST, USERS)
                .json(&json!({"username": "ada", "password": PASSWORD, member: "x"})),
            bob.put(&path("bob"), &json!({"email": null, member: "x"})),
            bob.post(TASKS, &json!({"title": "x", member: "x"})),
            bob.put(&format!("{TASKS}/1"), &json!({"title": "x", member: "x"})),
            bob.patch(&format!("{TASKS}/1"), &json!({"title": "x", member: "x"})),
            bob.post(TOKENS, &json!({member: "x"})),
        ];
        for call in calls {
            let refused = call.send().await;
            assert_eq!(
                (refused.status, &refused.json()["field"]),
                (400, &json!(member))
            );
        }
    }
    let stored = |items: Vec<std::collections::HashMap<String, _>>| {
        let mut items: Vec<_> = items
            .into_iter()
            .filter(
                |item: &std::collections::HashMap<_, aws_sdk_dynamodb::types::AttributeValue>| {
                    !item["pk"]
                        .as_s()
                        .is_ok_and(|pk| pk.starts_with("attempts#"))
                },
            )
            .map(|item| {
                format!(
                    "{:?}",
                    item.into_iter()
                        .collect::<std::collections::BTreeMap<_, _>>()
                )
            })
            .collect();
        items.sort();
        items
    };
    assert_eq!(stored(app.items().await), stored(before));
}

#[tokio::test]
async fn changing_the_email_changes_nothing_else() {
    let app = TestApp::start().await;
    register(&app, &ada()).await;
    let ada = app.holder(basic("ada", PASSWORD));
    let (token, bearer) = ada.token(&json!({})).await;
    for (email, etag) in [
        (json!("lovelace@example.com"), "\"1.2\""),
        (json!(null), "\"1.3\""),
    ] {
        let updated = ada
            .put(&path("ada"), &json!({ "email": email }))
            .send()
            .await;
        assert_eq!(
            (updated.status, &updated.json()["user"]["email"]),
            (200, &email)
        );
        assert_eq!(updated.header("etag"), etag);
    }
    assert_eq!(ada.get(TASKS).send().await.status, 200);
    assert_eq!(bearer.get(TASKS).send().await.status, 200);
    let tokens = bearer.get(TOKENS).send().await.json();
    assert_eq!(tokens["tokens"][0]["uri"], token["uri"]);
}

#[tokio::test]
async fn a_new_password_invalidates_the_old_one_and_every_token() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (_, bearer) = ada.token(&json!({})).await;
    assert_eq!(ada.get(TASKS).send().await.status, 200);
    assert_eq!(bearer.get(TASKS).send().await.status, 200);

    let changed = ada
        .put(&path("ada"), &json!({"password": "battery staple"}))
        .send()
        .await;

    assert_eq!(changed.status, 200);
    assert_eq!(ada.get(TASKS).send().await.status, 401);
    assert_eq!(bearer.get(TASKS).send().await.status, 401);
    let ada = app.holder(basic("ada", "battery staple"));
    assert_eq!(ada.get(TASKS).send().await.status, 200);
    assert_eq!(ada.get(TOKENS).send().await.json(), json!({"tokens": []}));
}

#[tokio::test]
async fn a_change_whose_response_was_lost_is_applied_once() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.fail("UpdateItem account", LoseResponse);
    let call = ada.put(&path("ada"), &json!({"password": "battery staple"}));
    let changed = call.send().await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.header("etag"), "\"1.2\"");
    let ada = app.holder(basic("ada", "battery staple"));
    assert_eq!(ada.get(TASKS).send().await.status, 200);
}

#[tokio::test]
async fn a_new_password_evicts_the_cache_here_and_expires_elsewhere() {
    let here = TestApp::start().await;
    let elsewhere = here.twin().await;
    let ada = here.user("ada").await;
    let there = elsewhere.holder(basic("ada", PASSWORD));
    assert_eq!(there.get(TASKS).send().await.status, 200);

    let new = json!({"password": "battery staple"});
    assert_eq!(ada.put(&path("ada"), &new).send().await.status, 200);

    assert_eq!(ada.get(TASKS).send().await.status, 401);
    // Within `AUTH_CACHE_SECONDS` another environment may still look, but no longer add.
    assert_eq!(there.get(TASKS).send().await.status, 200);
    assert_eq!(
        there
            .post(TASKS, &json!({"title": "x"}))
            .send()
            .await
            .status,
        401
    );
    // What it found out of date, it has forgotten.
    assert_eq!(there.get(TASKS).send().await.status, 401);
}

#[tokio::test]
async fn a_new_password_must_meet_the_rules() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (body, field) in [
        (json!({"password": "short"}), json!("password")),
        (json!({"password": null}), json!("password")),
        (json!({"email": "x"}), json!("email")),
        (json!({}), json!(null)),
    ] {
        let refused = ada.put(&path("ada"), &body).send().await;
        assert_eq!((refused.status, &refused.json()["field"]), (400, &field));
    }
    // What an response held may come back.
    let user = json!({"uri": 1, "username": 2, "created_at": 3, "updated_at": 4, "etag": 5});
    assert_eq!(ada.put(&path("ada"), &user).send().await.status, 200);
}

#[tokio::test]
async fn another_users_account_looks_like_none() {
    let app = TestApp::start().await;
    let (_, bob) = (app.user("ada").await, app.user("bob").await);
    let body = json!({"email": "x@example.com"});
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let foreign = bob
            .request(method.clone(), &path("ada"))
            .json(&body)
            .send()
            .await;
        let missing = bob
            .request(method, &path("nobody"))
            .json(&body)
            .send()
            .await;
        assert_eq!(
            (foreign.status, foreign.json()),
            (404, json!({"error": "Not found"}))
        );
        assert_eq!(
            (foreign.bytes, foreign.headers),
            (missing.bytes, missing.headers)
        );
    }
    assert_eq!(bob.get(&path("no%20name")).send().await.status, 404);
    assert_eq!(bob.get(&path("BOB")).send().await.status, 200);
}

#[tokio::test]
async fn a_login_in_progress_does_not_cache_a_replaced_password() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let gate = Gate::closed();
    // The login has read the account, and counting the attempt is slow.
    app.wire.fail("UpdateItem", Hold(Arc::clone(&gate)));
    let slow = app
        .get(TASKS)
        .header(AUTHORIZATION, ada.authorization.clone())
        .send();
    let change = async {
        gate.arrived().await;
        let new = json!({"password": "battery staple"});
        assert_eq!(ada.put(&path("ada"), &new).send().await.status, 200);
        gate.open();
    };
    let (slow, ()) = tokio::join!(slow, change);
    assert_eq!(slow.status, 200);
    assert_eq!(ada.get(TASKS).send().await.status, 401);
}
