//! What browsers get, and the contract: the files of `web/`, compiled in, so that what is deployed
//! is one file, and the OpenAPI document. All are the same for everybody until the next deployment.

use std::future::{Ready, ready};
use std::sync::OnceLock;

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use sha2::{Digest, Sha256};

use crate::api::request::IfNoneMatch;
use crate::api::response::or_not_modified;

/// A file as it is sent.
pub struct File {
    content_type: &'static str,
    bytes: &'static [u8],
    etag: OnceLock<String>,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";
const SVG: &str = "image/svg+xml";

pub static INDEX: File = File::new(HTML, include_bytes!("../../web/index.html"));
pub static APP_CSS: File = File::new(CSS, include_bytes!("../../web/app.css"));
pub static APP_JS: File = File::new(JAVASCRIPT, include_bytes!("../../web/app.js"));
pub static API_JS: File = File::new(JAVASCRIPT, include_bytes!("../../web/api.js"));
pub static LIST_JS: File = File::new(JAVASCRIPT, include_bytes!("../../web/list.js"));
pub static ROW_JS: File = File::new(JAVASCRIPT, include_bytes!("../../web/row.js"));
pub static UI_JS: File = File::new(JAVASCRIPT, include_bytes!("../../web/ui.js"));
pub static DOCS: File = File::new(HTML, include_bytes!("../../web/docs.html"));
pub static DOCS_CSS: File = File::new(CSS, include_bytes!("../../web/docs.css"));
pub static DOCS_JS: File = File::new(JAVASCRIPT, include_bytes!("../../web/docs.js"));
/// The committed copy, which a test compares with [`crate::api::openapi`]: the code that makes it is not
/// deployed.
pub static OPENAPI: File = File::new(JSON, include_bytes!("../../openapi.json"));
pub static ICON: File = File::new(SVG, include_bytes!("../../web/icon.svg"));

/// Asked about each time, so that a page never runs with another version's modules; what has not
/// changed costs a 304.
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("public, no-cache");

/// A page's own files and nothing else: no inline script, no other host, no frame around it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

impl File {
    const fn new(content_type: &'static str, bytes: &'static [u8]) -> Self {
        Self {
            content_type,
            bytes,
            etag: OnceLock::new(),
        }
    }

    /// The strong validator; hashed when the file is first asked for.
    fn etag(&self) -> &str {
        self.etag.get_or_init(|| {
            let digest = Sha256::digest(self.bytes);
            format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..15]))
        })
    }

    fn reply(&self, known: &IfNoneMatch) -> Response {
        let whole = ([(CONTENT_TYPE, self.content_type)], self.bytes).into_response();
        let mut response = or_not_modified(whole, self.etag(), known);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, ASK_EACH_TIME);
        headers.insert(CONTENT_SECURITY_POLICY, POLICY);
        response
    }
}

/// The handler of a file's route.
pub fn file(
    file: &'static File,
) -> impl Fn(IfNoneMatch) -> Ready<Response> + Clone + Send + Sync + 'static {
    move |known| ready(file.reply(&known))
}
