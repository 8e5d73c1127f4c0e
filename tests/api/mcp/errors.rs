//! What the tools say when something is wrong.

use serde_json::{Value, json};

use super::Assistant;
use super::tools::{add, today};
use crate::client::{LISTS, TASKS, TestApp};
use crate::wire::Fault;

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
        {"title": "Eggs", "uri": "x"},
    ]);

    let result = assistant.call("add_tasks", json!({"tasks": tasks})).await;

    let results = &result["structuredContent"]["results"];
    assert_eq!(result["isError"], false);
    assert_eq!(results[1]["task"]["title"], "Bread");
    let due = "due must be a date like 2026-12-31 or a local time like 2026-12-31T17:30; you sent \"tomorrow\"";
    let list = "list must be the name or the URI of a list; there are: Inbox; you sent \"Nowhere\"";
    let gone = "list must be the name or the URI of a list that there is; you sent \"http://todo.test/todo/api/v1.0/lists/9\"";
    for (index, error, field) in [
        (0, due, "due"),
        (2, "title must not be blank; you sent \"\"", "title"),
        (3, "don is not known here; you sent true", "don"),
        (4, "title is missing", "title"),
        (5, list, "list"),
        (6, gone, "list"),
        (
            8,
            "uri is only of a task that there is; update_tasks changes it; you sent \"x\"",
            "uri",
        ),
    ] {
        assert_eq!(
            results[index],
            json!({"error": error, "field": field}),
            "{index}"
        );
    }
    // An error of a task as a whole is not about one of its members.
    assert_eq!(results[7], json!({"error": "the task must be an object"}));
    let text = result["content"][0]["text"].as_str().expect("a text");
    assert!(
        text.starts_with(&format!(
            "1 of 9 done. Today is {} (UTC).\n1. error: {due}\n2. [ ] http://todo.test{TASKS}/1 | \"Bread\"\n",
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
    for (tool, missing_words) in [
        ("complete_tasks", "there is no such task"),
        (
            "delete_tasks",
            "the task is not there: deleted already, or never was",
        ),
        (
            "restore_tasks",
            "the task is not in the trash: restored already, or gone for good",
        ),
    ] {
        let (result, is_error) = assistant
            .data(tool, json!({"uris": [missing, "Milk", 7]}))
            .await;
        assert!(is_error, "{tool}");
        let uri = "uri must be the URI of a task, as find_tasks gives it; you sent \"Milk\"";
        let expected = json!([
            {"error": missing_words},
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
            json!({"tag": ["a", "b"]}),
            "tag must be one value; where several are allowed, one string has them, separated by commas; you sent [\"a\",\"b\"]",
        ),
        (
            "find_tasks",
            json!({"tags": "x"}),
            "tags is not known here; you sent \"x\"",
        ),
        (
            "find_tasks",
            json!({"cursor": "x"}),
            "cursor must be a next_cursor, with the arguments that it was given for; you sent \"x\"",
        ),
        (
            "find_tasks",
            json!({"sort": "order"}),
            "sort must be id, title or due, or one of them after a minus sign; or, in a list, order; you sent \"order\"",
        ),
        (
            "find_tasks",
            json!({"list": format!("{LISTS}/9")}),
            "list must be the name or the URI of a list that there is; you sent \"/todo/api/v1.0/lists/9\"",
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
async fn an_unknown_list_is_an_error_with_the_first_names_and_where_the_others_are() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for number in 1..=20 {
        ada.create_list(&format!("L{number}")).await;
    }
    let arguments = json!({"list": "Nowhere"});
    let result = Assistant::of(&ada).call("find_tasks", arguments).await;
    let text = result["content"][0]["text"].as_str().expect("a text");
    let end = "L18, L19; list_lists has the others; you sent \"Nowhere\"";
    assert!(text.ends_with(end), "{text}");
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
