//! Limits on guessing passwords and on registering, counted in the table per window of time.
//!
//! A guess is counted before it is checked and taken back when it was right, so that many at once
//! cannot slip through. What is over its limit is remembered until the window ends, and refused
//! without asking the table.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;

use crate::config::Limits;
use crate::domain::time::Timestamp;
use crate::domain::user::Username;
use crate::error::ApiError;
use crate::lambda::Invocation;
use crate::store::attempts::{Counter, Taken};
use crate::store::{Store, StoreError};

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
pub struct Guess {
    pub by_user: Counter,
    pub by_address: Counter,
}

/// How many guesses of a user there have been, this one included.
pub struct Reserved(u32);

pub struct Attempts {
    limits: Limits,
    /// What is over its limit, by digest, and until when.
    full: Mutex<LruCache<String, Timestamp>>,
}

impl Attempts {
    const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1024).expect("not zero");
    const HOUR: Duration = Duration::from_secs(3600);
    /// For a counter that is too busy to say how far it has come.
    const SOON: Duration = Duration::from_secs(5);

    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            full: Mutex::new(LruCache::new(Self::REMEMBERED)),
        }
    }

    pub fn guess(&self, source: Source, username: &Username) -> Guess {
        let (window, now) = (self.limits.login_window, Timestamp::now());
        Guess {
            by_user: Counter::new(
                &format!("login {source} {}", username.as_str()),
                window,
                now,
            ),
            by_address: Counter::new(&format!("address {source}"), window, now),
        }
    }

    /// Refuses what this environment knows to be over its limit.
    pub fn refuse_known(&self, source: Source, username: &Username) -> Result<(), ApiError> {
        if self.full().is_empty() {
            return Ok(());
        }
        let guess = self.guess(source, username);
        self.refuse_if_full(&guess.by_user)?;
        self.refuse_if_full(&guess.by_address)
    }

    /// Counts a guess, or refuses it.
    pub async fn reserve(&self, store: &Store, guess: &Guess) -> Result<Reserved, ApiError> {
        self.take(store, &guess.by_user, self.limits.failures_per_user)
            .await
            .map(Reserved)
    }

    /// Refuses a guess from an address that has had `failures` already.
    pub fn refuse_address(&self, guess: &Guess, failures: u32) -> Result<(), ApiError> {
        if failures < self.limits.failures_per_address {
            return Ok(());
        }
        Err(self.now_full(&guess.by_address))
    }

    /// Counts a guess that was wrong.
    pub async fn failed(
        &self,
        store: &Store,
        guess: &Guess,
        reserved: Reserved,
    ) -> Result<(), ApiError> {
        if reserved.0 >= self.limits.failures_per_user {
            self.now_full(&guess.by_user);
        }
        let limit = self.limits.failures_per_address;
        match self.take(store, &guess.by_address, limit).await {
            Ok(failures) if failures >= limit => {
                self.now_full(&guess.by_address);
                Ok(())
            }
            // This one was checked, so it is answered; the next one is not.
            Ok(_) | Err(ApiError::TooManyRequests(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Counts a registration, or refuses it.
    pub async fn register(&self, store: &Store, source: Source) -> Result<(), ApiError> {
        let what = format!("registration {source}");
        let counter = Counter::new(&what, Self::HOUR, Timestamp::now());
        self.refuse_if_full(&counter)?;
        self.take(store, &counter, self.limits.registrations_per_hour)
            .await?;
        Ok(())
    }

    async fn take(&self, store: &Store, counter: &Counter, limit: u32) -> Result<u32, ApiError> {
        match store.take_attempt(counter, limit).await {
            Ok(Taken::Nth(n)) => Ok(n),
            Ok(Taken::NoneLeft) => Err(self.now_full(counter)),
            Err(StoreError::Throttled(_)) => Err(ApiError::TooManyRequests(Self::SOON)),
            Err(error) => Err(error.into()),
        }
    }

    /// Remembers that a counter is full, and says when to come back.
    fn now_full(&self, counter: &Counter) -> ApiError {
        self.full().push(counter.digest.clone(), counter.ends);
        ApiError::TooManyRequests(until(counter.ends))
    }

    fn refuse_if_full(&self, counter: &Counter) -> Result<(), ApiError> {
        // Looking does not count as use: what was filled first is forgotten first.
        match self.full().peek(&counter.digest) {
            Some(ends) if *ends > Timestamp::now() => Err(ApiError::TooManyRequests(until(*ends))),
            _ => Ok(()),
        }
    }

    fn full(&self) -> std::sync::MutexGuard<'_, LruCache<String, Timestamp>> {
        self.full.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn until(time: Timestamp) -> Duration {
    let millis = time.as_millis() - Timestamp::now().as_millis();
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::BaseUri;

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
