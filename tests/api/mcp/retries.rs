//! What is told of a write whose outcome is not known, and what a retry does.

use std::time::Duration;

use serde_json::{Value, json};

use super::Assistant;
use super::tools::{add, titles};
use crate::client::{TASKS, TestApp, USERS, User};
use crate::wire::{Fault, Gate};

const LATE: &str = "not done: the time was up; send it again";
const LOOK: &str = "may or may not be done; look with find_tasks first";
const AGAIN: &str = "may or may not be done; send it again";
const WITH_KEY: &str = "may or may not be done; send it again with the same idempotency_key";

async fn all_titles(ada: &User<'_>) -> Vec<String> {
    let (found, _) = Assistant::of(ada).data("find_tasks", json!({})).await;
    let titles = titles(&found["tasks"]).into_iter();
    titles.map(str::to_owned).collect()
}

#[tokio::test]
async fn with_a_key_a_repeated_call_adds_nothing_and_any_of_its_tasks_may_be_sent_again() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let send = async |tasks: Value| {
        let call = json!({"tasks": tasks, "idempotency_key": "k-1"});
        let (added, is_error) = assistant.data("add_tasks", call).await;
        assert!(!is_error);
        added["results"].clone()
    };
    let first = send(json!([{"title": "Milk"}, {"title": "Bread"}, {"title": "Milk"}])).await;
    assert_ne!(first[0], first[2]);
    let again = send(json!([{"title": "Milk"}, {"title": "Bread"}, {"title": "Milk"}])).await;
    assert_eq!(again, first);

    // A subset in another order, written in another way, and a new task.
    let some = send(
        json!([{"tags": [], "title": "Bread", "due": null}, {"title": "Cheese"}, {"title": "Milk"}]),
    );
    let some = some.await;
    assert_eq!([&some[0], &some[2]], [&first[1], &first[0]]);
    assert_eq!(all_titles(&ada).await, ["Milk", "Bread", "Milk", "Cheese"]);
}

#[tokio::test]
async fn a_repeated_call_adds_nothing_after_its_list_was_renamed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    let list = ada.create_list("Home").await;
    let call = json!({"tasks": [{"title": "Milk", "list": "Home"}], "idempotency_key": "k-1"});
    let (first, _) = assistant.data("add_tasks", call.clone()).await;
    let renamed = ada.put(&list, &json!({"name": "House"})).send().await;
    assert_eq!(renamed.status, 200);

    let (again, _) = assistant.data("add_tasks", call.clone()).await;
    assert_eq!(again["results"], first["results"]);
    // The name is another list's now.
    ada.create_list("Home").await;
    let (again, _) = assistant.data("add_tasks", call.clone()).await;
    assert_eq!(again["results"], first["results"]);

    let uri = first["results"][0]["task"]["uri"].clone();
    assistant.data("delete_tasks", json!({"uris": [uri]})).await;
    let (again, is_error) = assistant.data("add_tasks", call).await;
    assert!(is_error);
    let deleted = "it was added before, and is deleted since";
    assert_eq!(again["results"], json!([{"error": deleted}]));
    assert_eq!(all_titles(&ada).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_name_that_no_list_has_is_an_error_with_a_key_too() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let call = json!({"tasks": [{"title": "Milk", "list": "Home"}], "idempotency_key": "k-1"});
    let (refused, is_error) = Assistant::of(&ada).data("add_tasks", call).await;
    assert!(is_error);
    assert_eq!(refused["results"][0]["field"], "list");
}

/// The write happens, and no response to it arrives.
#[tokio::test]
async fn a_task_whose_response_is_lost_may_have_been_added() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let assistant = Assistant::of(&ada);
    app.wire.rule(|call| match call {
        _ if call.starts_with("PutItem task#") => Fault::LoseResponse,
        _ if call.starts_with("TransactWriteItems") => Fault::LoseResponse,
        _ => Fault::Pass,
    });
    let mut call = json!({"tasks": [{"title": "Milk"}]});
    let (lost, is_error) = assistant.data("add_tasks", call.clone()).await;
    assert!(is_error);
    assert_eq!(lost["results"], json!([{"error": LOOK}]));
    assert_eq!(all_titles(&ada).await, ["Milk"]);

    call["idempotency_key"] = json!("k-1");
    let (lost, _) = assistant.data("add_tasks", call.clone()).await;
    assert_eq!(lost["results"], json!([{"error": WITH_KEY}]));
    app.wire.rule(|_| Fault::Pass);
    let (again, is_error) = assistant.data("add_tasks", call).await;
    assert!(!is_error);
    assert_eq!(again["results"][0]["task"]["title"], "Milk");
    assert_eq!(all_titles(&ada).await, ["Milk", "Milk"]);
}

