//! The ids of writes, and the traces that they leave in items.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::attributes::{Item, item, s, text};
use super::error::StoreError;
use super::random;

/// Tells one write from all others; every attempt of it has the same one. 12 random bytes in
/// base64url.
pub struct WriteId(String);

impl WriteId {
    pub fn random() -> Result<Self, StoreError> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random::bytes::<12>()?)))
    }

    pub fn value(&self) -> AttributeValue {
        s(&self.0)
    }
}

/// The write that created an item. Never changed.
pub const CREATED_BY: &str = "created_by";

/// The write that revoked a token. Tokens have no register: nothing else is ever changed of them.
pub const REVOKED_BY: &str = "revoked_by";

/// The last four writes that changed an item, the latest first.
pub const REGISTER: [&str; 4] = ["write_1", "write_2", "write_3", "write_4"];

/// Stands in the register for a write that has not happened yet.
pub const NO_WRITE: &str = "-";

/// The attributes of a new item that say which write created it.
pub fn created(write: &WriteId) -> Item {
    let mut created = item(REGISTER.map(|name| (name, s(NO_WRITE))));
    created.insert(CREATED_BY.to_owned(), write.value());
    created
}

/// Whether an item shows that `write` was applied to it.
pub fn holds(item: &Item, write: &WriteId) -> bool {
    let mut writers = [CREATED_BY, REVOKED_BY].iter().chain(&REGISTER);
    writers.any(|name| text(item, name) == Some(&write.0))
}

#[cfg(test)]
impl From<&str> for WriteId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}
