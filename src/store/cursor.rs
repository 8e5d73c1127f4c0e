//! Cursors: the index key that a page ended at, with a digest of the collection it belongs to. They are
//! neither secret nor signed: a forged one only moves within the caller's own tasks.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::account::Account;

const DIGEST_BYTES: usize = 9;

/// The cursor that continues one of `owner`'s collections after this index key. `collection` is
/// whatever tells it from all others.
pub fn encode(owner: &Account, collection: &impl Serialize, index_key: &str) -> String {
    let mut bytes = digest(owner, collection, index_key).to_vec();
    bytes.extend_from_slice(index_key.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The index key in a cursor of `owner`'s collection; `None` when the cursor belongs to another one.
pub fn decode(owner: &Account, collection: &impl Serialize, cursor: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (expected, index_key) = bytes.split_at_checked(DIGEST_BYTES)?;
    let index_key = String::from_utf8(index_key.to_vec()).ok()?;
    (digest(owner, collection, &index_key) == expected).then_some(index_key)
}

fn digest(owner: &Account, collection: &impl Serialize, index_key: &str) -> [u8; DIGEST_BYTES] {
    let mut sha = Sha256::new();
    let mut add = |part: &str| {
        // The length, so that a part cannot extend into the next one.
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    };
    add(&owner.id.to_string());
    add(index_key);
    // Strings, numbers, booleans and enums without data always have a JSON form.
    add(&serde_json::to_string(collection).unwrap_or_default());
    let mut digest = [0; DIGEST_BYTES];
    digest.copy_from_slice(&sha.finalize()[..DIGEST_BYTES]);
    digest
}
