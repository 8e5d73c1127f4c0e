//! Requests that need no login.

use axum::response::Response;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::response::json;
use crate::api::uris::{BaseUri, Uri};

#[derive(Serialize, JsonSchema)]
pub struct Health {
    status: &'static str,
    version: &'static str,
}

/// `GET /health`: the function runs. Says nothing about the database.
pub async fn health() -> Response {
    let health = Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    };
    json(StatusCode::OK, &health)
}

#[derive(Serialize, JsonSchema)]
pub struct Index {
    tasks: Uri,
    lists: Uri,
    trash: Uri,
    batch: Uri,
    changes: Uri,
    users: Uri,
    tokens: Uri,
    mcp: Uri,
    openapi: Uri,
}

/// `GET` of the API's root: where everything else is.
pub async fn index(base: BaseUri) -> Response {
    let index = Index {
        tasks: base.api("tasks"),
        lists: base.api("lists"),
        trash: base.api("trash"),
        batch: base.api("batch"),
        changes: base.api("changes"),
        users: base.api("users"),
        tokens: base.api("tokens"),
        mcp: base.root("/mcp"),
        openapi: base.root("/openapi.json"),
    };
    json(StatusCode::OK, &index)
}
