//! The trash with others at the same tasks and lists: of several writes one wins, and nothing is half.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use todo_api::store::StoreError;
use tokio::time::{Instant, timeout_at};

use crate::client::{BASE, LISTS, TASKS, TRASH, TestApp, TestResponse, USERS, User};
use crate::held::held_at;
use crate::indexes::{number, tasks_in_agreement, text};
use crate::model::{account, stranger};
use crate::responses::{is_deleted, not_found, seen};
use crate::wire::Fault::{Cancel, Hold, Pass, Refuse};
use crate::wire::Gate;

/// A task in the trash, deleted out of `list`; its id is 1.
pub async fn trashed(user: &User<'_>, list: &str) {
    user.create_list("Home").await;
    let body = json!({"title": "Buy milk", "list": format!("{LISTS}/{list}")});
    let task = user.create(&body).await;
    assert_eq!(user.delete(&task.uri).send().await.status, 200);
}

pub async fn restore(user: &User<'_>) -> TestResponse {
    user.request(Method::POST, &format!("{TRASH}/1"))
        .send()
        .await
}

pub async fn purge(user: &User<'_>) -> TestResponse {
    user.delete(&format!("{TRASH}/1")).send().await
}

/// The titles of the trash.
pub async fn in_trash(user: &User<'_>) -> usize {
    let trash = user.get(TRASH).send().await.json();
    trash["tasks"].as_array().expect("tasks").len()
}

#[tokio::test]
async fn a_task_whose_list_is_deleted_while_it_is_restored_stands_in_the_inbox() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    for before in 0..2 {
        let other = stranger(&elsewhere, before).await;
        trashed(&other, "1").await;
        let ada = app.holder(other.authorization.clone());
        ada.list().await;
        let deletion = async || other.delete(&format!("{LISTS}/1")).send().await;

        let held = held_at(&app, before as usize, restore(&ada), deletion).await;
        let (restored, deleted) = held.expect("a restore makes so many calls");

        assert_eq!(seen(&deleted), is_deleted());
        let shown = &restored.json()["task"];
        let inbox = json!(format!("{BASE}{LISTS}/inbox"));
        assert_eq!((restored.status, &shown["list"]), (200, &inbox));
        assert_eq!(ada.list().await, std::slice::from_ref(shown));
        assert_eq!(in_trash(&ada).await, 0);
    }
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn a_task_restored_while_its_list_is_deleted_is_in_the_inbox_or_in_the_trash() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let (mut before, mut back_in_trash) = (0, 0);
    loop {
        let other = stranger(&elsewhere, before).await;
        trashed(&other, "1").await;
        let ada = app.holder(other.authorization.clone());
        ada.list().await;
        let uri = format!("{LISTS}/1");
        let deletion = ada.delete(&uri).send();
        let restoration = async || restore(&other).await;
        let Ok((deleted, restored)) = held_at(&app, before as usize, deletion, restoration).await
        else {
            break;
        };

        assert_eq!(seen(&deleted), is_deleted(), "before call {before}");
        assert_eq!(restored.status, 200, "before call {before}");
        let (left, trashed) = (other.list().await, in_trash(&other).await);
        assert_eq!(left.len() + trashed, 1, "before call {before}");
        back_in_trash += trashed;
        let inbox = json!(format!("{BASE}{LISTS}/inbox"));
        assert!(left.iter().all(|task| task["list"] == inbox), "{left:?}");
        before += 1;
    }
    // Only the call that closes the list comes after a restore into it.
    assert_eq!((before, back_in_trash), (4, 1));
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn of_a_restore_and_a_purge_at_once_one_wins() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let mut users = 0;
    for (list, restore_waits, before) in [
        ("inbox", true, 0),
        ("inbox", true, 1),
        ("1", true, 1),
        ("inbox", false, 0),
        ("1", false, 0),
    ] {
        users += 1;
        let other = stranger(&elsewhere, users).await;
        trashed(&other, list).await;
        let ada = app.holder(other.authorization.clone());
        ada.list().await;
        let held = match restore_waits {
            true => held_at(&app, before, restore(&ada), async || purge(&other).await).await,
            false => held_at(&app, before, purge(&ada), async || restore(&other).await).await,
        };
        let (late, first) = held.expect("it makes so many calls");

        let case = format!("{list} {restore_waits} {before}");
        assert_eq!((first.status, seen(&late)), (200, not_found()), "{case}");
        let stands = other.get(&format!("{TASKS}/1")).send().await.status;
        assert_eq!(stands, if restore_waits { 404 } else { 200 }, "{case}");
        assert_eq!(in_trash(&other).await, 0, "{case}");
    }
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn a_restore_begins_again_when_the_task_was_restored_and_deleted_meanwhile() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let other = stranger(&elsewhere, 1).await;
    trashed(&other, "inbox").await;
    let ada = app.holder(other.authorization.clone());
    ada.list().await;
    let others = async || {
        assert_eq!(restore(&other).await.status, 200);
        let changed = other.put(&format!("{TASKS}/1"), &json!({"title": "Newer"}));
        assert_eq!(changed.send().await.status, 200);
        other.delete(&format!("{TASKS}/1")).send().await
    };

    let held = held_at(&app, 1, restore(&ada), others).await;
    let (restored, _) = held.expect("a restore makes two calls");

    let shown = restored.json()["task"].clone();
    assert_eq!((restored.status, &shown["title"]), (200, &json!("Newer")));
    assert_eq!(shown["etag"], "\"1.6\"");
    assert_eq!(ada.list().await, [shown]);
}

