//! The table, one function per access pattern. Every function that concerns a user takes the
//! `Account` first, and makes the key from it; every write states its condition; every read is
//! strongly consistent.

mod calls;
pub mod client;
mod item;
pub mod tasks;
mod update;
pub mod users;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use thiserror::Error;

use crate::error::ApiError;

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
    /// The list has as many tasks, or as much in them, as it can have.
    #[error("the list is full")]
    ListFull,
    /// DynamoDB throttled, failed or did not answer. Asking again may help.
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
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::StaleCredentials => Self::Unauthorized,
            StoreError::ListFull => Self::Conflict("the list is full"),
            StoreError::Unavailable(_) => Self::Unavailable(error.into()),
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
        let passing = match &error {
            SdkError::TimeoutError(_)
            | SdkError::DispatchFailure(_)
            | SdkError::ResponseError(_) => true,
            SdkError::ServiceError(failed) => {
                failed.raw().status().is_server_error()
                    || failed
                        .err()
                        .code()
                        .is_some_and(|code| PASSING_ERRORS.contains(&code))
            }
            _ => false,
        };
        if passing {
            Self::Unavailable(error.into())
        } else {
            Self::Internal(error.into())
        }
    }
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const PASSING_ERRORS: [&str; 6] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
];

/// A string attribute.
fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
fn n(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
