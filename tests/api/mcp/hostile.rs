//! Ten thousand generated bodies: valid, broken, hostile.
//!
//! `PROPTEST_CASES=100000` sends more; a failure prints its smallest form.

use std::cell::Cell;

use axum::body::Bytes;
use futures_util::future::join_all;
use http::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{MCP, meta, with};
use crate::client::{TestApp, TestResponse, User};

/// Sent at once: one engine takes them one after another, so this only saves start-up.
const CHUNK: usize = 50;
const CHUNKS: u32 = 200;

/// One message: a body, and the headers that go with it, each there or not.
#[derive(Clone, Debug)]
struct Sent {
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

fn one_of(all: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(all).prop_map(str::to_owned)
}

/// A few characters of any kind.
fn word() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..6).prop_map(|word| word.into_iter().collect())
}

/// Any JSON, of little depth.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        one_of(&[
            "\u{0}",
            "\u{202e}",
            "../..",
            "' OR 1=1",
            "2026-13-45",
            "http://x/tasks/1"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((member_name(), inner), 0..4)
                .prop_map(|members| members.into_iter().collect::<Value>()),
        ]
    })
}

fn member_name() -> impl Strategy<Value = String> {
    prop_oneof![
        one_of(&[
            "title", "list", "due", "tags", "steps", "uri", "uris", "tasks", "limit", "cursor",
            "done", "q", "repeat"
        ]),
        word(),
    ]
}

/// Arguments that a tool may take, and others.
fn arguments() -> impl Strategy<Value = Value> {
    let uri = one_of(&[
        "/tasks/1",
        "http://todo.test/todo/api/v1.0/tasks/2",
        "/tasks/0",
        "/lists/1",
        "",
    ]);
    let uris = prop::collection::vec(uri.clone(), 0..3);
    prop_oneof![
        Just(json!({})),
        uris.prop_map(|uris| json!({"uris": uris})),
        (word(), any_json())
            .prop_map(|(title, due)| json!({"tasks": [{"title": title, "due": due}]})),
        (uri, member_name(), any_json()).prop_map(|(uri, name, value)| {
            let mut task = json!({"uri": uri});
            task[name] = value;
            json!({"tasks": [task]})
        }),
        (member_name(), any_json()).prop_map(|(name, value)| [(name, value)].into_iter().collect()),
        any_json(),
    ]
}

fn params() -> impl Strategy<Value = Value> {
    let tool = one_of(&[
        "find_tasks",
        "list_lists",
        "add_tasks",
        "update_tasks",
        "complete_tasks",
        "delete_tasks",
        "restore_tasks",
        "drop_table",
        "",
    ]);
    let version = one_of(&["2026-07-28", "2025-11-25", "1900-01-01", ""]);
    prop_oneof![
        6 => (tool, arguments(), version, any::<bool>()).prop_map(|(tool, arguments, version, described)| {
            let mut params = json!({"name": tool, "arguments": arguments});
            if described {
                params["_meta"] = meta(&version);
            }
            params
        }),
        1 => any_json(),
    ]
}

fn message() -> impl Strategy<Value = Value> {
    let method = prop_oneof![
        6 => Just("tools/call".to_owned()),
        3 => one_of(&["initialize", "ping", "tools/list", "server/discover", "notifications/initialized", "resources/list"]),
        1 => word(),
    ];
    let id = prop_oneof![4 => (0..9).prop_map(Value::from), 1 => any_json()];
    (method, id, params(), any::<[bool; 4]>()).prop_map(|(method, id, params, present)| {
        let mut message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        // Mostly all are there.
        for (name, absent) in ["id", "params", "method", "jsonrpc"].iter().zip(present) {
            if absent && present[0] != present[1] && present[2] {
                message.as_object_mut().expect("an object").remove(*name);
            }
        }
        message
    })
}

/// The headers that a client sends with a message.
fn right_headers(message: &Value) -> Vec<(&'static str, String)> {
    let params = &message["params"];
    let version = &params["_meta"]["io.modelcontextprotocol/protocolVersion"];
    let method = version.as_str().map(|_| &message["method"]);
    let legacy = json!("2025-11-25");
    let all = [
        (
            "mcp-protocol-version",
            Some(if method.is_some() { version } else { &legacy }),
        ),
        ("mcp-method", method),
        ("mcp-name", method.map(|_| &params["name"])),
    ];
    let given = all
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.as_str()?.to_owned())));
    given
        .filter(|(_, value)| !value.contains(char::is_control))
        .collect()
}

