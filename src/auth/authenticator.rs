//! Verifies credentials against the table, and caches valid ones.

use super::cache::{Cache, CacheKey};
use super::client_address::ClientAddress;
use super::full_counters::CacheUse;
use super::login_limits::LoginLimits;
use super::password_hasher::PasswordHasher;
use super::{AuthError, Credentials, Login};
use crate::config::Config;
use crate::domain::account::{Account, AccountId, Username};
use crate::domain::password::Password;
use crate::domain::token::{BearerToken, Scope};
use crate::store::Store;
use crate::store::accounts::StoredAccount;
use crate::telemetry;

/// Created once at start, so that all requests of the process share the cache and the known limits.
pub struct Authenticator {
    store: Store,
    cache: Cache,
    hasher: PasswordHasher,
    limits: LoginLimits,
}

impl Authenticator {
    pub fn new(config: &Config, store: Store) -> Self {
        Self {
            cache: Cache::new(config.auth_cache),
            hasher: PasswordHasher::new(),
            limits: LoginLimits::new(config.limits, store.clone()),
            store,
        }
    }

    /// The login that these credentials belong to. A wrong password takes the same time whether or
    /// not the user exists.
    pub async fn verify(
        &self,
        address: ClientAddress,
        credentials: Credentials,
    ) -> Result<Login, AuthError> {
        match credentials {
            Credentials::Token(token) => {
                let login = self.verify_token(address, &token).await?;
                // A calendar's token is in its URI, which people hand on: it opens nothing else.
                let login = login.filter(|login| login.scope != Scope::Calendar);
                login.ok_or_else(|| {
                    telemetry::failed_login();
                    AuthError::Unauthorized
                })
            }
            Credentials::Password(username, password) => {
                self.verify_login(address, username, password).await
            }
        }
    }

    /// The account whose calendar this token opens. `Unauthorized` is no failed login: nobody can guess 32
    /// random bytes.
    pub async fn verify_feed(
        &self,
        address: ClientAddress,
        token: &BearerToken,
    ) -> Result<Account, AuthError> {
        match self.verify_token(address, token).await? {
            Some(Login {
                account,
                scope: Scope::Calendar,
            }) => Ok(account),
            _ => Err(AuthError::Unauthorized),
        }
    }

    /// Verifies a token from the cache, or else against the table; `None` when it is not valid.
    async fn verify_token(
        &self,
        address: ClientAddress,
        token: &BearerToken,
    ) -> Result<Option<Login>, AuthError> {
        let key = self.cache.token_key(address, token);
        match self.cache.get(&key) {
            Some(login) => Ok(Some(login)),
            // Boxed, so that the future of a cached login, the common case, stays small.
            None => Box::pin(self.check_token(key, token)).await,
        }
    }

    /// Verifies a password from the cache, or else against the table.
    async fn verify_login(
        &self,
        address: ClientAddress,
        username: Username,
        password: Password,
    ) -> Result<Login, AuthError> {
        let cache_use = self.limits.check(address, &username)?;
        let key = self.cache.password_key(address, &username, &password);
        if cache_use == CacheUse::Allowed
            && let Some(login) = self.cache.get(&key)
        {
            return Ok(login);
        }
        let before_read = self.cache.before_read();
        // Boxed for the same reason.
        let stored = Box::pin(self.check_password(address, username, password)).await?;
        if stored.closed {
            return Err(AuthError::Unauthorized);
        }
        let login = Login {
            account: stored.account,
            scope: Scope::Write,
        };
        self.cache.insert(key, login.clone(), None, before_read);
        Ok(login)
    }

    /// The account with this password, read from the table even when the login is cached. It may be
    /// closed.
    pub async fn verify_password(
        &self,
        address: ClientAddress,
        username: Username,
        password: Password,
    ) -> Result<StoredAccount, AuthError> {
        self.limits.check(address, &username)?;
        self.check_password(address, username, password).await
    }

    /// A new hash of `password`, as a PHC string.
    pub async fn hash(&self, password: Password) -> Result<String, AuthError> {
        self.hasher.hash(password).await
    }

    /// Counts a registration from `address`, or rejects it when there were too many.
    pub async fn count_registration(&self, address: ClientAddress) -> Result<(), AuthError> {
        self.limits.count_registration(address).await
    }

    /// Evicts every cached login of `account`.
    pub fn evict(&self, account: AccountId) {
        self.cache.evict(account);
    }

    /// Runs `change`, which may invalidate credentials of `account`, and then evicts the account's
    /// logins, also when `change` fails or the deadline cancels it.
    pub async fn evict_after<T>(&self, account: AccountId, change: impl Future<Output = T>) -> T {
        struct Evict<'a>(&'a Cache, AccountId);

        impl Drop for Evict<'_> {
            fn drop(&mut self) {
                self.0.evict(self.1);
            }
        }

        let _evict = Evict(&self.cache, account);
        change.await
    }

    async fn check_password(
        &self,
        address: ClientAddress,
        username: Username,
        password: Password,
    ) -> Result<StoredAccount, AuthError> {
        let (attempt, stored) = self.limits.begin(address, &username).await?;
        let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
        let matches = self.hasher.verify(password, hash).await?;
        match stored.filter(|_| matches) {
            Some(stored) => Ok(stored),
            None => {
                telemetry::failed_login();
                self.limits.count_failure(attempt).await?;
                Err(AuthError::Unauthorized)
            }
        }
    }

    async fn check_token(
        &self,
        key: CacheKey,
        token: &BearerToken,
    ) -> Result<Option<Login>, AuthError> {
        let before_read = self.cache.before_read();
        let found = self.store.read_token(token).await?;
        let Some((stored, token)) = found.filter(|(stored, _)| !stored.closed) else {
            return Ok(None);
        };
        let login = Login {
            account: stored.account,
            scope: token.content.scope,
        };
        let expires_at = Some(token.expires_at());
        self.cache
            .insert(key, login.clone(), expires_at, before_read);
        Ok(Some(login))
    }
}
