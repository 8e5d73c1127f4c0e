//! Until when a request has to be responded to.

use std::time::Duration;

use axum::extract::FromRequestParts;
use http::request::Parts;
use tokio::time::Instant;

use crate::api::error::ApiError;

/// When the function gives up on a request and responds with a 503. Comes among its extensions.
#[derive(Clone, Copy)]
pub struct Deadline(pub Instant);

impl Deadline {
    /// Until when a request that another one can continue begins anything more. What it has begun by
    /// then has the rest of the time.
    pub fn for_steps(self) -> Instant {
        const MARGIN: Duration = Duration::from_millis(500);
        self.0.checked_sub(MARGIN).unwrap_or(self.0)
    }

    /// The deadline for the parts of a response, which is written after the last of them.
    pub fn for_parts(self) -> Instant {
        const MARGIN: Duration = Duration::from_millis(100);
        self.0.checked_sub(MARGIN).unwrap_or(self.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Deadline {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let deadline = parts.extensions.get::<Self>().copied();
        deadline.ok_or_else(|| ApiError::Internal("the request came without its deadline".into()))
    }
}
