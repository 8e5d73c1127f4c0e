//! What the tools do.

use std::time::Duration;

use serde_json::{Value, json};

use super::Assistant;
use crate::client::{LISTS, TASKS, TestApp, User};
use crate::wire::{Fault, Gate};

fn titles(tasks: &Value) -> Vec<&str> {
    let tasks = tasks.as_array().expect("tasks");
    let titles = tasks.iter().map(|task| task["title"].as_str());
    titles.collect::<Option<_>>().expect("titles")
}

/// The URIs of what was added, in order.
pub async fn add(ada: &User<'_>, titles: &[&str]) -> Vec<String> {
    let tasks: Vec<_> = titles.iter().map(|title| json!({"title": title})).collect();
    let (added, _) = Assistant::of(ada)
        .data("add_tasks", json!({"tasks": tasks}))
        .await;
    let results = added["results"].as_array().expect("results");
    let uris = results.iter().map(|one| one["task"]["uri"].as_str());
    uris.map(|uri| uri.expect("a URI").to_owned()).collect()
}

pub fn today() -> String {
    let now = todo_api::domain::time::Timestamp::now().to_string();
    now[..10].to_owned()
}

#[tokio::test]
async fn tasks_are_added_with_all_members_and_found_as_the_http_api_has_them() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    ada.create_list("Home").await;
    let task = json!({
        "title": "Bake a cake", "description": "For Bob", "list": "Home", "due": "2026-12-24T17:30",
        "priority": "high", "tags": ["party"], "steps": [{"title": "Buy eggs", "done": true}, {"title": "Stir"}],
        "order": 2.5,
    });

    let result = assistant.call("add_tasks", json!({"tasks": [task]})).await;

    let uri = result["structuredContent"]["results"][0]["task"]["uri"].clone();
    let stored = ada.get(uri.as_str().expect("a URI")).send().await.json();
    let expected = json!({"results": [{"task": stored["task"]}], "today": today()});
    assert_eq!(result["structuredContent"], expected);
    assert_eq!(
        stored["task"]["list"],
        json!(format!("http://todo.test{LISTS}/1"))
    );
    let text = format!(
        "1 of 1 done. Today is {}.\n1. [ ] Bake a cake | due 2026-12-24T17:30 | high | #party | 1 of 2 steps | {}",
        today(),
        uri.as_str().expect("a URI"),
    );
    assert_eq!(result["content"], json!([{"type": "text", "text": text}]));
    assert_eq!(result["isError"], false);

    let (found, _) = assistant.data("find_tasks", json!({"list": "home"})).await;
    let expected = json!({"tasks": [stored["task"]], "today": today()});
    assert_eq!(found, expected);
}

#[tokio::test]
async fn every_filter_of_the_list_works_and_the_rest_is_reached_by_the_cursor() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    ada.create(&json!({"title": "Milk", "due": "2026-12-24", "tags": ["Shop"], "priority": "low"}))
        .await;
    ada.create(&json!({"title": "Bread", "due": "2026-12-26", "tags": ["shop", "home"]}))
        .await;
    let done = ada.create("Cheese").await;
    ada.put(&done.uri, &json!({"done": true})).send().await;
    for (arguments, expected) in [
        (json!({}), vec!["Milk", "Bread", "Cheese"]),
        (json!({"done": true}), vec!["Cheese"]),
        (
            json!({"done": "false", "sort": "-id"}),
            vec!["Bread", "Milk"],
        ),
        (json!({"q": "READ"}), vec!["Bread"]),
        (json!({"title_prefix": "m"}), vec!["Milk"]),
        (json!({"tag": "shop,home"}), vec!["Bread"]),
        (json!({"priority": "low,high"}), vec!["Milk"]),
        (
            json!({"due_after": "2026-12-24", "due_before": "2027-01-01"}),
            vec!["Bread"],
        ),
        (
            json!({"list": "Inbox", "sort": "order"}),
            vec!["Milk", "Bread", "Cheese"],
        ),
    ] {
        let (found, is_error) = assistant.data("find_tasks", arguments.clone()).await;
        assert!(!is_error, "{arguments}");
        assert_eq!(titles(&found["tasks"]), expected, "{arguments}");
    }

    let mut arguments = json!({"sort": "title", "limit": 2});
    let (first, _) = assistant.data("find_tasks", arguments.clone()).await;
    assert_eq!(titles(&first["tasks"]), ["Bread", "Cheese"]);
    arguments["cursor"] = first["next_cursor"].clone();
    let result = assistant.call("find_tasks", arguments).await;
    assert_eq!(titles(&result["structuredContent"]["tasks"]), ["Milk"]);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let again = assistant
        .call("find_tasks", json!({"sort": "title", "limit": 2}))
        .await;
    let text = again["content"][0]["text"].as_str().expect("a text");
    let hint = format!("\nThere may be more: call again with the cursor {cursor}");
    assert!(text.ends_with(&hint), "{text}");
}

