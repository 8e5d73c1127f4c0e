//! The call budget: what each operation costs in calls to DynamoDB, once the login is known.

use http::Method;
use serde_json::json;

use crate::client::{TASKS, TestApp};

#[tokio::test]
async fn every_operation_keeps_to_its_budget() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create(&json!({"title": "Buy milk"})).await;
    app.wire.take_calls();
    let task = format!("{TASKS}/1");
    let budget: [(Method, &str, u16, &[&str]); 8] = [
        (Method::GET, TASKS, 200, &["Query"]),
        (Method::HEAD, TASKS, 200, &["Query"]),
        (Method::POST, TASKS, 201, &["UpdateItem", "PutItem"]),
        (Method::GET, &task, 200, &["GetItem"]),
        (Method::PUT, &task, 200, &["UpdateItem"]),
        (Method::PATCH, &task, 200, &["UpdateItem"]),
        (Method::DELETE, &task, 200, &["DeleteItem"]),
        (Method::DELETE, &task, 404, &["DeleteItem"]),
    ];
    for (method, path, status, calls) in budget {
        let call = ada
            .request(method.clone(), path)
            .json(&json!({"title": "Buy bread"}));
        let answer = call.send().await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(app.wire.take_calls(), calls, "{method} {path}");
        assert_eq!(answer.facts.dynamodb_calls as usize, calls.len());
    }
}

#[tokio::test]
async fn what_is_refused_costs_no_call() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.take_calls();
    for (method, path, body, status) in [
        (Method::POST, TASKS, json!({"title": ""}), 400),
        (Method::GET, "/todo/api/v1.0/tasks/x", json!({}), 404),
        (Method::DELETE, "/todo/api/v1.0/tasks/x", json!({}), 404),
        (Method::PUT, "/todo/api/v1.0/tasks/1", json!({}), 400),
        (Method::PATCH, TASKS, json!({}), 405),
    ] {
        assert_eq!(
            ada.request(method, path).json(&body).send().await.status,
            status
        );
        assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
    }
}
