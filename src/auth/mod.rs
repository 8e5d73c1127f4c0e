//! Who is asking. A handler that takes a [`CurrentUser`] needs a login; one that does not is open.

mod basic;
mod cache;
pub mod password;

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::AppState;
use crate::domain::user::Account;
use crate::error::ApiError;
use crate::lambda::Invocation;
use crate::store::{Store, StoreError};
use crate::telemetry;
use basic::Credentials;
use cache::Cache;
use password::Hasher;

/// The user whose credentials came with the request, verified.
#[derive(Clone)]
pub struct CurrentUser {
    pub account: Account,
}

impl FromRequestParts<AppState> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let credentials =
            Credentials::from_headers(&parts.headers).ok_or(ApiError::Unauthorized)?;
        let source = parts
            .extensions
            .get::<Invocation>()
            .and_then(|call| call.source_ip);
        let user = app.auth.verify(&app.store, source, credentials).await?;
        telemetry::account(user.account.id);
        Ok(user)
    }
}

/// Verifies credentials, and remembers for a while those that were right.
pub struct Authenticator {
    cache: Cache,
    hasher: Hasher,
}

impl Authenticator {
    /// `ttl` is how long right credentials are believed without asking the table again.
    pub fn new(ttl: Duration) -> Self {
        Self {
            cache: Cache::new(ttl),
            hasher: Hasher::new(),
        }
    }

    /// Whose credentials these are. Wrong ones cost the same, whether the user exists or not.
    async fn verify(
        &self,
        store: &Store,
        source: Option<IpAddr>,
        credentials: Credentials,
    ) -> Result<CurrentUser, ApiError> {
        let key = self
            .cache
            .key(source, &credentials.username, &credentials.password);
        if let Some(account) = self.cache.get(&key) {
            return Ok(CurrentUser { account });
        }
        let stored = store.read_account(&credentials.username).await?;
        let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
        let right = self.hasher.verify(credentials.password, hash).await?;
        let account = stored
            .filter(|stored| right && !stored.closed)
            .map(|stored| stored.account);
        let account = account.ok_or(ApiError::Unauthorized)?;
        self.cache.insert(key, account.clone());
        Ok(CurrentUser { account })
    }

    /// Stops believing what was verified for `account`, when the store has found it out of date.
    pub fn check<T>(
        &self,
        account: &Account,
        result: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if matches!(result, Err(StoreError::StaleCredentials)) {
            self.cache.forget(account.id);
        }
        result
    }
}
