//! Logins that were verified a moment ago. Only keyed digests of their credentials are kept, only in
//! memory.

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

/// At most 256 logins, least recently used evicted first, each for `ttl` of the wall clock: a frozen
/// environment must not accept old credentials after it thaws.
pub struct Cache {
    ttl: Duration,
    keyed: Hmac<Sha256>,
    entries: Mutex<Entries>,
}

struct Entries {
    all: LruCache<CacheKey, Entry>,
    generation: Generation,
}

struct Entry {
    login: Login,
    from: Timestamp,
    until: Timestamp,
}

/// Rises with every eviction, so that what was read before one is not cached after it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Generation(u64);

impl Cache {
    const CAPACITY: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

    pub fn new(ttl: Duration) -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("the system has random bytes");
        let keyed = Hmac::new_from_slice(&key).expect("a key of any length will do");
        let entries = Entries {
            all: LruCache::new(Self::CAPACITY),
            generation: Generation(0),
        };
        Self {
            ttl,
            keyed,
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
        let mut mac = self.keyed.clone();
        // Each part's length comes first, so that no other parts give the same bytes.
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

    /// The login that was cached under this key within the last `ttl`.
    pub fn get(&self, key: &CacheKey) -> Option<Login> {
        let now = Timestamp::now();
        let mut entries = self.entries();
        let entry = entries.all.get(key)?;
        // After the clock was set back, an entry's age is unknown.
        if entry.from <= now && now < entry.until {
            return Some(entry.login.clone());
        }
        entries.all.pop(key);
        None
    }

    /// What `insert` has to be given, taken before the table was read.
    pub fn generation(&self) -> Generation {
        self.entries().generation
    }

    /// Caches a login, until `expires_at` at the latest; not when something was evicted since `read_at`.
    pub fn insert(
        &self,
        key: CacheKey,
        login: Login,
        expires_at: Option<Timestamp>,
        read_at: Generation,
    ) {
        let from = Timestamp::now();
        let until = from.after(self.ttl);
        let until = expires_at.map_or(until, |expires_at| expires_at.min(until));
        let mut entries = self.entries();
        if entries.generation == read_at && from < until {
            entries.all.push(key, Entry { login, from, until });
        }
    }

    /// Drops all logins of an account.
    pub fn evict(&self, account: AccountId) {
        let mut entries = self.entries();
        entries.generation.0 += 1;
        let of_account = entries
            .all
            .iter()
            .filter(|(_, entry)| entry.login.account.id == account);
        for key in of_account.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            entries.all.pop(&key);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
