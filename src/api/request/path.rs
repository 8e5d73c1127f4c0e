//! Path parameters. One that no resource can have is the same 404 as one that none has.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use crate::api::error::ApiError;

/// The only parameter of the path: a task's or a token's id, or a user name.
pub struct PathParam<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for PathParam<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| ApiError::NotFound)?;
        let raw = params.iter().next().map(|(_, raw)| raw);
        raw.and_then(|raw| raw.parse().ok())
            .map(Self)
            .ok_or(ApiError::NotFound)
    }
}
