//! The part of the OpenAPI document about the Model Context Protocol. What its messages hold is the
//! matter of that protocol's own schemas.

use serde_json::{Value, json};

use super::protocol::{LEGACY, SUPPORTED};
use crate::api::openapi::{LOGIN_ERRORS, Operation, Schemas};

const SPECIFICATION: &str =
    "https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http";

pub fn schemas(schemas: &mut Schemas) {
    let id = json!({"type": ["string", "integer"]});
    let request = json!({
        "type": "object",
        "description": "A JSON-RPC 2.0 request, or a notification, which has no `id`.",
        "required": ["jsonrpc", "method"],
        "properties": {
            "jsonrpc": {"const": "2.0"},
            "id": id,
            "method": {"type": "string"},
            "params": {"type": "object"},
        },
    });
    let response = json!({
        "type": "object",
        "description": "A JSON-RPC 2.0 response, with either a `result` or an `error`.",
        "required": ["jsonrpc"],
        "properties": {
            "jsonrpc": {"const": "2.0"},
            "id": id,
            "result": {"type": "object"},
            "error": {"type": "object", "required": ["code", "message"], "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string"},
                "data": {"type": "object"},
            }},
        },
    });
    schemas.add("McpRequest", request);
    schemas.add("McpResponse", response);
}

pub fn paths() -> Value {
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let version = json!({
        "name": "MCP-Protocol-Version",
        "in": "header",
        "description": "The revision of the protocol. Only `initialize`, a `ping` and notifications may lack it.",
        "schema": {"type": "string", "enum": SUPPORTED},
        "example": LEGACY[0],
    });
    let mut post = Operation::new("mcp", "mcp", "Talk to an assistant")
        .description(&format!(
            "A server of the Model Context Protocol, for revision 2026-07-28 and for those of 2025, \
             without sessions and streams. A request from a page of another origin is 403. \
             See {SPECIFICATION}.",
        ))
        .takes("McpRequest", list)
        .responds(200, "The response.", "McpResponse", &[])
        .empty(202, "A notification is received.")
        .errors(&LOGIN_ERRORS)
        .errors(&[413, 415])
        .responds(400, "The message is malformed, or its headers do not match it.", "McpResponse", &[])
        .responds(404, "There is no such method.", "McpResponse", &[]);
    post.0["parameters"] = json!([version]);
    json!({"/mcp": {"post": post.0}})
}