fn wrong_headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let header = prop_oneof![
        one_of(&["2026-07-28", "2025-06-18", "x", "\u{e9}"])
            .prop_map(|value| ("mcp-protocol-version", value)),
        one_of(&["tools/call", "tools/list", "x"]).prop_map(|value| ("mcp-method", value)),
        one_of(&[
            "find_tasks",
            "=?base64?/w==?=",
            "=?base64?ZmluZF90YXNrcw==?="
        ])
        .prop_map(|value| ("mcp-name", value)),
    ];
    prop::collection::vec(header, 0..4)
}

fn sent() -> impl Strategy<Value = Sent> {
    let right =
        message().prop_map(|message| (message.to_string().into_bytes(), right_headers(&message)));
    let body = prop_oneof![
        3 => message().prop_map(|message| message.to_string().into_bytes()),
        1 => prop::collection::vec(message(), 0..3).prop_map(|all| json!(all).to_string().into_bytes()),
        1 => (message(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(message, at, byte)| {
            let mut body = message.to_string().into_bytes();
            let at = at.index(body.len());
            body[at] = byte;
            body
        }),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ];
    let sent = prop_oneof![1 => right, 1 => (body, wrong_headers())];
    sent.prop_map(|(body, headers)| Sent { body, headers })
}

async fn respond(ada: &User<'_>, sent: &Sent) -> TestResponse {
    let body = Bytes::from(sent.body.clone());
    let call = ada
        .request(Method::POST, MCP)
        .bytes("application/json", body);
    let headers = sent.headers.iter();
    let call = headers.fold(call, |call, (name, value)| with(call, name, value));
    call.send().await
}

/// What is wrong with a response; nothing as a rule.
fn fault(response: &TestResponse) -> Option<&'static str> {
    match response.status {
        200 => {}
        202 if response.bytes.is_empty() => return None,
        400 | 404 => {}
        _ => return Some("a status that the protocol has not"),
    }
    let Ok(body) = serde_json::from_slice::<Value>(&response.bytes) else {
        return Some("no JSON");
    };
    if body["error"] == "Bad request" {
        return (response.status != 400).then_some("an error of HTTP with another status");
    }
    let result = body["result"].is_object();
    let error = body["error"]["code"].is_i64() && body["error"]["message"].is_string();
    let id = body["id"].is_string() || body["id"].is_number() || body.get("id").is_none() && error;
    let well_formed = body["jsonrpc"] == "2.0" && (result != error) && id;
    (!well_formed).then_some("no JSON-RPC response")
}

#[test]
fn no_body_is_answered_with_anything_but_the_protocol() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let app = runtime.block_on(TestApp::start());
    let ada = runtime.block_on(app.user("ada"));
    runtime.block_on(async { ada.create("Milk").await });
    let (sent_count, results) = (Cell::new(0), Cell::new(0));
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let mut runner = TestRunner::new(Config {
        cases: cases.map_or(CHUNKS, |cases: u32| cases.div_ceil(50)),
        failure_persistence: None,
        ..Config::default()
    });
    let chunk = prop::collection::vec(sent(), CHUNK);
    let checked = runner.run(&chunk, |chunk| {
        let responses = chunk.iter().map(|sent| respond(&ada, sent));
        let responses = runtime.block_on(join_all(responses));
        for (sent, response) in chunk.iter().zip(&responses) {
            sent_count.set(sent_count.get() + 1);
            results.set(results.get() + usize::from(response.status == 200));
            let text = response.text();
            let body = String::from_utf8_lossy(&sent.body);
            prop_assert_eq!(
                fault(response),
                None,
                "{}: {} to {}",
                response.status,
                text,
                body
            );
        }
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
    println!(
        "{} bodies, {} of them with a 200",
        sent_count.get(),
        results.get()
    );
    // Otherwise the generator has lost its way.
    assert!(sent_count.get() >= 10_000 || cases.is_some());
    assert!(results.get() * 10 > sent_count.get());
}
