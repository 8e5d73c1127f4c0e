//! Who may call what from where, what it costs, and what is logged.

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::{Assistant, MCP};
use crate::client::{PASSWORD, TestApp, USERS, User, basic};
use crate::events::{http_event, send};

#[tokio::test]
async fn what_is_not_json_or_comes_by_another_method_is_refused_as_everywhere() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let text = ada
        .request(Method::POST, MCP)
        .bytes("text/plain", "{}")
        .send()
        .await;
    assert_eq!(
        (text.status, text.header("accept-post")),
        (415, "application/json")
    );
    assert_eq!(ada.request(Method::POST, MCP).send().await.status, 400);
    let large = "x".repeat(256 * 1024 + 1);
    let large = ada
        .request(Method::POST, MCP)
        .bytes("application/json", large)
        .send()
        .await;
    assert_eq!(large.status, 413);
    for method in [Method::GET, Method::DELETE, Method::PUT] {
        let response = app.request(method, MCP).send().await;
        assert_eq!(
            (response.status, response.header("allow")),
            (405, "POST, OPTIONS")
        );
    }
}

#[tokio::test]
async fn a_login_is_needed_for_every_message() {
    let app = TestApp::start().await;
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let response = app.request(Method::POST, MCP).json(&ping).send().await;
    assert_eq!(response.status, 401);
    assert_eq!(response.json(), json!({"error": "Unauthorized access"}));
}

