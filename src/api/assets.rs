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
pub static ASSETS: [Asset; 50] = [
    asset!("/", HTML, "web/index.html"),
    asset!("/web/actions.js", JAVASCRIPT, "web/actions.js"),
    asset!("/web/add.js", JAVASCRIPT, "web/add.js"),
    asset!("/web/api.js", JAVASCRIPT, "web/api.js"),
    asset!("/web/app.css", CSS, "web/app.css"),
    asset!("/web/app.js", JAVASCRIPT, "web/app.js"),
    asset!("/web/bulk.js", JAVASCRIPT, "web/bulk.js"),
    asset!("/web/create.js", JAVASCRIPT, "web/create.js"),
    asset!("/web/dates.js", JAVASCRIPT, "web/dates.js"),
    asset!("/web/deletion.js", JAVASCRIPT, "web/deletion.js"),
    asset!("/web/drag.js", JAVASCRIPT, "web/drag.js"),
    asset!("/web/due_words.js", JAVASCRIPT, "web/due_words.js"),
    asset!("/web/entry.js", JAVASCRIPT, "web/entry.js"),
    asset!("/web/header.js", JAVASCRIPT, "web/header.js"),
    asset!("/web/icon.svg", SVG, "web/icon.svg"),
    asset!("/web/keys.js", JAVASCRIPT, "web/keys.js"),
    asset!("/web/later.js", JAVASCRIPT, "web/later.js"),
    asset!("/web/list.js", JAVASCRIPT, "web/list.js"),
    asset!("/web/lists.js", JAVASCRIPT, "web/lists.js"),
    asset!("/web/load.js", JAVASCRIPT, "web/load.js"),
    asset!("/web/merge.js", JAVASCRIPT, "web/merge.js"),
    asset!("/web/order.js", JAVASCRIPT, "web/order.js"),
    asset!("/web/page.js", JAVASCRIPT, "web/page.js"),
    asset!("/web/panel.js", JAVASCRIPT, "web/panel.js"),
    asset!("/web/panel_lists.js", JAVASCRIPT, "web/panel_lists.js"),
    asset!("/web/panel_place.js", JAVASCRIPT, "web/panel_place.js"),
    asset!("/web/panel_repeat.js", JAVASCRIPT, "web/panel_repeat.js"),
    asset!("/web/panel_text.js", JAVASCRIPT, "web/panel_text.js"),
    asset!("/web/persist.js", JAVASCRIPT, "web/persist.js"),
    asset!("/web/place.js", JAVASCRIPT, "web/place.js"),
    asset!("/web/plain_words.js", JAVASCRIPT, "web/plain_words.js"),
    asset!("/web/problem.js", JAVASCRIPT, "web/problem.js"),
    asset!("/web/quick_add.js", JAVASCRIPT, "web/quick_add.js"),
    asset!("/web/recurrence.js", JAVASCRIPT, "web/recurrence.js"),
    asset!("/web/repeat_words.js", JAVASCRIPT, "web/repeat_words.js"),
    asset!("/web/row.js", JAVASCRIPT, "web/row.js"),
    asset!("/web/sidebar.js", JAVASCRIPT, "web/sidebar.js"),
    asset!("/web/signin.js", JAVASCRIPT, "web/signin.js"),
    asset!("/web/state.js", JAVASCRIPT, "web/state.js"),
    asset!("/web/status.js", JAVASCRIPT, "web/status.js"),
    asset!("/web/successor.js", JAVASCRIPT, "web/successor.js"),
    asset!("/web/sync.js", JAVASCRIPT, "web/sync.js"),
    asset!("/web/tasks.css", CSS, "web/tasks.css"),
    asset!("/web/trash.js", JAVASCRIPT, "web/trash.js"),
    asset!("/web/ui.js", JAVASCRIPT, "web/ui.js"),
    asset!("/web/views.js", JAVASCRIPT, "web/views.js"),
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
