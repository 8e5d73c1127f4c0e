//! The table, one function per access pattern. Every function that concerns a user takes the
//! `Account` first, and makes the key from it; every write states its condition; every read is
//! strongly consistent.

pub mod accounts;
mod call;
pub mod client;
pub mod counters;
mod cursor;
mod delete_account;
pub mod idempotency;
mod items;
pub mod pages;
mod query_plan;
pub mod tasks;
pub mod tokens;
mod transaction;
mod update;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{StreamExt, TryStreamExt, stream};
use items as item;
use items::Item;
use thiserror::Error;

use crate::api::error::{ApiError, InvalidInput};
use crate::domain::version::{Expected, Version};

/// The table, as the rest of the service sees it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
}

/// Why the store could not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no such item in this account.
    #[error("no such item")]
    NotFound,
    /// The account has been closed, or its credentials have changed since they were verified.
    #[error("the account's credentials are no longer current")]
    StaleCredentials,
    /// There is such an item, but not of a version that was expected.
    #[error("the item has changed")]
    Changed(Version),
    /// The cursor is of another list, or of none.
    #[error("no cursor of this list")]
    BadCursor,
    /// The idempotency key came with another body before.
    #[error("the idempotency key was used for something else")]
    KeyReused,
    /// The user name belongs to somebody.
    #[error("the user name is taken")]
    Taken,
    /// All places for tokens are taken by live ones.
    #[error("there are too many tokens")]
    TooManyTokens,
    /// The list has as many tasks, or as much in them, as it can have.
    #[error("the list is full")]
    ListFull,
    /// DynamoDB would not do that much at once. Asking again later may help.
    #[error("DynamoDB throttled the request")]
    Throttled(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// DynamoDB failed or did not answer. Asking again may help.
    #[error("DynamoDB is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something that asking again will not mend.
    #[error("the store failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Store {
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Reads what is not there, so that the connection is open before it is needed. One GetItem.
    pub async fn touch(&self) -> Result<(), StoreError> {
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

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::StaleCredentials => Self::Unauthorized,
            StoreError::Changed(current) => Self::PreconditionFailed(current),
            StoreError::BadCursor => {
                InvalidInput::field("cursor", "is not one that this list gave").into()
            }
            StoreError::KeyReused => {
                Self::Unprocessable("the Idempotency-Key was used with another body")
            }
            StoreError::Taken => Self::Conflict("the user name is taken"),
            StoreError::TooManyTokens => Self::Conflict("there are 100 tokens already"),
            StoreError::ListFull => Self::Conflict("the list is full"),
            StoreError::Throttled(_) | StoreError::Unavailable(_) => {
                Self::Unavailable(error.into())
            }
            StoreError::Internal(_) => Self::Internal(error.into()),
        }
    }
}

/// What DynamoDB's answer means where the access pattern gives it no meaning of its own.
impl<E> From<SdkError<E, HttpResponse>> for StoreError
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match &error {
            SdkError::TimeoutError(_)
            | SdkError::DispatchFailure(_)
            | SdkError::ResponseError(_) => Self::Unavailable(error.into()),
            SdkError::ServiceError(failed) => match failed.err().code() {
                Some(code) if THROTTLING.contains(&code) => Self::Throttled(error.into()),
                Some("TransactionConflictException" | "TransactionInProgressException") => {
                    Self::Unavailable(error.into())
                }
                _ if failed.raw().status().is_server_error() => Self::Unavailable(error.into()),
                _ => Self::Internal(error.into()),
            },
            _ => Self::Internal(error.into()),
        }
    }
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const THROTTLING: [&str; 4] = [
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
];

/// How often a batch is sent again for what DynamoDB left of it.
const BATCH_TRIES: u32 = 8;

/// Does all the work, four pieces at a time; stops at the first failure.
async fn all_of<F>(work: impl IntoIterator<Item = F>) -> Result<(), StoreError>
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