/// A task whose list could not be looked up has not been written.
#[tokio::test]
async fn what_failed_before_the_write_is_not_done() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    app.wire.rule(|call| match call {
        "Query" => Fault::Refuse(500, "InternalServerError"),
        _ => Fault::Pass,
    });
    let call = json!({"tasks": [{"title": "Milk", "list": "Inbox"}]});
    let (failed, _) = Assistant::of(&ada).data("add_tasks", call).await;
    let busy = "not done: the service is busy; send it again in a second";
    assert_eq!(failed["results"], json!([{"error": busy}]));
}

/// The deadline cuts one off, and those that follow do not begin.
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
    assert_eq!(response.status, 200);
    let result = response.json()["result"]["structuredContent"]["results"].clone();
    let expected = json!([{"deleted": uris[0]}, {"error": AGAIN}, {"error": LATE}]);
    assert_eq!(result, expected);

    app.wire
        .fail("PutItem task#000000000004", Fault::Hold(Gate::closed()));
    let tasks = json!({"tasks": [{"title": "Cheese"}, {"title": "Ham"}]});
    let params = json!({"name": "add_tasks", "arguments": tasks});
    let call = Assistant::of(&ada).prepare("tools/call", params);
    let response = call.send_within(Duration::from_secs(1)).await;
    let result = response.json()["result"]["structuredContent"]["results"].clone();
    assert_eq!(result, json!([{"error": LOOK}, {"error": LATE}]));
}

#[tokio::test]
async fn a_search_that_the_deadline_cuts_off_is_an_error_of_the_tool() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for tool in ["find_tasks", "list_lists"] {
        app.wire.fail("Query", Fault::Hold(Gate::closed()));
        let call = Assistant::of(&ada).prepare("tools/call", json!({"name": tool}));
        let response = call.send_within(Duration::from_secs(1)).await;
        assert_eq!(response.status, 200, "{tool}");
        let result = &response.json()["result"];
        let text = json!([{"type": "text", "text": LATE}]);
        assert_eq!(
            (&result["content"], &result["isError"]),
            (&text, &json!(true))
        );
        assert_eq!(
            response.record.cause.as_deref(),
            Some("the deadline passed")
        );
    }
}

#[tokio::test]
async fn what_is_deleted_already_is_told_apart_from_what_is_not_there() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uris = json!({"uris": add(&ada, &["Milk"]).await});
    let assistant = Assistant::of(&ada);
    assistant.data("delete_tasks", uris.clone()).await;
    let (again, is_error) = assistant.data("delete_tasks", uris).await;
    assert!(is_error);
    let error = "the task is not there: deleted already, or never was";
    assert_eq!(again["results"], json!([{"error": error}]));
    let missing = json!({"uris": [format!("http://todo.test{TASKS}/99")]});
    let (missing, _) = assistant.data("complete_tasks", missing).await;
    assert_eq!(
        missing["results"],
        json!([{"error": "there is no such task"}])
    );
}

/// Somebody changes the password while a call is carried out.
#[tokio::test]
async fn credentials_that_are_refused_in_the_middle_do_not_hide_what_was_done() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uris = add(&ada, &["Milk"]).await;
    let twin = app.twin().await;
    let elsewhere = twin.holder(ada.authorization.clone());
    let gate = Gate::closed();
    app.wire
        .fail("PutItem task#000000000002", Fault::Hold(gate.clone()));
    let tasks = json!({"tasks": [{"title": "Bread"}, {"title": "Eggs"}, {"title": "Ham"}]});
    let params = json!({"name": "add_tasks", "arguments": tasks});
    let call = Assistant::of(&ada).prepare("tools/call", params);
    let change = async {
        gate.arrived().await;
        let password = json!({"password": "another horse"});
        let changed = elsewhere
            .put(&format!("{USERS}/ada"), &password)
            .send()
            .await;
        assert_eq!(changed.status, 200);
        gate.open();
    };
    let (response, ()) = tokio::join!(call.send(), change);

    assert_eq!(response.status, 200, "{}", response.text());
    let results = response.json()["result"]["structuredContent"]["results"].clone();
    let refused = json!({"error": "not done: the credentials are not valid any more"});
    assert_eq!(results[0]["task"]["title"], "Bread");
    assert_eq!([&results[1], &results[2]], [&refused, &refused]);
    // From then on the old password is refused without asking the table.
    app.wire.take_calls();
    assert_eq!(ada.get(&uris[0]).send().await.status, 401);
}
