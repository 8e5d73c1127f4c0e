//! Lambda events, recorded and malformed ones: each gets a response, none causes a panic.

use std::sync::Arc;

use lambda_runtime::{Context, LambdaEvent};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::client::{PASSWORD, TASKS, TestApp, basic};

/// A response, as API Gateway would get it.
pub async fn send(app: &TestApp, event: impl AsRef<str>) -> Value {
    let payload: Box<RawValue> = serde_json::from_str(event.as_ref()).expect("an event is JSON");
    let mut context = Context::default();
    context.request_id = "request-1".to_owned();
    let response = app.function.handle(LambdaEvent { payload, context }).await;
    serde_json::to_value(response.expect("a response")).expect("JSON")
}

fn body(response: &Value) -> Value {
    serde_json::from_str(response["body"].as_str().expect("a body")).expect("JSON")
}

/// An HTTP API event, as `cargo lambda watch` and API Gateway send it.
pub fn http_event(method: &str, path: &str, authorization: Option<&str>) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "todo.test:9000", "content-type": "application/json"},
        "queryStringParameters": null,
        "requestContext": {
            "accountId": "123456789012",
            "domainName": "api.todo.test",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "requestId": "request-1",
            "routeKey": "$default",
            "stage": "$default",
        },
        "isBase64Encoded": false,
        // `cargo lambda watch` puts this on every event.
        "httpMethod": "GET",
    });
    if let Some(authorization) = authorization {
        event["headers"]["authorization"] = json!(authorization);
    }
    event
}

/// A REST API event for the stage `prod`.
fn rest_event(method: &str, path: &str, authorization: &[&str]) -> Value {
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {"Host": "api.todo.test", "Authorization": authorization.last()},
        "multiValueHeaders": {
            "Host": ["api.todo.test"],
            "X-Forwarded-Proto": ["https"],
            "Content-Type": ["application/json"],
            "Authorization": authorization,
        },
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "requestContext": {
            "path": format!("/prod{path}"),
            "stage": "prod",
            "domainName": "api.todo.test",
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": null,
        "isBase64Encoded": false,
    })
}

fn ada() -> String {
    basic("ada", PASSWORD).to_str().expect("ASCII").to_owned()
}

#[tokio::test]
async fn an_http_api_event_gets_a_response_in_its_format() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let mut event = http_event("POST", TASKS, Some(&ada()));
    event["body"] = json!(r#"{"title": "Buy milk"}"#);

    let response = send(&app, event.to_string()).await;

    assert_eq!(response["statusCode"], 201);
    assert_eq!(response["isBase64Encoded"], false);
    assert_eq!(response["headers"]["x-request-id"], "request-1");
    let uri = format!("http://todo.test:9000{TASKS}/1");
    assert_eq!(response["headers"]["location"], uri);
    assert_eq!(body(&response)["task"]["uri"], uri);
}

#[tokio::test]
async fn uris_in_the_response_to_a_rest_api_event_contain_the_stage() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let mut event = rest_event("POST", TASKS, &[&ada()]);
    event["body"] = json!(r#"{"title": "Buy milk"}"#);

    let response = send(&app, event.to_string()).await;

    assert_eq!(response["statusCode"], 201);
    let uri = format!("https://api.todo.test/prod{TASKS}/1");
    assert_eq!(response["headers"]["location"], uri);
    assert_eq!(body(&response)["task"]["uri"], uri);
}

