//! Whose credentials came with a request. Knows nothing of HTTP.

mod authenticator;
mod cache;
mod client_address;
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

/// What a client presents to log in. Has no `Debug`.
pub enum Credentials {
    Password(Username, Password),
    Token(BearerToken),
}

/// An account whose credentials were verified now or within `AUTH_CACHE_SECONDS`, and what they
/// allow.
#[derive(Clone)]
pub struct Login {
    pub account: Account,
    pub scope: Scope,
}

/// Why somebody is not logged in.
#[derive(Debug, Error)]
pub enum AuthError {
    /// Wrong, expired or revoked credentials; it is not said which.
    #[error("the credentials are not valid")]
    Unauthorized,
    /// Too many attempts; how long to wait before the next one.
    #[error("there were too many attempts")]
    TooManyAttempts(Duration),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that trying again will not mend.
    #[error("authentication failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}
