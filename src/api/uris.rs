//! Every URI the service builds.

use std::fmt::Display;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::error::ApiError;
use crate::domain::account::Username;
use crate::domain::task::TaskId;
use crate::domain::token::TokenId;

/// Where the API begins, below the host's root.
pub const API_ROOT: &str = "/todo/api/v1.0";

/// What every URI in a response begins with: scheme and host, perhaps a path, no final slash. Comes
/// among a request's extensions.
#[derive(Clone)]
pub struct BaseUri(pub Arc<str>);

impl BaseUri {
    /// A path from the host's root.
    pub fn from_root(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// A path below the API's root.
    pub fn api(&self, path: impl Display) -> String {
        format!("{}{API_ROOT}/{path}", self.0)
    }

    pub fn task(&self, id: TaskId) -> String {
        self.api(format_args!("tasks/{id}"))
    }

    pub fn user(&self, username: &Username) -> String {
        self.api(format_args!("users/{}", username.as_str()))
    }

    pub fn token(&self, id: TokenId) -> String {
        self.api(format_args!("tokens/{id}"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BaseUri {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let base = parts.extensions.get::<Self>().cloned();
        base.ok_or_else(|| ApiError::Internal("the request came without its base URI".into()))
    }
}
