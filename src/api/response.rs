//! What successful responses are made of: JSON, entity tags, `Location`, 304.

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, LINK, LOCATION};
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::request::IfNoneMatch;
use super::uris::Uri;
use crate::domain::macros::json_schema;
use crate::domain::version::Version;

/// An entity tag (RFC 9110, 8.8.3), quotes included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntityTag(String);

json_schema! {
    EntityTag; "string",
    "The entity tag of this state of it, for `If-Match`.",
    "\"1.1\"",
    {"pattern": r#"^"1\.[0-9]+"$"#}
}

impl EntityTag {
    /// The strong tag of a version. The first number is the format of the responses, so that a change
    /// of the format changes the tags too.
    pub fn of_version(version: Version) -> Self {
        Self(format!("\"1.{}\"", version.0))
    }

    /// The strong tag of a body, for one that is the same, byte for byte, until its content changes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(format!("\"{}\"", digest(bytes)))
    }

    /// The weak tag of a body that other bodies may be as good as.
    pub fn weak(bytes: &[u8]) -> Self {
        Self(format!("W/\"{}\"", digest(bytes)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 120 bits of the SHA-256 of `bytes`, in base64url.
pub fn digest(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..15])
}

/// What a DELETE responds with.
#[derive(Serialize, JsonSchema)]
pub struct Deleted {
    #[schemars(extend("enum" = [true]))]
    result: bool,
}

/// 200 with `{"result": true}`.
pub fn deleted() -> Response {
    json(StatusCode::OK, &Deleted { result: true })
}

/// A response with a JSON body.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => json_bytes(status, bytes),
        Err(error) => ApiError::Internal(error.into()).into_response(),
    }
}

/// 200 with a JSON body that has a weak entity tag; 304 for a client that has it already.
pub fn cacheable_json(body: &impl Serialize, if_none_match: &IfNoneMatch) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let etag = EntityTag::weak(&bytes);
            json_bytes(StatusCode::OK, bytes).or_not_modified(&etag, if_none_match)
        }
        Err(error) => ApiError::Internal(error.into()).into_response(),
    }
}

fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let content_type = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, content_type)], bytes).into_response()
}

/// Headers that a handler adds.
pub trait ResponseExt: Sized {
    fn with_header(self, name: HeaderName, value: &str) -> Self;

    fn with_etag(self, etag: &EntityTag) -> Self {
        self.with_header(ETAG, etag.as_str())
    }

    fn with_location(self, uri: &Uri) -> Self {
        self.with_header(LOCATION, uri.as_str())
    }

    fn with_next(self, next: Option<&Uri>) -> Self {
        match next {
            Some(next) => self.with_header(LINK, &format!("<{}>; rel=\"next\"", next.as_str())),
            None => self,
        }
    }

    /// With its entity tag; 304 for a client that has this state already. The user's own cache may keep
    /// it, and has to ask before each use.
    fn or_not_modified(self, etag: &EntityTag, if_none_match: &IfNoneMatch) -> Self;
}

impl ResponseExt for Response {
    fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        // Tags, and URIs below a validated base, are always valid header values.
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers_mut().insert(name, value);
        }
        self
    }

    fn or_not_modified(self, etag: &EntityTag, if_none_match: &IfNoneMatch) -> Self {
        let response = match if_none_match.matches(etag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => self,
        };
        response
            .with_etag(etag)
            .with_header(CACHE_CONTROL, "private, no-cache")
    }
}
