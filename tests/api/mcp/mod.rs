//! The Model Context Protocol at `POST /mcp`.

mod access;
mod definitions;
mod errors;
mod hostile;
mod protocol;
mod retries;
mod tools;

use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::client::{Call, TestResponse, User};

pub const MCP: &str = "/mcp";
pub const VERSION: &str = "2026-07-28";

/// The `_meta` of a request of revision 2026-07-28.
pub fn meta(version: &str) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// A client of revision 2026-07-28, which sends every request with all that it must have.
pub struct Assistant<'a> {
    user: &'a User<'a>,
}

impl<'a> Assistant<'a> {
    pub fn of(user: &'a User<'a>) -> Self {
        Self { user }
    }

    /// A request with its headers and `_meta`, not sent yet.
    pub fn prepare(&self, method: &str, mut params: Value) -> Call<'a> {
        let name = params["name"].as_str().map(str::to_owned);
        params["_meta"] = meta(VERSION);
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        let call = self.user.post(MCP, &body);
        let call = with(call, "mcp-protocol-version", VERSION);
        let call = with(call, "mcp-method", method);
        match name.filter(|_| method == "tools/call") {
            Some(name) => with(call, "mcp-name", &name),
            None => call,
        }
    }

    /// The JSON-RPC response, which must be 200.
    pub async fn request(&self, method: &str, params: Value) -> Value {
        let response = self.prepare(method, params).send().await;
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()
    }

    /// The result of a tool.
    pub async fn call(&self, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        let response = self.request("tools/call", params).await;
        assert_eq!(response["id"], 7);
        response["result"].clone()
    }

    /// What a tool gives as data, and whether it is an error.
    pub async fn data(&self, tool: &str, arguments: Value) -> (Value, bool) {
        let result = self.call(tool, arguments).await;
        let is_error = result["isError"].as_bool().expect("a boolean");
        (result["structuredContent"].clone(), is_error)
    }
}

pub fn with<'a>(call: Call<'a>, name: &'static str, value: &str) -> Call<'a> {
    let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
    call.header(HeaderName::from_static(name), value)
}

/// A message as a client of 2025 sends it: with the version that was agreed on, once there is one.
pub async fn post_legacy(user: &User<'_>, body: &Value) -> TestResponse {
    let call = user.post(MCP, body);
    let call = match body["method"] == "initialize" {
        true => call,
        false => with(call, "mcp-protocol-version", "2025-11-25"),
    };
    call.send().await
}
