//! Credentials that were right a moment ago. Only their keyed digests are kept, only in memory.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use lru::LruCache;
use sha2::Sha256;

use super::CurrentUser;
use super::login_limits::Source;
use crate::domain::account::{AccountId, Username};
use crate::domain::password::Password;
use crate::domain::time::Timestamp;
use crate::domain::token::BearerToken;

/// What credentials are remembered by: HMAC-SHA-256 under a key of this process alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

/// At most 256 successes, least recently used out first, each for `ttl` of the wall clock: a frozen
/// environment must not believe old credentials after it thaws.
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
    user: CurrentUser,
    from: Timestamp,
    until: Timestamp,
}

/// Moves whenever something is forgotten, so that what was read before that is not remembered after.
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

    /// The key of a password given by a user from an address.
    pub fn password_key(&self, source: Source, user: &Username, password: &Password) -> CacheKey {
        self.key("password", source, user, password.as_bytes())
    }

    /// The key of a token shown from an address.
    pub fn token_key(&self, source: Source, token: &BearerToken) -> CacheKey {
        let shown = [token.id.to_string().as_bytes(), &token.secret].concat();
        self.key("token", source, &token.username, &shown)
    }

    fn key(&self, kind: &str, source: Source, user: &Username, secret: &[u8]) -> CacheKey {
        let mut mac = self.keyed.clone();
        // With its length in front of each part, no other parts make the same bytes.
        for part in [
            kind.as_bytes(),
            source.to_string().as_bytes(),
            user.as_str().as_bytes(),
        ] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.update(secret);
        CacheKey(mac.finalize().into_bytes().into())
    }

    /// Who was verified under this key within the last `ttl`.
    pub fn get(&self, key: &CacheKey) -> Option<CurrentUser> {
        let now = Timestamp::now();
        let mut entries = self.entries();
        let entry = entries.all.get(key)?;
        // A clock that was set back says nothing about an entry's age.
        if entry.from <= now && now < entry.until {
            return Some(entry.user.clone());
        }
        entries.all.pop(key);
        None
    }

    /// What has to be given to `insert`, from before the table was asked.
    pub fn generation(&self) -> Generation {
        self.entries().generation
    }

    /// Remembers a success, until `expires_at` at the longest.
    pub fn insert(
        &self,
        key: CacheKey,
        user: CurrentUser,
        expires_at: Option<Timestamp>,
        begun: Generation,
    ) {
        let from = Timestamp::now();
        let until = from.after(self.ttl);
        let until = expires_at.map_or(until, |expires_at| expires_at.min(until));
        let mut entries = self.entries();
        if entries.generation == begun && from < until {
            entries.all.push(key, Entry { user, from, until });
        }
    }

    /// Drops all that is remembered of an account.
    pub fn forget(&self, account: AccountId) {
        let mut entries = self.entries();
        entries.generation.0 += 1;
        let of_account = entries
            .all
            .iter()
            .filter(|(_, entry)| entry.user.account.id == account);
        for key in of_account.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            entries.all.pop(&key);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
