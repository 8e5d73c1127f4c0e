//! The files of the web client. What the client does is tried in a browser: `tests/web/`.

use std::collections::BTreeSet;
use std::path::Path;

use http::{HeaderValue, Method};
use todo_api::api::router::routes;

use crate::client::{TestApp, TestResponse};

/// All that a first visit asks for may have this many bytes; nothing compresses it on the way.
const FIRST_VIEW_BYTES: usize = 262_000;

/// The routes of the client's files.
fn paths() -> BTreeSet<&'static str> {
    let all = routes().into_iter().map(|resource| resource.path);
    all.filter(|path| ["/", "/docs"].contains(path) || path.starts_with("/web/"))
        .collect()
}

fn file_of(path: &str) -> String {
    let name = match path {
        "/" => "/web/index.html",
        "/docs" => "/web/docs.html",
        path => path,
    };
    format!("{}{name}", env!("CARGO_MANIFEST_DIR"))
}

fn text(response: &TestResponse) -> &str {
    std::str::from_utf8(&response.bytes).expect("UTF-8")
}

/// What stands between each `before` and the quote after it.
fn quoted<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    let pieces = text.split(before).skip(1);
    pieces.filter_map(|piece| piece.split('"').next()).collect()
}

#[tokio::test]
async fn every_file_of_the_folder_is_served_as_what_it_is() {
    let app = TestApp::start().await;
    let mut expected = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    for entry in folder.read_dir().expect("the folder") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_str().expect("UTF-8").to_owned();
        expected.insert(match name.as_str() {
            "index.html" => "/".to_owned(),
            "docs.html" => "/docs".to_owned(),
            name => format!("/web/{name}"),
        });
    }
    let served: BTreeSet<_> = paths().into_iter().map(str::to_owned).collect();
    assert_eq!(served, expected);

    let mut total = 0;
    for path in paths() {
        let content_type = match path.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        let served = app.get(path).send().await;
        assert_eq!(served.status, 200, "{path}");
        assert_eq!(served.header("content-type"), content_type);
        assert_eq!(served.header("cache-control"), "public, no-cache");
        assert_eq!(
            served.header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let on_disk = std::fs::read_to_string(file_of(path)).expect("text");
        assert!(text(&served) == on_disk, "{path}");
        total += served.bytes.len();
    }
    assert!(total <= FIRST_VIEW_BYTES, "{total} bytes");
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
}

#[tokio::test]
async fn an_unchanged_file_is_304() {
    let app = TestApp::start().await;
    let mut tags = BTreeSet::new();
    for path in paths() {
        let first = app.get(path).send().await;
        let etag = first.header("etag").to_owned();
        assert!(etag.starts_with('"'), "a strong one: {etag}");

        let value = HeaderValue::try_from(&etag).expect("a header");
        let again = app.get(path).header("if-none-match", value).send().await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
        for name in ["etag", "cache-control", "content-security-policy", "vary"] {
            assert_eq!(again.header(name), first.header(name), "{path}");
        }

        let other = HeaderValue::from_static("\"another\"");
        let other = app.get(path).header("if-none-match", other).send().await;
        assert_eq!((other.status, other.bytes), (200, first.bytes));
        tags.insert(etag);
    }
    assert_eq!(tags.len(), paths().len());
}

#[tokio::test]
async fn files_cannot_be_written() {
    let app = TestApp::start().await;
    for path in paths() {
        let refused = app.request(Method::POST, path).send().await;
        assert_eq!(refused.status, 405);
        assert_eq!(refused.header("allow"), "GET, HEAD, OPTIONS");
    }
}

#[tokio::test]
async fn every_file_that_the_client_refers_to_exists() {
    let app = TestApp::start().await;
    let mut wanted = BTreeSet::new();
    for (page, attribute) in ["/", "/docs"]
        .into_iter()
        .flat_map(|page| [(page, " src=\""), (page, " href=\"")])
    {
        let page = app.get(page).send().await;
        for reference in quoted(text(&page), attribute) {
            // Relative, because a REST API's stage stands before the path.
            assert!(!reference.starts_with('/') && !reference.contains(':'));
            let elsewhere = reference.starts_with('#') || reference == "openapi.json";
            if !elsewhere {
                wanted.insert(format!("/{reference}"));
            }
        }
    }
    for path in paths().iter().filter(|path| path.ends_with(".js")) {
        let module = app.get(path).send().await;
        for before in ["from \"./", "import(\"./"] {
            let names = quoted(text(&module), before);
            wanted.extend(names.iter().map(|name| format!("/web/{name}")));
        }
    }
    let here: BTreeSet<_> = paths().into_iter().map(str::to_owned).collect();
    let mut reachable = wanted.clone();
    reachable.extend(["/".to_owned(), "/docs".to_owned()]);
    assert_eq!(reachable, here, "nothing is missing and nothing is idle");
}

#[tokio::test]
async fn the_page_uses_nothing_that_its_policy_forbids() {
    let app = TestApp::start().await;
    let page = app.get("/").send().await;
    let page = text(&page);
    let tags = page.split('<').filter_map(|tag| tag.split('>').next());
    for tag in tags {
        assert!(!tag.starts_with("style"), "<{tag}>");
        assert!(!tag.contains(" style=") && !tag.contains(" on"), "<{tag}>");
    }
    for script in page.split("<script").skip(1) {
        assert!(script.contains("src=\"web/") && script.contains("></script>"));
    }
}
