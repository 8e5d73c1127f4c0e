//! Limits on guessing passwords and on registering, counted in the table per window of time.
//!
//! A guess is counted before it is checked and taken back when it was right, so that many at once
//! cannot slip through. What is over its limit is remembered, and refused without asking the table.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join;
use lru::LruCache;

use crate::api::error::ApiError;
use crate::api::uris::Invocation;
use crate::background;
use crate::config::Limits;
use crate::domain::account::Username;
use crate::domain::time::Timestamp;
use crate::store::accounts::StoredAccount;
use crate::store::counters::{Counted, Counter};
use crate::store::{Store, StoreError};
use crate::telemetry;

/// Where a request comes from, as far as it is counted: an IPv4 address, or the /64 of an IPv6 one,
/// which is what one customer gets. All whose address is unknown are one.
#[derive(Clone, Copy)]
pub struct Source(Option<IpAddr>);

impl Source {
    pub fn of(invocation: Option<&Invocation>) -> Self {
        let network = |ip: Ipv6Addr| Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX));
        let ip = invocation.and_then(|invocation| invocation.source_ip);
        Self(ip.map(|ip| match ip.to_canonical() {
            IpAddr::V6(ip) => IpAddr::V6(network(ip)),
            v4 @ IpAddr::V4(_) => v4,
        }))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(ip) => ip.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

/// A password about to be checked, and where it counts.
pub struct LoginAttempt {
    pub by_user: Counter,
    pub by_address: Counter,
}

/// A guess that has been counted. Dropped, it is taken back: it was right, or never checked.
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
                // At worst the user has one guess less until the window ends.
                let _ = store.return_attempt(&counter).await;
            });
        }
    }
}

/// What this environment knows of somebody who wants to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheUse {
    /// Nothing against them.
    Clear,
    /// They were over a limit moments ago: the table has to be asked, and the cache must not be, or
    /// it would tell a right guess from a wrong one.
    Suspect,
}

