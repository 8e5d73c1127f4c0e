//! The messages of both eras, and what is no message.

use http::Method;
use serde_json::{Value, json};

use super::{Assistant, MCP, VERSION, meta, post_legacy, with};
use crate::client::TestApp;

fn error(id: Option<u8>, code: i32, message: &str) -> Value {
    let error = json!({"code": code, "message": message});
    match id {
        Some(id) => json!({"jsonrpc": "2.0", "id": id, "error": error}),
        None => json!({"jsonrpc": "2.0", "error": error}),
    }
}

fn server_info() -> Value {
    json!({"name": "todo-api", "title": "To-do list", "version": env!("CARGO_PKG_VERSION")})
}

#[tokio::test]
async fn a_client_of_2025_begins_with_initialize_and_gets_no_session() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (asked, agreed) in [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", "2025-11-25"),
        ("2099-01-01", "2025-11-25"),
    ] {
        let client = json!({"name": "test", "version": "1"});
        let params = json!({"protocolVersion": asked, "capabilities": {}, "clientInfo": client});
        let body = json!({"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": params});
        let response = post_legacy(&ada, &body).await;
        assert_eq!(response.status, 200);
        assert_eq!(response.header("mcp-session-id"), "");
        assert_eq!(response.header("content-type"), "application/json");
        let mut body = response.json();
        let instructions = body["result"]["instructions"].take();
        assert!(instructions.as_str().is_some_and(|text| text.len() < 400));
        let result = json!({
            "protocolVersion": agreed, "capabilities": {"tools": {}}, "serverInfo": server_info(),
            "instructions": null,
        });
        assert_eq!(body, json!({"jsonrpc": "2.0", "id": "a", "result": result}));
    }
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let response = post_legacy(&ada, &ready).await;
    assert_eq!((response.status, response.bytes.len()), (202, 0));
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let response = post_legacy(&ada, &ping).await;
    assert_eq!(
        response.json(),
        json!({"jsonrpc": "2.0", "id": 1, "result": {}})
    );
    let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
    let call = with(ada.post(MCP, &list), "mcp-protocol-version", "2025-06-18");
    let listed = call.send().await.json();
    let result = listed["result"].as_object().expect("a result");
    assert_eq!(result.keys().collect::<Vec<_>>(), ["tools"]);
    let call = json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "find_tasks"}});
    let found = post_legacy(&ada, &call).await.json();
    assert_eq!(found["result"]["isError"], false);
    assert_eq!(found["result"].get("resultType"), None);
}

#[tokio::test]
async fn a_client_of_2026_needs_no_beginning_and_may_ask_what_there_is() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let mut discovered = assistant.request("server/discover", json!({})).await;
    assert!(discovered["result"]["instructions"].take().is_string());
    let expected = json!({
        "resultType": "complete", "_meta": {"io.modelcontextprotocol/serverInfo": server_info()},
        "supportedVersions": [VERSION, "2025-11-25", "2025-06-18"], "capabilities": {"tools": {}}, "instructions": null,
        "ttlMs": 3_600_000, "cacheScope": "public",
    });
    assert_eq!(
        discovered,
        json!({"jsonrpc": "2.0", "id": 7, "result": expected})
    );

    let listed = assistant.request("tools/list", json!({})).await;
    let result = &listed["result"];
    assert_eq!(
        (&result["ttlMs"], &result["cacheScope"]),
        (&json!(300_000), &json!("private"))
    );
    assert_eq!(result["resultType"], "complete");
    assert_eq!(assistant.request("tools/list", json!({})).await, listed);
    let called = assistant.call("find_tasks", json!({})).await;
    assert_eq!(called["resultType"], "complete");
}

/// Each request is otherwise as it must be.
#[tokio::test]
async fn the_headers_must_agree_with_the_body() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let params = json!({"name": "find_tasks", "_meta": meta(VERSION)});
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
    let right = [
        ("mcp-protocol-version", VERSION),
        ("mcp-method", "tools/call"),
        ("mcp-name", "find_tasks"),
    ];
    let send = async |headers: &[(&'static str, &str)]| {
        let call = ada.post(MCP, &body);
        let call = headers
            .iter()
            .fold(call, |call, (name, value)| with(call, name, value));
        call.send().await
    };
    assert_eq!(send(&right).await.status, 200);
    for changed in 0..3 {
        let name = right[changed].0;
        let mut missing = right.to_vec();
        missing.remove(changed);
        let (mut other, mut latin) = (right, right);
        other[changed].1 = "other";
        latin[changed].1 = "\u{e9}";
        let twice = [right.to_vec(), vec![right[changed]]].concat();
        for (headers, problem) in [
            (missing, "is missing"),
            (other.to_vec(), "does not match the body"),
            (twice, "must be given once and in ASCII"),
            (latin.to_vec(), "must be given once and in ASCII"),
        ] {
            let response = send(&headers).await;
            assert_eq!(response.status, 400, "{headers:?}");
            let message = format!("the header {name} {problem}");
            assert_eq!(
                response.json(),
                error(Some(7), -32020, &message),
                "{headers:?}"
            );
        }
    }
    // A value may be encoded.
    let mut encoded = right;
    encoded[2].1 = "=?base64?ZmluZF90YXNrcw==?=";
    assert_eq!(send(&encoded).await.status, 200);
    encoded[2].1 = "=?base64?!?=";
    assert_eq!(send(&encoded).await.status, 400);
}