#[tokio::test]
async fn an_emptying_without_time_stops_before_the_deadline_and_asks_to_come_back() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    trashed(&ada, "inbox").await;
    app.wire.take_calls();

    let short = Duration::from_millis(450);
    let stopped = ada.delete(TRASH).send_within(short).await;

    assert_eq!(
        seen(&stopped),
        (503, json!({"error": "Service unavailable"}))
    );
    assert_eq!(stopped.header("retry-after"), "1");
    // Nothing is wrong, so nothing is logged as an error.
    assert_eq!(stopped.record.cause, None);
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
    assert_eq!(seen(&ada.delete(TRASH).send().await), is_deleted());
    assert_eq!(in_trash(&ada).await, 0);
}

#[tokio::test]
async fn an_emptying_ends_what_it_has_begun_and_begins_nothing_more() {
    let app = TestApp::start().await;
    let (account, user) = account(&app, 1).await;
    for _ in 1..=6 {
        let task = user.create("Buy milk").await;
        user.delete(&task.uri).send().await;
    }
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    app.wire
        .rule(move |call| match call.starts_with("UpdateItem task#") {
            true => Hold(Arc::clone(&held)),
            false => Pass,
        });
    app.wire.take_calls();

    let until = Instant::now() + Duration::from_millis(500);
    let others = async {
        // Time passes, and nothing else.
        let _ = timeout_at(until, pending::<()>()).await;
        gate.open();
    };
    let (emptied, ()) = tokio::join!(app.store.empty_trash(&account, until), others);

    assert!(matches!(emptied, Err(StoreError::Unfinished)));
    // A Query, and the four that are written at a time, however often the SDK has sent each.
    let begun: BTreeSet<_> = app.wire.take_targets().into_iter().collect();
    assert_eq!(begun.len(), 1 + 4, "{begun:?}");
    assert_eq!(in_trash(&user).await, 2);
}

#[tokio::test]
async fn an_emptying_that_was_cut_short_is_continued_by_the_same_request() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for _ in 1..=6 {
        let task = ada.create("Buy milk").await;
        ada.delete(&task.uri).send().await;
    }
    let gate = Gate::closed();
    app.wire
        .fail("UpdateItem task#000000000003", Hold(Arc::clone(&gate)));
    let request = ada.delete(TRASH);
    let cut = request.send_within(Duration::from_secs(1)).await;
    assert_eq!(seen(&cut), (503, json!({"error": "Service unavailable"})));
    assert_eq!(cut.header("retry-after"), "1");
    assert!((1..6).contains(&in_trash(&ada).await));
    gate.open();

    assert_eq!(seen(&ada.delete(TRASH).send().await), is_deleted());
    assert_eq!(in_trash(&ada).await, 0);
}

