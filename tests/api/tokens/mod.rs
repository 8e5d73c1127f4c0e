//! Tokens: make, show, list, revoke.

mod creation;
mod login;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::client::TestApp;

/// Lets the one token that is valid for a minute have been created a minute earlier.
pub async fn expire(app: &TestApp) {
    let items = app.items().await;
    let minute = Some(&AttributeValue::N("60".to_owned()));
    let item = items.iter().find(|item| item.get("duration") == minute);
    let item = item.expect("a token");
    let shift = |name: &str, by: i64| {
        let number: i64 = item[name]
            .as_n()
            .expect("a number")
            .parse()
            .expect("a number");
        AttributeValue::N((number - by).to_string())
    };
    let put = app
        .table
        .put_item()
        .table_name("todo")
        .set_item(Some(item.clone()));
    put.item("created_at", shift("created_at", 61_000))
        .item("expires_at", shift("expires_at", 61))
        .send()
        .await
        .expect("a write");
}
