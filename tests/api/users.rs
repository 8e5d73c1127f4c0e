//! Users: register, read, change, delete.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::client::{BASE, PASSWORD, TASKS, TOKENS, TestApp, TestResponse, USERS, User, basic};
use crate::exactly_once::age_last_create;
use crate::wire::Fault::{Hold, LoseResponse};
use crate::wire::Gate;

fn ada() -> Value {
    json!({"username": "Ada", "password": PASSWORD, "email": "ada@example.com"})
}

async fn register(app: &TestApp, body: &Value) -> TestResponse {
    app.request(Method::POST, USERS).json(body).send().await
}

fn path(name: &str) -> String {
    format!("{USERS}/{name}")
}

/// The user in an response, without the times.
fn settled(response: &TestResponse) -> Value {
    let mut body = response.json();
    for time in ["created_at", "updated_at"] {
        assert!(
            body["user"][time]
                .take()
                .as_str()
                .is_some_and(|time| time.ends_with('Z'))
        );
    }
    body
}

#[tokio::test]
async fn a_registered_user_can_log_in() {
    let app = TestApp::start().await;

    let registered = register(&app, &ada()).await;

    let uri = format!("{BASE}{USERS}/ada");
    let body = json!({"user": {
        "uri": uri,
        "username": "ada",
        "email": "ada@example.com",
        "created_at": null,
        "updated_at": null,
    }});
    assert_eq!(
        (registered.status, settled(&registered)),
        (201, body.clone())
    );
    assert_eq!(registered.header("location"), uri);
    assert_eq!(registered.header("etag"), "\"1.1\"");
    let read = app.get(&uri).login("ada", PASSWORD).send().await;
    assert_eq!((read.status, settled(&read)), (200, body));
    assert_eq!(read.header("etag"), "\"1.1\"");
    assert_eq!(
        app.get(TASKS).login("ada", PASSWORD).send().await.json(),
        json!({"tasks": []})
    );
}

#[tokio::test]
async fn user_names_that_differ_in_case_only_are_the_same() {
    let app = TestApp::start().await;
    assert_eq!(register(&app, &ada()).await.status, 201);
    let again = json!({"username": "ADA", "password": "another password"});
    let taken = register(&app, &again).await;
    let expected = json!({"error": "Conflict", "detail": "the user name is taken"});
    assert_eq!((taken.status, taken.json()), (409, expected));
    assert_eq!(
        app.get(TASKS).login("ada", PASSWORD).send().await.status,
        200
    );
}

