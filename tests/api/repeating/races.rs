//! Fifty clients complete one task at once: exactly one task follows, and every response is true.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::both;
use crate::client::{LISTS, TestApp, TestResponse};
use crate::indexes::tasks_in_agreement;
use crate::wire::Fault::{self, Cancel, Pass, Refuse};
use crate::wire::LOST_RESPONSES;

const CLIENTS: usize = 50;

/// Every third write of the two environments ends as `fault` says, given whether it is a transaction.
/// Returns the entity tag of the completed task.
async fn fifty_at_once(fault: impl Fn(bool) -> Fault + Clone + Send + Sync + 'static) -> Value {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    let list = ada.create_list("Home").await;
    let body = json!({"title": "x", "due": "2126-01-31", "repeat": "FREQ=DAILY", "list": list});
    let task = ada.create(&body).await;
    let other = elsewhere.holder(ada.authorization.clone());
    other.list().await;
    for app in [&app, &elsewhere] {
        let (writes, fault) = (AtomicUsize::new(0), fault.clone());
        app.wire.rule(move |call| {
            let is_write = call.starts_with("TransactWriteItems") || call.starts_with("UpdateItem");
            let is_third = is_write && writes.fetch_add(1, Ordering::Relaxed) % 3 == 2;
            if is_third {
                fault(call.starts_with("Transact"))
            } else {
                Pass
            }
        });
    }
    let responses = join_all((0..CLIENTS).map(|client| {
        let user = if client % 2 == 0 { &ada } else { &other };
        user.put(&task.uri, &json!({"done": true})).send_patiently()
    }));
    let responses = responses.await;

    app.wire.always(Pass);
    let tasks = ada.list().await;
    assert_eq!(tasks.len(), 2, "{tasks:?}");
    assert_eq!(
        (&tasks[1]["due"], &tasks[1]["repeat"]),
        (&json!("2126-02-01"), &json!("FREQ=DAILY"))
    );
    let mut followed = Vec::new();
    for response in &responses {
        let (shown, next) = both(response);
        assert_eq!(
            (&shown["done"], &shown["repeat"]),
            (&json!(true), &json!(null))
        );
        if next != Value::Null {
            followed.push((shown["etag"].clone(), next));
        }
    }
    assert_eq!(followed, [(json!("\"1.2\""), tasks[1].clone())]);
    assert_eq!(tasks_in_agreement(&app).await.len(), 2);
    let listed = ada.get(&format!("{LISTS}/1/tasks")).send().await.json();
    assert_eq!(listed, json!({"tasks": [tasks[1], tasks[0]]}));
    tasks[0]["etag"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clients_at_one_task_make_one_that_follows() {
    let etag = fifty_at_once(|_| Pass).await;
    assert_eq!(etag, format!("\"1.{}\"", 1 + CLIENTS));
}

#[tokio::test(flavor = "multi_thread")]
async fn so_they_do_whichever_way_every_third_response_is_lost() {
    for fault in LOST_RESPONSES {
        // The other ticks may count twice: more than three others write between two attempts.
        fifty_at_once(move |_| fault.clone()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_they_do_when_every_third_write_meets_a_transaction() {
    let etag = fifty_at_once(|is_transaction| match is_transaction {
        true => Cancel(["TransactionConflict", "None"]),
        false => Refuse(400, "TransactionConflictException"),
    });
    assert_eq!(etag.await, format!("\"1.{}\"", 1 + CLIENTS));
}

/// A completion whose first response is lost and that then meets a conflict, while somebody else writes
/// `bodies`. Returns its response, and the tasks that are left.
async fn lost_then_in_conflict(bodies: &[Value]) -> (TestResponse, Vec<Value>) {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    let other = elsewhere.holder(ada.authorization.clone());
    let body = json!({"title": "x", "due": "2126-01-31", "repeat": "FREQ=DAILY"});
    let task = ada.create(&body).await;
    other.list().await;
    let transaction = "TransactWriteItems";
    // The SDK repeats the first under the same token; after a conflict the service repeats it under
    // another one, which DynamoDB does not know.
    let completion = ada.put(&task.uri, &json!({"done": true})).send();
    let act = async || {
        app.wire
            .fail(transaction, Cancel(["TransactionConflict", "None"]));
        for body in bodies {
            let written = other.put(&task.uri, body).send().await;
            assert_eq!(both(&written).1, Value::Null);
        }
    };
    let completed = app
        .wire
        .between_attempts(transaction, Fault::LoseResponse, completion, act)
        .await;
    (completed, ada.list().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_completion_recognises_itself_when_a_conflict_follows_its_lost_response() {
    let (done, open) = (json!({"done": true}), json!({"done": false}));
    let theirs = json!({"title": "Theirs"});
    let few = [theirs.clone(), open.clone(), done.clone()];
    // The register of the old task has forgotten it by then; the next one knows who created it.
    let many = [theirs.clone(), open.clone(), done, open, theirs];
    for bodies in [&few[..], &many] {
        let (completed, tasks) = lost_then_in_conflict(bodies).await;
        let (old, next) = both(&completed);
        let shown = [
            &old["title"],
            &old["done"],
            &old["etag"],
            &next["title"],
            &next["due"],
        ];
        assert_eq!(
            json!(shown),
            json!(["x", true, "\"1.2\"", "x", "2126-02-01"])
        );
        assert_eq!((tasks.len(), &tasks[1]), (2, &next));
        let etag = format!("\"1.{}\"", 2 + bodies.len());
        assert_eq!(
            (&tasks[0]["title"], &tasks[0]["etag"]),
            (&json!("Theirs"), &json!(etag))
        );
    }
}
