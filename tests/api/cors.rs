//! CORS: what browsers are told about pages of other hosts.

use http::{HeaderValue, Method};
use serde_json::json;
use todo_api::api::router::routes;

use crate::client::{Call, TASKS, TestApp, TestResponse, USERS};

const PAGE: &str = "https://app.example.com";
const SETTING: (&str, &str) = (
    "CORS_ORIGINS",
    "http://localhost:5173,https://app.example.com",
);
const EXPOSED: &str = "ETag, Location, Link, Retry-After, X-Request-Id, Idempotency-Replayed";

fn from_page<'a>(call: Call<'a>, origin: &'static str) -> Call<'a> {
    call.header("origin", HeaderValue::from_static(origin))
}

fn preflight<'a>(app: &'a TestApp, path: &str, origin: &'static str) -> Call<'a> {
    from_page(app.request(Method::OPTIONS, path), origin)
        .header(
            "access-control-request-method",
            HeaderValue::from_static("PUT"),
        )
        .header(
            "access-control-request-headers",
            HeaderValue::from_static("authorization"),
        )
}

fn cors_headers(response: &TestResponse) -> Vec<&str> {
    let names = response.headers.keys().map(|name| name.as_str());
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

#[tokio::test]
async fn a_preflight_of_a_listed_origin_is_allowed() {
    let app = TestApp::with_settings(&[SETTING]).await;
    for resource in routes() {
        let path = resource.path.replace("{id}", "1");
        let response = preflight(&app, &path, PAGE).send().await;
        assert_eq!((response.status, response.bytes.len()), (204, 0), "{path}");
        assert_eq!(response.header("access-control-allow-origin"), PAGE);
        assert_eq!(
            response.header("access-control-allow-methods"),
            response.header("allow")
        );
        assert_eq!(
            response.header("access-control-allow-headers"),
            "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, \
             MCP-Protocol-Version, Mcp-Method, Mcp-Name"
        );
        assert_eq!(response.header("access-control-max-age"), "7200");
        assert_eq!(response.header("vary"), "Authorization, Origin");
        assert_eq!(cors_headers(&response).len(), 4);
    }
}

#[tokio::test]
async fn a_listed_origin_may_read_every_response_errors_too() {
    let app = TestApp::with_settings(&[SETTING]).await;
    let ada = app.user("ada").await;
    let calls = [
        (ada.get(TASKS), 200),
        (ada.post(TASKS, &json!({"title": "x"})), 201),
        (ada.post(TASKS, &json!({})), 400),
        (app.get(TASKS), 401),
        (app.get("/nowhere"), 404),
        (app.request(Method::PUT, USERS), 405),
        (app.get("/openapi.json"), 200),
        (app.request(Method::OPTIONS, TASKS), 204),
    ];
    for (call, status) in calls {
        let response = from_page(call, PAGE).send().await;
        assert_eq!(response.status, status);
        assert_eq!(response.header("access-control-allow-origin"), PAGE);
        assert_eq!(response.header("access-control-expose-headers"), EXPOSED);
        assert_eq!(response.header("vary"), "Authorization, Origin");
        assert_eq!(cors_headers(&response).len(), 2);
    }
}

#[tokio::test]
async fn an_origin_that_is_not_listed_gets_no_cors_headers() {
    let app = TestApp::with_settings(&[SETTING]).await;
    for origin in [
        "https://evil.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.test",
        "HTTPS://APP.EXAMPLE.COM",
        "https://app.example.com, https://evil.example.com",
        "null",
        "*",
        "",
    ] {
        for call in [
            preflight(&app, TASKS, origin),
            from_page(app.get("/health"), origin),
        ] {
            let response = call.send().await;
            assert!(response.status == 204 || response.status == 200, "{origin}");
            assert_eq!(cors_headers(&response), [] as [&str; 0], "{origin}");
            assert_eq!(response.header("vary"), "Authorization, Origin");
        }
    }
    let twice = from_page(from_page(app.get("/health"), PAGE), PAGE)
        .send()
        .await;
    assert_eq!(cors_headers(&twice), [] as [&str; 0]);
    let same_host = app.get("/health").send().await;
    assert_eq!(cors_headers(&same_host), [] as [&str; 0]);
}

#[tokio::test]
async fn without_the_setting_no_origin_is_listed() {
    let app = TestApp::start().await;
    let response = preflight(&app, TASKS, PAGE).send().await;
    assert_eq!(response.status, 204);
    assert_eq!(cors_headers(&response), [] as [&str; 0]);
}

#[tokio::test]
async fn a_star_lists_every_origin_but_never_with_credentials() {
    let app = TestApp::with_settings(&[("CORS_ORIGINS", "*")]).await;
    for call in [
        preflight(&app, TASKS, "null"),
        from_page(app.get(TASKS), PAGE),
    ] {
        let response = call.send().await;
        assert_eq!(response.header("access-control-allow-origin"), "*");
        assert_eq!(response.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn a_preflight_for_an_unknown_path_is_404() {
    let app = TestApp::with_settings(&[SETTING]).await;
    let response = preflight(&app, "/nowhere", PAGE).send().await;
    assert_eq!(response.status, 404);
    assert_eq!(response.header("access-control-allow-methods"), "");
}
