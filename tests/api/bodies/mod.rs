//! What a body may be, and what each other one is told.

mod form;
mod members;

use http::Method;
use serde_json::{Value, json};

use crate::client::{TASKS, TestApp, TestResponse};

const JSON: &str = "application/json";

async fn post(body: impl Into<axum::body::Bytes>) -> TestResponse {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let response = ada
        .request(Method::POST, TASKS)
        .bytes(JSON, body)
        .send()
        .await;
    if response.status != 201 {
        assert_eq!(ada.list().await, [] as [Value; 0]);
    }
    response
}

async fn title_is_refused(body: &'static str) {
    let refused = post(body).await;
    assert_eq!(
        (refused.status, &refused.json()["field"]),
        (400, &json!("title")),
        "{body}"
    );
}
