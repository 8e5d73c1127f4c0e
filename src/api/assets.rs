//! What browsers load, and the contract: the files of `web/` and `openapi.json`, compiled in. All are
//! the same for everybody until the next deployment.

use std::future::{Ready, ready};
use std::sync::OnceLock;

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use super::request::IfNoneMatch;
use super::response::{EntityTag, ResponseExt};

/// A file and the path it is served at.
pub struct Asset {
    pub path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    etag: OnceLock<EntityTag>,
}

macro_rules! asset {
    ($path:literal, $content_type:ident, $file:literal) => {
        Asset {
            path: $path,
            content_type: $content_type,
            bytes: include_bytes!(concat!("../../", $file)),
            etag: OnceLock::new(),
        }
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";
const SVG: &str = "image/svg+xml";

/// A test compares `openapi.json` with [`super::openapi`]: the code that builds it is not deployed.
pub static ASSETS: [Asset; 12] = [
    asset!("/", HTML, "web/index.html"),
    asset!("/web/app.css", CSS, "web/app.css"),
    asset!("/web/app.js", JAVASCRIPT, "web/app.js"),
    asset!("/web/api.js", JAVASCRIPT, "web/api.js"),
    asset!("/web/list.js", JAVASCRIPT, "web/list.js"),
    asset!("/web/row.js", JAVASCRIPT, "web/row.js"),
    asset!("/web/ui.js", JAVASCRIPT, "web/ui.js"),
    asset!("/web/icon.svg", SVG, "web/icon.svg"),
    asset!("/docs", HTML, "web/docs.html"),
    asset!("/web/docs.css", CSS, "web/docs.css"),
    asset!("/web/docs.js", JAVASCRIPT, "web/docs.js"),
    asset!("/openapi.json", JSON, "openapi.json"),
];

/// Revalidated before each use, so that a page never runs with another version's modules.
const CACHING: HeaderValue = HeaderValue::from_static("public, no-cache");

/// A page's own files and nothing else: no inline script, no other host, no frame around it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The handler of an asset's route.
pub fn serve(
    asset: &'static Asset,
) -> impl Fn(IfNoneMatch) -> Ready<Response> + Clone + Send + Sync + 'static {
    move |if_none_match| ready(asset.respond(&if_none_match))
}

impl Asset {
    fn respond(&self, if_none_match: &IfNoneMatch) -> Response {
        let etag = self.etag.get_or_init(|| EntityTag::of_bytes(self.bytes));
        let whole = ([(CONTENT_TYPE, self.content_type)], self.bytes).into_response();
        let mut response = whole.or_not_modified(etag, if_none_match);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, CACHING);
        headers.insert(CONTENT_SECURITY_POLICY, POLICY);
        response
    }
}
