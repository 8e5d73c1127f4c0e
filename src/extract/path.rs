//! Ids in paths. One of a form that no thing can have is the same 404 as one that nothing has.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use crate::domain::task::TaskId;
use crate::error::ApiError;

/// The `{id}` of a task's path.
pub struct TaskPath(pub TaskId);

impl<S: Send + Sync> FromRequestParts<S> for TaskPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| ApiError::NotFound)?;
        let (_, id) = params.iter().next().ok_or(ApiError::NotFound)?;
        id.parse().map(Self).map_err(|_| ApiError::NotFound)
    }
}
