//! Limits on login attempts and registrations. They are counted in the table, per window of time.
//!
//! An attempt is counted before its password is verified, and returned when the password was right.
//! Counted only afterwards, many concurrent attempts would all pass the limit. Counters that have
//! reached their limit are remembered in memory, so that most attempts over a limit cost no call.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join;
use lru::LruCache;

use super::AuthError;
use super::client_address::ClientAddress;
use crate::background;
use crate::config::Limits;
use crate::domain::account::Username;
use crate::domain::time::Timestamp;
use crate::store::accounts::StoredAccount;
use crate::store::counters::{Counted, Counter};
use crate::store::{Store, StoreError};
use crate::telemetry;

/// The two counters of a login attempt.
pub struct LoginAttempt {
    by_user: Counter,
    by_address: Counter,
}

/// An attempt that has been counted for its user. It is returned when this is dropped, because the
/// password was right or was never verified; [`LoginLimits::count_failure`] keeps it.
pub struct ReservedAttempt {
    store: Store,
    counter: Counter,
    /// The attempts counted so far, this one included.
    count: u32,
    return_on_drop: bool,
}

impl Drop for ReservedAttempt {
    fn drop(&mut self) {
        if self.return_on_drop {
            let (store, counter) = (self.store.clone(), self.counter.clone());
            background::spawn(async move {
                // If this fails, the user has one attempt less until the window ends.
                let _ = store.return_attempt(&counter).await;
            });
        }
    }
}

/// Whether the cache may verify the credentials of a login attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheUse {
    Allowed,
    /// A counter of the attempt has reached its limit in this window. The table has to decide: a
    /// response from the cache would tell a right password from a wrong one in spite of the limit.
    Forbidden,
}

pub struct LoginLimits {
    limits: Limits,
    store: Store,
    /// Counters that have reached their limit, by digest.
    exhausted: Mutex<LruCache<String, Exhausted>>,
}

#[derive(Clone, Copy)]
struct Exhausted {
    /// Until then, attempts are rejected without a call to the table.
    reject_until: Timestamp,
    window_ends: Timestamp,
}

impl LoginLimits {
    const MAX_REMEMBERED: NonZeroUsize = NonZeroUsize::new(1024).expect("not zero");
    const HOUR: Duration = Duration::from_secs(3600);
    /// How long attempts for a user are rejected without asking the table. This is short, because
    /// the counter includes attempts that are still being verified: many concurrent attempts with
    /// the right password must not lock the user out for a whole window.
    const USER_REJECTION: Duration = Duration::from_secs(2);

    pub fn new(limits: Limits, store: Store) -> Self {
        Self {
            limits,
            store,
            exhausted: Mutex::new(LruCache::new(Self::MAX_REMEMBERED)),
        }
    }

    fn attempt(&self, address: ClientAddress, username: &Username) -> LoginAttempt {
        let (window, now) = (self.limits.login_window, Timestamp::now());
        let by_user = format!("login {address} {}", username.as_str());
        let by_address = format!("address {address}");
        LoginAttempt {
            by_user: Counter::new(&by_user, window, now),
            by_address: Counter::new(&by_address, window, now),
        }
    }

    /// Rejects a login attempt that is known to be over a limit, without a call to the table.
    pub fn check(
        &self,
        address: ClientAddress,
        username: &Username,
    ) -> Result<CacheUse, AuthError> {
        if self.exhausted().is_empty() {
            return Ok(CacheUse::Allowed);
        }
        let attempt = self.attempt(address, username);
        let check = |counter| {
            self.check_counter(counter)
                .inspect_err(|_| telemetry::failed_login())
        };
        match (check(&attempt.by_address)?, check(&attempt.by_user)?) {
            (CacheUse::Allowed, CacheUse::Allowed) => Ok(CacheUse::Allowed),
            _ => Ok(CacheUse::Forbidden),
        }
    }

    /// Counts a login attempt and reads the account in parallel. Rejects the attempt when it is
    /// over a limit.
    pub async fn begin(
        &self,
        address: ClientAddress,
        username: &Username,
    ) -> Result<(LoginAttempt, ReservedAttempt, Option<StoredAccount>), AuthError> {
        let attempt = self.attempt(address, username);
        let (read, reserved) = join(
            self.store.read_login(username, &attempt.by_address),
            self.reserve(&attempt),
        )
        .await;
        let reserved = reserved?;
        let (stored, failures) = read?;
        if failures >= self.limits.failures_per_address {
            telemetry::failed_login();
            return Err(self.reject_until_window_ends(&attempt.by_address));
        }
        Ok((attempt, reserved, stored))
    }

