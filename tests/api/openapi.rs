//! The contract as it is published: complete, committed, served.

use std::collections::BTreeSet;
use std::path::Path;

use http::{HeaderValue, Method};
use serde_json::{Value, json};
use todo_api::api::openapi;
use todo_api::api::router::routes;

use crate::client::TestApp;

/// `make openapi` sets this, to write the copy rather than to compare it.
const WRITE: &str = "WRITE_OPENAPI";

#[test]
fn the_document_has_every_route_and_no_other() {
    let routed: BTreeSet<_> = routes()
        .iter()
        // What the pages load is their own affair.
        .filter(|resource| !resource.path.starts_with("/web/"))
        .flat_map(|resource| {
            let methods = resource
                .methods
                .iter()
                .filter(|method| **method != Method::HEAD);
            let named = methods.map(|method| method.as_str().to_lowercase());
            named
                .map(|method| (resource.path.to_owned(), method, resource.open))
                .collect::<Vec<_>>()
        })
        .collect();
    let document = openapi::document();
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            let operations = item.as_object().expect("an item").iter();
            let operations = operations.filter(|(name, _)| *name != "parameters");
            operations.map(|(method, operation)| {
                let open = operation["security"] == json!([]);
                (path.clone(), method.clone(), open)
            })
        })
        .collect();
    assert_eq!(described, routed);
}

#[test]
fn every_reference_leads_somewhere() {
    fn visit(value: &Value, document: &Value, operations: &[&str]) {
        if let Some(target) = value.get("$ref").and_then(Value::as_str) {
            let pointer = target.strip_prefix('#').expect("a local reference");
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
        if let Some(links) = value.get("links").and_then(Value::as_object) {
            for link in links.values() {
                let id = link["operationId"].as_str().expect("an id");
                assert!(operations.contains(&id), "{id}");
            }
        }
        match value {
            Value::Object(members) => members
                .values()
                .for_each(|value| visit(value, document, operations)),
            Value::Array(items) => items
                .iter()
                .for_each(|value| visit(value, document, operations)),
            _ => {}
        }
    }
    let document = openapi::document();
    let items = document["paths"].as_object().expect("paths").values();
    let operations = items.flat_map(|item| item.as_object().expect("an item").values());
    let ids: Vec<_> = operations
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    visit(&document, &document, &ids);
}

#[test]
fn the_committed_copy_is_the_document() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let current = format!("{:#}\n", openapi::document());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &current).expect("a writable copy");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "openapi.json is not current: run `make openapi`"
    );
}

#[tokio::test]
async fn the_document_is_served_to_anybody_and_is_sent_once() {
    let app = TestApp::start().await;
    let first = app.get("/openapi.json").send().await;
    assert_eq!((first.status, first.json()), (200, openapi::document()));
    assert_eq!(first.header("content-type"), "application/json");
    assert_eq!(first.header("cache-control"), "public, no-cache");
    let etag = HeaderValue::from_str(first.header("etag")).expect("a tag");
    let again = app
        .get("/openapi.json")
        .header("if-none-match", etag)
        .send()
        .await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
}

#[tokio::test]
async fn the_reference_is_a_page_of_our_own_that_asks_no_other_host() {
    let app = TestApp::start().await;
    for (path, media_type) in [
        ("/docs", "text/html; charset=utf-8"),
        ("/web/docs.css", "text/css; charset=utf-8"),
        ("/web/docs.js", "text/javascript; charset=utf-8"),
    ] {
        let file = app.get(path).send().await;
        assert_eq!(
            (file.status, file.header("content-type")),
            (200, media_type)
        );
        let policy = file.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let text = String::from_utf8(file.bytes.to_vec()).expect("UTF-8");
        assert!(!text.contains("https://"), "{path} names another host");
        assert!(
            !text.contains("style=") && !text.contains("onclick="),
            "{path}"
        );
        let etag = HeaderValue::from_str(file.header("etag")).expect("a tag");
        let again = app.get(path).header("if-none-match", etag).send().await;
        assert_eq!((again.status, again.bytes.len()), (304, 0));
    }
}
