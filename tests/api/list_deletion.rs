//! The deletion of a list: what it takes with it, how it is continued, and what refuses it. The
//! limit of 200 lists.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method};
use serde_json::json;

use crate::client::{LISTS, TASKS, TestApp, TestResponse, User};
use crate::responses::{is_deleted, not_found, seen};
use crate::wire::Fault::{Hold, Pass};
use crate::wire::Gate;

fn home() -> String {
    format!("{LISTS}/1")
}

async fn delete(user: &User<'_>, if_match: Option<&'static str>) -> TestResponse {
    let request = user.delete(&home());
    match if_match {
        Some(etag) => {
            request
                .header("if-match", HeaderValue::from_static(etag))
                .send()
                .await
        }
        None => request.send().await,
    }
}

/// Three open tasks and two done ones in the list, one task in the inbox.
async fn fill(user: &User<'_>) {
    user.create_list("Home").await;
    for number in 1..=5 {
        let body = json!({"title": format!("Task {number}"), "list": home()});
        user.create(&body).await;
    }
    for number in [2, 4] {
        user.put(&format!("{TASKS}/{number}"), &json!({"done": true}))
            .send()
            .await;
    }
    user.create("In the inbox").await;
}

/// Nothing of the list is left for anybody to see.
async fn assert_gone(user: &User<'_>) {
    let tasks = format!("{}/tasks", home());
    let body = json!({"name": "x"});
    for (method, path) in [
        (Method::GET, &home()),
        (Method::HEAD, &home()),
        (Method::PUT, &home()),
        (Method::PATCH, &home()),
        (Method::GET, &tasks),
    ] {
        let missing = user.request(method.clone(), path).json(&body).send().await;
        assert_eq!(missing.status, 404, "{method} {path}");
    }
    let created = user.post(&tasks, &json!({"title": "x"})).send().await;
    assert_eq!(seen(&created), not_found());
    let lists = user.get(LISTS).send().await.json();
    let names: Vec<_> = lists["lists"]
        .as_array()
        .expect("lists")
        .iter()
        .map(|list| list["name"].clone())
        .collect();
    assert_eq!(names, ["Inbox"]);
}

#[tokio::test]
async fn a_list_takes_its_tasks_to_the_trash() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada).await;

    assert_eq!(seen(&delete(&ada, None).await), is_deleted());

    assert_gone(&ada).await;
    let left = ada.list().await;
    assert_eq!((left.len(), &left[0]["title"]), (1, &json!("In the inbox")));
    for number in 1..=5 {
        let missing = ada.get(&format!("{TASKS}/{number}")).send().await;
        assert_eq!(seen(&missing), not_found());
    }
    let items = app.items().await;
    let trashed = items.iter().filter(|item| item.contains_key("deleted_at"));
    // The tasks and the list itself.
    assert_eq!(trashed.count(), 6);
    assert_eq!(seen(&delete(&ada, None).await), not_found());
    assert_eq!(
        seen(&ada.delete(&format!("{LISTS}/9")).send().await),
        not_found()
    );
    // Its number is not used again.
    let created = ada.post(LISTS, &json!({"name": "Home"})).send().await;
    assert_eq!(created.status, 201);
    assert!(created.header("location").ends_with("/lists/2"));
}

#[tokio::test]
async fn a_deletion_that_the_deadline_cut_short_is_continued_by_the_same_request() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada).await;
    ada.put(&home(), &json!({"name": "Home"})).send().await;
    let refused = delete(&ada, Some("\"1.1\"")).await;
    assert_eq!((refused.status, refused.header("etag")), (412, "\"1.2\""));
    assert_eq!(
        ada.get(&format!("{}/tasks", home())).send().await.json()["tasks"]
            .as_array()
            .map(Vec::len),
        Some(5)
    );

    // No task's write is finished before the deadline.
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    app.wire
        .rule(move |call| match call.starts_with("UpdateItem task#") {
            true => Hold(Arc::clone(&held)),
            false => Pass,
        });
    let request = ada
        .delete(&home())
        .header("if-match", HeaderValue::from_static("\"1.2\""));
    let cut = request.send_within(Duration::from_secs(1)).await;
    assert_eq!(seen(&cut), (503, json!({"error": "Service unavailable"})));
    assert_eq!(cut.header("retry-after"), "1");
    app.wire.always(Pass);

    // The list is gone all the same; its tasks still stand elsewhere.
    assert_gone(&ada).await;
    let moved = ada
        .put(&format!("{TASKS}/6"), &json!({"list": home()}))
        .send()
        .await;
    assert_eq!(
        (moved.status, &moved.json()["field"]),
        (400, &json!("list"))
    );
    // One is ticked, one is saved, one cannot be opened again.
    let tick = ada
        .put(&format!("{TASKS}/1"), &json!({"done": true}))
        .send()
        .await;
    assert!([200, 404].contains(&tick.status));
    let saved = ada
        .put(
            &format!("{TASKS}/3"),
            &json!({"list": format!("{LISTS}/inbox")}),
        )
        .send()
        .await;
    assert_eq!(saved.status, 200);
    let opened = ada
        .put(&format!("{TASKS}/2"), &json!({"done": false}))
        .send()
        .await;
    assert!([400, 404].contains(&opened.status), "{opened:?}");
    // Whoever is told that a task is gone will not find it again, even if nobody continues.
    let ordered = ada
        .put(&format!("{TASKS}/5"), &json!({"order": 1}))
        .send()
        .await;
    assert_eq!(seen(&ordered), not_found());
    for number in [2, 5] {
        let read = ada.get(&format!("{TASKS}/{number}")).send().await;
        assert_eq!(seen(&read), not_found());
    }

    for if_match in [Some("\"1.2\""), None] {
        let continued = delete(&ada, if_match).await;
        assert_eq!(
            seen(&continued),
            if if_match.is_some() {
                is_deleted()
            } else {
                not_found()
            }
        );
    }
    let left = ada.list().await;
    let titles: Vec<_> = left.iter().map(|task| task["title"].clone()).collect();
    assert_eq!(titles, ["Task 3", "In the inbox"]);
    gate.open();
}

