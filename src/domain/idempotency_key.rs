//! The key by which a repeated request to create something is recognised.

use serde_json::value::RawValue;
use thiserror::Error;

use super::json::{self, FromJson, Problem};

/// 1 to 255 visible ASCII characters, without the quotes that may be around them in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// Continues a sentence that begins with the name of the header or the member.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be 1 to 255 visible ASCII characters")]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = IdempotencyKeyError;

    fn try_from(raw: String) -> Result<Self, IdempotencyKeyError> {
        let visible = raw.bytes().all(|byte| byte.is_ascii_graphic());
        match visible && (1..=255).contains(&raw.len()) {
            true => Ok(Self(raw)),
            false => Err(IdempotencyKeyError),
        }
    }
}

impl FromJson for IdempotencyKey {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        json::string(json)
    }
}
