//! The part of the OpenAPI document about what is open to anybody.

use serde_json::{Value, json};

use super::handlers::{Health, Index};
use crate::api::openapi::{Operation, Schemas};
use crate::api::uris::api;

const ERRORS: [u16; 2] = [400, 500];
const CACHED: [&str; 2] = ["ETag", "Cache-Control"];

pub fn schemas(schemas: &mut Schemas) {
    schemas.response::<Health>();
    schemas.response::<Index>();
}

pub fn paths() -> Value {
    let health = Operation::new("health", "service", "Whether the function runs")
        .description("Touches no database.")
        .open()
        .responds(200, "It does.", "Health", &[])
        .errors(&ERRORS);
    let index = |id: &str| {
        Operation::new(id, "service", "Where everything is")
            .open()
            .responds(200, "The URIs.", "Index", &[])
            .errors(&ERRORS)
            .0
    };
    let openapi = file("openapi", "This document")
        .content(
            200,
            "OpenAPI 3.1.",
            "application/json",
            &json!({"type": "object"}),
            &CACHED,
        )
        .not_modified();
    json!({
        "/health": {"get": health.0},
        "/openapi.json": {"get": openapi.0},
        api!(""): {"get": index("index")},
        api!("/"): {"get": index("indexWithSlash")},
        "/docs": {"get": page("get_docs", "This reference, in a browser")},
        "/": {"get": page("get_", "The web client")},
    })
}

/// A page for people. The files it loads are not part of the contract.
fn page(id: &str, summary: &str) -> Value {
    file(id, summary)
        .content(
            200,
            summary,
            "text/html",
            &json!({"type": "string"}),
            &CACHED,
        )
        .not_modified()
        .0
}

fn file(id: &str, summary: &str) -> Operation {
    Operation::new(id, "service", summary)
        .open()
        .parameters(&["If-None-Match"])
        .errors(&ERRORS)
}