    async fn reserve(&self, attempt: &LoginAttempt) -> Result<ReservedAttempt, AuthError> {
        let counter = attempt.by_user.clone();
        let limit = self.limits.failures_per_user;
        match self.store.take_attempt(&counter, limit).await {
            Ok(Counted::Nth(count)) => {
                self.exhausted().pop(&counter.digest);
                Ok(ReservedAttempt {
                    store: self.store.clone(),
                    counter,
                    count,
                    return_on_drop: true,
                })
            }
            Ok(Counted::LimitReached) => {
                telemetry::failed_login();
                Err(self.reject_briefly(&counter))
            }
            Err(StoreError::Throttled(_)) => Err(AuthError::TooManyAttempts(Self::USER_REJECTION)),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts a failed login attempt: the user's counter keeps it, and the address's counts it too.
    pub async fn count_failure(
        &self,
        attempt: &LoginAttempt,
        mut reserved: ReservedAttempt,
    ) -> Result<(), AuthError> {
        reserved.return_on_drop = false;
        if reserved.count >= self.limits.failures_per_user {
            self.reject_briefly(&attempt.by_user);
        }
        let limit = self.limits.failures_per_address;
        match self.store.take_attempt(&attempt.by_address, limit).await {
            Ok(Counted::Nth(count)) if count < limit => Ok(()),
            // This attempt was verified and gets its 401; the next one is rejected.
            Ok(_) => {
                self.reject_until_window_ends(&attempt.by_address);
                Ok(())
            }
            Err(StoreError::Throttled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts a registration from `address`, or rejects it when it is over the limit.
    pub async fn count_registration(&self, address: ClientAddress) -> Result<(), AuthError> {
        let name = format!("registration {address}");
        let counter = Counter::new(&name, Self::HOUR, Timestamp::now());
        self.check_counter(&counter)?;
        let limit = self.limits.registrations_per_hour;
        match self.store.take_attempt(&counter, limit).await {
            Ok(Counted::Nth(_)) => Ok(()),
            Ok(Counted::LimitReached) => Err(self.reject_until_window_ends(&counter)),
            Err(StoreError::Throttled(_)) => Err(AuthError::TooManyAttempts(Self::USER_REJECTION)),
            Err(error) => Err(error.into()),
        }
    }

    fn reject_briefly(&self, counter: &Counter) -> AuthError {
        let until = Timestamp::now().after(Self::USER_REJECTION);
        self.reject(counter, until.min(counter.ends))
    }

    fn reject_until_window_ends(&self, counter: &Counter) -> AuthError {
        self.reject(counter, counter.ends)
    }

    /// Remembers that a counter has reached its limit. The error tells the client when to retry.
    fn reject(&self, counter: &Counter, reject_until: Timestamp) -> AuthError {
        let exhausted = Exhausted {
            reject_until,
            window_ends: counter.ends,
        };
        self.exhausted().push(counter.digest.clone(), exhausted);
        AuthError::TooManyAttempts(time_until(reject_until))
    }

    fn check_counter(&self, counter: &Counter) -> Result<CacheUse, AuthError> {
        let now = Timestamp::now();
        let mut all = self.exhausted();
        // `peek` leaves the order alone, so the counter that reached its limit first is evicted
        // first.
        match all.peek(&counter.digest).copied() {
            None => Ok(CacheUse::Allowed),
            Some(exhausted) if now < exhausted.reject_until => Err(AuthError::TooManyAttempts(
                time_until(exhausted.reject_until),
            )),
            Some(exhausted) if now < exhausted.window_ends => Ok(CacheUse::Forbidden),
            Some(_) => {
                all.pop(&counter.digest);
                Ok(CacheUse::Allowed)
            }
        }
    }

    fn exhausted(&self) -> MutexGuard<'_, LruCache<String, Exhausted>> {
        self.exhausted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn time_until(time: Timestamp) -> Duration {
    let millis = time.as_millis() - Timestamp::now().as_millis();
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
