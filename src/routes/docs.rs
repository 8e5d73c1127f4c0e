//! The contract, for programs (`/openapi.json`) and for people (`/docs`). The page renders the
//! document in the browser; nothing comes from another host.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use sha2::{Digest, Sha256};

use super::unless_known;
use crate::extract::IfNoneMatch;
use crate::openapi;

/// The page talks to its own host alone, runs its one script, and stands in no frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

static DOCUMENT: LazyLock<File> =
    LazyLock::new(|| File::new("application/json", openapi::DOCUMENT.clone()));
static PAGE: LazyLock<File> = LazyLock::new(|| {
    File::text(
        "text/html; charset=utf-8",
        include_bytes!("../../web/docs.html"),
    )
});
static STYLE: LazyLock<File> = LazyLock::new(|| {
    File::text(
        "text/css; charset=utf-8",
        include_bytes!("../../web/docs.css"),
    )
});
static SCRIPT: LazyLock<File> = LazyLock::new(|| {
    File::text(
        "text/javascript; charset=utf-8",
        include_bytes!("../../web/docs.js"),
    )
});

/// `GET /openapi.json`: OpenAPI 3.1.
pub async fn document(known: IfNoneMatch) -> Response {
    DOCUMENT.answer(&known)
}

/// `GET /docs`: the reference.
pub async fn page(known: IfNoneMatch) -> Response {
    PAGE.answer(&known)
}

/// `GET /docs.css`.
pub async fn style(known: IfNoneMatch) -> Response {
    STYLE.answer(&known)
}

/// `GET /docs.js`.
pub async fn script(known: IfNoneMatch) -> Response {
    SCRIPT.answer(&known)
}

/// Something that is the same for everybody until the next deployment.
struct File {
    media_type: &'static str,
    bytes: Bytes,
    etag: String,
}

impl File {
    fn new(media_type: &'static str, bytes: Bytes) -> Self {
        let digest = URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..15]);
        Self {
            media_type,
            bytes,
            etag: format!("\"{digest}\""),
        }
    }

    fn text(media_type: &'static str, bytes: &'static [u8]) -> Self {
        Self::new(media_type, Bytes::from_static(bytes))
    }

    fn answer(&self, known: &IfNoneMatch) -> Response {
        let mut response = unless_known(self.bytes.clone().into_response(), &self.etag, known);
        let not_modified = response.status() == http::StatusCode::NOT_MODIFIED;
        let headers = response.headers_mut();
        // Asked about each time, so that page, script and document are of one deployment.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if !not_modified {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
            headers.insert(CONTENT_SECURITY_POLICY, POLICY);
        }
        response
    }
}
