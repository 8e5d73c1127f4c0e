//! Deleting a user, with all that it has.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use todo_api::domain::version::Expected;
use todo_api::store::StoreError;
use tokio::time::{Instant, timeout_at};

use super::{path, register};
use crate::client::{PASSWORD, TASKS, TOKENS, TestApp, User, basic};
use crate::exactly_once::age_last_create;
use crate::model::account;
use crate::wire::Fault::{Hold, Pass};
use crate::wire::Gate;

/// All items that have to do with anybody, but for counters of attempts.
async fn leftovers(app: &TestApp) -> Vec<Value> {
    let items = app.items().await;
    let keys = items
        .iter()
        .map(|item| json!([item["pk"].as_s().ok(), item["sk"].as_s().ok()]));
    keys.filter(|key| {
        !key[0]
            .as_str()
            .is_some_and(|pk| pk.starts_with("attempts#"))
    })
    .collect()
}

#[tokio::test]
async fn deleting_an_account_deletes_all_of_its_items() {
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    bob.create("Stay").await;
    let others = leftovers(&app).await;
    let ada = app.user("ada").await;
    let (_, bearer) = ada.token(&json!({"label": "laptop"})).await;
    for number in 0..60 {
        ada.create(&json!({"title": format!("Task {number}"), "due": "2026-12-31"}))
            .await;
    }

    let left = ada.delete(&path("ada")).send().await;

    assert_eq!((left.status, left.json()), (200, json!({"result": true})));
    let sorted = |mut keys: Vec<Value>| {
        keys.sort_by_key(Value::to_string);
        keys
    };
    assert_eq!(sorted(leftovers(&app).await), sorted(others));
    for user in [ada, bearer] {
        assert_eq!(user.get(TASKS).send().await.status, 401);
        assert_eq!(user.delete(&path("ada")).send().await.status, 401);
    }
    assert_eq!(bob.list().await.len(), 1);
}

async fn grow(user: &User<'_>, tasks: usize) {
    let body = json!({"title": "Task"});
    for _ in 0..tasks / 50 {
        join_all((0..50).map(|_| user.create(&body))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_account_deletion_continues_with_the_next_request() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    grow(&ada, 2_000).await;
    // The first batch of deletions hangs.
    app.wire.fail("BatchWriteItem", Hold(Gate::closed()));

    let second = Duration::from_secs(1);
    let mut left = ada.delete(&path("ada")).send_within(second).await;

    assert_eq!((left.status, left.header("retry-after")), (503, "1"));
    assert_eq!(ada.get(TASKS).send().await.status, 401);
    assert_eq!(
        register(
            &app,
            &json!({"username": "ada", "password": "battery staple"})
        )
        .await
        .status,
        409
    );
    for _ in 0..50 {
        if left.status == 200 {
            break;
        }
        left = ada.delete(&path("ada")).send_within(second).await;
    }
    assert_eq!(left.status, 200);
    assert_eq!(leftovers(&app).await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_ends_what_it_has_begun_and_begins_nothing_more() {
    let app = TestApp::start().await;
    let (account, ada) = account(&app, 1).await;
    grow(&ada, 200).await;
    let before = leftovers(&app).await.len();
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    app.wire
        .rule(move |call| match call.starts_with("BatchWriteItem") {
            true => Hold(Arc::clone(&held)),
            false => Pass,
        });

    let until = Instant::now() + Duration::from_millis(500);
    let others = async {
        // Time passes, and nothing else.
        let _ = timeout_at(until, pending::<()>()).await;
        gate.open();
    };
    let deletion = app
        .store
        .delete_account(&account, &Expected::Anything, until);
    let (deleted, ()) = tokio::join!(deletion, others);

    assert!(matches!(deleted, Err(StoreError::Unfinished)));
    // Four batches of 25 run at a time.
    assert_eq!(leftovers(&app).await.len(), before - 4 * 25);
    let later = Instant::now() + Duration::from_secs(60);
    let deletion = app
        .store
        .delete_account(&account, &Expected::Anything, later);
    assert!(deletion.await.is_ok());
    assert_eq!(leftovers(&app).await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_user_of_a_name_sees_nothing_of_the_previous_one() {
    let app = TestApp::with_creation_window(Duration::from_secs(30)).await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    let (_, bearer) = ada.token(&json!({})).await;
    ada.create("Old").await;
    let there = elsewhere.holder(basic("ada", PASSWORD));
    assert_eq!(there.list().await.len(), 1);
    // A create that has allocated its id and is slow to write.
    let gate = Gate::closed();
    elsewhere.wire.fail("PutItem", Hold(Arc::clone(&gate)));
    let body = json!({"title": "Late"});
    let late = there.post(TASKS, &body).send();
    let deletion = async {
        gate.arrived().await;
        assert_eq!(ada.delete(&path("ada")).send().await.status, 503);
        gate.open();
    };
    let (late, ()) = tokio::join!(late, deletion);
    assert_eq!(late.status, 201);

    age_last_create(&app, 30).await;
    assert_eq!(ada.delete(&path("ada")).send().await.status, 200);
    let again = json!({"username": "ada", "password": "battery staple"});
    assert_eq!(register(&app, &again).await.status, 201);

    let heir = app.holder(basic("ada", "battery staple"));
    assert_eq!(heir.list().await, [] as [Value; 0]);
    assert_eq!(heir.get(TOKENS).send().await.json(), json!({"tokens": []}));
    assert_eq!(bearer.get(TASKS).send().await.status, 401);
    // Within `AUTH_CACHE_SECONDS` another environment may still look, but finds nothing.
    assert_eq!(there.list().await, [] as [Value; 0]);
    assert_eq!(there.post(TASKS, &body).send().await.status, 401);
    assert_eq!(there.get(TASKS).send().await.status, 401);
    let titles = app.items().await;
    assert!(titles.iter().all(|item| !item.contains_key("title")));
    let first = heir.create("New").await;
    assert!(
        first["uri"]
            .as_str()
            .is_some_and(|uri| uri.ends_with("/tasks/1"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_second_deletion_deletes_nothing_of_the_next_account() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    let gate = Gate::closed();
    // It has logged in and closed the account, and is slow to look what there is to delete.
    elsewhere.wire.fail("Query", Hold(Arc::clone(&gate)));
    let slow = elsewhere.holder(basic("ada", PASSWORD));
    let path = path("ada");
    let slow = slow.delete(&path).send();
    let next = async {
        gate.arrived().await;
        assert_eq!(ada.delete(&path).send().await.status, 200);
        let again = json!({"username": "ada", "password": "battery staple"});
        assert_eq!(register(&app, &again).await.status, 201);
        let heir = app.holder(basic("ada", "battery staple"));
        let (_, bearer) = heir.token(&json!({})).await;
        heir.create("New").await;
        gate.open();
        bearer
    };
    let (slow, bearer) = tokio::join!(slow, next);

    assert_eq!((slow.status, slow.json()), (200, json!({"result": true})));
    assert_eq!(bearer.list().await.len(), 1);
    assert_eq!(
        app.get(TASKS)
            .login("ada", "battery staple")
            .send()
            .await
            .status,
        200
    );
}