pub struct Attempts {
    limits: Limits,
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

impl Attempts {
    const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1024).expect("not zero");
    const HOUR: Duration = Duration::from_secs(3600);
    /// How long a user's full counter is believed. It counts guesses that are being checked too, and
    /// many right ones at once must not lock anybody out for a whole window.
    const SOON: Duration = Duration::from_secs(2);

    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            full: Mutex::new(LruCache::new(Self::REMEMBERED)),
        }
    }

    fn guess(&self, source: Source, username: &Username) -> LoginAttempt {
        let (window, now) = (self.limits.login_window, Timestamp::now());
        LoginAttempt {
            by_user: Counter::new(
                &format!("login {source} {}", username.as_str()),
                window,
                now,
            ),
            by_address: Counter::new(&format!("address {source}"), window, now),
        }
    }

    /// Refuses who is known to be over a limit.
    pub fn standing(&self, source: Source, username: &Username) -> Result<CacheUse, ApiError> {
        if self.full().is_empty() {
            return Ok(CacheUse::Clear);
        }
        let guess = self.guess(source, username);
        let refused = |_: &ApiError| telemetry::failed_login();
        let by_address = self.standing_of(&guess.by_address).inspect_err(refused)?;
        let by_user = self.standing_of(&guess.by_user).inspect_err(refused)?;
        let clear = by_address == CacheUse::Clear && by_user == CacheUse::Clear;
        Ok(if clear {
            CacheUse::Clear
        } else {
            CacheUse::Suspect
        })
    }

    /// Counts a guess and reads the account it is about, at once; or refuses it.
    pub async fn begin(
        &self,
        store: &Store,
        source: Source,
        username: &Username,
    ) -> Result<(LoginAttempt, ReservedAttempt, Option<StoredAccount>), ApiError> {
        let guess = self.guess(source, username);
        let (read, reserved) = join(
            store.read_login(username, &guess.by_address),
            self.reserve(store, &guess),
        )
        .await;
        let reservation = reserved?;
        let (stored, failures) = read?;
        if failures >= self.limits.failures_per_address {
            telemetry::failed_login();
            return Err(self.refuse_until(&guess.by_address, guess.by_address.ends));
        }
        Ok((guess, reservation, stored))
    }

    async fn reserve(
        &self,
        store: &Store,
        guess: &LoginAttempt,
    ) -> Result<ReservedAttempt, ApiError> {
        let counter = guess.by_user.clone();
        match store
            .take_attempt(&counter, self.limits.failures_per_user)
            .await
        {
            Ok(Counted::Nth(n)) => {
                self.full().pop(&counter.digest);
                Ok(ReservedAttempt {
                    store: store.clone(),
                    counter,
                    n,
                    returnable: true,
                })
            }
            Ok(Counted::LimitReached) => {
                telemetry::failed_login();
                Err(self.refuse_soon(&counter))
            }
            Err(StoreError::Throttled(_)) => Err(ApiError::TooManyRequests(Self::SOON)),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts a guess that was wrong: it stays reserved, and counts for its address too.
    pub async fn wrong(
        &self,
        store: &Store,
        guess: &LoginAttempt,
        mut reservation: ReservedAttempt,
    ) -> Result<(), ApiError> {
        reservation.returnable = false;
        if reservation.n >= self.limits.failures_per_user {
            self.refuse_soon(&guess.by_user);
        }
        let limit = self.limits.failures_per_address;
        match store.take_attempt(&guess.by_address, limit).await {
            Ok(Counted::Nth(n)) if n < limit => Ok(()),
            // This one was checked, so it is answered; the next one is not.
            Ok(_) => {
                self.refuse_until(&guess.by_address, guess.by_address.ends);
                Ok(())
            }
            Err(StoreError::Throttled(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts a registration, or refuses it.
    pub async fn register(&self, store: &Store, source: Source) -> Result<(), ApiError> {
        let what = format!("registration {source}");
        let counter = Counter::new(&what, Self::HOUR, Timestamp::now());
        self.standing_of(&counter)?;
        match store
            .take_attempt(&counter, self.limits.registrations_per_hour)
            .await
        {
            Ok(Counted::Nth(_)) => Ok(()),
            Ok(Counted::LimitReached) => Err(self.refuse_until(&counter, counter.ends)),
            Err(StoreError::Throttled(_)) => Err(ApiError::TooManyRequests(Self::SOON)),
            Err(error) => Err(error.into()),
        }
    }

    fn refuse_soon(&self, counter: &Counter) -> ApiError {
        self.refuse_until(
            counter,
            Timestamp::now().after(Self::SOON).min(counter.ends),
        )
    }

    /// Remembers that a counter is full, and says when to come back.
    fn refuse_until(&self, counter: &Counter, until: Timestamp) -> ApiError {
        self.full().push(
            counter.digest.clone(),
            Full {
                until,
                ends: counter.ends,
            },
        );
        ApiError::TooManyRequests(time_to(until))
    }

    fn standing_of(&self, counter: &Counter) -> Result<CacheUse, ApiError> {
        let now = Timestamp::now();
        let mut all = self.full();
        // Looking does not count as use: what was filled first is forgotten first.
        match all.peek(&counter.digest).copied() {
            None => Ok(CacheUse::Clear),
            Some(full) if now < full.until => Err(ApiError::TooManyRequests(time_to(full.until))),
            Some(full) if now < full.ends => Ok(CacheUse::Suspect),
            Some(_) => {
                all.pop(&counter.digest);
                Ok(CacheUse::Clear)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::uris::BaseUri;

    fn source(ip: &str) -> String {
        let source_ip = ip.parse().ok();
        Source::of(Some(&Invocation {
            source_ip,
            base: BaseUri("".into()),
        }))
        .to_string()
    }

    #[test]
    fn an_address_counts_as_far_as_one_customer_goes() {
        assert_eq!(source("192.0.2.1"), "192.0.2.1");
        assert_eq!(source("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(source("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(source("nonsense"), "unknown");
        assert_eq!(Source::of(None).to_string(), "unknown");
    }
}
