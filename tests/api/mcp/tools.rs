//! What the tools do.

use serde_json::{Value, json};

use super::Assistant;
use crate::client::{LISTS, TASKS, TestApp, User};
use crate::wire::Fault;

fn titles(tasks: &Value) -> Vec<&str> {
    let tasks = tasks.as_array().expect("tasks");
    let titles = tasks.iter().map(|task| task["title"].as_str());
    titles.collect::<Option<_>>().expect("titles")
}

/// The URIs of what was added, in order.
async fn add(ada: &User<'_>, titles: &[&str]) -> Vec<String> {
    let tasks: Vec<_> = titles.iter().map(|title| json!({"title": title})).collect();
    let (added, _) = Assistant::of(ada)
        .data("add_tasks", json!({"tasks": tasks}))
        .await;
    let results = added["results"].as_array().expect("results");
    let uris = results.iter().map(|one| one["task"]["uri"].as_str());
    uris.map(|uri| uri.expect("a URI").to_owned()).collect()
}

fn today() -> String {
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
async fn an_error_says_what_was_sent_and_the_other_tasks_are_done() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let tasks = json!([
        {"title": "Milk", "due": "tomorrow"},
        {"title": "Bread"},
        {"title": ""},
        {"title": "Cheese", "don": true},
        {"due": "2026-12-24"},
        {"title": "Eggs", "list": "Nowhere"},
        {"title": "Eggs", "list": "http://todo.test/todo/api/v1.0/lists/9"},
        "Eggs",
    ]);

    let result = assistant.call("add_tasks", json!({"tasks": tasks})).await;

    let results = &result["structuredContent"]["results"];
    assert_eq!(result["isError"], false);
    assert_eq!(results[1]["task"]["title"], "Bread");
    let due = "due must be a date like 2026-12-31 or a local time like 2026-12-31T17:30; you sent \"tomorrow\"";
    let list = "list must be the name or the URI of a list; there are: Inbox; you sent \"Nowhere\"";
    let gone = "list must be the URI of an existing list; you sent \"http://todo.test/todo/api/v1.0/lists/9\"";
    for (index, error, field) in [
        (0, due, "due"),
        (2, "title must not be blank; you sent \"\"", "title"),
        (3, "don is not known here; you sent true", "don"),
        (4, "title is missing", "title"),
        (5, list, "list"),
        (6, gone, "list"),
        (
            7,
            "the task must be an object; you sent \"Eggs\"",
            "the task",
        ),
    ] {
        assert_eq!(
            results[index],
            json!({"error": error, "field": field}),
            "{index}"
        );
    }
    let text = result["content"][0]["text"].as_str().expect("a text");
    assert!(
        text.starts_with(&format!(
            "1 of 8 done. Today is {}.\n1. error: {due}\n2. [ ] Bread | ",
            today()
        )),
        "{text}"
    );
}

#[tokio::test]
async fn a_call_is_an_error_only_when_nothing_could_be_done() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let task = ada.create("Milk").await;
    let missing = format!("http://todo.test{TASKS}/99");
    for tool in ["complete_tasks", "delete_tasks", "restore_tasks"] {
        let (result, is_error) = assistant
            .data(tool, json!({"uris": [missing, "Milk", 7]}))
            .await;
        assert!(is_error, "{tool}");
        let uri = "uri must be the URI of a task, as find_tasks gives it; you sent \"Milk\"";
        let expected = json!([
            {"error": "there is no such task"},
            {"error": uri, "field": "uri"},
            {"error": "uri must be a string", "field": "uri"},
        ]);
        assert_eq!(result["results"], expected, "{tool}");
    }
    let some = json!({"tasks": [{"uri": missing, "done": true}, {"uri": task.uri, "done": true}]});
    let (result, is_error) = assistant.data("update_tasks", some).await;
    assert!(!is_error);
    assert_eq!(
        result["results"][0],
        json!({"error": "there is no such task"})
    );
    assert_eq!(result["results"][1]["task"]["done"], true);
}