#[tokio::test]
async fn a_deletion_without_time_stops_before_the_deadline_and_asks_to_come_back() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada).await;
    app.wire.take_calls();

    // So little is left that no task is begun.
    let short = Duration::from_millis(450);
    let stopped = ada.delete(&home()).send_within(short).await;

    assert_eq!(
        seen(&stopped),
        (503, json!({"error": "Service unavailable"}))
    );
    assert_eq!(stopped.header("retry-after"), "1");
    // Nothing is wrong, so nothing is logged as an error.
    assert_eq!(stopped.record.cause, None);
    assert_eq!(app.wire.take_targets(), ["UpdateItem list#000000000001"]);
    assert_gone(&ada).await;
    assert_eq!(seen(&delete(&ada, None).await), is_deleted());
    assert_eq!(ada.list().await.len(), 1);
}

#[tokio::test]
async fn a_continued_deletion_disregards_if_match() {
    for if_match in ["\"1.1\"", "\"1.99\"", "*", "W/\"x\""] {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        fill(&ada).await;
        let gate = Gate::closed();
        app.wire.fail("UpdateItem task#", Hold(Arc::clone(&gate)));
        let cut = ada
            .delete(&home())
            .send_within(Duration::from_millis(200))
            .await;
        assert_eq!(cut.status, 503);
        gate.open();
        assert_eq!(
            seen(&delete(&ada, Some(if_match)).await),
            is_deleted(),
            "{if_match}"
        );
        assert_eq!(
            seen(&delete(&ada, Some(if_match)).await),
            not_found(),
            "{if_match}"
        );
    }
}

#[tokio::test]
async fn two_deletions_at_once_both_succeed_or_find_nothing() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    fill(&ada).await;
    let other = elsewhere.holder(ada.authorization.clone());
    other.list().await;
    let (one, two) = tokio::join!(delete(&ada, None), delete(&other, None));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert!([[200, 200], [200, 404]].contains(&statuses), "{statuses:?}");
    assert_gone(&ada).await;
    assert_eq!(ada.list().await.len(), 1);
}

#[tokio::test]
async fn the_inbox_cannot_be_deleted() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada).await;
    for if_match in [None, Some("*"), Some("\"1.9\"")] {
        let request = ada.delete(&format!("{LISTS}/inbox"));
        let request = match if_match {
            Some(etag) => request.header("if-match", HeaderValue::from_static(etag)),
            None => request,
        };
        let refused = request.send().await;
        let expected = json!({"error": "Conflict", "detail": "the inbox cannot be deleted"});
        assert_eq!(seen(&refused), (409, expected));
    }
    assert_eq!(ada.list().await.len(), 6);
}

#[tokio::test]
async fn the_201st_list_is_refused_until_another_one_goes() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for number in 1..=199 {
        ada.create_list(&format!("List {number}")).await;
    }
    let body = json!({"name": "One more"});
    let refused = ada.post(LISTS, &body).send().await;
    assert_eq!(
        (refused.status, &refused.json()["error"]),
        (409, &json!("Conflict"))
    );
    let lists = ada.get(LISTS).send().await.json();
    assert_eq!(lists["lists"].as_array().map(Vec::len), Some(200));
    assert_eq!(lists.get("next"), None);

    assert_eq!(seen(&delete(&ada, None).await), is_deleted());

    assert_eq!(ada.post(LISTS, &body).send().await.status, 201);
    assert_eq!(ada.post(LISTS, &body).send().await.status, 409);
}
