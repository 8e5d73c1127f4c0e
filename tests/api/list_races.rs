//! Many clients at the tasks of one list at once, with one another and with the deletion of the list.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::client::{BASE, LISTS, TASKS, TestApp, User};
use crate::indexes::{number, tasks_in_agreement, text};
use crate::wire::Fault::{Cancel, Pass, Refuse};

const WRITERS: usize = 50;
const CLIENTS: usize = 20;
/// So many creates come before the deletion of their list.
const CREATES_BEFORE: u32 = 30;

/// Lets one transaction in three, and one write of a task in three, conflict with a transaction.
/// `writes` counts them.
fn refuse_one_write_in_three(app: &TestApp, writes: &Arc<AtomicUsize>) {
    let writes = Arc::clone(writes);
    app.wire.rule(move |call| {
        let is_transaction = call.starts_with("TransactWriteItems");
        // DynamoDB refuses a single write in the way of a transaction too.
        if !is_transaction && !call.starts_with("UpdateItem task#") {
            return Pass;
        }
        let is_refused = writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(3);
        match (is_refused, is_transaction) {
            (true, true) => Cancel(["None", "TransactionConflict"]),
            (true, false) => Refuse(400, "TransactionConflictException"),
            (false, _) => Pass,
        }
    });
}

/// What a writer of the first test writes.
fn change(writer: usize, round: usize) -> Value {
    match (writer + round) % 7 {
        0 => json!({"list": format!("{LISTS}/1")}),
        1 => json!({"list": format!("{LISTS}/2")}),
        2 => json!({"order": writer as f64 / 4.0 - round as f64}),
        3 => json!({"done": true}),
        4 => json!({"done": false}),
        5 => json!({"done": false, "list": format!("{LISTS}/2"), "order": writer}),
        _ => json!({"done": true, "list": format!("{LISTS}/1"), "due": "2026-12-31T17:30"}),
    }
}

