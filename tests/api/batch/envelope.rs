//! The body and the method of a batch itself.

use http::Method;
use serde_json::{Value, json};

use super::{BATCH, body_of, part, responses, send, statuses};
use crate::client::{BASE, LISTS, TASKS, TestApp, USERS};

#[tokio::test]
async fn a_wrong_envelope_is_refused_as_a_whole() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let good = json!({"method": "POST", "uri": TASKS, "body": {"title": "x"}});
    let in_third = |name: &str, value: Value| {
        let mut bad = good.clone();
        bad[name] = value;
        json!({"requests": [good, good, bad]})
    };
    let uri = "must be the URI, or its path, of something that a batch may change";
    let headers =
        "must be an object with If-Match, Idempotency-Key, or both, each once and a string";
    let mut without_uri = in_third("x", json!(1));
    without_uri["requests"][2] = json!({"method": "POST"});
    let methods = "must be POST for this URI";
    for (body, field, problem) in [
        (json!({"x": 1}), "requests", "is missing"),
        (json!({"requests": {}}), "requests", "must be an array"),
        (
            json!({"requests": []}),
            "requests",
            "must have at least one entry",
        ),
        (
            json!({"requests": vec![good.clone(); 51]}),
            "requests",
            "must have at most 50 entries",
        ),
        (
            json!({"requests": [good], "atomic": true}),
            "atomic",
            "is not known here",
        ),
        (
            json!({"requests": [good, 7]}),
            "requests[1]",
            "must be an object",
        ),
        (
            in_third("x", json!(1)),
            "requests[2].x",
            "is not known here",
        ),
        (without_uri, "requests[2].uri", "is missing"),
        (
            in_third("uri", json!(7)),
            "requests[2].uri",
            "must be a string",
        ),
        (in_third("uri", json!("")), "requests[2].uri", uri),
        (in_third("uri", json!("tasks")), "requests[2].uri", uri),
        (in_third("uri", json!("/tasks")), "requests[2].uri", uri),
        (
            in_third("uri", json!(format!("{TASKS}/"))),
            "requests[2].uri",
            uri,
        ),
        (in_third("uri", json!(BATCH)), "requests[2].uri", uri),
        (in_third("uri", json!(LISTS)), "requests[2].uri", uri),
        (
            in_third("uri", json!(format!("{USERS}/ada"))),
            "requests[2].uri",
            uri,
        ),
        (
            in_third("uri", json!(format!("http://example.com{TASKS}"))),
            "requests[2].uri",
            uri,
        ),
        (
            in_third("uri", json!(format!("{BASE}.example.com{TASKS}"))),
            "requests[2].uri",
            uri,
        ),
        (
            in_third("uri", json!(format!("{TASKS}/../users"))),
            "requests[2].uri",
            uri,
        ),
        (
            in_third("method", json!(null)),
            "requests[2].method",
            "must be a string",
        ),
        (
            in_third("method", json!("post")),
            "requests[2].method",
            methods,
        ),
        (
            in_third("method", json!("GET")),
            "requests[2].method",
            methods,
        ),
        (
            in_third("method", json!("PUT")),
            "requests[2].method",
            methods,
        ),
        (
            in_third("method", json!("OPTIONS")),
            "requests[2].method",
            methods,
        ),
        (
            in_third("headers", json!(null)),
            "requests[2].headers",
            headers,
        ),
        (
            in_third("headers", json!({"Authorization": "Basic x"})),
            "requests[2].headers",
            headers,
        ),
        (
            in_third("headers", json!({"If-Match": ["*"]})),
            "requests[2].headers",
            headers,
        ),
        (
            in_third("headers", json!({"If-Match": "*", "if-match": "*"})),
            "requests[2].headers",
            headers,
        ),
        (
            in_third("headers", json!({"If-Match": "*\r\nX: y"})),
            "requests[2].headers",
            headers,
        ),
    ] {
        let refused = ada.post(BATCH, &body).send().await;
        let detail = format!("{field} {problem}");
        let expected = json!({"error": "Bad request", "field": field, "detail": detail});
        assert_eq!((refused.status, refused.json()), (400, expected), "{body}");
    }
    let twice = r#"{"requests": [{"method": "DELETE", "method": "PUT", "uri": "/"}]}"#;
    let twice = ada
        .request(Method::POST, BATCH)
        .bytes("application/json", twice)
        .send()
        .await;
    let expected = json!({
        "error": "Bad request", "field": "requests[0].method", "detail": "requests[0].method is given twice",
    });
    assert_eq!((twice.status, twice.json()), (400, expected));
    assert_eq!(ada.list().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_batch_may_have_one_mebibyte_and_each_body_what_it_may_have_alone() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let title = |bytes: usize| format!(r#"{{"title": "{}"}}"#, "x".repeat(bytes - 13));
    let body = body_of(&vec![part("POST", TASKS, &title(262_144)); 4]);
    let padded = |bytes: usize| {
        let rest = " ".repeat(bytes - title(200_000).len() * 5 - 500);
        let whole = body_of(&vec![part("POST", TASKS, &title(200_000)); 5]);
        whole + &rest
    };
    assert!(body.len() > 1_048_576);
    let too_large = ada
        .request(Method::POST, BATCH)
        .bytes("application/json", body)
        .send()
        .await;
    let expected =
        json!({"error": "Payload too large", "detail": "a body may have at most 1048576 bytes"});
    assert_eq!((too_large.status, too_large.json()), (413, expected));

    let largest = padded(1_048_576);
    assert!(
        (1_048_000..=1_048_576).contains(&largest.len()),
        "{}",
        largest.len()
    );
    let read = ada
        .request(Method::POST, BATCH)
        .bytes("application/json", largest)
        .send()
        .await;
    assert_eq!(statuses(&read), [400; 5]);

    let own = send(
        &ada,
        &[
            part("POST", TASKS, &title(262_145)),
            part("POST", TASKS, &title(262_144)),
        ],
    )
    .await;
    let own = responses(&own);
    let expected =
        r#"{"error":"Payload too large","detail":"a body may have at most 262144 bytes"}"#;
    assert_eq!(own[0].body.as_ref().map(|body| body.get()), Some(expected));
    assert_eq!([own[0].status, own[1].status], [413, 400]);
}

#[tokio::test]
async fn a_batch_is_only_posted() {
    let app = TestApp::start().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let other = app.request(method, BATCH).send().await;
        assert_eq!(
            (other.status, other.header("allow")),
            (405, "POST, OPTIONS")
        );
    }
}
