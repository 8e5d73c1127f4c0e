//! Writes whose response is lost while somebody else is at the same item. The SDK sends them again;
//! whatever happened in between, each is applied once, and its success is said. One test per fault
//! that was found.

mod accounts;
mod tasks;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::client::{Call, TASKS, TestApp, TestResponse};
use crate::wire::Fault;

/// Sends a request whose first call of `target` is applied while its response is lost. `between`
/// happens after that and before the SDK sends the call again.
async fn interleaved(
    app: &TestApp,
    (target, fault): (&str, Fault),
    request: Call<'_>,
    between: impl AsyncFnOnce(),
) -> TestResponse {
    let request = request.send();
    app.wire
        .between_attempts(target, fault, request, between)
        .await
}

fn text<'a>(task: &'a Value, member: &str) -> &'a str {
    task[member].as_str().expect("a string")
}

fn first_task() -> String {
    format!("{TASKS}/1")
}

/// As if the account's last create had begun `seconds` earlier.
pub async fn age_last_create(app: &TestApp, seconds: u64) {
    let key = |value: &str| AttributeValue::S(value.to_owned());
    let update = app.table.update_item().table_name("todo");
    let millis = AttributeValue::N((seconds * 1_000).to_string());
    let update = update
        .key("pk", key("user#ada"))
        .key("sk", key("account"))
        .update_expression("SET allocated_at = allocated_at - :millis")
        .expression_attribute_values(":millis", millis);
    update.send().await.expect("an update");
}
