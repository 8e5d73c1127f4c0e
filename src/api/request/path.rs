//! Names in paths. One of a form that no thing can have is the same 404 as one that nothing has.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use crate::api::error::ApiError;
use crate::domain::account::Username;
use crate::domain::task::TaskId;
use crate::domain::token::TokenId;

/// The `{id}` of a task's path.
pub struct TaskPath(pub TaskId);

/// The `{id}` of a token's path.
pub struct TokenPath(pub TokenId);

/// The `{username}` of a user's path.
pub struct UserPath(pub Username);

impl<S: Send + Sync> FromRequestParts<S> for TaskPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        only_param(parts, state, |raw| raw.parse().ok())
            .await
            .map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TokenPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        only_param(parts, state, |raw| raw.parse().ok())
            .await
            .map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for UserPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        only_param(parts, state, |raw| Username::try_from(raw).ok())
            .await
            .map(Self)
    }
}

async fn only_param<S: Send + Sync, T>(
    parts: &mut Parts,
    state: &S,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, ApiError> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    let params = params.map_err(|_| ApiError::NotFound)?;
    params
        .iter()
        .next()
        .and_then(|(_, raw)| parse(raw))
        .ok_or(ApiError::NotFound)
}