#[tokio::test]
async fn what_is_restored_while_the_trash_is_emptied_stays() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let other = stranger(&elsewhere, 1).await;
    trashed(&other, "inbox").await;
    let ada = app.holder(other.authorization.clone());
    ada.list().await;

    let emptied = ada.delete(TRASH).send();
    let held = held_at(&app, 1, emptied, async || restore(&other).await).await;
    let (emptied, restored) = held.expect("an emptying makes two calls");

    assert_eq!((seen(&emptied), restored.status), (is_deleted(), 200));
    assert_eq!(ada.list().await.len(), 1);
}

const CLIENTS: usize = 12;
const ROUNDS: usize = 12;

/// Lets one write in three conflict with a transaction.
fn refuse_one_write_in_three(app: &TestApp) {
    let writes = AtomicUsize::new(0);
    app.wire.rule(move |call| {
        let is_transaction = call.starts_with("TransactWriteItems");
        let is_write = is_transaction || call.starts_with("UpdateItem task#");
        if !is_write || !writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(3) {
            return Pass;
        }
        match is_transaction {
            true => Cancel(["None", "TransactionConflict"]),
            false => Refuse(400, "TransactionConflictException"),
        }
    });
}

/// Each client deletes and restores at random; each accepted request makes one version, and there
/// are as many deletions as restores, or one more.
#[tokio::test(flavor = "multi_thread")]
async fn deletions_and_restores_of_many_clients_take_turns() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    let body = json!({"title": "Buy milk", "list": format!("{LISTS}/1")});
    ada.create(&body).await;
    let other = elsewhere.holder(ada.authorization.clone());
    other.list().await;
    for app in [&app, &elsewhere] {
        refuse_one_write_in_three(app);
    }
    let clients = (0..CLIENTS).map(async |client| {
        let user = if client % 2 == 0 { &ada } else { &other };
        let (mut deletions, mut restores) = (0, 0);
        for round in 0..ROUNDS {
            let deletes = (client + round) % 2 == 0;
            let response = match deletes {
                true => user.delete(&format!("{TASKS}/1")).send().await,
                false => restore(user).await,
            };
            match (response.status, deletes) {
                (200, true) => deletions += 1,
                (200, false) => restores += 1,
                (status, _) => assert_eq!(status, 404, "{response:?}"),
            }
        }
        (deletions, restores)
    });
    let counts = join_all(clients).await;
    for app in [&app, &elsewhere] {
        app.wire.always(Pass);
    }

    let deletions: u64 = counts.iter().map(|(deletions, _)| deletions).sum();
    let restores: u64 = counts.iter().map(|(_, restores)| restores).sum();
    let tasks = tasks_in_agreement(&app).await;
    let is_in_trash = tasks[0].contains_key("deleted_at");
    assert!(restores > 5, "only {restores}");
    assert_eq!(deletions, restores + u64::from(is_in_trash));
    assert_eq!(number(&tasks[0], "version"), 1 + deletions + restores);
    assert_eq!(text(&tasks[0], "title"), "Buy milk");
}

#[tokio::test]
async fn nothing_of_the_trash_outlives_its_account() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for _ in 1..=3 {
        let task = ada.create("Buy milk").await;
        ada.delete(&task.uri).send().await;
    }
    assert_eq!(purge(&ada).await.status, 200);
    let gone = ada.delete(&format!("{USERS}/ada")).send().await;
    assert_eq!(seen(&gone), is_deleted());
    let left = app.items().await.into_iter();
    let left = left.filter(|item| !text(item, "pk").starts_with("attempts#"));
    assert_eq!(left.count(), 0);
}