#[tokio::test]
async fn a_token_that_may_only_read_sees_and_calls_the_reading_tools() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Milk").await;
    let (_, reader) = ada.token(&json!({"scope": "read"})).await;
    let (_, writer) = ada.token(&json!({})).await;
    let names = async |user: &User<'_>| {
        let listed = Assistant::of(user).request("tools/list", json!({})).await;
        let tools = listed["result"]["tools"].as_array().expect("tools").clone();
        let names = tools
            .iter()
            .map(|tool| tool["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&reader).await, ["find_tasks", "list_lists"]);
    let all = names(&writer).await;
    assert_eq!(all.len(), 7);
    for tool in &all[2..] {
        let result = Assistant::of(&reader)
            .call(tool, json!({"uris": [task.uri]}))
            .await;
        let text = json!([{"type": "text", "text": "this token may only read"}]);
        assert_eq!(
            (&result["content"], &result["isError"]),
            (&text, &json!(true)),
            "{tool}"
        );
    }
    assert_eq!(ada.get(&task.uri).send().await.json()["task"], task);
    let found = Assistant::of(&reader).call("find_tasks", json!({})).await;
    assert_eq!(found["isError"], false);
}

#[tokio::test]
async fn the_log_names_the_tool_and_nothing_of_what_it_was_called_with() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    app.lines.take();
    let tasks = json!({"tasks": [{"title": "Secret", "due": "secret"}]});
    Assistant::of(&ada).call("add_tasks", tasks).await;
    let line = app.lines.take();
    assert!(!line.to_lowercase().contains("secret"), "{line}");
    let line: Value = serde_json::from_str(&line).expect("a line");
    assert_eq!(
        (&line["Route"], &line["Tool"]),
        (&json!("/mcp"), &json!("add_tasks"))
    );
    let dimensions = &line["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
    let expected = json!([
        ["Function"],
        ["Function", "Route"],
        ["Function", "Route", "Tool"]
    ]);
    assert_eq!(*dimensions, expected);

    Assistant::of(&ada).request("tools/list", json!({})).await;
    let line: Value = serde_json::from_str(&app.lines.take()).expect("a line");
    assert_eq!(line.get("Tool"), None);
    let dimensions = &line["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
    assert_eq!(*dimensions, json!([["Function"], ["Function", "Route"]]));
}

/// A list costs what it costs by HTTP, a list's name a Query more.
#[tokio::test]
async fn finding_tasks_costs_the_calls_of_one_list() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let list = ada.create_list("Home").await;
    assistant.call("find_tasks", json!({})).await;
    app.wire.take_calls();
    for (arguments, calls) in [
        (json!({}), vec!["Query"]),
        (json!({"done": false, "q": "x"}), vec!["Query"]),
        (json!({"list": list}), vec!["GetItem", "Query"]),
        (json!({"list": "Home"}), vec!["Query", "GetItem", "Query"]),
    ] {
        assistant.call("find_tasks", arguments.clone()).await;
        assert_eq!(app.wire.take_calls(), calls, "{arguments}");
    }
    assistant.request("tools/list", json!({})).await;
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
}

/// Pages of other origins are refused before credentials are looked at.
#[tokio::test]
async fn a_foreign_origin_is_refused_before_anything_else() {
    let settings = [
        ("CORS_ORIGINS", "https://app.test"),
        ("PUBLIC_URL", "https://Todo.Test:443/base"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let send = async |headers: &[(&'static str, &'static str)]| {
        let call = app.request(Method::POST, MCP).json(&ping);
        let call = headers.iter().fold(call, |call, (name, value)| {
            call.header(*name, HeaderValue::from_static(value))
        });
        call.send().await
    };
    for allowed in ["https://app.test", "https://todo.test"] {
        assert_eq!(send(&[("origin", allowed)]).await.status, 401, "{allowed}");
    }
    for foreign in [
        "https://evil.test",
        "http://todo.test",
        "https://todo.test:8443",
        "null",
        "https://app.test.evil",
    ] {
        let response = send(&[("origin", foreign)]).await;
        assert_eq!(response.status, 403, "{foreign}");
        let detail = "pages of this origin are not allowed";
        assert_eq!(
            response.json(),
            json!({"error": "Forbidden", "detail": detail})
        );
    }
    let twice = [
        ("origin", "https://app.test"),
        ("origin", "https://app.test"),
    ];
    assert_eq!(send(&twice).await.status, 403);
    // The Host, which a page chooses by its own name, is no proof.
    let rebound = [("origin", "http://evil.test"), ("host", "evil.test")];
    assert_eq!(send(&rebound).await.status, 403);
}

/// In a local build, which these tests are.
#[tokio::test]
async fn a_local_service_responds_to_its_own_names_only() {
    let app = TestApp::with_settings(&[("PUBLIC_URL", "https://todo.test/base")]).await;
    let send = async |host: &'static str| {
        let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
        let call = app.request(Method::POST, MCP).json(&ping);
        call.header("host", HeaderValue::from_static(host))
            .send()
            .await
    };
    for own in [
        "localhost",
        "LOCALHOST:9000",
        "127.0.0.1:9000",
        "127.1.2.3",
        "[::1]:9000",
        "todo.test",
    ] {
        assert_eq!(send(own).await.status, 401, "{own}");
    }
    for foreign in [
        "evil.test",
        "localhost.evil.test",
        "192.0.2.1:9000",
        "127.0.0.1.evil.test",
        "",
    ] {
        let response = send(foreign).await;
        assert_eq!(response.status, 403, "{foreign}");
        let detail = "this is not the host of a local service";
        assert_eq!(
            response.json(),
            json!({"error": "Forbidden", "detail": detail})
        );
    }
}

/// On AWS, API Gateway says by which host it was reached; the client only claims it.
#[tokio::test]
async fn the_origin_of_api_gateways_own_domain_is_allowed() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let authorization = basic("ada", PASSWORD);
    let mut event = http_event("POST", MCP, authorization.to_str().ok());
    event["headers"]["host"] = json!("localhost");
    event["body"] = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"})
        .to_string()
        .into();
    for (origin, status) in [
        ("https://api.todo.test", 200),
        ("http://api.todo.test", 403),
        ("https://localhost", 403),
        ("http://localhost", 403),
    ] {
        event["headers"]["origin"] = json!(origin);
        let response = send(&app, event.to_string()).await;
        assert_eq!(response["statusCode"], status, "{origin}");
    }
}

/// Another environment has deleted the account, and this one still has the login in its cache.
#[tokio::test]
async fn a_login_that_the_table_has_refused_is_a_401_for_the_whole_call() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    assistant.call("list_lists", json!({})).await;
    let elsewhere = app.twin().await;
    let gone = elsewhere.request(Method::DELETE, &format!("{USERS}/ada"));
    assert_eq!(gone.login("ada", PASSWORD).send().await.status, 200);

    let params = json!({"name": "add_tasks", "arguments": {"tasks": [{"title": "x"}]}});
    let response = assistant.prepare("tools/call", params).send().await;

    assert_eq!(response.status, 401);
    assert_eq!(response.json(), json!({"error": "Unauthorized access"}));
    let again = assistant.prepare("tools/list", json!({})).send().await;
    assert_eq!(again.status, 401);
}
