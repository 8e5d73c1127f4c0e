//! The baseline for reading one task, with the SDK as its documentation shows it: without login,
//! routes or log.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    run(service_fn(|event: LambdaEvent<Value>| {
        read(&client, event.payload)
    }))
    .await
}

async fn read(client: &Client, event: Value) -> Result<Value, Error> {
    let id = event["rawPath"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    let found = client
        .get_item()
        .table_name("tasks")
        .key("username", S("miguel".into()))
        .key("id", N(id.unwrap_or_default().into()))
        .consistent_read(true)
        .send()
        .await?;
    let Some(task) = found.item else {
        return Ok(json!({"statusCode": 404, "body": r#"{"error":"Not found"}"#}));
    };
    let text = |name: &str| task.get(name).and_then(|value| value.as_s().ok());
    let body = json!({"task": {
        "id": id,
        "title": text("title"),
        "description": text("description"),
        "done": task.get("done").and_then(|value| value.as_bool().ok()),
    }});
    Ok(json!({
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": body.to_string(),
    }))
}