#[tokio::test]
async fn of_several_registrations_of_one_name_at_once_one_succeeds() {
    let app = TestApp::start().await;
    let bodies = [(); 8].map(|()| ada());
    let responses = join_all(bodies.iter().map(|body| register(&app, body))).await;
    let mut statuses: Vec<_> = responses.iter().map(|response| response.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn a_registration_whose_response_was_lost_succeeds() {
    let app = TestApp::start().await;
    app.wire.fail("TransactWriteItems", LoseResponse);
    assert_eq!(register(&app, &ada()).await.status, 201);
    assert_eq!(
        app.wire.take_calls(),
        ["UpdateItem", "TransactWriteItems", "TransactWriteItems"]
    );
}

#[tokio::test]
async fn a_refused_registration_names_the_member_and_the_reason() {
    let app = TestApp::start().await;
    let name = "must be 1 to 64 of the characters a-z, 0-9, '.', '_' and '-', not starting with '.' \
                or 'tdo_'";
    let email = "must be an address like ada@example.com, of at most 254 characters";
    let cases = [
        (json!({"password": PASSWORD}), "username", "is missing"),
        (json!({"username": "ada"}), "password", "is missing"),
        (
            json!({"username": 5, "password": PASSWORD}),
            "username",
            "must be a string",
        ),
        (
            json!({"username": "a b", "password": PASSWORD}),
            "username",
            name,
        ),
        (
            json!({"username": ".ada", "password": PASSWORD}),
            "username",
            name,
        ),
        (
            json!({"username": "tdo_ada", "password": PASSWORD}),
            "username",
            name,
        ),
        (
            json!({"username": "ada", "password": null}),
            "password",
            "must be a string",
        ),
        (
            json!({"username": "ada", "password": "short"}),
            "password",
            "must have at least 8 characters",
        ),
        (
            json!({"username": "ada", "password": "x".repeat(257)}),
            "password",
            "must have at most 256 characters",
        ),
        (
            json!({"username": "ada-love", "password": "Ada-Love"}),
            "password",
            "must not be the user name",
        ),
        (
            json!({"username": "ada", "password": "Password1"}),
            "password",
            "is one of the most common ones",
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "email": "ada"}),
            "email",
            email,
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "email": 5}),
            "email",
            "must be a string or null",
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "registration_code": 5}),
            "registration_code",
            "must be a string",
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "closed": false}),
            "closed",
            "is not known here",
        ),
    ];
    for (body, field, problem) in cases {
        let refused = register(&app, &body).await;
        let detail = format!("{field} {problem}");
        let expected = json!({"error": "Bad request", "detail": detail, "field": field});
        assert_eq!((refused.status, refused.json()), (400, expected));
    }
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
}

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
async fn registration_can_be_closed() {
    let app = TestApp::with_settings(&[("REGISTRATION", "closed")]).await;
    let refused = register(&app, &ada()).await;
    let expected = json!({"error": "Forbidden", "detail": "registration is closed"});
    assert_eq!((refused.status, refused.json()), (403, expected));
    assert_eq!(
        register(&app, &json!({"username": "ada"})).await.status,
        400
    );
}

