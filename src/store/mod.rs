//! The table, one function per access pattern. Every function that concerns a user takes the
//! `Account` first, and makes the key from it; every write states its condition; every read is
//! strongly consistent.

pub mod accounts;
mod call;
pub mod client;
pub mod counters;
mod cursor;
mod delete_account;
mod error;
pub mod idempotency;
mod items;
pub mod pages;
mod query_plan;
pub mod tasks;
pub mod tokens;
mod transaction;
mod update;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{StreamExt, TryStreamExt, stream};
use items as item;
use items::Item;

use crate::domain::version::{Expected, Version};
pub use error::StoreError;

/// The table, as the rest of the service sees it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Reads what is not there, so that the connection is open before it is needed. One GetItem.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        let key = item::key("none".to_owned(), "none".to_owned());
        self.client
            .get_item()
            .table_name(&self.table)
            .set_key(key)
            .send()
            .await?;
        Ok(())
    }
}

/// How often a batch is sent again for what DynamoDB left of it.
const BATCH_TRIES: u32 = 8;

/// Does all the work, four pieces at a time; stops at the first failure.
async fn run_bounded<F>(work: impl IntoIterator<Item = F>) -> Result<(), StoreError>
where
    F: Future<Output = Result<(), StoreError>>,
{
    stream::iter(work)
        .map(Ok)
        .try_for_each_concurrent(4, |piece| piece)
        .await
}

/// Fills `bytes` at random.
fn random(bytes: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(bytes).map_err(|error| StoreError::Internal(error.into()))
}

/// What tells one write from all others: 12 random bytes in base64url.
fn random_id() -> Result<String, StoreError> {
    let mut bytes = [0; 12];
    random(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The condition that a version is one that is expected, its values added to `values`; nothing
/// where anything is.
fn version_condition(expected: &Expected, values: &mut Item) -> String {
    let Expected::OneOf(versions) = expected else {
        return String::new();
    };
    let mut names = Vec::with_capacity(versions.len());
    for (index, version) in versions.iter().enumerate() {
        names.push(format!(":version_{index}"));
        values.insert(format!(":version_{index}"), n(version.0));
    }
    if names.is_empty() {
        // No item has this one.
        values.insert(":version_none".to_owned(), n(0));
        names.push(":version_none".to_owned());
    }
    format!(" AND version IN ({})", names.join(", "))
}

/// The version of an item; `None` of one that has none, such as a fence.
fn version_of(item: Option<&Item>) -> Option<Version> {
    item?.get("version")?.as_n().ok()?.parse().ok().map(Version)
}

/// A string attribute.
fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
fn n(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
