//! Why the store could not do what it was asked.

use std::time::Duration;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

use crate::domain::account::AccountId;
use crate::domain::version::Version;

/// Why the store could not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no such item in this account.
    #[error("no such item")]
    NotFound,
    /// The account has been closed, or its credentials have changed since they were verified.
    #[error("the account's credentials are no longer current")]
    StaleCredentials(AccountId),
    /// The item has another version than the expected ones: this one.
    #[error("the item has changed")]
    Changed(Version),
    /// The cursor belongs to another query, or is none at all.
    #[error("the cursor does not belong to this query")]
    InvalidCursor,
    /// The cursor is so old that something may be missing after it.
    #[error("the cursor has expired")]
    CursorExpired,
    /// The idempotency key was used before with another body.
    #[error("the idempotency key was used with another body")]
    IdempotencyKeyReused,
    /// Another account has this user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Every slot holds a live token.
    #[error("there are too many tokens")]
    TooManyTokens,
    /// The account has as many lists as it may have.
    #[error("there are too many lists")]
    TooManyLists,
    /// A task is to be put into a list that there is not, or no longer.
    #[error("there is no such list")]
    NoSuchList,
    /// A task is to repeat that has no due date.
    #[error("a task without a due date cannot repeat")]
    RepeatWithoutDue,
    /// The inbox is to be deleted.
    #[error("the inbox cannot be deleted")]
    InboxUndeletable,
    /// The account has no task or list ids left, or as much data as DynamoDB keeps in one collection.
    #[error("the list is full")]
    CollectionFull,
    /// The account is closed, and a write to it may still be on its way; how long to wait before
    /// its deletion goes on.
    #[error("the account's deletion has to wait for {}.{:03} s", .0.as_secs(), .0.subsec_millis())]
    DeletionPending(Duration),
    /// There is more to do than the request has time for. Another one continues it.
    #[error("there is more to do than the request has time for")]
    Unfinished,
    /// DynamoDB throttled the request. A later retry may succeed.
    #[error("DynamoDB throttled the request")]
    Throttled(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// DynamoDB failed or did not respond. A retry may succeed.
    #[error("DynamoDB is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A defect that no retry will remove.
    #[error("the store failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What an error of DynamoDB means when the access pattern does not give it a meaning of its own.
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
                None => Unexplained::by(failed.raw().status().as_u16(), error),
                Some("ItemCollectionSizeLimitExceededException") => Self::CollectionFull,
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

/// A refusal without an error code, such as a proxy's page. The SDK's error does not say the status.
#[derive(Debug, Error)]
#[error("the response has HTTP status {status} and no error code")]
struct Unexplained {
    status: u16,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Unexplained {
    fn by(status: u16, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
        let source = error.into();
        let unexplained = Box::new(Self { status, source });
        match status {
            500.. => StoreError::Unavailable(unexplained),
            _ => StoreError::Internal(unexplained),
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
