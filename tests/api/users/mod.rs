//! Users: register, read, change, delete.

mod deletion;
mod registration;
mod updates;

use http::Method;
use serde_json::{Value, json};

use crate::client::{PASSWORD, TestApp, TestResponse, USERS};

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
