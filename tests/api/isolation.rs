//! Users are isolated from each other, on every route of the table of routes.

use http::Method;
use serde_json::{Value, json};
use todo_api::api::router::routes;

use crate::client::{CHANGES, LISTS, TASKS, TOKENS, TRASH, TestApp, USERS, User, basic};
use crate::mcp::Assistant;

/// Everything ada has, as ada sees it.
async fn everything(ada: &User<'_>) -> [Value; 7] {
    let mut all = [const { Value::Null }; 7];
    let (user, list) = (format!("{USERS}/ada"), format!("{LISTS}/9/tasks"));
    let paths = [TASKS, TOKENS, LISTS, &user, &list, TRASH, CHANGES];
    for (seen, path) in all.iter_mut().zip(paths) {
        let response = ada.get(path).send().await;
        assert_eq!(response.status, 200);
        *seen = response.json();
        // The changes' is another one each time.
        seen["next"].take();
    }
    all
}

/// `path` with its parameters filled in. A list has the number of the task, one in the trash has
/// another.
fn filled(path: &str, task: &str, token: &str, user: &str) -> String {
    let id = match path {
        _ if path.contains("/tokens/") => token,
        _ if path.contains("/trash/") && task == "9" => "11",
        _ => task,
    };
    path.replace("{id}", id).replace("{username}", user)
}