#[tokio::test]
async fn a_base64_body_is_decoded() {
    use base64::Engine;
    let app = TestApp::start().await;
    app.user("ada").await;
    let mut event = http_event("POST", TASKS, Some(&ada()));
    let encoded = base64::engine::general_purpose::STANDARD.encode(r#"{"title": "Müll"}"#);
    event["body"] = json!(encoded);
    event["isBase64Encoded"] = json!(true);
    let response = send(&app, event.to_string()).await;
    assert_eq!(
        (&response["statusCode"], &body(&response)["task"]["title"]),
        (&json!(201), &json!("Müll"))
    );
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let ada = ada();
    assert_eq!(
        send(&app, rest_event("GET", TASKS, &[&ada]).to_string()).await["statusCode"],
        200
    );
    let twice = send(&app, rest_event("GET", TASKS, &[&ada, &ada]).to_string()).await;
    assert_eq!(twice["statusCode"], 401);
    let joined = http_event("GET", TASKS, Some(&format!("{ada},{ada}")));
    assert_eq!(send(&app, joined.to_string()).await["statusCode"], 401);
}

#[tokio::test]
async fn the_base_of_all_uris_follows_the_request_or_the_setting() {
    let base = async |settings: &[(&'static str, &'static str)], headers: Value| {
        let app = TestApp::with_settings(settings).await;
        let mut event = http_event("GET", "/todo/api/v1.0", None);
        event["headers"] = headers;
        let index = body(&send(&app, event.to_string()).await);
        let tasks = index["tasks"].as_str().expect("a URI").to_owned();
        tasks
            .strip_suffix(TASKS)
            .expect("the tasks' path")
            .to_owned()
    };
    let cases = [
        (json!({"host": "a.test"}), "http://a.test"),
        (
            json!({"host": "a.test", "x-forwarded-proto": "https"}),
            "https://a.test",
        ),
        (
            json!({"host": "a.test", "x-forwarded-proto": "http"}),
            "http://a.test",
        ),
        (
            json!({"host": "a.test", "x-forwarded-proto": "https, https"}),
            "http://a.test",
        ),
        (
            json!({"host": "a.test", "x-forwarded-proto": "javascript"}),
            "http://a.test",
        ),
        (json!({"host": "[::1]:9000"}), "http://[::1]:9000"),
        (json!({}), "http://api.todo.test"),
        (json!(null), "http://api.todo.test"),
    ];
    for (headers, expected) in cases {
        assert_eq!(base(&[], headers.clone()).await, expected, "{headers}");
    }
    let public = [("PUBLIC_URL", "https://public.test/base/")];
    assert_eq!(
        base(&public, json!({"host": "a.test"})).await,
        "https://public.test/base"
    );
}

#[tokio::test]
async fn every_malformed_event_gets_a_response() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let with = |pointer: &str, value: Value| {
        let mut event = http_event("GET", TASKS, Some(&ada()));
        *event.pointer_mut(pointer).expect("a place in the event") = value;
        event.to_string()
    };
    let header = |name: &str, value: &str| {
        let mut event = http_event("GET", TASKS, Some(&ada()));
        event["headers"][name] = json!(value);
        event.to_string()
    };
    let deep = format!(
        r#"{{"version":"2.0","x":{}{}}}"#,
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    let many = (0..40_000)
        .map(|n| (format!("x-{n}"), json!("x")))
        .collect();
    let odd = [
        ("null".to_owned(), 400),
        ("5".to_owned(), 400),
        (r#""""#.to_owned(), 400),
        ("[]".to_owned(), 400),
        ("{}".to_owned(), 400),
        (deep, 400),
        (r#"{"version": "2.0", "version": "1.0"}"#.to_owned(), 400),
        (r#"{"version": "2.0", "rawPath": "\ud800"}"#.to_owned(), 400),
        (r#"{"version": 2.0}"#.to_owned(), 400),
        (with("/requestContext", json!(null)), 400),
        (with("/requestContext/http", json!(null)), 400),
        (with("/requestContext/http/method", json!("")), 400),
        (with("/requestContext/http/method", json!("GE T")), 400),
        (
            with("/requestContext/http/sourceIp", json!("not an address")),
            200,
        ),
        (with("/requestContext/http/sourceIp", json!(null)), 200),
        (with("/rawPath", json!(null)), 200),
        (with("/rawPath", json!("")), 400),
        (with("/rawPath", json!("todo")), 400),
        (with("/rawPath", json!("*")), 400),
        (
            with("/rawPath", json!("/todo/api/v1.0/tasks/../users")),
            404,
        ),
        (
            with("/rawPath", json!("/todo/api/v1.0/x/%2e%2e/tasks")),
            404,
        ),
        (with("/rawPath", json!("/todo\\api\\v1.0\\tasks")), 404),
        (
            with("/rawPath", json!("/todo/api/v1.0/tasks/é \t\"<>{}|^`#?\0")),
            404,
        ),
        (
            with("/rawPath", json!("//evil.test/todo/api/v1.0/tasks")),
            404,
        ),
        (
            with("/rawPath", json!(format!("/{}", "x".repeat(70_000)))),
            400,
        ),
        (with("/rawQueryString", json!("a b\"<>\t&é=#?{}")), 200),
        (with("/rawQueryString", json!("%zz&%")), 200),
        (with("/rawQueryString", json!(null)), 200),
        (with("/headers", json!("host: a")), 400),
        (with("/headers", json!({"host": 5})), 400),
        (with("/headers", json!({"a b": "x"})), 400),
        (with("/headers", json!({"x": "a\nb"})), 400),
        (with("/isBase64Encoded", json!(null)), 200),
        (with("/headers", many), 400),
        (header("host", "a b"), 400),
        (header("host", "x:99999"), 400),
        (header("host", "x:"), 400),
        (header("host", "ada@evil.test"), 400),
        (header("host", ""), 400),
        (header("host", "é"), 400),
        (header("x-forwarded-proto", "a b"), 200),
        (header("x-forwarded-proto", ""), 200),
        (header("x-forwarded-proto", "https, https"), 200),
        (header("x-forwarded-for", "not, an, address"), 200),
        (header("x-odd", "é\u{1F600}"), 200),
        (header("cookie", "a=b; \u{ff}"), 200),
    ];
    for (event, status) in odd {
        let shown: String = event.chars().take(600).collect();
        let response = send(&app, event).await;
        assert_eq!(response["statusCode"], status, "{shown}");
        assert_eq!(response["isBase64Encoded"], false, "{shown}");
        let headers = [&response["headers"], &response["multiValueHeaders"]];
        assert!(
            headers
                .iter()
                .any(|headers| headers["x-request-id"] == "request-1"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_not_base64_or_utf8_is_refused() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let mut event = http_event("POST", TASKS, Some(&ada()));
    event["body"] = json!("{\"title\": \"x\"}");
    event["isBase64Encoded"] = json!(true);
    let response = send(&app, event.to_string()).await;
    let expected = json!({"error": "Bad request", "detail": "the request's body is malformed"});
    assert_eq!(
        (&response["statusCode"], body(&response)),
        (&json!(400), expected)
    );
}

#[tokio::test]
async fn the_query_of_a_rest_api_event_is_already_decoded() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let mut event = rest_event("GET", TASKS, &[&ada()]);
    event["queryStringParameters"] = json!({"_": "b&c=d"});
    event["multiValueQueryStringParameters"] = json!({"_": ["a b", "b&c=d"]});
    assert_eq!(send(&app, event.to_string()).await["statusCode"], 200);
}

#[tokio::test]
async fn a_head_request_gets_no_body() {
    let app = TestApp::start().await;
    let response = send(&app, http_event("HEAD", "/health", None).to_string()).await;
    assert_eq!(
        (&response["statusCode"], response.get("body")),
        (&json!(200), None)
    );
}

#[tokio::test]
async fn a_deadline_in_the_past_is_ignored() {
    let app = Arc::new(TestApp::start().await);
    // `Context::default` has the deadline 1970-01-01, as `cargo lambda watch` does.
    let response = send(&app, http_event("GET", "/health", None).to_string()).await;
    assert_eq!(response["statusCode"], 200);
}
