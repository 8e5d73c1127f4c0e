//! Authentication: verifies credentials and limits login attempts. Does not know HTTP.

mod authenticator;
mod cache;
mod client_address;
mod full_counters;
mod login_attempt;
mod login_limits;
mod password_hasher;

use std::time::Duration;

use thiserror::Error;

use crate::domain::account::{Account, Username};
use crate::domain::password::Password;
use crate::domain::token::{BearerToken, Scope};
use crate::store::StoreError;
pub use authenticator::Authenticator;
pub use client_address::ClientAddress;
pub use password_hasher::PasswordHasher;

/// The credentials of a request. Has no `Debug`, so that they cannot be logged.
pub enum Credentials {
    Password(Username, Password),
    Token(BearerToken),
}

/// An account whose credentials were verified just now or within `AUTH_CACHE_SECONDS`, and what the
/// credentials allow.
#[derive(Clone)]
pub struct Login {
    pub account: Account,
    pub scope: Scope,
}

/// Why a request could not be authenticated.
#[derive(Debug, Error)]
pub enum AuthError {
    /// The credentials are wrong, expired or revoked. The error does not say which.
    #[error("the credentials are not valid")]
    Unauthorized,
    /// Too many attempts; the next one may follow after this time.
    #[error("there were too many attempts")]
    TooManyAttempts(Duration),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A failure that a retry will not fix.
    #[error("authentication failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}