async fn fifty_writers_at_one_task(rounds: usize, with_conflicts: bool) {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    for name in ["Home", "Work"] {
        ada.create_list(name).await;
    }
    let body = json!({"title": "Buy milk", "list": format!("{LISTS}/1")});
    let task = ada.create(&body).await;
    let other = elsewhere.holder(ada.authorization.clone());
    other.list().await;

    let writes = Arc::new(AtomicUsize::new(0));
    if with_conflicts {
        for app in [&app, &elsewhere] {
            refuse_one_write_in_three(app, &writes);
        }
    }
    let writers = (0..WRITERS).map(async |writer| {
        let user = if writer % 2 == 0 { &ada } else { &other };
        let mut accepted = Vec::new();
        for round in 0..rounds {
            let body = change(writer, round);
            let written = user.patch(&task.uri, &body).send_patiently().await;
            assert_eq!(written.status, 200, "{body}: {written:?}");
            let shown = written.json()["task"].clone();
            for (name, value) in body.as_object().expect("an object") {
                let value = match name.as_str() {
                    "list" => json!(format!("{BASE}{}", value.as_str().expect("a list"))),
                    "order" => json!(
                        shown["order"]
                            .as_f64()
                            .filter(|order| value.as_f64() == Some(*order))
                            .map(|_| shown["order"].clone())
                    ),
                    _ => value.clone(),
                };
                assert_eq!(shown[name], value, "{body}");
            }
            accepted.push(shown["etag"].as_str().expect("an entity tag").to_owned());
        }
        accepted
    });
    let mut accepted: Vec<_> = join_all(writers).await.into_iter().flatten().collect();

    let count = accepted.len();
    accepted.sort_unstable();
    accepted.dedup();
    assert_eq!(accepted.len(), count, "two writes made one version");
    let tasks = tasks_in_agreement(&app).await;
    assert_eq!(tasks.len(), 1);
    assert_eq!(number(&tasks[0], "version"), 1 + count as u64);
    let shown = ada.get(&task.uri).send().await.json()["task"].clone();
    assert_eq!(shown["etag"], format!("\"1.{}\"", 1 + count));
    assert_eq!(
        shown["list"],
        format!("{BASE}{LISTS}/{}", number(&tasks[0], "list"))
    );
    for list in ["inbox", "1", "2"] {
        let path = format!("{LISTS}/{list}/tasks");
        let listed = ada.get(&path).send().await.json()["tasks"].clone();
        let stands = shown["list"]
            .as_str()
            .is_some_and(|uri| uri.ends_with(&format!("/{list}")));
        assert_eq!(
            listed,
            if stands { json!([shown]) } else { json!([]) },
            "{list}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_writers_move_and_tick_one_task_and_each_write_counts_once() {
    fifty_writers_at_one_task(4, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_writers_of_one_task_succeed_although_every_third_write_meets_a_conflict() {
    fifty_writers_at_one_task(2, true).await;
}

/// What became of a client's tasks: URI, whether it was created in the list that is deleted, and the
/// last status.
struct Record {
    uri: String,
    status: u16,
    was_moved: bool,
    /// It was moved out of the list again, and has to survive.
    was_saved: bool,
}

/// Creates in the list, or moves into it and out of it, until it is gone.
async fn work_until_the_list_is_gone(
    user: &User<'_>,
    client: usize,
    begun: &Semaphore,
) -> Vec<Record> {
    let (list, inbox) = (format!("{LISTS}/1"), format!("{LISTS}/inbox"));
    let mut records = Vec::new();
    for round in 0..1_000 {
        let title = format!("Task {client}-{round}");
        let (response, was_moved) = match client % 4 {
            0 => (
                user.post(&format!("{list}/tasks"), &json!({"title": title}))
                    .send()
                    .await,
                false,
            ),
            1 => (
                user.post(TASKS, &json!({"title": title, "list": list}))
                    .send()
                    .await,
                false,
            ),
            2 => {
                let request = user.post(&format!("{list}/tasks"), &json!({"title": title}));
                let key = HeaderValue::from_str(&title.replace(' ', "-")).expect("a header");
                (request.header("idempotency-key", key).send().await, false)
            }
            _ => {
                let task = user.create(&json!({"title": title})).await;
                let moved = user
                    .patch(&task.uri, &json!({"list": list, "order": round}))
                    .send()
                    .await;
                let mut was_saved = false;
                if moved.status == 200 && round % 3 == 0 {
                    let back = user.put(&task.uri, &json!({"list": inbox})).send().await;
                    assert!([200, 404].contains(&back.status), "{back:?}");
                    was_saved = back.status == 200;
                }
                if moved.status == 200 && round % 3 == 1 {
                    // Done and open again: both belong to the list's deletion.
                    for done in [true, false] {
                        let written = user.put(&task.uri, &json!({"done": done})).send().await;
                        assert!([200, 404].contains(&written.status), "{written:?}");
                    }
                }
                records.push(Record {
                    uri: task.uri,
                    status: moved.status,
                    was_moved: true,
                    was_saved,
                });
                begun.add_permits(1);
                if moved.status != 200 {
                    assert_eq!(
                        (moved.status, &moved.json()["field"]),
                        (400, &json!("list")),
                        "{moved:?}"
                    );
                    return records;
                }
                continue;
            }
        };
        begun.add_permits(1);
        let uri = response.header("location").to_owned();
        let status = response.status;
        records.push(Record {
            uri,
            status,
            was_moved,
            was_saved: false,
        });
        if status != 201 {
            let expected = if client % 4 == 1 { 400 } else { 404 };
            assert_eq!(status, expected, "{response:?}");
            return records;
        }
    }
    panic!("the list was never deleted");
}

/// A list is deleted while others create in it and move tasks into it and out of it.
async fn a_list_is_deleted_under_load(with_conflicts: bool) {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    let other = elsewhere.holder(ada.authorization.clone());
    other.list().await;
    let writes = Arc::new(AtomicUsize::new(0));
    if with_conflicts {
        for app in [&app, &elsewhere] {
            refuse_one_write_in_three(app, &writes);
        }
    }
    let begun = Semaphore::new(0);
    let clients = (0..CLIENTS).map(|client| {
        let user = if client % 2 == 0 { &ada } else { &other };
        work_until_the_list_is_gone(user, client, &begun)
    });
    let deletion = async {
        begun
            .acquire_many(CREATES_BEFORE)
            .await
            .expect("it is never closed")
            .forget();
        ada.delete(&format!("{LISTS}/1")).send().await
    };
    let (records, deleted) = tokio::join!(join_all(clients), deletion);
    app.wire.always(Pass);
    elsewhere.wire.always(Pass);
    let refused = writes.load(Ordering::Relaxed) / 3;
    assert!(!with_conflicts || refused > 10, "only {refused} conflicts");

    assert_eq!(
        (deleted.status, deleted.json()),
        (200, json!({"result": true}))
    );
    let tasks = tasks_in_agreement(&app).await;
    for task in &tasks {
        let stands_in_list = number(task, "list") == 1 && !task.contains_key("deleted_at");
        assert!(!stands_in_list, "{} stands in the list", text(task, "sk"));
    }
    let items = app.items().await;
    let list = items
        .iter()
        .find(|item| text(item, "sk") == "list#000000000001");
    assert!(
        list.is_some_and(|list| list.contains_key("emptied")),
        "{list:?}"
    );
    let mut created = 0;
    for record in records
        .iter()
        .flatten()
        .filter(|record| !record.uri.is_empty())
    {
        created += 1;
        let id: u64 = record
            .uri
            .rsplit('/')
            .next()
            .and_then(|id| id.parse().ok())
            .expect("an id");
        let task = tasks.iter().find(|task| number(task, "id") == id);
        let task = task.unwrap_or_else(|| panic!("{} is lost", record.uri));
        let is_in_trash = task.contains_key("deleted_at");
        let survived = number(task, "list") == 0;
        assert!(
            is_in_trash || (record.was_moved && survived),
            "{}",
            record.uri
        );
        if record.status == 400 || record.was_saved {
            assert!(survived && !is_in_trash, "{}", record.uri);
        }
        let read = ada.get(&record.uri).send().await;
        assert_eq!(read.status, if is_in_trash { 404 } else { 200 });
    }
    assert_eq!(created, tasks.len(), "a refused create has made a task");
    for (method, path) in [
        (Method::GET, format!("{LISTS}/1")),
        (Method::GET, format!("{LISTS}/1/tasks")),
        (Method::DELETE, format!("{LISTS}/1")),
    ] {
        assert_eq!(
            ada.request(method, &path).send().await.status,
            404,
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_task_stands_in_a_list_that_was_deleted_while_others_wrote_to_it() {
    for _ in 0..5 {
        a_list_is_deleted_under_load(false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_of_transactions_are_nobodys_error_while_a_list_is_deleted() {
    for _ in 0..3 {
        a_list_is_deleted_under_load(true).await;
    }
}
