//! The handlers, and the bodies they read and write. A handler parses into domain types, calls the
//! store once or twice, and replies.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::openapi::members;
use crate::api::request::IfNoneMatch;

/// Members that an answer holds and that may come back.
pub const READ_ONLY: &[&str] = &["uri", "etag", "created_at", "updated_at", "completed_at"];

/// The answer to a DELETE.
#[derive(Serialize, ToSchema)]
#[schema(as = Deleted)]
pub struct Deleted {
    #[schema(schema_with = members::result)]
    result: bool,
}

pub const DELETED: Deleted = Deleted { result: true };

pub fn set_etag(response: &mut Response, etag: &str) {
    if let Ok(etag) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(ETAG, etag);
    }
}

/// An answer to a GET; to those who have it already it is 304.
pub fn or_not_modified(mut response: Response, etag: &str, known: &IfNoneMatch) -> Response {
    if known.has(etag) {
        response = StatusCode::NOT_MODIFIED.into_response();
    }
    set_etag(&mut response, etag);
    response
}

/// An answer for the caller's own cache to keep, and to ask about each time.
pub fn cacheable(mut response: Response) -> Response {
    let own_cache = HeaderValue::from_static("private, no-cache");
    response.headers_mut().insert(CACHE_CONTROL, own_cache);
    response
}

pub fn set_location(response: &mut Response, uri: &str) -> Result<(), ApiError> {
    let uri = HeaderValue::from_str(uri).map_err(|error| ApiError::Internal(error.into()))?;
    response.headers_mut().insert(LOCATION, uri);
    Ok(())
}
