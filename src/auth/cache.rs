//! Credentials that were right a moment ago. Only their keyed digests are kept, only in memory.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use lru::LruCache;
use sha2::Sha256;

use super::password::Password;
use crate::domain::user::{Account, AccountId, Username};

/// What credentials are remembered by: HMAC-SHA-256 under a key of this process alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

struct Entry {
    account: Account,
    /// By the wall clock: a frozen environment must not believe old credentials after it thaws.
    verified_at: SystemTime,
}

/// At most 256 successes, least recently used out first, each for `ttl`.
pub struct Cache {
    ttl: Duration,
    keyed: Hmac<Sha256>,
    entries: Mutex<LruCache<CacheKey, Entry>>,
}

impl Cache {
    const CAPACITY: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

    pub fn new(ttl: Duration) -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("the system has random bytes");
        let keyed = Hmac::new_from_slice(&key).expect("a key of any length will do");
        Self {
            ttl,
            keyed,
            entries: Mutex::new(LruCache::new(Self::CAPACITY)),
        }
    }

    /// The key of a password given by a user from an address.
    pub fn key(&self, source: Option<IpAddr>, user: &Username, password: &Password) -> CacheKey {
        let mut mac = self.keyed.clone();
        mac.update(b"password");
        match source {
            Some(IpAddr::V4(ip)) => mac.update(&ip.to_ipv6_mapped().octets()),
            Some(IpAddr::V6(ip)) => mac.update(&ip.octets()),
            None => mac.update(&[0; 16]),
        }
        // With the length of the name in front, no other split of the same bytes has this key.
        mac.update(&(user.as_str().len() as u64).to_be_bytes());
        mac.update(user.as_str().as_bytes());
        mac.update(password.as_bytes());
        CacheKey(mac.finalize().into_bytes().into())
    }

    /// The account that was verified under this key within the last `ttl`.
    pub fn get(&self, key: &CacheKey) -> Option<Account> {
        let mut entries = self.entries();
        let entry = entries.get(key)?;
        // A clock that was set back says nothing about an entry's age.
        if entry.verified_at.elapsed().is_ok_and(|age| age < self.ttl) {
            return Some(entry.account.clone());
        }
        entries.pop(key);
        None
    }

    pub fn insert(&self, key: CacheKey, account: Account) {
        if !self.ttl.is_zero() {
            self.entries().push(
                key,
                Entry {
                    account,
                    verified_at: SystemTime::now(),
                },
            );
        }
    }

    /// Drops all that is remembered of an account.
    pub fn forget(&self, account: AccountId) {
        let mut entries = self.entries();
        let of_account = entries
            .iter()
            .filter(|(_, entry)| entry.account.id == account);
        for key in of_account.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            entries.pop(&key);
        }
    }

    fn entries(&self) -> MutexGuard<'_, LruCache<CacheKey, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