#[tokio::test]
async fn another_users_data_looks_as_if_it_did_not_exist() {
    let app = TestApp::with_settings(&[("LOGIN_FAILURES_PER_USER", "1000")]).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    // The last one has a number that bob's own tasks do not reach.
    for _ in 1..=9 {
        ada.create("Buy milk").await;
        ada.create_list("Ada's secret").await;
    }
    let in_list = json!({"title": "Buy milk", "list": format!("{LISTS}/9")});
    ada.create(&in_list).await;
    let deleted = ada.create("Buy milk").await.uri;
    assert!(deleted.ends_with("/11") && ada.delete(&deleted).send().await.status == 200);
    let (token, _) = ada.token(&json!({})).await;
    let token = token["uri"]
        .as_str()
        .and_then(|uri| uri.rsplit('/').next())
        .expect("a URI");
    let (_, bobs_token) = bob.token(&json!({"duration": 3600})).await;
    let before = everything(&ada).await;

    let mut compared = 0;
    for resource in routes().iter().filter(|resource| !resource.open) {
        let user = resource.path.contains("/users/");
        let list = resource.path.ends_with("/lists") || resource.path.ends_with("/lists/{id}");
        let body = match (user, list) {
            (true, _) => json!({"email": null}),
            (_, true) => json!({"name": "x"}),
            _ => json!({"title": "x"}),
        };
        let named = resource.path.contains('{');
        for method in &resource.methods {
            for bob in [&bob, &bobs_token] {
                let path = filled(resource.path, "9", token, "ada");
                let foreign = bob.request(method.clone(), &path).json(&body).send().await;
                if !named {
                    let shown = String::from_utf8_lossy(&foreign.bytes).into_owned();
                    assert!(
                        ["Buy milk", "Ada's secret", token]
                            .iter()
                            .all(|secret| !shown.contains(secret)),
                        "{path}"
                    );
                    continue;
                }
                let never = filled(resource.path, "77", "42-AAAAAAAAAAA", "nobody");
                let never = bob.request(method.clone(), &never).json(&body).send().await;
                assert!([403, 404].contains(&foreign.status), "{method} {path}");
                assert_eq!(foreign.status, never.status, "{method} {path}");
                assert_eq!(foreign.bytes, never.bytes, "{method} {path}");
                assert_eq!(foreign.headers, never.headers, "{method} {path}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 38, "only {compared}");
    assert_eq!(everything(&ada).await, before);
}

#[tokio::test]
async fn without_a_login_existing_and_missing_names_look_the_same() {
    let app = TestApp::start().await;
    app.user("ada").await;
    for resource in routes().iter().filter(|resource| !resource.open) {
        for method in resource
            .methods
            .iter()
            .filter(|method| **method != Method::HEAD)
        {
            let real = filled(resource.path, "1", "00-AAAAAAAAAAA", "ada");
            let unreal = filled(
                resource.path,
                "no-id",
                "no-id",
                "no name".replace(' ', "%20").as_str(),
            );
            let real = app.request(method.clone(), &real).send().await;
            let unreal = app.request(method.clone(), &unreal).send().await;
            assert_eq!((real.status, unreal.status), (401, 401));
            assert_eq!(real.bytes, unreal.bytes);
        }
    }
}

/// The arguments of a tool that name ada's task and list of this number, by what its schema has.
fn naming(tool: &Value, number: u8) -> Value {
    let task = format!("http://todo.test{TASKS}/{number}");
    let list = format!("http://todo.test{LISTS}/{number}");
    let properties = &tool["inputSchema"]["properties"];
    let members = &properties["tasks"]["items"]["properties"];
    match () {
        () if properties["uris"].is_object() => json!({"uris": [task]}),
        () if members["uri"].is_object() => json!({"tasks": [{"uri": task, "title": "x"}]}),
        () if members.is_object() => json!({"tasks": [{"title": "x", "list": list}]}),
        () if properties["list"].is_object() => json!({"list": list}),
        () => json!({}),
    }
}

#[tokio::test]
async fn no_tool_reaches_another_users_data() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for _ in 1..=9 {
        ada.create("Buy milk").await;
        ada.create_list("Ada's secret").await;
    }
    let deleted = ada.create("Buy milk").await;
    ada.delete(&deleted.uri).send().await;
    let before = everything(&ada).await;
    let bob = Assistant::of(&bob);
    let listed = bob.request("tools/list", json!({})).await;
    let tools = listed["result"]["tools"].as_array().expect("tools").clone();

    for tool in &tools {
        let name = tool["name"].as_str().expect("a name");
        let shown = bob.call(name, json!({})).await.to_string();
        for number in [9, 10] {
            let foreign = bob.call(name, naming(tool, number)).await.to_string();
            let missing = bob.call(name, naming(tool, 77)).await.to_string();
            // An error repeats what was sent.
            let alike = foreign.replace(&format!("/{number}\\"), "/77\\");
            assert_eq!(alike, missing, "{name}");
            let shown = format!("{shown}{foreign}");
            for secret in ["Buy milk", "Ada's secret"] {
                assert!(!shown.contains(secret), "{name}: {shown}");
            }
        }
    }
    assert_eq!(tools.len(), 7);
    assert_eq!(everything(&ada).await, before);
}

#[tokio::test]
async fn a_calendars_token_opens_its_calendar_and_nothing_else() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.create(&json!({"title": "Ada's secret", "due": "2028-01-31"}))
        .await;
    bob.create(&json!({"title": "Bob's secret", "due": "2028-01-31"}))
        .await;
    let (token, bearer) = ada.token(&json!({"scope": "calendar"})).await;
    let secret = token["token"].as_str().expect("a token");
    let feed = token["feed"].as_str().expect("a feed");
    let slot = token["uri"].as_str().and_then(|uri| uri.rsplit('/').next());
    let as_name = app.holder(basic(secret, ""));

    let mut compared = 0;
    for resource in routes().iter().filter(|resource| !resource.open) {
        let path = filled(resource.path, "1", slot.expect("an id"), "ada");
        for method in &resource.methods {
            let nobody = app.request(method.clone(), &path).send().await;
            assert_eq!(nobody.status, 401, "{method} {path}");
            for holder in [&bearer, &as_name] {
                // Cold, and with the login of the calendar in the cache.
                for _ in 0..2 {
                    let refused = holder.request(method.clone(), &path);
                    let refused = refused.json(&json!({"title": "x"})).send().await;
                    assert_eq!(refused.status, 401, "{method} {path}");
                    assert_eq!(refused.bytes, nobody.bytes, "{method} {path}");
                    assert_eq!(refused.headers, nobody.headers, "{method} {path}");
                    assert_eq!(refused.record.failed_logins, 1);
                    assert_eq!(app.get(feed).send().await.status, 200);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared >= 100, "only {compared}");
    let calendar = app.get(feed).send().await;
    let calendar = String::from_utf8_lossy(&calendar.bytes);
    assert!(calendar.contains("Ada's secret") && !calendar.contains("Bob's secret"));
    assert_eq!(ada.list().await.len(), 1);
}
