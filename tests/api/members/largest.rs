//! The largest task there is.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use super::user_with_lists;
use crate::client::{TASKS, TestApp};

const LARGEST_BODY: usize = 256 * 1024;

/// A task with as much of `text`, one code point, as fits.
fn largest(text: &str) -> Value {
    let distinct = |number: u8| char::from(b'0' + number).to_string() + &text.repeat(49);
    let step = json!({"title": text.repeat(200), "done": false});
    json!({
        "title": text.repeat(500),
        "description": text.repeat(4_000),
        "done": false,
        "due": "2026-12-31T23:59",
        "priority": "medium",
        "tags": (0..10).map(distinct).collect::<Vec<_>>(),
        "steps": vec![step; 50],
        "list": "http://todo.test/todo/api/v1.0/lists/1",
        "order": -0.123_456_789_012_345_68,
    })
}

/// The same JSON, with every character of every string written as `\uXXXX`.
fn escaped(json: &Value) -> String {
    let string = |text: &str| {
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        format!("\"{}\"", units.collect::<String>())
    };
    match json {
        Value::String(text) => string(text),
        Value::Array(entries) => {
            let entries: Vec<_> = entries.iter().map(escaped).collect();
            format!("[{}]", entries.join(","))
        }
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<_> = members
                .map(|(name, value)| format!("{}:{}", string(name), escaped(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}

#[tokio::test]
async fn the_largest_task_fits_however_it_is_escaped() {
    for text in ["😀", "é", "\u{10FFFF}"] {
        let task = largest(text);
        for body in [task.to_string(), escaped(&task)] {
            assert!(body.len() <= LARGEST_BODY, "{}", body.len());
            let app = TestApp::start().await;
            let ada = user_with_lists(&app).await;
            for (method, uri) in [
                (Method::POST, TASKS.to_owned()),
                (Method::PUT, format!("{TASKS}/1")),
                (Method::PATCH, format!("{TASKS}/1")),
            ] {
                let request = ada.request(method.clone(), &uri);
                let response = request.bytes("application/json", body.clone()).send().await;
                assert!(
                    response.status < 300,
                    "{method}: {} {}",
                    response.status,
                    body.len()
                );
                for (name, value) in task.as_object().expect("an object") {
                    assert_eq!(&response.json()["task"][name], value, "{method} {name}");
                }
            }
            let read = ada.get(&format!("{TASKS}/1")).send().await.json();
            assert_eq!(read["task"]["steps"], task["steps"]);
        }
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let padded = |bytes: usize| {
        let task = escaped(&largest("😀"));
        task.clone() + &" ".repeat(bytes - task.len())
    };
    let post = async |body: String| {
        let request = ada.request(Method::POST, TASKS);
        request.bytes("application/json", body).send().await
    };
    assert_eq!(post(padded(LARGEST_BODY)).await.status, 201);
    let refused = post(padded(LARGEST_BODY + 1)).await;
    let detail = "a body may have at most 262144 bytes";
    let expected = json!({"error": "Payload too large", "detail": detail});
    assert_eq!((refused.status, refused.json()), (413, expected));
}

#[tokio::test]
async fn pages_of_the_largest_tasks_fit_into_lambda_responses() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let mut count = 0;
    // The largest in the table, in JSON, and in JSON within JSON; and the one with the most JSON
    // around its text.
    let small = json!({
        "title": "x", "list": "/lists/1", "tags": (0..10).map(|tag| tag.to_string()).collect::<Vec<_>>(),
        "steps": vec![json!({"title": "x"}); 50],
    });
    for (task, created) in [(largest("😀"), 80), (largest("\""), 80), (small, 1_000)] {
        for _ in 0..(created / 20) {
            join_all((0..20).map(|_| ada.create(&task))).await;
        }
        count += created;
    }
    for path in [TASKS, "/todo/api/v1.0/lists/1/tasks"] {
        let mut seen = 0;
        let mut uri = path.to_owned();
        loop {
            let page = ada.get(&uri).send().await;
            assert_eq!(page.status, 200);
            let body = String::from_utf8(page.bytes.to_vec()).expect("UTF-8");
            let nested = serde_json::to_vec(&json!({"body": body})).expect("JSON");
            assert!(nested.len() < 6_000_000, "{}", nested.len());
            seen += page.json()["tasks"].as_array().expect("tasks").len();
            match page.json()["next"].as_str() {
                Some(next) => uri = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, count);
    }
}
