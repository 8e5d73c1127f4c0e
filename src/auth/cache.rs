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

/// At most 256 logins; the least recently used is evicted first. An entry expires `ttl` after the
/// read that verified the login began, by the wall clock, because the monotonic clock may stand still
/// while Lambda has frozen the process.
pub struct Cache {
    ttl: Duration,
    mac: Hmac<Sha256>,
    entries: Mutex<Entries>,
}

struct Entries {
    by_key: LruCache<CacheKey, Entry>,
    /// Rises with every eviction of an account, so that a login read from the table before one is not
    /// cached after it.
    generation: u64,
}

struct Entry {
    login: Login,
    read_at: Timestamp,
    expires_at: Timestamp,
}

/// A moment before a read from the table. The read may show what was true then, so a login is cached
/// from then on, however long the read and the password's hash take.
#[derive(Clone, Copy)]
pub struct BeforeRead {
    at: Timestamp,
    generation: u64,
}

impl Cache {
    const CAPACITY: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

    pub fn new(ttl: Duration) -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("the system has random bytes");
        let mac = Hmac::new_from_slice(&key).expect("a key may have any length");
        let entries = Entries {
            by_key: LruCache::new(Self::CAPACITY),
            generation: 0,
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
        if entry.read_at <= now && now < entry.expires_at {
            return Some(entry.login.clone());
        }
        entries.by_key.pop(key);
        None
    }

    /// The present. Get it before reading the table, and pass it to [`Cache::insert`].
    pub fn before_read(&self) -> BeforeRead {
        BeforeRead {
            at: Timestamp::now(),
            generation: self.entries().generation,
        }
    }

    /// Caches a login that was then read from the table, until `expires_at` at the latest. Does
    /// nothing when an account was evicted since.
    pub fn insert(
        &self,
        key: CacheKey,
        login: Login,
        expires_at: Option<Timestamp>,
        before_read: BeforeRead,
    ) {
        let ttl_ends = before_read.at.after(self.ttl);
        let expires_at = expires_at.map_or(ttl_ends, |expires_at| expires_at.min(ttl_ends));
        let mut entries = self.entries();
        if entries.generation == before_read.generation && Timestamp::now() < expires_at {
            let entry = Entry {
                login,
                read_at: before_read.at,
                expires_at,
            };
            entries.by_key.push(key, entry);
        }
    }

    /// Evicts all logins of an account.
    pub fn evict(&self, account: AccountId) {
        let mut entries = self.entries();
        entries.generation += 1;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Account;
    use crate::domain::token::Scope;

    /// Caches a login for a minute that was read so many seconds ago. Whether it is found now.
    fn is_cached(read_seconds_ago: i64, expires_at: Option<Timestamp>) -> bool {
        let cache = Cache::new(Duration::from_secs(60));
        let address = ClientAddress::new(None);
        let user: Username = "ada".parse().expect("a user name");
        let password = Password::typed("correct horse".to_owned()).expect("a password");
        let account = Account {
            username: user.clone(),
            id: AccountId::random().expect("random bytes"),
            credential_version: 1,
        };
        let login = Login {
            account,
            scope: Scope::Write,
        };
        let mut before_read = cache.before_read();
        before_read.at = seconds_ago(read_seconds_ago);
        let key = cache.password_key(address, &user, &password);
        cache.insert(key.clone(), login, expires_at, before_read);
        cache.get(&key).is_some()
    }

    fn seconds_ago(seconds: i64) -> Timestamp {
        Timestamp::from_millis(Timestamp::now().as_millis() - seconds * 1000)
    }

    #[test]
    fn a_login_is_cached_from_before_the_read_that_verified_it() {
        assert!(is_cached(0, None));
        assert!(is_cached(50, None));
        assert!(!is_cached(60, None));
        assert!(!is_cached(61, None));
    }

    #[test]
    fn a_login_is_not_cached_longer_than_its_token_is_valid() {
        assert!(is_cached(0, Some(seconds_ago(-10))));
        assert!(!is_cached(0, Some(seconds_ago(0))));
    }

    #[test]
    fn a_login_from_the_future_is_not_trusted() {
        assert!(!is_cached(-10, None));
    }
}
