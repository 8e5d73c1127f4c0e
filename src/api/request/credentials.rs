//! Who sends a request. Needing a login is a type: a handler that takes none of these is open.
//!
//! [`CurrentUser`] is anybody who is logged in, [`Writer`] somebody who may change things,
//! [`PasswordUser`] somebody who has sent the password with this request, [`DeletingUser`] the same,
//! of an account whose deletion may have begun.
//!
//! The `Authorization` header is HTTP Basic (RFC 7617) or Bearer (RFC 6750).

use axum::extract::FromRequestParts;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::client_address::client_address;
use crate::api::error::ApiError;
use crate::api::state::AppState;
use crate::auth::{AuthError, Credentials};
use crate::domain::account::{Account, Username};
use crate::domain::password::Password;
use crate::domain::token::{BearerToken, Scope};
use crate::store::accounts::StoredAccount;
use crate::telemetry;

/// A user whose credentials were verified now or within `AUTH_CACHE_SECONDS`. The requests of a batch
/// have the batch's among their extensions.
#[derive(Clone)]
pub struct CurrentUser {
    pub account: Account,
    scope: Scope,
}

/// A user who may change what is theirs.
pub struct Writer {
    pub account: Account,
}

/// A user whose password came with the request and was checked against the table for it.
pub struct PasswordUser {
    pub account: Account,
}

/// A `PasswordUser` whose account may be closed already: all that is left to do is to delete it.
pub struct DeletingUser {
    pub account: Account,
}

impl CurrentUser {
    /// Whether the credentials allow changes.
    pub fn may_write(&self) -> bool {
        self.scope == Scope::Write
    }
}

impl FromRequestParts<AppState> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        if let Some(verified) = parts.extensions.get::<Self>() {
            return Ok(verified.clone());
        }
        let credentials = credentials(&parts.headers)?;
        let login = app.auth.verify(client_address(parts), credentials).await?;
        telemetry::account(login.account.id);
        Ok(Self {
            account: login.account,
            scope: login.scope,
        })
    }
}

impl FromRequestParts<AppState> for Writer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let user = CurrentUser::from_request_parts(parts, app).await?;
        match user.scope {
            Scope::Write => Ok(Self {
                account: user.account,
            }),
            // `verify` has refused a calendar's token already.
            Scope::Read | Scope::Calendar => Err(ApiError::Forbidden("this token may only read")),
        }
    }
}

impl FromRequestParts<AppState> for PasswordUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let stored = with_password(parts, app).await?;
        if stored.closed {
            return Err(AuthError::Unauthorized.into());
        }
        Ok(Self {
            account: stored.account,
        })
    }
}

impl FromRequestParts<AppState> for DeletingUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let stored = with_password(parts, app).await?;
        Ok(Self {
            account: stored.account,
        })
    }
}

/// The account whose password came with the request, closed ones too.
async fn with_password(parts: &Parts, app: &AppState) -> Result<StoredAccount, ApiError> {
    let address = client_address(parts);
    match credentials(&parts.headers)? {
        Credentials::Password(username, password) => {
            let stored = app
                .auth
                .verify_password(address, username, password)
                .await?;
            telemetry::account(stored.account.id);
            Ok(stored)
        }
        token @ Credentials::Token(_) => {
            // An invalid token is 401, as everywhere; only a valid one learns that it is not enough.
            app.auth.verify(address, token).await?;
            Err(ApiError::Forbidden("this needs the password, not a token"))
        }
    }
}

/// Longer than any header whose credentials could be valid.
const MAX_HEADER_BYTES: usize = 2048;

/// The credentials in the headers. Missing, malformed and impossible ones are all the same 401.
fn credentials(headers: &HeaderMap) -> Result<Credentials, AuthError> {
    parse_authorization(headers).ok_or(AuthError::Unauthorized)
}

fn parse_authorization(headers: &HeaderMap) -> Option<Credentials> {
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
        return BearerToken::from_text(rest).map(Credentials::Token);
    }
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| parse_basic(rest))?
}

fn parse_basic(token68: &str) -> Option<Credentials> {
    let decoded = String::from_utf8(LENIENT_PADDING.decode(token68).ok()?).ok()?;
    if decoded.contains(char::is_control) {
        return None;
    }
    let (name, password) = decoded.split_once(':')?;
    if name.starts_with(Username::TOKEN_PREFIX) {
        return BearerToken::from_text(name).map(Credentials::Token);
    }
    let username = name.parse().ok()?;
    let password = Password::typed(password.to_owned())?;
    Some(Credentials::Password(username, password))
}

const LENIENT_PADDING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
