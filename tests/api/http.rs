//! What holds for every path: methods, headers, and responses without a login.

use http::{HeaderValue, Method};
use serde_json::json;
use todo_api::api::router::routes;

use crate::client::{BASE, TASKS, TestApp};

#[tokio::test]
async fn an_unknown_path_is_404_without_credentials() {
    let app = TestApp::start().await;
    for path in [
        "/web",
        "/web/",
        "/web/nowhere.js",
        "/nowhere",
        "/todo/api/v1.0/task",
        "/todo/api/v1.0/tasks/",
        "/ping",
        "//",
        "/TODO/api/v1.0",
    ] {
        let missing = app.get(path).send().await;
        assert_eq!(
            (missing.status, missing.json()),
            (404, json!({"error": "Not found"})),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_unknown_method_is_405_with_the_allowed_ones() {
    let app = TestApp::start().await;
    let task = format!("{TASKS}/1");
    let cases = [
        (Method::DELETE, TASKS, "GET, HEAD, POST, OPTIONS"),
        (Method::PUT, TASKS, "GET, HEAD, POST, OPTIONS"),
        (
            Method::POST,
            task.as_str(),
            "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
        ),
        (
            Method::TRACE,
            task.as_str(),
            "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
        ),
        (Method::CONNECT, "/health", "GET, HEAD, OPTIONS"),
        (
            Method::from_bytes(b"BREW").expect("a method"),
            TASKS,
            "GET, HEAD, POST, OPTIONS",
        ),
        (
            Method::POST,
            "/todo/api/v1.0/tasks/no-id",
            "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
        ),
    ];
    for (method, path, allow) in cases {
        let refused = app.request(method, path).send().await;
        assert_eq!(refused.status, 405);
        assert_eq!(refused.json(), json!({"error": "Method not allowed"}));
        assert_eq!(refused.header("allow"), allow);
    }
}

#[tokio::test]
async fn options_needs_no_login_on_any_route() {
    let app = TestApp::start().await;
    for resource in routes() {
        let response = app
            .request(Method::OPTIONS, &resource.path.replace("{id}", "no-id"))
            .send()
            .await;
        assert_eq!(
            (response.status, response.bytes.len()),
            (204, 0),
            "{}",
            resource.path
        );
        let methods: Vec<_> = resource.methods.iter().map(Method::as_str).collect();
        assert_eq!(
            response.header("allow"),
            format!("{}, OPTIONS", methods.join(", "))
        );
        assert!(response.record.account.is_none());
    }
    assert_eq!(
        app.request(Method::OPTIONS, "/nowhere").send().await.status,
        404
    );
}

#[tokio::test]
async fn head_responds_as_get_does_without_the_body() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uri = ada.create("Buy milk").await.uri;
    for uri in [
        TASKS,
        uri.as_str(),
        "/health",
        "/",
        "/web/app.js",
        "/todo/api/v1.0",
        "/todo/api/v1.0/tasks/9",
    ] {
        let get = ada.get(uri).send().await;
        let head = ada.request(Method::HEAD, uri).send().await;
        assert_eq!(
            (head.status, head.headers),
            (get.status, get.headers),
            "{uri}"
        );
        assert_eq!(head.bytes.len(), 0);
        assert!(!get.bytes.is_empty());
    }
}

#[tokio::test]
async fn every_route_but_the_open_ones_requires_a_login() {
    let app = TestApp::start().await;
    for resource in routes() {
        for method in &resource.methods {
            let response = app
                .request(method.clone(), &resource.path.replace("{id}", "1"))
                .send()
                .await;
            let refused = response.status == 401;
            assert_eq!(refused, !resource.open, "{method} {}", resource.path);
            assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
        }
    }
}

#[tokio::test]
async fn every_response_carries_the_common_headers() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let calls = [
        ada.get(TASKS),
        ada.post(TASKS, &json!({"title": "x"})),
        ada.post(TASKS, &json!({})),
        app.get(TASKS),
        app.get("/nowhere"),
        app.get("/health"),
        app.get("/"),
        app.request(Method::OPTIONS, TASKS),
        app.request(Method::PUT, TASKS),
    ];
    for call in calls {
        let response = call.send().await;
        assert_eq!(response.header("x-request-id"), "request-1");
        assert_eq!(response.header("x-content-type-options"), "nosniff");
        assert_eq!(
            response.header("strict-transport-security"),
            "max-age=31536000"
        );
        assert_eq!(response.header("referrer-policy"), "no-referrer");
        assert_eq!(response.header("vary"), "Authorization, Origin");
        assert!(!response.header("cache-control").is_empty());
    }
}

#[tokio::test]
async fn the_index_links_to_every_resource() {
    let app = TestApp::start().await;
    for path in ["/todo/api/v1.0", "/todo/api/v1.0/"] {
        let index = app.get(path).send().await;
        let at = |name| format!("{BASE}/todo/api/v1.0/{name}");
        let expected = json!({
            "tasks": at("tasks"),
            "lists": at("lists"),
            "trash": at("trash"),
            "batch": at("batch"),
            "changes": at("changes"),
            "users": at("users"),
            "tokens": at("tokens"),
            "mcp": format!("{BASE}/mcp"),
            "openapi": format!("{BASE}/openapi.json"),
        });
        assert_eq!((index.status, index.json()), (200, expected));
    }
}

#[tokio::test]
async fn health_calls_no_database() {
    let app = TestApp::start().await;
    let health = app.get("/health").send().await;
    let expected = json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")});
    assert_eq!((health.status, health.json()), (200, expected));
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
}

#[tokio::test]
async fn unknown_query_parameters_are_ignored() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let listed = ada
        .get(&format!("{TASKS}?_=1795334400000&x=%FF&&="))
        .send()
        .await;
    assert_eq!(listed.status, 200);
}

#[tokio::test]
async fn checks_come_in_the_order_of_the_contract() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let text = HeaderValue::from_static("text/plain");

    let method_before_login = app.request(Method::PUT, TASKS).send().await;
    let login_before_id = app
        .request(Method::PUT, &format!("{TASKS}/no-id"))
        .send()
        .await;
    let id_before_body = ada
        .request(Method::PUT, &format!("{TASKS}/no-id"))
        .send()
        .await;
    let type_before_size = ada
        .request(Method::POST, TASKS)
        .header("content-type", text);
    let type_before_size = type_before_size
        .unmarked(" ".repeat(70_000).leak())
        .send()
        .await;
    let body_before_existence = ada
        .put(&format!("{TASKS}/9"), &json!({"done": 5}))
        .send()
        .await;

    let statuses = [
        method_before_login.status,
        login_before_id.status,
        id_before_body.status,
        type_before_size.status,
        body_before_existence.status,
    ];
    assert_eq!(statuses, [405, 401, 404, 415, 400]);
}
