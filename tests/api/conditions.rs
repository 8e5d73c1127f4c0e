//! Conditional requests: If-Match, If-None-Match, ETag.

use futures_util::future::join_all;
use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{TASKS, TestApp, TestResponse, USERS, User};
use crate::wire::Fault::LoseResponse;

fn value(raw: &str) -> HeaderValue {
    HeaderValue::from_str(raw).expect("a header")
}

async fn write(user: &User<'_>, method: Method, uri: &str, if_match: &str) -> TestResponse {
    let call = user
        .request(method.clone(), uri)
        .header("if-match", value(if_match));
    match method {
        Method::DELETE => call.send().await,
        _ => call.json(&json!({"title": "x"})).send().await,
    }
}

#[tokio::test]
async fn a_write_that_expects_the_current_version_is_done() {
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        for tags in [
            "\"1.1\"",
            "*",
            "\"2.9\", \"1.1\"",
            "\"1.7\" , W/\"1.1\",\"1.1\"",
        ] {
            let app = TestApp::start().await;
            let ada = app.user("ada").await;
            let task = ada.create("Buy milk").await;
            let uri = task.uri.as_str();
            app.wire.take_calls();
            assert_eq!(
                write(&ada, method.clone(), uri, tags).await.status,
                200,
                "{method} {tags}"
            );
            assert_eq!(app.wire.take_calls().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_write_with_if_none_match_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let list = ada.create_list("Home").await;
    app.wire.take_calls();
    let account = format!("{USERS}/ada");
    for uri in [task.uri.as_str(), &list, &account] {
        for method in [Method::PUT, Method::PATCH, Method::DELETE] {
            if uri == account && method == Method::PATCH {
                continue;
            }
            let call = ada
                .request(method.clone(), uri)
                .header("if-none-match", value("*"));
            let refused = match method {
                Method::DELETE => call.send().await,
                _ => call.json(&json!({})).send().await,
            };
            let problem = "is for GET and HEAD; send If-Match instead";
            assert_eq!(
                (refused.status, refused.json()),
                (
                    400,
                    json!({"error": "Bad request", "detail": format!("If-None-Match {problem}"), "field": "If-None-Match"})
                ),
                "{method} {uri}"
            );
        }
    }
    assert_eq!(ada.list().await.len(), 1);
}

#[tokio::test]
async fn a_write_that_expects_another_version_is_refused_with_the_current_one() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let uri = task.uri.as_str();
    ada.put(uri, &json!({"done": true})).send().await;
    let before = ada.list().await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        for tags in [
            "\"1.1\"",
            "W/\"1.2\"",
            "\"foreign\"",
            "\"1.02\"",
            "\"2.2\"",
            "\"\"",
        ] {
            let refused = write(&ada, method.clone(), uri, tags).await;
            let expected = json!({"error": "Precondition failed"});
            assert_eq!(
                (refused.status, refused.json()),
                (412, expected),
                "{method} {tags}"
            );
            assert_eq!(refused.header("etag"), "\"1.2\"");
        }
    }
    assert_eq!(ada.list().await, before);
}

#[tokio::test]
async fn a_missing_task_is_404_whatever_version_was_expected() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        for tags in ["*", "\"1.1\"", "W/\"1.1\""] {
            let missing = write(&ada, method.clone(), &format!("{TASKS}/9"), tags).await;
            assert_eq!(missing.status, 404);
        }
    }
}

#[tokio::test]
async fn a_malformed_if_match_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let uri = task.uri.as_str();
    let many = vec!["\"1.1\""; 51].join(",");
    for tags in [
        "",
        "1.1",
        "\"1.1",
        "\"1.1\" \"1.2\"",
        "*, \"1.1\"",
        many.as_str(),
    ] {
        let refused = write(&ada, Method::PUT, uri, tags).await;
        let detail = "If-Match must be * or a list of at most 50 entity tags";
        let expected = json!({"error": "Bad request", "detail": detail, "field": "If-Match"});
        assert_eq!((refused.status, refused.json()), (400, expected), "{tags}");
    }
    let fifty = vec!["\"1.1\""; 50].join(",");
    assert_eq!(write(&ada, Method::PUT, uri, &fifty).await.status, 200);
}

