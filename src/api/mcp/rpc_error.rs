//! Errors of the protocol. What a tool could not do is no such error but a result, which the model sees.

use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::protocol::{Era, SUPPORTED};
use crate::api::response;

/// Why a message is not carried out.
pub struct RpcError {
    status: StatusCode,
    error: ErrorBody,
}

#[derive(Serialize)]
struct ErrorBody {
    code: i32,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

#[derive(Serialize)]
struct ErrorResponse<'a> {
    jsonrpc: &'static str,
    /// Absent when it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RawValue>,
    error: ErrorBody,
}

impl RpcError {
    fn new(status: StatusCode, code: i32, message: impl Into<String>) -> Self {
        let error = ErrorBody {
            code,
            message: message.into(),
            data: None,
        };
        Self { status, error }
    }

    pub fn not_json() -> Self {
        let message = "the body is not well-formed JSON";
        Self::new(StatusCode::BAD_REQUEST, -32700, message)
    }

    pub fn not_a_request() -> Self {
        let message = "the body must be one JSON-RPC 2.0 request or notification";
        Self::new(StatusCode::BAD_REQUEST, -32600, message)
    }

    /// A client of an earlier revision takes any status but 200 for a broken connection.
    pub fn unknown_method(era: Era) -> Self {
        let status = match era {
            Era::Modern => StatusCode::NOT_FOUND,
            Era::Legacy => StatusCode::OK,
        };
        Self::new(status, -32601, "there is no such method here")
    }

    pub fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(StatusCode::OK, -32602, message)
    }

    pub fn malformed_params() -> Self {
        let message = "a parameter has the wrong type";
        Self::new(StatusCode::BAD_REQUEST, -32602, message)
    }

    pub fn missing_meta(name: &str) -> Self {
        let message = format!("_meta lacks io.modelcontextprotocol/{name}");
        Self::new(StatusCode::BAD_REQUEST, -32602, message)
    }

    pub fn missing_header(name: &str) -> Self {
        Self::header(name, "is missing")
    }

    pub fn malformed_header(name: &str) -> Self {
        Self::header(name, "must be given once and in ASCII")
    }

    pub fn header_mismatch(name: &str) -> Self {
        Self::header(name, "does not match the body")
    }

    fn header(name: &str, problem: &str) -> Self {
        let message = format!("the header {name} {problem}");
        Self::new(StatusCode::BAD_REQUEST, -32020, message)
    }

    pub fn unsupported_version(requested: &str) -> Self {
        let message = "this protocol version is not supported";
        let mut error = Self::new(StatusCode::BAD_REQUEST, -32022, message);
        let requested: String = requested.chars().take(100).collect();
        error.error.data = Some(json!({"supported": SUPPORTED, "requested": requested}));
        error
    }

    /// The response, under the request's id where it could be read.
    pub fn respond(self, id: Option<&RawValue>) -> Response {
        let body = ErrorResponse {
            jsonrpc: "2.0",
            id,
            error: self.error,
        };
        response::json(self.status, &body)
    }
}