#[tokio::test]
async fn fifty_tasks_are_found_unless_more_are_wanted() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for _ in 0..3 {
        add(&ada, &["x"; 17]).await;
    }
    let (found, _) = Assistant::of(&ada).data("find_tasks", json!({})).await;
    assert_eq!(titles(&found["tasks"]).len(), 50);
    assert!(found["next_cursor"].is_string());
    let all = json!({"limit": 100});
    let (found, _) = Assistant::of(&ada).data("find_tasks", all).await;
    assert_eq!(titles(&found["tasks"]).len(), 51);
    assert_eq!(found.get("next_cursor"), None);
}

#[tokio::test]
async fn tasks_are_changed_and_what_is_not_given_stays() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    let old = ada
        .create(&json!({"title": "Milk", "due": "2026-12-24", "tags": ["a"]}))
        .await;
    let change = json!({"uri": old.uri, "title": "Oat milk", "due": null, "list": "Home", "etag": "ignored"});

    let tasks = json!({"tasks": [change]});
    let (changed, is_error) = Assistant::of(&ada).data("update_tasks", tasks).await;

    let stored = ada.get(&old.uri).send().await.json();
    assert!(!is_error);
    assert_eq!(changed["results"], json!([{"task": stored["task"]}]));
    let home = format!("http://todo.test{LISTS}/1");
    let now = &stored["task"];
    assert_eq!(
        (&now["title"], &now["due"], &now["list"]),
        (&json!("Oat milk"), &json!(null), &json!(home))
    );
    assert_eq!(now["tags"], json!(["a"]));

    let back = json!({"tasks": [{"uri": old.uri, "list": null}]});
    let (changed, _) = Assistant::of(&ada).data("update_tasks", back).await;
    let inbox = format!("http://todo.test{LISTS}/inbox");
    assert_eq!(changed["results"][0]["task"]["list"], json!(inbox));
}

#[tokio::test]
async fn tasks_are_completed_deleted_and_restored() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let uris = add(&ada, &["Milk", "Bread"]).await;

    let (completed, _) = assistant
        .data("complete_tasks", json!({"uris": uris}))
        .await;
    for (result, uri) in completed["results"]
        .as_array()
        .expect("results")
        .iter()
        .zip(&uris)
    {
        let stored = ada.get(uri).send().await.json();
        assert_eq!(stored["task"]["done"], true);
        assert_eq!(*result, json!({"task": stored["task"]}));
    }

    let (deleted, _) = assistant.data("delete_tasks", json!({"uris": uris})).await;
    let expected: Vec<_> = uris.iter().map(|uri| json!({"deleted": uri})).collect();
    assert_eq!(deleted["results"], json!(expected));
    assert_eq!(ada.get(&uris[0]).send().await.status, 404);

    let one = json!({"uris": [uris[1]]});
    let (restored, _) = assistant.data("restore_tasks", one.clone()).await;
    let stored = ada.get(&uris[1]).send().await.json();
    assert_eq!(restored["results"], json!([{"task": stored["task"]}]));
    let (again, is_error) = assistant.data("restore_tasks", one).await;
    assert!(is_error);
    assert_eq!(
        again["results"],
        json!([{"error": "there is no such task"}])
    );
}

