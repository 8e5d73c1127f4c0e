//! What a body is: JSON, of a size, with a content type.

use http::{HeaderValue, Method};
use serde_json::json;

use super::{JSON, post, title_is_refused};
use crate::client::{TASKS, TestApp};

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_refused() {
    let deep = "[".repeat(25_000) + &"]".repeat(25_000);
    let deep_member = format!(r#"{{"title":{deep}}}"#);
    let malformed = "the body is not well-formed JSON";
    let no_object = "the body must be a JSON object";
    let cases = [
        ("{", malformed),
        ("nonsense", malformed),
        (r#"{"title": "x"} x"#, malformed),
        (r#"{"title": "x",}"#, malformed),
        ("{'title': 'x'}", malformed),
        ("{\"title\": \"a\0b\"}", malformed),
        ("\u{feff}{\"title\": \"x\"}", malformed),
        (&"[".repeat(50_000), malformed),
        (" ", malformed),
        (r#"["title"]"#, no_object),
        ("null", no_object),
        ("5", no_object),
        (r#""""#, no_object),
        ("true", no_object),
        (&deep, no_object),
        ("{}", "the body must have at least one member"),
    ];
    for (body, detail) in cases {
        let refused = post(body.to_owned()).await;
        let shown = &body[..body.len().min(40)];
        assert_eq!(refused.status, 400, "{shown}");
        assert_eq!(
            refused.json(),
            json!({"error": "Bad request", "detail": detail}),
            "{shown}"
        );
    }
    assert_eq!(post(deep_member).await.json()["field"], "title");
    assert_eq!(
        post(&b"{\"title\": \"\xff\"}"[..]).await.json()["detail"],
        malformed
    );
}

#[tokio::test]
async fn a_lone_surrogate_is_refused() {
    for body in [r#"{"title": "\ud800"}"#, r#"{"title": "\udc00\ud800"}"#] {
        title_is_refused(body).await;
    }
}

#[tokio::test]
async fn every_valid_task_fits_however_it_is_escaped() {
    let escaped = |count| r"\ud83d\ude00".repeat(count);
    let body = format!(
        r#"{{"title": "{}", "description": "{}"}}"#,
        escaped(500),
        escaped(4_000)
    );
    assert!(body.len() > 54_000);
    let created = post(body).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.json()["task"]["description"], "😀".repeat(4_000));
}

#[tokio::test]
async fn a_body_over_256_kib_is_refused() {
    let body = |bytes: usize| format!("{{\"title\": \"x\"{}}}", " ".repeat(bytes - 14));
    assert_eq!(body(262_144).len(), 262_144);
    assert_eq!(post(body(262_144)).await.status, 201);

    let refused = post(body(262_145)).await;
    assert_eq!(refused.status, 413);
    let detail = "a body may have at most 262144 bytes";
    assert_eq!(
        refused.json(),
        json!({"error": "Payload too large", "detail": detail})
    );
}

#[tokio::test]
async fn a_write_without_a_body_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let uri = task.uri.as_str();
    for (method, uri) in [
        (Method::POST, TASKS),
        (Method::PUT, uri),
        (Method::PATCH, uri),
    ] {
        for call in [
            ada.request(method.clone(), uri),
            ada.request(method, uri).bytes(JSON, ""),
        ] {
            let refused = call.send().await;
            let expected = json!({"error": "Bad request", "detail": "there is no body"});
            assert_eq!((refused.status, refused.json()), (400, expected));
        }
    }
}

#[tokio::test]
async fn a_body_whose_content_type_is_not_json_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let uri = task.uri.as_str();
    let body = r#"{"title": "x"}"#;
    let bad = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "application/json; charset=utf-8; charset=latin1",
        "application/json; profile=x",
        "application/jason",
        "application/merge-patch+json",
        "json",
        "",
    ];
    for content_type in bad {
        let refused = ada
            .request(Method::POST, TASKS)
            .bytes(content_type, body)
            .send()
            .await;
        assert_eq!(refused.status, 415, "{content_type}");
        let detail = "the body must be application/json, in UTF-8";
        assert_eq!(
            refused.json(),
            json!({"error": "Unsupported media type", "detail": detail})
        );
        assert_eq!(refused.header("accept-post"), "application/json");
    }
    let unmarked = ada.request(Method::POST, TASKS).unmarked(body).send().await;
    assert_eq!(unmarked.status, 415);

    let put = ada
        .request(Method::PUT, uri)
        .bytes("text/plain", body)
        .send()
        .await;
    assert_eq!(
        (put.status, put.header("accept")),
        (415, "application/json")
    );
    let patch = ada
        .request(Method::PATCH, uri)
        .bytes("text/plain", body)
        .send()
        .await;
    let accepted = "application/json, application/merge-patch+json";
    assert_eq!(
        (patch.status, patch.header("accept-patch")),
        (415, accepted)
    );

    let encoded = ada.request(Method::POST, TASKS).bytes(JSON, body);
    let encoded = encoded.header("content-encoding", HeaderValue::from_static("gzip"));
    assert_eq!(encoded.send().await.status, 415);
    let twice = ada.request(Method::POST, TASKS).bytes(JSON, body);
    let twice = twice.header("content-type", HeaderValue::from_static(JSON));
    assert_eq!(twice.send().await.status, 415);
}

#[tokio::test]
async fn json_may_name_its_charset() {
    let good = [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON; Charset=\"utf-8\"",
    ];
    for content_type in good {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let call = ada
            .request(Method::POST, TASKS)
            .bytes(content_type, r#"{"title": "x"}"#);
        assert_eq!(call.send().await.status, 201, "{content_type}");
    }
}

#[tokio::test]
async fn a_get_or_delete_may_say_json_without_a_body() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uri = ada.create("x").await.uri;
    assert_eq!(
        ada.get(&format!("{TASKS}?_=1795334400000"))
            .bytes(JSON, "")
            .send()
            .await
            .status,
        200
    );
    assert_eq!(ada.delete(&uri).bytes(JSON, "").send().await.status, 200);
}
