//! Tokens: logins without the password, for a limited time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::account::Username;
use super::json::{InvalidInput, Members};
use super::macros::json_string;
use super::text::{NO_CONTROL_CHARACTERS, TextError, check_length};
use super::time::Timestamp;
pub use duration::{TokenDuration, TokenDurationError};

mod duration;

/// What a login may do.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Reads everything, changes nothing.
    Read,
    /// Reads and changes everything but the account and its tokens.
    Write,
    /// Reads the calendar by its URI, which holds the token, and opens nothing else.
    Calendar,
}

json_string! {
    Scope, absent: Scope::Write;
    "`read` may only read; `write`, the default, may do everything but make tokens and change the account; \
     `calendar` opens the calendar at its `feed` and nothing else.",
    "write",
    {"enum": ["read", "write", "calendar"]}
}

/// The text is none of the scopes.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be \"read\", \"write\" or \"calendar\"")]
pub struct ScopeError;

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(raw: String) -> Result<Self, ScopeError> {
        match raw.as_str() {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "calendar" => Ok(Self::Calendar),
            _ => Err(ScopeError),
        }
    }
}

impl Scope {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Calendar => "calendar",
        }
    }
}

/// A token's name for its owner: up to 100 code points, no control characters, `""` by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Label(String);

json_string! {
    Label, absent: Label::default();
    "Up to 100 code points, no control characters; `\"\"` by default.",
    "laptop",
    {"maxLength": Label::MAX_CHARS, "pattern": NO_CONTROL_CHARACTERS}
}

impl Label {
    const MAX_CHARS: usize = 100;

    /// A label as it was stored, even if today's rules would refuse it.
    pub fn from_store(raw: String) -> Self {
        Self(raw)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Label {
    type Error = TextError;

    fn try_from(raw: String) -> Result<Self, TextError> {
        check_length(&raw, Self::MAX_CHARS)?;
        if raw.contains(char::is_control) {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(raw))
    }
}

/// A token's id, as in its URI: its slot among its owner's tokens, and 8 random bytes, so that the
/// next token in that slot has another id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenId {
    pub slot: Slot,
    pub nonce: [u8; 8],
}

/// One of the 100 slots a user has for tokens: no user can have more valid tokens than slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(u8);

impl Slot {
    /// All slots.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..100).map(Self)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.slot, URL_SAFE_NO_PAD.encode(self.nonce))
    }
}

/// The text is not the id of any possible token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenIdError;

impl FromStr for TokenId {
    type Err = TokenIdError;

    fn from_str(raw: &str) -> Result<Self, TokenIdError> {
        let (slot, nonce) = raw.split_once('-').ok_or(TokenIdError)?;
        let digits = slot.len() == 2 && slot.bytes().all(|byte| byte.is_ascii_digit());
        let slot = slot
            .parse()
            .ok()
            .filter(|_| digits)
            .map(Slot)
            .ok_or(TokenIdError)?;
        let nonce = URL_SAFE_NO_PAD.decode(nonce).map_err(|_| TokenIdError)?;
        Ok(Self {
            slot,
            nonce: nonce.try_into().map_err(|_| TokenIdError)?,
        })
    }
}

/// The last segment of a calendar's URI: a token with `.ics` after it. Has no `Debug`.
pub struct FeedName(pub BearerToken);

impl FeedName {
    pub fn to_text(&self) -> String {
        format!("{}{}", self.0.to_text(), Self::SUFFIX)
    }

    const SUFFIX: &str = ".ics";
}

/// The text is not the name of any possible calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedNameError;

impl FromStr for FeedName {
    type Err = FeedNameError;

    fn from_str(raw: &str) -> Result<Self, FeedNameError> {
        let token = raw.strip_suffix(Self::SUFFIX).ok_or(FeedNameError)?;
        BearerToken::from_text(token).map(Self).ok_or(FeedNameError)
    }
}

/// A token as its owner holds it: `tdo_<name>.<id>.<secret>`, name and secret in base64url. Has no
/// `Debug`, because of the secret.
#[derive(Clone)]
pub struct BearerToken {
    pub username: Username,
    pub id: TokenId,
    pub secret: [u8; 32],
}

impl BearerToken {
    pub fn to_text(&self) -> String {
        let name = URL_SAFE_NO_PAD.encode(self.username.as_str());
        let secret = URL_SAFE_NO_PAD.encode(self.secret);
        format!("{}{name}.{}.{secret}", Username::TOKEN_PREFIX, self.id)
    }

    /// Reads what `to_text` wrote; `None` for anything else.
    pub fn from_text(raw: &str) -> Option<Self> {
        let mut parts = raw.strip_prefix(Username::TOKEN_PREFIX)?.split('.');
        let (name, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let name = String::from_utf8(URL_SAFE_NO_PAD.decode(name).ok()?).ok()?;
        let username = name.parse::<Username>().ok()?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        // Only the spelling that was issued is a token.
        (username.as_str() == name).then_some(Self {
            username,
            id: id.parse().ok()?,
            secret,
        })
    }
}

/// The members of a token that its owner sets.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct TokenContent {
    pub label: Label,
    pub scope: Scope,
    pub duration: TokenDuration,
}

impl TokenContent {
    /// Reads what a create takes.
    pub fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        let (label, scope) = (members.value("label")?, members.value("scope")?);
        let duration = members.optional("duration")?.map_or_else(
            || Ok(TokenDuration::default_for(scope)),
            |seconds| TokenDuration::new(seconds, scope),
        );
        Ok(Self {
            label,
            scope,
            duration: duration.map_err(|problem| InvalidInput::field("duration", problem))?,
        })
    }
}

/// A token without its secret.
#[derive(Clone)]
pub struct Token {
    pub id: TokenId,
    pub content: TokenContent,
    pub created_at: Timestamp,
}

impl Token {
    /// When it expires.
    pub fn expires_at(&self) -> Timestamp {
        let valid_for = Duration::from_secs(self.content.duration.seconds().into());
        self.created_at.after(valid_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> BearerToken {
        BearerToken {
            username: "ada.l-1".parse().expect("a user name"),
            id: TokenId {
                slot: Slot(7),
                nonce: [255; 8],
            },
            secret: [9; 32],
        }
    }

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let text = token().to_text();
        assert!(
            text.starts_with("tdo_YWRhLmwtMQ.07-__________8.CQkJ"),
            "{text}"
        );
        let read = BearerToken::from_text(&text).expect("a token");
        assert_eq!(read.username.as_str(), "ada.l-1");
        assert!(read.id == token().id && read.secret == token().secret);
    }

    #[test]
    fn what_was_never_issued_is_no_token() {
        let text = token().to_text();
        let upper = URL_SAFE_NO_PAD.encode("ADA.l-1");
        let bad = [
            String::new(),
            "tdo_".to_owned(),
            text.replace("tdo_", "TDO_"),
            text.replace("tdo_", ""),
            format!("{text}x"),
            format!("{text}."),
            format!("{text}="),
            text.replace(".07-", ".7-"),
            text.replace(".07-", ".+7-"),
            text.replace(".07-", ".100-"),
            text.replace("YWRhLmwtMQ", &upper),
            text.replace("YWRhLmwtMQ", ""),
            text[..text.len() - 2].to_owned(),
        ];
        for raw in bad {
            assert!(BearerToken::from_text(&raw).is_none(), "{raw}");
        }
    }
}