#[tokio::test]
async fn all_lists_are_listed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    let result = Assistant::of(&ada).call("list_lists", json!({})).await;
    assert_eq!(
        result["structuredContent"],
        ada.get(LISTS).send().await.json()
    );
    let text = format!(
        "2 lists.\n- Inbox | http://todo.test{LISTS}/inbox\n- Home | http://todo.test{LISTS}/1"
    );
    assert_eq!(result["content"][0]["text"], json!(text));
}

#[tokio::test]
async fn with_a_key_a_repeated_call_adds_nothing() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let call = json!({"tasks": [{"title": "Milk"}, {"title": "Bread"}], "idempotency_key": "k-1"});
    let (first, _) = assistant.data("add_tasks", call.clone()).await;
    let (again, is_error) = assistant.data("add_tasks", call.clone()).await;
    assert!(!is_error);
    assert_eq!(again["results"], first["results"]);

    let other =
        json!({"tasks": [{"title": "Milk"}, {"title": "Cheese"}], "idempotency_key": "k-1"});
    let (mixed, is_error) = assistant.data("add_tasks", other).await;
    assert!(!is_error);
    assert_eq!(mixed["results"][0], first["results"][0]);
    let used = "the Idempotency-Key was used with another body";
    assert_eq!(mixed["results"][1], json!({"error": used}));

    let (found, _) = assistant.data("find_tasks", json!({})).await;
    assert_eq!(titles(&found["tasks"]), ["Milk", "Bread"]);
}

#[tokio::test]
async fn a_task_of_another_user_looks_like_none() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let task = ada.create("Milk").await;
    for tool in ["complete_tasks", "delete_tasks", "restore_tasks"] {
        let foreign = Assistant::of(&bob)
            .call(tool, json!({"uris": [task.uri]}))
            .await;
        let missing = format!("http://todo.test{TASKS}/99");
        let missing = Assistant::of(&bob)
            .call(tool, json!({"uris": [missing]}))
            .await;
        assert_eq!(foreign, missing);
    }
    assert_eq!(ada.get(&task.uri).send().await.json()["task"], task);
}

#[tokio::test]
async fn a_repeating_task_comes_again_when_it_is_completed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    for tool in ["complete_tasks", "update_tasks"] {
        let task = json!({"title": "Water", "due": "9000-01-01", "repeat": "FREQ=WEEKLY"});
        let task = ada.create(&task).await;
        let arguments = match tool {
            "complete_tasks" => json!({"uris": [task.uri]}),
            _ => json!({"tasks": [{"uri": task.uri, "done": true}]}),
        };
        let result = assistant.call(tool, arguments.clone()).await;
        let done = &result["structuredContent"]["results"][0];
        let next = &done["next_task"];
        assert_eq!(done["task"]["repeat"], json!(null));
        assert_eq!(
            (&next["due"], &next["done"]),
            (&json!("9000-01-08"), &json!(false))
        );
        let next_uri = next["uri"].as_str().expect("a URI");
        assert_eq!(ada.get(next_uri).send().await.json()["task"], *next);
        let text = format!(
            "1 of 1 done. Today is {}.\n1. [x] Water | due 9000-01-01 | {}; next: [ ] Water | due 9000-01-08 | repeats FREQ=WEEKLY | {next_uri}",
            today(),
            task.uri,
        );
        assert_eq!(result["content"][0]["text"], json!(text));
        let (again, _) = assistant.data(tool, arguments).await;
        assert_eq!(again["results"][0].get("next_task"), None);
    }
}

/// What the deadline cuts off is an error of its own; the rest is done.
#[tokio::test]
async fn tasks_that_the_deadline_cuts_off_are_told_apart_from_those_that_are_done() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uris = add(&ada, &["Milk", "Bread", "Eggs"]).await;
    app.wire
        .fail("UpdateItem task#000000000002", Fault::Hold(Gate::closed()));
    let params = json!({"name": "delete_tasks", "arguments": {"uris": uris}});
    let call = Assistant::of(&ada).prepare("tools/call", params);

    let response = call.send_within(Duration::from_secs(1)).await;

    let busy = json!({"error": "the service is busy; try again in a second"});
    assert_eq!(response.status, 200);
    let result = response.json()["result"]["structuredContent"]["results"].clone();
    assert_eq!(result, json!([{"deleted": uris[0]}, busy, busy]));
}
