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

fn cors_headers(answer: &TestResponse) -> Vec<&str> {
    let names = answer.headers.keys().map(|name| name.as_str());
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

#[tokio::test]
async fn a_preflight_of_a_listed_origin_is_told_what_it_may_do() {
    let app = TestApp::with_settings(&[SETTING]).await;
    for resource in routes() {
        let path = resource.path.replace("{id}", "1");
        let answer = preflight(&app, &path, PAGE).send().await;
        assert_eq!((answer.status, answer.bytes.len()), (204, 0), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), PAGE);
        assert_eq!(
            answer.header("access-control-allow-methods"),
            answer.header("allow")
        );
        assert_eq!(
            answer.header("access-control-allow-headers"),
            "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key"
        );
        assert_eq!(answer.header("access-control-max-age"), "7200");
        assert_eq!(answer.header("vary"), "Authorization, Origin");
        assert_eq!(cors_headers(&answer).len(), 4);
    }
}

#[tokio::test]
async fn every_answer_to_a_listed_origin_may_be_read_errors_too() {
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
        let answer = from_page(call, PAGE).send().await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), PAGE);
        assert_eq!(answer.header("access-control-expose-headers"), EXPOSED);
        assert_eq!(answer.header("vary"), "Authorization, Origin");
        assert_eq!(cors_headers(&answer).len(), 2);
    }
}

#[tokio::test]
async fn an_origin_that_is_not_listed_is_told_nothing() {
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
            let answer = call.send().await;
            assert!(answer.status == 204 || answer.status == 200, "{origin}");
            assert_eq!(cors_headers(&answer), [] as [&str; 0], "{origin}");
            assert_eq!(answer.header("vary"), "Authorization, Origin");
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
    let answer = preflight(&app, TASKS, PAGE).send().await;
    assert_eq!(answer.status, 204);
    assert_eq!(cors_headers(&answer), [] as [&str; 0]);
}

#[tokio::test]
async fn a_star_lists_every_origin_but_never_with_credentials() {
    let app = TestApp::with_settings(&[("CORS_ORIGINS", "*")]).await;
    for call in [
        preflight(&app, TASKS, "null"),
        from_page(app.get(TASKS), PAGE),
    ] {
        let answer = call.send().await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn a_preflight_for_no_path_of_ours_is_404() {
    let app = TestApp::with_settings(&[SETTING]).await;
    let answer = preflight(&app, "/nowhere", PAGE).send().await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("access-control-allow-methods"), "");
}