#[tokio::test]
async fn a_conditional_write_whose_response_was_lost_succeeds() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let uri = task.uri.as_str();
    app.wire.fail("UpdateItem", LoseResponse);
    let updated = write(&ada, Method::PUT, uri, "\"1.1\"").await;
    assert_eq!((updated.status, updated.header("etag")), (200, "\"1.2\""));
    app.wire.fail("UpdateItem", LoseResponse);
    assert_eq!(
        write(&ada, Method::DELETE, uri, "\"1.2\"").await.status,
        200
    );
}

#[tokio::test]
async fn a_task_that_the_client_already_has_is_304() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    let uri = task.uri.as_str().to_owned();
    for method in [Method::GET, Method::HEAD] {
        for (tags, status) in [
            ("\"1.1\"", 304),
            ("W/\"1.1\"", 304),
            ("\"x\", \"1.1\"", 304),
            ("*", 304),
            ("\"1.2\"", 200),
            ("1.1", 200),
            ("", 200),
        ] {
            let call = ada
                .request(method.clone(), &uri)
                .header("if-none-match", value(tags));
            let response = call.send().await;
            assert_eq!(
                (response.status, response.header("etag")),
                (status, "\"1.1\""),
                "{tags}"
            );
            assert_eq!(response.header("cache-control"), "private, no-cache");
            assert_eq!(
                response.bytes.is_empty(),
                status == 304 || method == Method::HEAD
            );
        }
    }
    let missing = ada
        .get(&format!("{TASKS}/9"))
        .header("if-none-match", value("*"))
        .send()
        .await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn if_match_and_if_none_match_work_for_users_too() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("{USERS}/ada");
    let body = json!({"email": "ada@example.com"});
    let put = |tags: &str| ada.put(&path, &body).header("if-match", value(tags)).send();
    assert_eq!(put("\"1.1\"").await.header("etag"), "\"1.2\"");
    ada.create("Creating tasks moves nothing here").await;
    let refused = put("\"1.1\"").await;
    assert_eq!((refused.status, refused.header("etag")), (412, "\"1.2\""));
    let known = ada
        .get(&path)
        .header("if-none-match", value("\"1.2\""))
        .send()
        .await;
    assert_eq!(
        (known.status, known.header("cache-control")),
        (304, "private, no-cache")
    );
    let kept = ada
        .delete(&path)
        .header("if-match", value("\"1.1\""))
        .send()
        .await;
    assert_eq!(kept.status, 412);
    assert_eq!(ada.get(&path).send().await.status, 200);
    assert_eq!(
        ada.delete(&path)
            .header("if-match", value("\"1.2\""))
            .send()
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_writers_lose_no_update() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada
        .create(&json!({"title": "Counter", "description": "0"}))
        .await;
    let uri = task.uri.as_str();
    let number = |task: &Value| -> u32 {
        task["description"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .expect("a number")
    };
    let increment = async || {
        let mut task = ada.get(uri).send().await.json()["task"].clone();
        loop {
            let body = json!({"description": (number(&task) + 1).to_string()});
            let etag = value(task["etag"].as_str().expect("a tag"));
            let written = ada.put(uri, &body).header("if-match", etag).send().await;
            match written.status {
                200 => return,
                412 => task = ada.get(uri).send().await.json()["task"].clone(),
                status => panic!("{status}"),
            }
        }
    };
    join_all((0..50).map(|_| increment())).await;
    let task = ada.get(uri).send().await.json()["task"].clone();
    assert_eq!((number(&task), &task["etag"]), (50, &json!("\"1.51\"")));
}

#[tokio::test]
async fn a_conditional_change_of_a_user_whose_response_was_lost_succeeds() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("{USERS}/ada");
    app.wire.fail("UpdateItem account", LoseResponse);
    let call = ada.put(&path, &json!({"email": "ada@example.com"}));
    let updated = call.header("if-match", value("\"1.1\"")).send().await;
    assert_eq!((updated.status, updated.header("etag")), (200, "\"1.2\""));
}