#[tokio::test]
async fn registration_can_require_a_code() {
    let settings = [("REGISTRATION", "code"), ("REGISTRATION_CODE", "sesame")];
    let app = TestApp::with_settings(&settings).await;
    let with_code =
        |code: Value| json!({"username": "ada", "password": PASSWORD, "registration_code": code});
    let expected =
        json!({"error": "Forbidden", "detail": "the registration code is missing or wrong"});
    for body in [
        ada(),
        with_code(json!("")),
        with_code(json!("Sesame")),
        with_code(json!("sesame ")),
    ] {
        let refused = register(&app, &body).await;
        assert_eq!((refused.status, refused.json()), (403, expected.clone()));
    }
    assert_eq!(
        register(&app, &with_code(json!("sesame"))).await.status,
        201
    );
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

/// All items that have to do with anybody, but for counters of attempts.
async fn leftovers(app: &TestApp) -> Vec<Value> {
    let items = app.items().await;
    let keys = items
        .iter()
        .map(|item| json!([item["pk"].as_s().ok(), item["sk"].as_s().ok()]));
    keys.filter(|key| {
        !key[0]
            .as_str()
            .is_some_and(|pk| pk.starts_with("attempts#"))
    })
    .collect()
}

#[tokio::test]
async fn deleting_an_account_deletes_all_of_its_items() {
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    bob.create("Stay").await;
    let others = leftovers(&app).await;
    let ada = app.user("ada").await;
    let (_, bearer) = ada.token(&json!({"label": "laptop"})).await;
    for number in 0..60 {
        ada.create(&json!({"title": format!("Task {number}"), "due": "2026-12-31"}))
            .await;
    }

    let left = ada.delete(&path("ada")).send().await;

    assert_eq!((left.status, left.json()), (200, json!({"result": true})));
    let sorted = |mut keys: Vec<Value>| {
        keys.sort_by_key(Value::to_string);
        keys
    };
    assert_eq!(sorted(leftovers(&app).await), sorted(others));
    for user in [ada, bearer] {
        assert_eq!(user.get(TASKS).send().await.status, 401);
        assert_eq!(user.delete(&path("ada")).send().await.status, 401);
    }
    assert_eq!(bob.list().await.len(), 1);
}

async fn grow(user: &User<'_>, tasks: usize) {
    let body = json!({"title": "Task"});
    for _ in 0..tasks / 50 {
        join_all((0..50).map(|_| user.create(&body))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_account_deletion_continues_with_the_next_request() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    grow(&ada, 2_000).await;
    // The first batch of deletions hangs.
    app.wire.fail("BatchWriteItem", Hold(Gate::closed()));

    let second = Duration::from_secs(1);
    let mut left = ada.delete(&path("ada")).send_within(second).await;

    assert_eq!((left.status, left.header("retry-after")), (503, "1"));
    assert_eq!(ada.get(TASKS).send().await.status, 401);
    assert_eq!(
        register(
            &app,
            &json!({"username": "ada", "password": "battery staple"})
        )
        .await
        .status,
        409
    );
    for _ in 0..50 {
        if left.status == 200 {
            break;
        }
        left = ada.delete(&path("ada")).send_within(second).await;
    }
    assert_eq!(left.status, 200);
    assert_eq!(leftovers(&app).await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_user_of_a_name_sees_nothing_of_the_previous_one() {
    let app = TestApp::with_creation_window(Duration::from_secs(30)).await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    let (_, bearer) = ada.token(&json!({})).await;
    ada.create("Old").await;
    let there = elsewhere.holder(basic("ada", PASSWORD));
    assert_eq!(there.list().await.len(), 1);
    // A create that has allocated its id and is slow to write.
    let gate = Gate::closed();
    elsewhere.wire.fail("PutItem", Hold(Arc::clone(&gate)));
    let body = json!({"title": "Late"});
    let late = there.post(TASKS, &body).send();
    let deletion = async {
        gate.arrived().await;
        assert_eq!(ada.delete(&path("ada")).send().await.status, 503);
        gate.open();
    };
    let (late, ()) = tokio::join!(late, deletion);
    assert_eq!(late.status, 201);

    age_last_create(&app, 30).await;
    assert_eq!(ada.delete(&path("ada")).send().await.status, 200);
    let again = json!({"username": "ada", "password": "battery staple"});
    assert_eq!(register(&app, &again).await.status, 201);

    let heir = app.holder(basic("ada", "battery staple"));
    assert_eq!(heir.list().await, [] as [Value; 0]);
    assert_eq!(heir.get(TOKENS).send().await.json(), json!({"tokens": []}));
    assert_eq!(bearer.get(TASKS).send().await.status, 401);
    // Within `AUTH_CACHE_SECONDS` another environment may still look, but finds nothing.
    assert_eq!(there.list().await, [] as [Value; 0]);
    assert_eq!(there.post(TASKS, &body).send().await.status, 401);
    assert_eq!(there.get(TASKS).send().await.status, 401);
    let titles = app.items().await;
    assert!(titles.iter().all(|item| !item.contains_key("title")));
    let first = heir.create("New").await;
    assert!(
        first["uri"]
            .as_str()
            .is_some_and(|uri| uri.ends_with("/tasks/1"))
    );
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

#[tokio::test(flavor = "multi_thread")]
async fn a_late_second_deletion_deletes_nothing_of_the_next_account() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    let gate = Gate::closed();
    // It has logged in and closed the account, and is slow to look what there is to delete.
    elsewhere.wire.fail("Query", Hold(Arc::clone(&gate)));
    let slow = elsewhere.holder(basic("ada", PASSWORD));
    let path = path("ada");
    let slow = slow.delete(&path).send();
    let next = async {
        gate.arrived().await;
        assert_eq!(ada.delete(&path).send().await.status, 200);
        let again = json!({"username": "ada", "password": "battery staple"});
        assert_eq!(register(&app, &again).await.status, 201);
        let heir = app.holder(basic("ada", "battery staple"));
        let (_, bearer) = heir.token(&json!({})).await;
        heir.create("New").await;
        gate.open();
        bearer
    };
    let (slow, bearer) = tokio::join!(slow, next);

    assert_eq!((slow.status, slow.json()), (200, json!({"result": true})));
    assert_eq!(bearer.list().await.len(), 1);
    assert_eq!(
        app.get(TASKS)
            .login("ada", "battery staple")
            .send()
            .await
            .status,
        200
    );
}
