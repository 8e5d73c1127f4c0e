//! Who is asking. Needing a login is a type: a handler that takes none of these is open.
//!
//! [`CurrentUser`] is anybody who is logged in, [`Writer`] somebody who may change things,
//! [`PasswordUser`] somebody who has given the password just now, [`DeletingUser`] the same, of an account that
//! may be closed already.

mod authenticator;
mod cache;
mod credentials;
mod login_limits;
mod password_hasher;

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::AppState;
use crate::api::error::ApiError;
use crate::api::uris::Invocation;
use crate::domain::account::Account;
use crate::domain::token::Scope;
use crate::telemetry;
pub use authenticator::Authenticator;
use credentials::Credentials;
pub use login_limits::Source;
pub use password_hasher::PasswordHasher;

/// A user whose credentials came with the request, or were verified moments ago.
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

/// An `PasswordUser` whose account may be closed already: all that is left to do is to delete it.
pub struct DeletingUser {
    pub account: Account,
}

impl FromRequestParts<AppState> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let (source, credentials) = presented(parts)?;
        let user = app.auth.verify(&app.store, source, credentials).await?;
        telemetry::account(user.account.id);
        Ok(user)
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
            Scope::Read => Err(ApiError::Forbidden("this token may only read")),
        }
    }
}

impl FromRequestParts<AppState> for PasswordUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let (account, closed) = with_password(parts, app).await?;
        if closed {
            Err(ApiError::Unauthorized)
        } else {
            Ok(Self { account })
        }
    }
}

impl FromRequestParts<AppState> for DeletingUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let (account, _) = with_password(parts, app).await?;
        Ok(Self { account })
    }
}

/// The account whose password came with the request, and whether it is closed.
async fn with_password(parts: &Parts, app: &AppState) -> Result<(Account, bool), ApiError> {
    let (source, credentials) = presented(parts)?;
    let (username, password) = match credentials {
        Credentials::Password(username, password) => (username, password),
        Credentials::Token(_) => {
            // One that is not valid is told so, and no more.
            app.auth.verify(&app.store, source, credentials).await?;
            return Err(ApiError::Forbidden("this needs the password, not a token"));
        }
    };
    let stored = app
        .auth
        .verify_password(&app.store, source, username, password)
        .await?;
    telemetry::account(stored.account.id);
    Ok((stored.account, stored.closed))
}

impl FromRequestParts<AppState> for Source {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(parts.extensions.get::<Invocation>()))
    }
}

/// What the request shows for itself, and where it comes from.
fn presented(parts: &Parts) -> Result<(Source, Credentials), ApiError> {
    let credentials = Credentials::from_headers(&parts.headers).ok_or(ApiError::Unauthorized)?;
    Ok((
        Source::of(parts.extensions.get::<Invocation>()),
        credentials,
    ))
}
