//! Remembers counters that are full, so that most attempts over a limit cost no call.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lru::LruCache;

use super::AuthError;
use crate::domain::time::Timestamp;
use crate::store::counters::Counter;

/// Whether the cache may verify the credentials of a login attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheUse {
    Allowed,
    /// A counter of the attempt was full in this window. The table has to decide: a response from
    /// the cache would tell a right password from a wrong one in spite of the limit.
    Forbidden,
}

/// At most 1,024 counters that are full in their window.
pub struct FullCounters(Mutex<LruCache<String, Full>>);

#[derive(Clone, Copy)]
struct Full {
    /// Until then, attempts are rejected without a call to the table.
    reject_until: Timestamp,
    window_ends: Timestamp,
}

impl FullCounters {
    const CAPACITY: NonZeroUsize = NonZeroUsize::new(1024).expect("not zero");

    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// Remembers a counter that is full, and rejects attempts for this long without a call. The error
    /// says when the window ends, because a full counter has no place before that.
    pub fn reject(&self, counter: &Counter, reject_for: Duration) -> AuthError {
        let full = Full {
            reject_until: Timestamp::now().after(reject_for).min(counter.ends),
            window_ends: counter.ends,
        };
        self.entries().push(counter.digest.clone(), full);
        AuthError::TooManyAttempts(time_until(counter.ends))
    }

    pub fn reject_until_window_ends(&self, counter: &Counter) -> AuthError {
        self.reject(counter, time_until(counter.ends))
    }

    pub fn forget(&self, counter: &Counter) {
        self.entries().pop(&counter.digest);
    }

    /// An error while attempts are rejected without a call.
    pub fn check(&self, counter: &Counter) -> Result<CacheUse, AuthError> {
        let now = Timestamp::now();
        let mut entries = self.entries();
        // `peek` leaves the order alone, so the counter that was full first is evicted first.
        match entries.peek(&counter.digest).copied() {
            None => Ok(CacheUse::Allowed),
            Some(full) if now < full.reject_until => {
                Err(AuthError::TooManyAttempts(time_until(full.window_ends)))
            }
            Some(full) if now < full.window_ends => Ok(CacheUse::Forbidden),
            Some(_) => {
                entries.pop(&counter.digest);
                Ok(CacheUse::Allowed)
            }
        }
    }

    fn entries(&self) -> MutexGuard<'_, LruCache<String, Full>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for FullCounters {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(Self::CAPACITY)))
    }
}

/// Zero when that time has passed.
fn time_until(time: Timestamp) -> Duration {
    let millis = time.as_millis() - Timestamp::now().as_millis();
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
