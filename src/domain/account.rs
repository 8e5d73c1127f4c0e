//! Accounts: the name a user logs in with, the email address, the ids.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use thiserror::Error;

use super::macros::json_string;
use super::text::check_length;
use super::time::Timestamp;
use super::version::Version;

/// The name a user logs in with: 1 to 64 of `a-z 0-9 . _ -`, folded to lower case, not starting
/// with a dot or with `tdo_`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Username(String);

json_string! {
    Username;
    "1 to 64 of `a-z 0-9 . _ -`, folded to lower case, not starting with a dot or with `tdo_`.",
    "ada",
    {"minLength": 1, "maxLength": Username::MAX_CHARS, "pattern": Username::PATTERN}
}

/// Why a user name is refused. The message continues a sentence that begins with `username`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "must be 1 to 64 of the characters a-z, 0-9, '.', '_' and '-', not starting with '.' or 'tdo_'"
)]
pub struct UsernameError;

impl Username {
    const MAX_CHARS: usize = 64;

    /// What every token begins with; so that the two are never confused, no user name does.
    pub const TOKEN_PREFIX: &str = "tdo_";

    /// The JSON Schema pattern of a user name, in any case.
    pub const PATTERN: &str = "^(?![Tt][Dd][Oo]_)[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$";

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Username {
    type Error = UsernameError;

    fn try_from(raw: String) -> Result<Self, UsernameError> {
        raw.parse()
    }
}

impl FromStr for Username {
    type Err = UsernameError;

    fn from_str(raw: &str) -> Result<Self, UsernameError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=Self::MAX_CHARS).contains(&raw.len()) || !raw.bytes().all(allowed) {
            return Err(UsernameError);
        }
        let folded = raw.to_ascii_lowercase();
        if folded.starts_with('.') || folded.starts_with(Self::TOKEN_PREFIX) {
            return Err(UsernameError);
        }
        Ok(Self(folded))
    }
}

/// An email address: at most 254 code points, one `@`, no white space, no control characters. That mail
/// arrives there has not been checked. Has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Email(String);

json_string! {
    Email;
    "At most 254 code points, one `@`, no white space; null without one.",
    "ada@example.com",
    {
        "maxLength": Email::MAX_CHARS,
        "pattern": r"^[^@\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+@[^@\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$",
    }
}

/// Why an address is refused. The message continues a sentence that begins with `email`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be an address like ada@example.com, of at most 254 characters")]
pub struct EmailError;

impl Email {
    const MAX_CHARS: usize = 254;

    /// An address as it was stored, even if today's rules would refuse it.
    pub fn from_store(raw: String) -> Self {
        Self(raw)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = EmailError;

    fn try_from(raw: String) -> Result<Self, EmailError> {
        let fits = check_length(&raw, Self::MAX_CHARS).is_ok();
        let clean = !raw.contains(|c: char| c.is_whitespace() || c.is_control());
        let two_sides = raw.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && !host.is_empty() && !host.contains('@')
        });
        if fits && clean && two_sides {
            Ok(Self(raw))
        } else {
            Err(EmailError)
        }
    }
}

/// An account's internal id: 16 random bytes, chosen at registration, never reused. Whoever registers
/// a freed user name gets another one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AccountId([u8; 16]);

impl AccountId {
    /// A new one.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads what `Display` wrote; `None` for anything else.
    pub fn from_store(raw: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(raw).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

/// 22 characters of base64url, as in the table's keys and in the logs.
impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The part of an account that its user may read.
#[derive(Clone)]
pub struct Profile {
    pub username: Username,
    pub email: Option<Email>,
    pub version: Version,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An account whose credentials have been verified: which one, and the version of its credentials.
/// Every key in the table that belongs to a user is made from it.
#[derive(Clone)]
pub struct Account {
    pub username: Username,
    pub id: AccountId,
    /// Rises with every change of the password, which invalidates whatever was verified before.
    pub credential_version: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn username(raw: &str) -> Option<String> {
        raw.parse::<Username>().ok().map(|name| name.0)
    }

    #[test]
    fn a_user_name_is_folded_to_lower_case() {
        assert_eq!(
            username("Ada.Lovelace-1815_x"),
            Some("ada.lovelace-1815_x".to_owned())
        );
    }

    #[test]
    fn what_could_be_mistaken_for_something_else_is_no_user_name() {
        let long = "a".repeat(65);
        for raw in [
            "", ".ada", "tdo_x", "TDO_x", "a b", "a/b", "a#b", "ä", "a\0", "a:b", &long,
        ] {
            assert_eq!(username(raw), None, "{raw:?}");
        }
        assert!(username(&"a".repeat(64)).is_some());
    }

    #[test]
    fn an_address_has_two_sides_and_no_gaps() {
        for raw in [
            "ada@example.com",
            "ä+b@x",
            &format!("{}@x", "a".repeat(252)),
        ] {
            assert!(Email::try_from((*raw).to_owned()).is_ok(), "{raw}");
        }
        let long = format!("{}@x", "a".repeat(253));
        for raw in [
            "", "ada", "@x", "ada@", "a@b@c", "a b@x", "a@x\n", "a@\0", &long,
        ] {
            assert!(Email::try_from((*raw).to_owned()).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn an_account_id_is_read_as_it_was_written() {
        let id = AccountId([7; 16]);
        assert_eq!(AccountId::from_store(&id.to_string()), Some(id));
        assert_eq!(AccountId::from_store("short"), None);
    }
}
