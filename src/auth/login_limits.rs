//! Limits on attempting passwords and on registering, counted in the table per window of time.
//!
//! A attempt is counted before it is checked and taken back when it was right, so that many at once
//! cannot slip through. What is over its limit is remembered, and refused without asking the table.

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

/// A password about to be checked, and where it counts.
pub struct LoginAttempt {
    pub by_user: Counter,
    pub by_address: Counter,
}

/// A attempt that has been counted. Dropped, it is taken back: it was right, or never checked.
pub struct ReservedAttempt {
    store: Store,
    counter: Counter,
    /// How many there were then, this one included.
    n: u32,
    returnable: bool,
}

impl Drop for ReservedAttempt {
    fn drop(&mut self) {
        if self.returnable {
            let (store, counter) = (self.store.clone(), self.counter.clone());
            background::spawn(async move {
                // At worst the user has one attempt less until the window ends.
                let _ = store.return_attempt(&counter).await;
            });
        }
    }
}

/// What this environment knows of somebody who wants to attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheUse {
    /// Nothing against them.
    Allowed,
    /// They were over a limit moments ago: the table has to be asked, and the cache must not be, or
    /// it would tell a right attempt from a wrong one.
    Forbidden,
}

pub struct LoginLimits {
    limits: Limits,
    store: Store,
    /// What was found over its limit, by digest.
    full: Mutex<LruCache<String, Full>>,
}

#[derive(Clone, Copy)]
struct Full {
    /// Until then it is refused without asking the table.
    until: Timestamp,
    /// When its window ends, and all is forgotten.
    ends: Timestamp,
}

impl LoginLimits {
    const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1024).expect("not zero");
    const HOUR: Duration = Duration::from_secs(3600);
    /// How long a user's full counter is believed. It counts attemptes that are being checked too, and
    /// many right ones at once must not lock anybody out for a whole window.
    const SOON: Duration = Duration::from_secs(2);

    pub fn new(limits: Limits, store: Store) -> Self {
        Self {
            limits,
            store,
            full: Mutex::new(LruCache::new(Self::REMEMBERED)),
        }
    }

    fn attempt(&self, address: ClientAddress, username: &Username) -> LoginAttempt {
        let (window, now) = (self.limits.login_window, Timestamp::now());
        LoginAttempt {
            by_user: Counter::new(
                &format!("login {address} {}", username.as_str()),
                window,
                now,
            ),
            by_address: Counter::new(&format!("address {address}"), window, now),
        }
    }

    /// Refuses who is known to be over a limit.
    pub fn check(
        &self,
        address: ClientAddress,
        username: &Username,
    ) -> Result<CacheUse, AuthError> {
        if self.full().is_empty() {
            return Ok(CacheUse::Allowed);
        }
        let attempt = self.attempt(address, username);
        let refused = |_: &AuthError| telemetry::failed_login();
        let by_address = self
            .check_counter(&attempt.by_address)
            .inspect_err(refused)?;
        let by_user = self.check_counter(&attempt.by_user).inspect_err(refused)?;
        let clear = by_address == CacheUse::Allowed && by_user == CacheUse::Allowed;
        Ok(if clear {
            CacheUse::Allowed
        } else {
            CacheUse::Forbidden
        })
    }

    /// Counts a attempt and reads the account it is about, at once; or refuses it.
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
        let reservation = reserved?;
        let (stored, failures) = read?;
        if failures >= self.limits.failures_per_address {
            telemetry::failed_login();
            return Err(self.refuse_until(&attempt.by_address, attempt.by_address.ends));
        }
        Ok((attempt, reservation, stored))
    }

    async fn reserve(&self, attempt: &LoginAttempt) -> Result<ReservedAttempt, AuthError> {
        let counter = attempt.by_user.clone();
        match self
            .store
            .take_attempt(&counter, self.limits.failures_per_user)
            .await
        {
            Ok(Counted::Nth(n)) => {
                self.full().pop(&counter.digest);
                Ok(ReservedAttempt {
                    store: self.store.clone(),
                    counter,
                    n,
                    returnable: true,
                })
            }
            Ok(Counted::LimitReached) => {
                telemetry::failed_login();
                Err(self.refuse_soon(&counter))
            }
            Err(StoreError::Throttled(_)) => Err(AuthError::TooManyAttempts(Self::SOON)),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts a attempt that was wrong: it stays reserved, and counts for its address too.
    pub async fn count_failure(
        &self,
        attempt: &LoginAttempt,
        mut reservation: ReservedAttempt,
    ) -> Result<(), AuthError> {
        reservation.returnable = false;
        if reservation.n >= self.limits.failures_per_user {
            self.refuse_soon(&attempt.by_user);
        }
        let limit = self.limits.failures_per_address;
        match self.store.take_attempt(&attempt.by_address, limit).await {
            Ok(Counted::Nth(n)) if n < limit => Ok(()),
            // This one was checked, so it is answered; the next one is not.
            Ok(_) => {
                self.refuse_until(&attempt.by_address, attempt.by_address.ends);
                Ok(())
            }
            Err(StoreError::Throttled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts a registration, or refuses it.
    pub async fn count_registration(&self, address: ClientAddress) -> Result<(), AuthError> {
        let what = format!("registration {address}");
        let counter = Counter::new(&what, Self::HOUR, Timestamp::now());
        self.check_counter(&counter)?;
        match self
            .store
            .take_attempt(&counter, self.limits.registrations_per_hour)
            .await
        {
            Ok(Counted::Nth(_)) => Ok(()),
            Ok(Counted::LimitReached) => Err(self.refuse_until(&counter, counter.ends)),
            Err(StoreError::Throttled(_)) => Err(AuthError::TooManyAttempts(Self::SOON)),
            Err(error) => Err(error.into()),
        }
    }

    fn refuse_soon(&self, counter: &Counter) -> AuthError {
        self.refuse_until(
            counter,
            Timestamp::now().after(Self::SOON).min(counter.ends),
        )
    }

    /// Remembers that a counter is full, and says when to come back.
    fn refuse_until(&self, counter: &Counter, until: Timestamp) -> AuthError {
        self.full().push(
            counter.digest.clone(),
            Full {
                until,
                ends: counter.ends,
            },
        );
        AuthError::TooManyAttempts(time_to(until))
    }

    fn check_counter(&self, counter: &Counter) -> Result<CacheUse, AuthError> {
        let now = Timestamp::now();
        let mut all = self.full();
        // Looking does not count as use: what was filled first is forgotten first.
        match all.peek(&counter.digest).copied() {
            None => Ok(CacheUse::Allowed),
            Some(full) if now < full.until => Err(AuthError::TooManyAttempts(time_to(full.until))),
            Some(full) if now < full.ends => Ok(CacheUse::Forbidden),
            Some(_) => {
                all.pop(&counter.digest);
                Ok(CacheUse::Allowed)
            }
        }
    }

    fn full(&self) -> MutexGuard<'_, LruCache<String, Full>> {
        self.full.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn time_to(time: Timestamp) -> Duration {
    let millis = time.as_millis() - Timestamp::now().as_millis();
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
