//! What many tests compare a response with.

use serde_json::{Value, json};

use crate::client::TestResponse;

pub fn seen(response: &TestResponse) -> (u16, Value) {
    (response.status, response.json())
}

pub fn not_found() -> (u16, Value) {
    (404, json!({"error": "Not found"}))
}

pub fn is_deleted() -> (u16, Value) {
    (200, json!({"result": true}))
}
