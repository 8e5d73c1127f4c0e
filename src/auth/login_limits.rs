//! Limits on login attempts and registrations. They are counted in the table, per window of time.
//!
//! An attempt is reserved before its password is verified, and returned when the password was right.
//! Counted only afterwards, many concurrent attempts would all pass the limit. While all places are
//! taken by attempts that are still being verified, further ones wait, because those may be right:
//! on Lambda, the parallel requests of one client run in as many environments with empty caches.

use std::time::Duration;

use futures_util::future::join;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::AuthError;
use super::client_address::ClientAddress;
use super::full_counters::{CacheUse, FullCounters};
use super::login_attempt::LoginAttempt;
use crate::config::Limits;
use crate::domain::account::Username;
use crate::domain::time::Timestamp;
use crate::store::accounts::StoredAccount;
use crate::store::counters::{AttemptId, Attempts, Counted, Counter};
use crate::store::{Store, StoreError};
use crate::telemetry;

pub struct LoginLimits {
    limits: Limits,
    store: Store,
    full: FullCounters,
    /// Bounds how many attempts wait at once. On Lambda an environment has one request at a time.
    waiting: Semaphore,
}

/// The result of one try to reserve an attempt.
enum Reservation {
    Reserved,
    /// Every place is taken, at least one of them by an attempt that is still being verified.
    Pending(Attempts),
}

impl LoginLimits {
    const HOUR: Duration = Duration::from_secs(3600);
    /// How long attempts for a user are rejected without asking the table, at a time. Then the table
    /// is asked again, in case an operator has deleted the counter.
    const USER_REJECTION: Duration = Duration::from_secs(2);
    /// How long an attempt waits while no other one ends. If nobody knows the password, that is all.
    const MAX_WAIT: Duration = Duration::from_secs(2);
    /// How long an attempt waits in all, while right ones before it keep ending.
    const MAX_WAIT_IN_ALL: Duration = Duration::from_secs(5);
    const MAX_WAITING: usize = 16;
    /// When an attempt may be repeated that found no place, or its counter throttled.
    const RETRY_AFTER: Duration = Duration::from_secs(2);

    pub fn new(limits: Limits, store: Store) -> Self {
        Self {
            limits,
            store,
            full: FullCounters::default(),
            waiting: Semaphore::new(Self::MAX_WAITING),
        }
    }

    /// The counters of the user and of the address.
    fn counters(&self, address: ClientAddress, username: &Username) -> (Counter, Counter) {
        let (window, now) = (self.limits.login_window, Timestamp::now());
        let by_user = format!("login {address} {}", username.as_str());
        let by_address = format!("address {address}");
        (
            Counter::new(&by_user, window, now),
            Counter::new(&by_address, window, now),
        )
    }

    /// Rejects a login attempt that is known to be over a limit, without a call to the table.
    pub fn check(
        &self,
        address: ClientAddress,
        username: &Username,
    ) -> Result<CacheUse, AuthError> {
        if self.full.is_empty() {
            return Ok(CacheUse::Allowed);
        }
        let (by_user, by_address) = self.counters(address, username);
        let check = |counter| {
            let known = self.full.check(counter);
            known.inspect_err(|_| telemetry::failed_login())
        };
        match (check(&by_address)?, check(&by_user)?) {
            (CacheUse::Allowed, CacheUse::Allowed) => Ok(CacheUse::Allowed),
            _ => Ok(CacheUse::Forbidden),
        }
    }

    /// Reserves a login attempt and reads the account in parallel. Rejects the attempt when it is
    /// over a limit.
    pub async fn begin(
        &self,
        address: ClientAddress,
        username: &Username,
    ) -> Result<(LoginAttempt, Option<StoredAccount>), AuthError> {
        let (by_user, by_address) = self.counters(address, username);
        let mut attempt = LoginAttempt::new(self.store.clone(), by_user, by_address.clone())?;
        let (read, reservation) = join(
            self.store.read_login(username, &by_address),
            self.reserve(&mut attempt),
        )
        .await;
        let reservation = reservation?;
        let (stored, of_address) = read?;
        if of_address.wrong() >= self.limits.failures_per_address {
            telemetry::failed_login();
            return Err(self.full.reject_until_window_ends(&by_address));
        }
        if let Reservation::Pending(others) = reservation {
            self.wait(&mut attempt, others).await?;
        }
        self.full.forget(&attempt.by_user);
        Ok((attempt, stored))
    }

