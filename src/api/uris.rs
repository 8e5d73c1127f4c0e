//! Every URI the service builds.

use std::fmt::Display;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::Serialize;

use super::error::ApiError;
use crate::domain::account::Username;
use crate::domain::list::ListId;
use crate::domain::macros::json_schema;
use crate::domain::task::TaskId;
use crate::domain::token::{FeedName, TokenId};

/// The path of an API route, from its path below the API's root.
macro_rules! api {
    ($path:literal) => {
        concat!("/todo/api/v1.0", $path)
    };
}

pub(crate) use api;

/// Where the API begins, below the host's root.
pub const API_ROOT: &str = api!("");

/// An absolute URI in a response.
#[derive(Clone, Debug, Serialize)]
pub struct Uri(String);

json_schema! {
    Uri; "string",
    "Where it is; absolute.",
    "http://localhost:9000/todo/api/v1.0/tasks/2",
    {"format": "uri"}
}

impl Uri {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What every URI in a response begins with: scheme and host, perhaps a path, no final slash. Comes
/// among a request's extensions.
#[derive(Clone)]
pub struct BaseUri(pub Arc<str>);

impl BaseUri {
    /// The URI of a path from the host's root.
    pub fn root(&self, path: &str) -> Uri {
        Uri(format!("{}{path}", self.0))
    }

    /// The URI of a path below the API's root.
    pub fn api(&self, path: impl Display) -> Uri {
        Uri(format!("{}{API_ROOT}/{path}", self.0))
    }

    pub fn task(&self, id: TaskId) -> Uri {
        self.api(format_args!("tasks/{id}"))
    }

    pub fn list(&self, id: ListId) -> Uri {
        self.api(format_args!("lists/{id}"))
    }

    pub fn list_tasks(&self, id: ListId) -> Uri {
        self.api(format_args!("lists/{id}/tasks"))
    }

    pub fn user(&self, username: &Username) -> Uri {
        self.api(format_args!("users/{}", username.as_str()))
    }

    pub fn token(&self, id: TokenId) -> Uri {
        self.api(format_args!("tokens/{id}"))
    }

    /// A calendar's URI, which is a secret.
    pub fn feed(&self, name: &FeedName) -> Uri {
        self.api(format_args!("calendar/{}", name.to_text()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BaseUri {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let base = parts.extensions.get::<Self>().cloned();
        base.ok_or_else(|| ApiError::Internal("the request came without its base URI".into()))
    }
}
