//! The handlers, and the bodies they read and write. A handler parses into domain types, calls the
//! store once or twice, and replies.

pub mod site;
pub mod tasks;
pub mod tokens;
pub mod users;

use axum::response::Response;
use http::HeaderValue;
use http::header::{ETAG, LOCATION};
use serde::Serialize;

use crate::domain::version::Version;
use crate::error::ApiError;

/// Members that an answer holds and that may come back.
const READ_ONLY: &[&str] = &["uri", "etag", "created_at", "updated_at", "completed_at"];

/// The answer to a DELETE.
#[derive(Serialize)]
struct Deleted {
    result: bool,
}

const DELETED: Deleted = Deleted { result: true };

/// The strong validator of a resource (RFC 9110, 8.8.3). The first number is the format of an
/// answer, so that a change of the format changes the tags too.
fn entity_tag(version: Version) -> String {
    format!("\"1.{}\"", version.0)
}

fn set_etag(response: &mut Response, etag: &str) {
    if let Ok(etag) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(ETAG, etag);
    }
}

fn set_location(response: &mut Response, uri: &str) -> Result<(), ApiError> {
    let uri = HeaderValue::from_str(uri).map_err(|error| ApiError::Internal(error.into()))?;
    response.headers_mut().insert(LOCATION, uri);
    Ok(())
}
