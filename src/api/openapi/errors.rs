//! One response per kind of error, named after its status.

use std::time::Duration;

use http::{HeaderValue, Method};
use serde_json::{Map, Value, json};

use super::operation::{error_name, header_refs};
use crate::api::error::ApiError;
use crate::api::request::MAX_BODY_BYTES;
use crate::domain::json::InvalidInput;
use crate::domain::version::Version;

/// An error of each kind, what it means, and the headers that may come with it.
fn samples() -> Vec<(ApiError, &'static str, &'static [&'static str])> {
    vec![
        (
            ApiError::BadRequest(InvalidInput::field("title", "is missing")),
            "Malformed, or a member, parameter or header is invalid; `field` names it.",
            &[],
        ),
        (
            ApiError::Unauthorized,
            "No, wrong, expired or revoked credentials. The status is a setting: 401 or 403.",
            &["WWW-Authenticate"],
        ),
        (
            ApiError::Forbidden("this token may only read"),
            "The credentials are valid but not sufficient, or registration is not allowed.",
            &[],
        ),
        (
            ApiError::NotFound,
            "There is no such resource, or it is somebody else's.",
            &[],
        ),
        (
            ApiError::MethodNotAllowed(HeaderValue::from_static("GET, HEAD, OPTIONS")),
            "The path has other methods.",
            &["Allow"],
        ),
        (
            ApiError::Conflict("the user name is taken"),
            "The user name is taken, there are too many tokens, lists or tasks, or the inbox was to be deleted.",
            &[],
        ),
        (
            ApiError::Gone,
            "The walk that gave the cursor began more than 30 days ago: begin without one.",
            &[],
        ),
        (
            ApiError::PreconditionFailed(Version(2)),
            "`If-Match` did not match; the current `ETag` comes with it.",
            &["ETag"],
        ),
        (
            ApiError::PayloadTooLarge(MAX_BODY_BYTES),
            "The body is larger than 256 KiB, that of a batch than 1 MiB.",
            &[],
        ),
        (
            ApiError::UnsupportedMediaType(Method::POST),
            "The body is not JSON in UTF-8, or its `Content-Type` does not say so.",
            &["Accept-Post", "Accept-Patch", "Accept"],
        ),
        (
            ApiError::Unprocessable("the Idempotency-Key was used with another body"),
            "The `Idempotency-Key` was used with another body.",
            &[],
        ),
        (
            ApiError::TooManyRequests(Duration::from_secs(300)),
            "Too many attempts.",
            &["Retry-After"],
        ),
        (
            ApiError::Internal("".into()),
            "A fault of the service.",
            &[],
        ),
        (
            ApiError::Unavailable("".into()),
            "The database throttled, failed or was too slow.",
            &["Retry-After"],
        ),
    ]
}

pub fn responses() -> Value {
    let mut responses = Map::new();
    for (error, description, headers) in samples() {
        let response = json!({
            "description": description,
            "headers": header_refs(&[headers, &["X-Request-Id"]].concat()),
            "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "example": error.envelope(),
            }},
        });
        responses.insert(error_name(error.status().as_u16()), response);
    }
    responses.into()
}

/// The words of `error`, for every kind.
pub fn words() -> Value {
    let words = samples().into_iter().map(|(error, ..)| error.words());
    words.collect()
}
