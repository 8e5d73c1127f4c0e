//! What is served to anybody: the index of the API and the sign of life.

use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::openapi::members;
use crate::api::request::json_response;
use crate::api::uris::API_ROOT;
use crate::api::uris::BaseUri;

#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
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
    json_response(StatusCode::OK, &health)
}

#[derive(Serialize, ToSchema)]
#[schema(as = Index)]
pub struct Index {
    #[schema(schema_with = members::uri)]
    tasks: String,
    #[schema(schema_with = members::uri)]
    users: String,
    #[schema(schema_with = members::uri)]
    tokens: String,
    #[schema(schema_with = members::uri)]
    openapi: String,
}

/// `GET` of the API's root: where everything else is.
pub async fn index(base: BaseUri) -> Response {
    let at = |name: &str| format!("{}{API_ROOT}/{name}", base.0);
    let index = Index {
        tasks: at("tasks"),
        users: at("users"),
        tokens: at("tokens"),
        openapi: format!("{}/openapi.json", base.0),
    };
    json_response(StatusCode::OK, &index)
}