#[tokio::test]
async fn wrong_arguments_are_an_error_that_the_model_sees() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let too_many = json!({"uris": vec!["x"; 26]});
    for (tool, arguments, error) in [
        (
            "find_tasks",
            json!({"due_before": "soon"}),
            "due_before must be a date like 2026-12-31; you sent \"soon\"",
        ),
        (
            "find_tasks",
            json!({"limit": 1001}),
            "limit must be a whole number from 1 to 1000; you sent 1001",
        ),
        (
            "find_tasks",
            json!({"limit": null}),
            "limit must be a string, a number, or true or false; you sent null",
        ),
        (
            "find_tasks",
            json!({"tags": "x"}),
            "tags is not known here; you sent \"x\"",
        ),
        (
            "find_tasks",
            json!({"cursor": "x"}),
            "cursor is not one that this list gave; you sent \"x\"",
        ),
        (
            "find_tasks",
            json!({"sort": "order"}),
            "sort must be id, title or due, or one of them after a minus sign; or, in a list, order; you sent \"order\"",
        ),
        (
            "find_tasks",
            json!({"list": format!("{LISTS}/9")}),
            "list must be the URI of an existing list; you sent \"/todo/api/v1.0/lists/9\"",
        ),
        (
            "list_lists",
            json!({"all": true}),
            "all is not known here; you sent true",
        ),
        ("add_tasks", json!({}), "tasks is missing"),
        (
            "add_tasks",
            json!({"tasks": []}),
            "tasks must have at least one entry; you sent []",
        ),
        (
            "add_tasks",
            json!({"tasks": {"title": "x"}}),
            "tasks must be an array; you sent {\"title\":\"x\"}",
        ),
        (
            "add_tasks",
            json!({"tasks": [{}], "idempotency_key": "a b"}),
            "idempotency_key must be 1 to 255 visible ASCII characters; you sent \"a b\"",
        ),
        (
            "complete_tasks",
            too_many,
            "uris must have at most 25 entries",
        ),
        ("delete_tasks", json!([]), "arguments must be an object"),
    ] {
        let result = assistant.call(tool, arguments.clone()).await;
        let text = json!([{"type": "text", "text": error}]);
        assert_eq!(result["content"], text, "{tool} {arguments}");
        assert_eq!(result["isError"], true, "{tool} {arguments}");
        assert_eq!(result.get("structuredContent"), None);
    }
}

#[tokio::test]
async fn a_name_that_two_lists_have_is_an_error_with_their_uris() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    for name in ["Home", "Home", "Work", "work"] {
        ada.create_list(name).await;
    }
    let at = |id: u8| format!("http://todo.test{LISTS}/{id}");
    let result = assistant.call("find_tasks", json!({"list": "Home"})).await;
    let error = format!(
        "list is the name of several lists; use one of the URIs {}, {}; you sent \"Home\"",
        at(1),
        at(2)
    );
    assert_eq!(result["content"][0]["text"], json!(error));
    // Where the case decides, it does.
    for (name, id) in [("Work", 3), ("work", 4)] {
        let tasks = json!({"tasks": [{"title": "x", "list": name}]});
        let (added, _) = assistant.data("add_tasks", tasks).await;
        assert_eq!(added["results"][0]["task"]["list"], json!(at(id)));
    }
    let (_, is_error) = assistant.data("find_tasks", json!({"list": "WORK"})).await;
    assert!(is_error);
    let (_, is_error) = assistant.data("find_tasks", json!({"list": at(2)})).await;
    assert!(!is_error);
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
async fn a_failure_of_the_database_is_told_and_its_cause_is_only_logged() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    add(&ada, &["Milk"]).await;
    app.lines.take();
    app.wire
        .fail("Query", Fault::Refuse(400, "ValidationException"));

    let result = assistant.call("find_tasks", json!({})).await;

    let text = "the service failed; nothing about the request is wrong";
    assert_eq!(result["content"], json!([{"type": "text", "text": text}]));
    assert_eq!(result["isError"], true);
    let line: Value = serde_json::from_str(&app.lines.take()).expect("a line");
    assert_eq!(
        (&line["level"], &line["Errors"]),
        (&json!("ERROR"), &json!(1))
    );
    assert!(
        line["cause"]
            .as_str()
            .expect("a cause")
            .contains("ValidationException")
    );
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
