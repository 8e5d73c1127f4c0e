//! Every URI the service builds.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::api::error::ApiError;

/// Where the API begins, below the host's root.
pub const API_ROOT: &str = "/todo/api/v1.0";

/// What the function knows about a request beside the request itself.
#[derive(Clone)]
pub struct Invocation {
    /// The caller's address as the gateway saw it; no header can change it.
    pub source_ip: Option<IpAddr>,
    /// What every URI of the answer begins with, without a final slash.
    pub base: BaseUri,
}

/// What every URI in an answer begins with: scheme and host, perhaps a path, no final slash.
#[derive(Clone)]
pub struct BaseUri(pub Arc<str>);

impl<S: Send + Sync> FromRequestParts<S> for BaseUri {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let invocation = parts.extensions.get::<Invocation>();
        invocation
            .map(|invocation| invocation.base.clone())
            .ok_or_else(|| ApiError::Internal("the request came without its invocation".into()))
    }
}