#[tokio::test]
async fn every_request_of_2026_says_its_version_and_capabilities() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let send = async |method: &str, params: &Value, version: &str| {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        let call = with(ada.post(MCP, &body), "mcp-protocol-version", version);
        with(call, "mcp-method", method).send().await
    };
    let mut incomplete = meta(VERSION);
    incomplete["io.modelcontextprotocol/clientCapabilities"] = json!(null);
    for (params, lacking) in [
        (json!({}), "protocolVersion"),
        (json!({"_meta": {}}), "protocolVersion"),
        (json!({"_meta": incomplete}), "clientCapabilities"),
    ] {
        for method in ["tools/list", "server/discover"] {
            let response = send(method, &params, VERSION).await;
            assert_eq!(response.status, 400, "{params}");
            let message = format!("_meta lacks io.modelcontextprotocol/{lacking}");
            assert_eq!(response.json(), error(Some(7), -32602, &message));
        }
    }
    for (params, version) in [
        (json!({"_meta": meta("1900-01-01")}), "1900-01-01"),
        (json!({}), "1900-01-01"),
        (json!({}), "2025-03-26"),
    ] {
        let response = send("tools/list", &params, version).await;
        assert_eq!(response.status, 400);
        let mut expected = error(Some(7), -32022, "this protocol version is not supported");
        let supported = [VERSION, "2025-11-25", "2025-06-18"];
        expected["error"]["data"] = json!({"supported": supported, "requested": version});
        assert_eq!(response.json(), expected);
    }
}

/// Revisions before 2025-06-18, which know no such header, are not supported.
#[tokio::test]
async fn a_request_without_a_version_is_refused_unless_none_is_agreed_on_yet() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (method, params) in [
        ("tools/list", json!({})),
        ("tools/call", json!({"name": "find_tasks"})),
        ("resources/list", json!({})),
    ] {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        let response = ada.post(MCP, &body).send().await;
        assert_eq!(response.status, 400, "{method}");
        let message = "the header mcp-protocol-version is missing";
        assert_eq!(response.json(), error(Some(7), -32020, message));
    }
    for (method, headers, status) in [
        ("initialize", vec![], 200),
        ("ping", vec![], 200),
        ("ping", vec!["2025-06-18"], 200),
        ("ping", vec!["2025-03-26"], 400),
        ("ping", vec!["2025-06-18", "2025-06-18"], 400),
    ] {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method});
        let call = headers.iter().fold(ada.post(MCP, &body), |call, version| {
            with(call, "mcp-protocol-version", version)
        });
        assert_eq!(call.send().await.status, status, "{method} {headers:?}");
    }
}

#[tokio::test]
async fn an_unknown_method_is_an_error_of_its_era() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let message = "there is no such method here";
    for method in [
        "resources/list",
        "ping",
        "initialize",
        "subscriptions/listen",
        "x",
    ] {
        let response = Assistant::of(&ada).prepare(method, json!({})).send().await;
        assert_eq!(response.status, 404, "{method}");
        assert_eq!(response.json(), error(Some(7), -32601, message));
    }
    for method in ["resources/list", "logging/setLevel", "x"] {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method});
        let response = post_legacy(&ada, &body).await;
        assert_eq!(response.status, 200, "{method}");
        assert_eq!(response.json(), error(Some(7), -32601, message));
    }
}

#[tokio::test]
async fn a_wrong_parameter_of_a_method_is_an_error_of_the_protocol() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let unknown = assistant
        .request("tools/call", json!({"name": "drop_table"}))
        .await;
    assert_eq!(unknown, error(Some(7), -32602, "there is no such tool"));
    let cursor = assistant
        .request("tools/list", json!({"cursor": "x"}))
        .await;
    assert_eq!(cursor, error(Some(7), -32602, "there is one page of tools"));
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": 5}});
    let response = post_legacy(&ada, &body).await;
    assert_eq!(response.status, 400);
    assert_eq!(
        response.json(),
        error(Some(7), -32602, "a parameter has the wrong type")
    );
}

#[tokio::test]
async fn what_is_no_message_is_a_400() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let no_request = "the body must be one JSON-RPC 2.0 request or notification";
    for body in [
        json!([{"jsonrpc": "2.0", "id": 1, "method": "ping"}]).to_string(),
        json!({"jsonrpc": "1.0", "id": 1, "method": "ping"}).to_string(),
        json!({"id": 1, "method": "ping"}).to_string(),
        json!({"jsonrpc": "2.0", "id": 1}).to_string(),
        json!({"jsonrpc": "2.0", "id": 1, "result": {}}).to_string(),
        json!({"jsonrpc": "2.0", "id": null, "method": "ping"}).to_string(),
        json!({"jsonrpc": "2.0", "id": 1.5, "method": "ping"}).to_string(),
        json!({"jsonrpc": "2.0", "id": [], "method": "ping"}).to_string(),
        json!({"jsonrpc": "2.0", "id": 1, "method": 5}).to_string(),
        json!({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}).to_string(),
        // Without an id it is a notification, and there are none of this name.
        json!({"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "delete_tasks"}})
            .to_string(),
        r#"{"jsonrpc": "2.0", "id": 1, "id": 2, "method": "ping"}"#.to_owned(),
        "7".to_owned(),
        "null".to_owned(),
    ] {
        let response = ada
            .request(Method::POST, MCP)
            .bytes("application/json", body.clone())
            .send()
            .await;
        assert_eq!(response.status, 400, "{body}");
        assert_eq!(response.json(), error(None, -32600, no_request), "{body}");
    }
    for body in [
        &b"{"[..],
        b"{}}",
        b"\xff",
        b"{\"jsonrpc\": \"2.0\", \"method\": \"\xff\"}",
    ] {
        let response = ada
            .request(Method::POST, MCP)
            .bytes("application/json", body)
            .send()
            .await;
        assert_eq!(response.status, 400);
        assert_eq!(
            response.json(),
            error(None, -32700, "the body is not well-formed JSON")
        );
    }
}
