//! Cursors: the index key that a page ended at, with a digest of the query it belongs to. They are
//! neither secret nor signed: a forged one only moves within the caller's own list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::domain::account::Account;
use crate::domain::page::{Filter, TaskQuery};

const DIGEST_BYTES: usize = 9;

/// The cursor that continues `owner`'s query after this index key.
pub fn encode(owner: &Account, query: &TaskQuery, index_key: &str) -> String {
    let mut bytes = digest(owner, query, index_key).to_vec();
    bytes.extend_from_slice(index_key.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The index key in a cursor of `owner`'s query; `None` when the cursor belongs to another one.
pub fn decode(owner: &Account, query: &TaskQuery, cursor: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (expected, index_key) = bytes.split_at_checked(DIGEST_BYTES)?;
    let index_key = String::from_utf8(index_key.to_vec()).ok()?;
    (digest(owner, query, &index_key) == expected).then_some(index_key)
}

fn digest(owner: &Account, query: &TaskQuery, index_key: &str) -> [u8; DIGEST_BYTES] {
    let mut sha = Sha256::new();
    let mut add = |part: Option<&str>| {
        // The length, so that a part cannot extend into the next one; no part has this length.
        let length = part.map_or(u64::MAX, |part| part.len() as u64);
        sha.update(length.to_be_bytes());
        sha.update(part.unwrap_or_default());
    };
    add(Some(&owner.id.to_string()));
    add(Some(index_key));
    for part in selection(query) {
        add(part.as_deref());
    }
    let mut digest = [0; DIGEST_BYTES];
    digest.copy_from_slice(&sha.finalize()[..DIGEST_BYTES]);
    digest
}

/// Everything that decides which tasks a query finds and in which order, one entry per field.
fn selection(query: &TaskQuery) -> [Option<String>; 6] {
    // Without `..`, so that a new filter cannot be forgotten here.
    let Filter {
        done,
        title_prefix,
        text,
        due_before,
        due_after,
    } = &query.filter;
    [
        done.map(|done| done.to_string()),
        title_prefix.as_ref().map(|text| text.as_str().to_owned()),
        text.as_ref().map(|text| text.as_str().to_owned()),
        due_before.map(|day| day.to_string()),
        due_after.map(|day| day.to_string()),
        query.sort.map(|sort| sort.to_string()),
    ]
}
