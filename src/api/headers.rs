//! The headers that all responses have in common.

use axum::response::Response;
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};

use super::cors::CorsRequest;
use super::error::apply_auth_failure_status;
use crate::config::Config;

const COMMON: [(HeaderName, HeaderValue); 4] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000"),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // One value: of a repeated header, a version 2.0 event's response keeps only the first.
    (VARY, HeaderValue::from_static("Authorization, Origin")),
];

/// Adds them, `Cache-Control: no-store` where the handler says nothing else, and CORS; and applies
/// `AUTH_FAILURE_STATUS`.
pub fn complete(
    mut response: Response,
    request_id: &str,
    cors: &CorsRequest,
    config: &Config,
) -> Response {
    apply_auth_failure_status(&mut response, config);
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in COMMON {
        headers.insert(name, value);
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
    cors.add_headers(&config.cors_origins, headers);
    response
}
