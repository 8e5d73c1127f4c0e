//! Registering a user.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{ada, register, settled};
use crate::client::{BASE, PASSWORD, TASKS, TestApp, USERS};
use crate::wire::Fault::LoseResponse;

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
