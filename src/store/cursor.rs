//! Cursors: the key a page ended at, and a digest of what it belongs to. Not secret and not signed:
//! whoever forges one moves within their own list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::domain::account::Account;
use crate::domain::page::TaskQuery;

const DIGEST_BYTES: usize = 9;

/// The cursor of `owner`'s list `query` after the index's key `key`.
pub fn write(owner: &Account, query: &TaskQuery, key: &str) -> String {
    let mut bytes = digest(owner, query, key).to_vec();
    bytes.extend_from_slice(key.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key in a cursor of `owner`'s list `query`; `None` in one of any other.
pub fn read(owner: &Account, query: &TaskQuery, cursor: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (seal, key) = bytes.split_at_checked(DIGEST_BYTES)?;
    let key = String::from_utf8(key.to_vec()).ok()?;
    (digest(owner, query, &key) == seal).then_some(key)
}

fn digest(owner: &Account, query: &TaskQuery, key: &str) -> [u8; DIGEST_BYTES] {
    let mut sha = Sha256::new();
    let mut add = |part: &str| {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    };
    add(&owner.id.to_string());
    add(key);
    // Of strings, booleans and enums without data: always JSON.
    add(&serde_json::to_string(&(&query.filter, query.sort)).unwrap_or_default());
    let mut digest = [0; DIGEST_BYTES];
    digest.copy_from_slice(&sha.finalize()[..DIGEST_BYTES]);
    digest
}
