//! Verifies credentials, and remembers for a while those that were right.

use super::CurrentUser;
use super::cache::{Cache, CacheKey};
use super::credentials::Credentials;
use super::login_limits::{Attempts, CacheUse, Source};
use super::password_hasher::PasswordHasher;
use crate::api::error::ApiError;
use crate::config::Config;
use crate::domain::account::{Account, AccountId, Username};
use crate::domain::password::Password;
use crate::domain::token::{BearerToken, Scope};
use crate::store::accounts::StoredAccount;
use crate::store::{Store, StoreError};
use crate::telemetry;

pub struct Authenticator {
    cache: Cache,
    pub hasher: PasswordHasher,
    pub attempts: Attempts,
}

impl Authenticator {
    pub fn new(config: &Config) -> Self {
        Self {
            cache: Cache::new(config.auth_cache),
            hasher: PasswordHasher::new(),
            attempts: Attempts::new(config.limits),
        }
    }

    /// Whose credentials these are. Wrong ones cost the same, whether the user exists or not.
    pub async fn verify(
        &self,
        store: &Store,
        source: Source,
        credentials: Credentials,
    ) -> Result<CurrentUser, ApiError> {
        match credentials {
            Credentials::Token(token) => {
                let key = self.cache.token_key(source, &token);
                if let Some(user) = self.cache.get(&key) {
                    return Ok(user);
                }
                // Apart, so that it takes no room in the requests that come after.
                Box::pin(self.check_token(store, key, &token)).await
            }
            Credentials::Password(username, password) => {
                let standing = self.attempts.standing(source, &username)?;
                let key = self.cache.password_key(source, &username, &password);
                if standing == CacheUse::Clear
                    && let Some(user) = self.cache.get(&key)
                {
                    return Ok(user);
                }
                let begun = self.cache.generation();
                let stored = self.check_password(store, source, username, password);
                let stored = Box::pin(stored).await?;
                if stored.closed {
                    return Err(ApiError::Unauthorized);
                }
                let user = CurrentUser {
                    account: stored.account,
                    scope: Scope::Write,
                };
                self.cache.insert(key, user.clone(), None, begun);
                Ok(user)
            }
        }
    }

    /// The account that the password opens, as it stands in the table now; closed ones too.
    pub async fn verify_password(
        &self,
        store: &Store,
        source: Source,
        username: Username,
        password: Password,
    ) -> Result<StoredAccount, ApiError> {
        self.attempts.standing(source, &username)?;
        self.check_password(store, source, username, password).await
    }

    async fn check_password(
        &self,
        store: &Store,
        source: Source,
        username: Username,
        password: Password,
    ) -> Result<StoredAccount, ApiError> {
        let (guess, reservation, stored) = self.attempts.begin(store, source, &username).await?;
        let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
        let right = self.hasher.verify(password, hash).await?;
        match stored.filter(|_| right) {
            Some(stored) => Ok(stored),
            None => {
                telemetry::failed_login();
                self.attempts.wrong(store, &guess, reservation).await?;
                Err(ApiError::Unauthorized)
            }
        }
    }

    async fn check_token(
        &self,
        store: &Store,
        key: CacheKey,
        token: &BearerToken,
    ) -> Result<CurrentUser, ApiError> {
        let begun = self.cache.generation();
        let found = store
            .read_token(token)
            .await?
            .filter(|(stored, _)| !stored.closed);
        let Some((stored, token)) = found else {
            telemetry::failed_login();
            return Err(ApiError::Unauthorized);
        };
        let user = CurrentUser {
            account: stored.account,
            scope: token.scope,
        };
        self.cache
            .insert(key, user.clone(), Some(token.expires_at()), begun);
        Ok(user)
    }

    /// Stops believing anything that was verified for an account, once what is about to be done to
    /// it has been done, or may have been: when the guard goes, however that comes about.
    pub fn forget_afterwards(&self, account: AccountId) -> impl Drop + '_ {
        Forget {
            cache: &self.cache,
            account,
        }
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

struct Forget<'a> {
    cache: &'a Cache,
    account: AccountId,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.cache.forget(self.account);
    }
}
