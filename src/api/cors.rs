//! CORS (Fetch, 3.2): which pages of other hosts may call the API from a browser. Only the origins in
//! `CORS_ORIGINS` may. Never with credentials mode: a page has to send the `Authorization` header
//! itself, so no cookie or saved login works for it.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW,
    ORIGIN,
};
use http::{HeaderMap, HeaderValue, Method};

use crate::config::Origins;

const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, MCP-Protocol-Version, \
     Mcp-Method, Mcp-Name",
);
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Location, Link, Retry-After, X-Request-Id, Idempotency-Replayed",
);
/// Two hours, the most that Chromium accepts.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The part of a request that CORS depends on.
#[derive(Default)]
pub struct CorsRequest {
    origin: Option<HeaderValue>,
    preflight: bool,
}

impl CorsRequest {
    pub fn of(method: &Method, headers: &HeaderMap) -> Self {
        let mut origins = headers.get_all(ORIGIN).iter();
        let origin = origins.next().filter(|_| origins.next().is_none());
        Self {
            origin: origin.cloned(),
            preflight: method == Method::OPTIONS
                && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD),
        }
    }

    /// Lets the page read the response, if its origin may. A preflight's response has `Allow` already,
    /// unless the path does not exist.
    pub fn add_headers(&self, origins: &Origins, headers: &mut HeaderMap) {
        let Some(allowed) = self
            .origin
            .as_ref()
            .and_then(|origin| origins.allowed(origin))
        else {
            return;
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        match headers.get(ALLOW).cloned() {
            Some(methods) if self.preflight => {
                headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
                headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
            }
            _ => {
                headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            }
        }
    }
}
