//! The deletion of a list with somebody else's write before each of its calls: whatever is written
//! whenever, no task stands in the list afterwards, and none is lost that was moved out of it.

use http::Method;
use serde_json::{Value, json};

use crate::client::{LISTS, TASKS, TestApp, User};
use crate::held::held_at;
use crate::indexes::{number, tasks_in_agreement, text};
use crate::model::stranger;

/// What somebody else does: to the open task (1) or the done one (2) of the list, or to those of the
/// inbox (3, 4).
const WRITES: [(&str, Method, u32); 10] = [
    ("tick", Method::PUT, 1),
    ("reopen", Method::PUT, 2),
    ("order", Method::PATCH, 1),
    ("move out", Method::PUT, 1),
    ("move out", Method::PATCH, 2),
    ("move in", Method::PUT, 3),
    ("move in", Method::PATCH, 4),
    ("move in and reopen", Method::PUT, 4),
    ("delete", Method::DELETE, 1),
    ("create", Method::POST, 5),
];

fn body(write: &str) -> Value {
    let (list, inbox) = (format!("{LISTS}/1"), format!("{LISTS}/inbox"));
    match write {
        "tick" => json!({"done": true}),
        "reopen" => json!({"done": false}),
        "order" => json!({"order": -7}),
        "move out" => json!({"list": inbox}),
        "move in" => json!({"list": list}),
        "move in and reopen" => json!({"list": list, "done": false}),
        _ => json!({"title": "New"}),
    }
}

/// A list with an open and a done task, and the same in the inbox.
async fn fill(user: &User<'_>) {
    user.create_list("Home").await;
    for (id, list) in [(1, "1"), (2, "1"), (3, "inbox"), (4, "inbox")] {
        let body = json!({"title": format!("Task {id}"), "list": format!("{LISTS}/{list}")});
        user.create(&body).await;
        if id % 2 == 0 {
            let uri = format!("{TASKS}/{id}");
            user.put(&uri, &json!({"done": true})).send().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_write_before_any_call_of_a_deletion_leaves_a_task_in_the_list() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let mut users = 0;
    for (write, method, task) in WRITES {
        for before in 0.. {
            users += 1;
            let other = stranger(&elsewhere, users).await;
            fill(&other).await;
            let deleter = app.holder(other.authorization.clone());
            deleter.list().await;
            let uri = match method {
                Method::POST => format!("{LISTS}/1/tasks"),
                _ => format!("{TASKS}/{task}"),
            };
            let request = other.request(method.clone(), &uri).json(&body(write));
            let list = format!("{LISTS}/1");
            let deletion = deleter.delete(&list).send();
            let held = held_at(&app, before, deletion, async || request.send().await);
            let (deleted, written) = match held.await {
                Ok(both) => both,
                Err(deleted) => {
                    assert_eq!(deleted.status, 200);
                    assert!(before >= 6, "a deletion takes {before} calls only");
                    break;
                }
            };

            let case = format!("{write} {task} before call {before}: {written:?}");
            assert_eq!(deleted.status, 200, "{case}");
            let left = other.list().await;
            let stands = |id: u32| {
                let end = format!("/{id}");
                left.iter()
                    .any(|task| task["uri"].as_str().is_some_and(|uri| uri.ends_with(&end)))
            };
            assert!(
                left.iter().all(|task| task["list"]
                    .as_str()
                    .is_some_and(|list| list.ends_with("/inbox"))),
                "{case}"
            );
            let is_done = matches!(written.status, 200 | 201);
            let may_be_refused = match write {
                "move in" | "move in and reopen" => 400,
                _ => 404,
            };
            assert!(is_done || written.status == may_be_refused, "{case}");
            assert_eq!(
                stands(task),
                match write {
                    "move out" => is_done,
                    "move in" | "move in and reopen" => !is_done,
                    _ => false,
                },
                "{case}"
            );
            let others = [3, 4].into_iter().filter(|id| *id != task);
            assert!(others.into_iter().all(stands), "{case}");
            assert_eq!(other.get(&format!("{LISTS}/1")).send().await.status, 404);
        }
    }
    for task in tasks_in_agreement(&app).await {
        let gone = number(&task, "list") == 1;
        assert_eq!(
            task.contains_key("deleted_at"),
            gone,
            "{}",
            text(&task, "title")
        );
    }
}
