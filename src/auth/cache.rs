//! Caches verified logins, in memory only, under keyed digests of their credentials.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use lru::LruCache;
use sha2::Sha256;

use super::Login;
use super::client_address::ClientAddress;
use crate::domain::account::{AccountId, Username};
use crate::domain::password::Password;
use crate::domain::time::Timestamp;
use crate::domain::token::BearerToken;

/// Identifies credentials in the cache: HMAC-SHA-256 under a random key of this process.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

/// At most 256 logins; the least recently used is evicted first. An entry expires after `ttl` of
/// the wall clock, because the monotonic clock may stand still while Lambda has frozen the process.
pub struct Cache {
    ttl: Duration,
    mac: Hmac<Sha256>,
    entries: Mutex<Entries>,
}

struct Entries {
    by_key: LruCache<CacheKey, Entry>,
    generation: Generation,
}

struct Entry {
    login: Login,
    cached_at: Timestamp,
    expires_at: Timestamp,
}

/// Rises with every eviction of an account, so that a login read from the table before one is not
/// cached after it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Generation(u64);

impl Cache {
    const CAPACITY: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

    pub fn new(ttl: Duration) -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("the system has random bytes");
        let mac = Hmac::new_from_slice(&key).expect("a key may have any length");
        let entries = Entries {
            by_key: LruCache::new(Self::CAPACITY),
            generation: Generation(0),
        };
        Self {
            ttl,
            mac,
            entries: Mutex::new(entries),
        }
    }

    /// The key of a user's password, sent from an address.
    pub fn password_key(
        &self,
        address: ClientAddress,
        user: &Username,
        password: &Password,
    ) -> CacheKey {
        self.key("password", address, user, password.as_bytes())
    }

    /// The key of a token, sent from an address.
    pub fn token_key(&self, address: ClientAddress, token: &BearerToken) -> CacheKey {
        let presented = [token.id.to_string().as_bytes(), &token.secret].concat();
        self.key("token", address, &token.username, &presented)
    }

    fn key(&self, kind: &str, address: ClientAddress, user: &Username, secret: &[u8]) -> CacheKey {
        let mut mac = self.mac.clone();
        // The length of each part precedes it, so that different parts cannot give the same bytes.
        for part in [
            kind.as_bytes(),
            address.to_string().as_bytes(),
            user.as_str().as_bytes(),
        ] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.update(secret);
        CacheKey(mac.finalize().into_bytes().into())
    }

    /// The login cached under this key, unless it has expired.
    pub fn get(&self, key: &CacheKey) -> Option<Login> {
        let now = Timestamp::now();
        let mut entries = self.entries();
        let entry = entries.by_key.get(key)?;
        // An entry from the future means that the clock was set back, so its age is unknown.
        if entry.cached_at <= now && now < entry.expires_at {
            return Some(entry.login.clone());
        }
        entries.by_key.pop(key);
        None
    }

    /// The current generation. Get it before reading the table, and pass it to [`Cache::insert`].
    pub fn generation(&self) -> Generation {
        self.entries().generation
    }

    /// Caches a login that was read from the table in generation `read_at`, until `expires_at` at
    /// the latest. Does nothing when an account was evicted since.
    pub fn insert(
        &self,
        key: CacheKey,
        login: Login,
        expires_at: Option<Timestamp>,
        read_at: Generation,
    ) {
        let cached_at = Timestamp::now();
        let ttl_ends = cached_at.after(self.ttl);
        let expires_at = expires_at.map_or(ttl_ends, |expires_at| expires_at.min(ttl_ends));
        let mut entries = self.entries();
        if entries.generation == read_at && cached_at < expires_at {
            let entry = Entry {
                login,
                cached_at,
                expires_at,
            };
            entries.by_key.push(key, entry);
        }
    }

    /// Evicts all logins of an account.
    pub fn evict(&self, account: AccountId) {
        let mut entries = self.entries();
        entries.generation.0 += 1;
        let of_account = entries
            .by_key
            .iter()
            .filter(|(_, entry)| entry.login.account.id == account);
        for key in of_account.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            entries.by_key.pop(&key);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