    /// Tries once to reserve an attempt. An error when there were too many wrong ones, or when the
    /// counter is throttled, which therefore counts as full.
    async fn reserve(&self, attempt: &mut LoginAttempt) -> Result<Reservation, AuthError> {
        attempt.return_on_drop = true;
        let limit = self.limits.failures_per_user;
        let counted = self
            .store
            .reserve_attempt(&attempt.by_user, &attempt.id, limit);
        match counted.await {
            Ok(Counted::Added(_)) => Ok(Reservation::Reserved),
            Ok(Counted::LimitReached(attempts)) => {
                attempt.return_on_drop = false;
                self.limit_reached(&attempt.by_user, attempts).await
            }
            Err(StoreError::Throttled(_)) => {
                // Returning the attempt would be throttled too.
                attempt.return_on_drop = false;
                Err(AuthError::TooManyAttempts(Self::RETRY_AFTER))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn limit_reached(
        &self,
        by_user: &Counter,
        attempts: Attempts,
    ) -> Result<Reservation, AuthError> {
        if attempts.wrong() >= self.limits.failures_per_user {
            telemetry::failed_login();
            return Err(self.full.reject(by_user, Self::USER_REJECTION));
        }
        let abandoned = attempts.abandoned(Timestamp::now());
        if !abandoned.is_empty() {
            // If this fails, the attempt waits for another place.
            let _ = self.store.return_attempts(by_user, abandoned).await;
        }
        Ok(Reservation::Pending(attempts))
    }

    /// Tries to reserve an attempt again and again, at random intervals. An error when it takes too
    /// long, or at once when too many are waiting. That is no failed login.
    async fn wait(
        &self,
        attempt: &mut LoginAttempt,
        mut others: Attempts,
    ) -> Result<(), AuthError> {
        let no_place = || AuthError::TooManyAttempts(Self::RETRY_AFTER);
        let _waiting = self.waiting.try_acquire().map_err(|_| no_place())?;
        let last_end = Instant::now() + Self::MAX_WAIT_IN_ALL;
        let mut end = Instant::now() + Self::MAX_WAIT;
        let mut longest_pause = Duration::from_millis(100);
        loop {
            let pause = up_to(longest_pause)?;
            if Instant::now() + pause > end {
                return Err(no_place());
            }
            sleep(pause).await;
            match self.reserve(attempt).await? {
                Reservation::Reserved => return Ok(()),
                Reservation::Pending(now) if now != others => {
                    others = now;
                    end = last_end.min(Instant::now() + Self::MAX_WAIT);
                }
                Reservation::Pending(_) => {}
            }
            longest_pause = (longest_pause * 2).min(Duration::from_millis(400));
        }
    }

    /// Counts a failed login attempt for its user and its address. One conditional UpdateItem each.
    pub async fn count_failure(&self, mut attempt: LoginAttempt) -> Result<(), AuthError> {
        attempt.return_on_drop = false;
        let (id, by_user, by_address) = (&attempt.id, &attempt.by_user, &attempt.by_address);
        let per_user = self.limits.failures_per_user;
        let per_address = self.limits.failures_per_address;
        let (of_user, of_address) = join(
            self.store.record_wrong(by_user, id, per_user),
            self.store.count_wrong(by_address, id, per_address),
        )
        .await;
        // This attempt was verified and gets its 401; the next one is rejected.
        if is_full(of_user, per_user)? {
            self.full.reject(by_user, Self::USER_REJECTION);
        }
        if is_full(of_address, per_address)? {
            self.full.reject_until_window_ends(by_address);
        }
        Ok(())
    }

    /// Counts a registration from `address`, or rejects it when it is over the limit.
    pub async fn count_registration(&self, address: ClientAddress) -> Result<(), AuthError> {
        let now = Timestamp::now();
        let counter = Counter::new(&format!("registration {address}"), Self::HOUR, now);
        self.full.check(&counter)?;
        let (id, limit) = (AttemptId::new(now)?, self.limits.registrations_per_hour);
        match self.store.reserve_attempt(&counter, &id, limit).await {
            Ok(Counted::Added(_)) => Ok(()),
            Ok(Counted::LimitReached(_)) => Err(self.full.reject_until_window_ends(&counter)),
            Err(StoreError::Throttled(_)) => Err(AuthError::TooManyAttempts(Self::RETRY_AFTER)),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a counter has no place left after a wrong attempt was counted. A throttled one says so to
/// the next attempt.
fn is_full(counted: Result<Counted, StoreError>, limit: u32) -> Result<bool, StoreError> {
    match counted {
        Ok(Counted::Added(attempts)) => Ok(attempts.wrong() >= limit),
        Ok(Counted::LimitReached(_)) => Ok(true),
        Err(StoreError::Throttled(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A random duration, so that those who wait do not all come back at once.
fn up_to(longest: Duration) -> Result<Duration, AuthError> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_err(|error| AuthError::Internal(error.into()))?;
    Ok(longest.mul_f64(f64::from(u16::from_be_bytes(bytes)) / f64::from(u16::MAX)))
}
