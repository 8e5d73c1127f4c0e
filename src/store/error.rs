//! Why the store could not do what it was asked.

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
    /// There is such an item, but not of a version that was expected.
    #[error("the item has changed")]
    Changed(Version),
    /// The cursor is of another list, or of none.
    #[error("no cursor of this list")]
    InvalidCursor,
    /// The idempotency key came with another body before.
    #[error("the idempotency key was used for something else")]
    IdempotencyKeyReused,
    /// The user name belongs to somebody.
    #[error("the user name is taken")]
    UsernameTaken,
    /// All places for tokens are taken by live ones.
    #[error("there are too many tokens")]
    TooManyTokens,
    /// The list has as many tasks, or as much in them, as it can have.
    #[error("the list is full")]
    CollectionFull,
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
