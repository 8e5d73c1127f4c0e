//! The `Authorization` header of HTTP Basic (RFC 7617, RFC 9110 section 11).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::password::Password;
use crate::domain::user::Username;

/// A user name and a password that belong together, if somebody says so.
pub struct Credentials {
    pub username: Username,
    pub password: Password,
}

/// Longer than any header whose credentials could be right.
const MAX_HEADER_BYTES: usize = 2048;

impl Credentials {
    /// The credentials in the headers; `None` when there are none, when they are malformed, and when
    /// no account could have them.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let (Some(only), None) = (all.next(), all.next()) else {
            return None;
        };
        let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") || token.len() > MAX_HEADER_BYTES {
            return None;
        }
        let decoded = LENIENT_PADDING.decode(token.trim_matches(' ')).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        if decoded.contains(char::is_control) {
            return None;
        }
        let (username, password) = decoded.split_once(':')?;
        Some(Self {
            username: Username::try_from(username).ok()?,
            password: Password::new(password.to_owned())?,
        })
    }
}

const LENIENT_PADDING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
