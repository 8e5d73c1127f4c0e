//! The contract as OpenAPI 3.1, out of the code: each resource's `docs` says what its routes take and
//! respond with, the bodies' types give the schemas, `ApiError` the errors. Tests compare the document
//! with the table of routes and with the committed `openapi.json`, which is what is served.

mod components;
mod errors;
mod operation;
mod schemas;

use serde_json::{Map, Value, json};

use super::error::Envelope;
use super::response::Deleted;
use super::{batch, calendar, changes, lists, mcp, service, tasks, tokens, trash, users};
pub use operation::{LOGIN_ERRORS, Operation, links, parameter_ref};
pub use schemas::{Kind, Schemas};

const INTRODUCTION: &str = "A to-do list, after the article *Designing a RESTful API with Python and Flask*.\n\n\
    Bodies are JSON in UTF-8. Every error is `{\"error\": …}`, with `detail` and `field` where they help. \
    A method that a path does not have is 405 with `Allow`; GET routes respond to HEAD alike; OPTIONS gives `Allow`. \
    Read-only members of a response may be sent back and are ignored; other unknown \
    members are refused. Unknown query parameters are ignored; a known one given twice is refused. \
    `AUTH_FAILURE_STATUS=403` turns the status of every 401 into 403.";

/// The whole document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for part in [
        tasks::paths(),
        lists::paths(),
        trash::paths(),
        batch::paths(),
        calendar::paths(),
        changes::paths(),
        users::paths(),
        tokens::paths(),
        mcp::paths(),
        service::paths(),
    ] {
        paths.extend(part.as_object().cloned().unwrap_or_default());
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "todo-api",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A to-do list.",
            "description": INTRODUCTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        // Relative to this document, so that a stage or base path in front of it counts.
        "servers": [{"url": "."}],
        "security": [{"basic": []}, {"bearer": []}],
        "tags": [
            {"name": "tasks", "description": "The user's tasks."},
            {"name": "lists", "description": "The user's lists."},
            {"name": "trash", "description": "Deleted tasks, which can be restored for 30 days."},
            {"name": "changes", "description": "What has changed since the last time."},
            {"name": "users", "description": "The user's account; anybody else's is 404."},
            {"name": "tokens", "description": "Logins without the password, for a limited time."},
            {"name": "mcp", "description": "The same list for assistants."},
            {"name": "service", "description": "Open to anybody."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic",
                    "description": "User name and password; or a token as the user name, with any password."},
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token from `POST /tokens`."},
            },
            "schemas": all_schemas(),
            "parameters": components::parameters(),
            "headers": components::headers(),
            "responses": errors::responses(),
        },
    })
}

fn all_schemas() -> Value {
    let mut schemas = Schemas::new();
    schemas.response::<Envelope<'_>>();
    schemas.set("Error", "error", "enum", errors::words());
    schemas.response::<Deleted>();
    tasks::schemas(&mut schemas);
    lists::schemas(&mut schemas);
    trash::schemas(&mut schemas);
    batch::schemas(&mut schemas);
    changes::schemas(&mut schemas);
    users::schemas(&mut schemas);
    tokens::schemas(&mut schemas);
    mcp::schemas(&mut schemas);
    service::schemas(&mut schemas);
    schemas.into_value()
}
