//! The `Authorization` header: HTTP Basic (RFC 7617) and Bearer (RFC 6750).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::domain::account::Username;
use crate::domain::password::Password;
use crate::domain::token::BearerToken;

/// What somebody shows to get in. Has no `Debug`.
pub enum Credentials {
    Password(Username, Password),
    Token(BearerToken),
}

/// Longer than any header whose credentials could be right.
const MAX_HEADER_BYTES: usize = 2048;

impl Credentials {
    /// The credentials in the headers; `None` when there are none, when they are malformed, and when
    /// nobody could have them.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let (Some(only), None) = (all.next(), all.next()) else {
            return None;
        };
        let (scheme, rest) = only.to_str().ok()?.split_once(' ')?;
        let rest = rest.trim_matches(' ');
        if rest.len() > MAX_HEADER_BYTES {
            return None;
        }
        if scheme.eq_ignore_ascii_case("bearer") {
            return BearerToken::from_text(rest).map(Self::Token);
        }
        scheme
            .eq_ignore_ascii_case("basic")
            .then(|| Self::from_basic(rest))?
    }

    fn from_basic(token68: &str) -> Option<Self> {
        let decoded = String::from_utf8(LENIENT_PADDING.decode(token68).ok()?).ok()?;
        if decoded.contains(char::is_control) {
            return None;
        }
        let (name, password) = decoded.split_once(':')?;
        if name.starts_with(Username::TOKEN_PREFIX) {
            return BearerToken::from_text(name).map(Self::Token);
        }
        let username = Username::try_from(name).ok()?;
        Some(Self::Password(
            username,
            Password::typed(password.to_owned())?,
        ))
    }
}

const LENIENT_PADDING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
