//! Deleted tasks: they stay in the table for 30 days, and nobody meets them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use http::Method;
use serde_json::{Value, json};

use crate::client::{TASKS, TestApp, User};
use crate::lists::walk;

type Item = HashMap<String, AttributeValue>;

async fn task_item(app: &TestApp) -> Item {
    let mut items = app.items().await.into_iter();
    let item = items.find(|item| string(item, "sk").starts_with("task#"));
    item.expect("a task")
}

fn string<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name].as_s().expect("a string")
}

fn number(item: &Item, name: &str) -> i64 {
    let number = item[name].as_n().expect("a number");
    number.parse().expect("a whole number")
}

/// Tasks 1 to `last` with titles, every second one with a due date; those of `deleted` are deleted.
async fn fill(user: &User<'_>, last: usize, deleted: impl Iterator<Item = usize>) {
    for number in 1..=last {
        let due = (number % 2 == 0).then_some("2026-12-31");
        let body = json!({"title": format!("Task {number:03}"), "due": due});
        user.create(&body).await;
    }
    for number in deleted {
        let deletion = user.delete(&format!("{TASKS}/{number}"));
        assert_eq!(deletion.send().await.status, 200);
    }
}

#[tokio::test]
async fn a_deleted_task_is_an_item_of_the_trash_that_expires_in_31_days() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada, 2, [1].into_iter()).await;
    let before = task_item(&app).await;
    ada.delete(&format!("{TASKS}/2")).send().await;

    let mut items = app.items().await.into_iter();
    let item = items.find(|item| string(item, "sk") == "task#000000000002");
    let item = item.expect("task 2");

    assert_eq!(number(&item, "version"), 2);
    let deleted_at = number(&item, "deleted_at");
    let days_31 = 31 * 24 * 60 * 60;
    assert_eq!(number(&item, "expires_at"), deleted_at / 1_000 + days_31);
    assert_eq!(
        string(&item, "status_key"),
        format!("trash#{deleted_at:013}#000000000002")
    );
    assert_eq!(
        string(&item, "change_key"),
        format!("{deleted_at:013}#task#000000000002")
    );
    for gone in ["title_key", "due_key", "list_key"] {
        assert!(!item.contains_key(gone), "{gone}");
    }
    assert_eq!(string(&item, "title"), "Task 002");
    assert_eq!(string(&item, "created_by").len(), 16);
    assert_ne!(item["created_by"], before["created_by"]);
}

#[tokio::test]
async fn a_deleted_task_is_404_for_every_method_as_if_it_had_never_been() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada, 1, [1].into_iter()).await;
    let before = task_item(&app).await;
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        for body in [
            json!({"title": "x"}),
            json!({"done": true}),
            json!({"done": false}),
        ] {
            let request = |id: u32| {
                ada.request(method.clone(), &format!("{TASKS}/{id}"))
                    .json(&body)
            };
            let (deleted, never) = (request(1).send().await, request(9).send().await);
            assert_eq!(
                (deleted.status, &deleted.bytes),
                (404, &never.bytes),
                "{method} {body}"
            );
        }
    }
    assert_eq!(task_item(&app).await, before);
}

#[tokio::test]
async fn no_collection_shows_a_deleted_task_whatever_its_order_and_its_page() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    // Whole pages of deleted ones at the beginning, in the middle and at the end.
    let deleted = || (1..=7).chain([10, 12]).chain(20..=24).chain(28..=30);
    fill(&ada, 30, deleted()).await;
    for number in [8, 9, 11, 25] {
        let uri = format!("{TASKS}/{number}");
        ada.put(&uri, &json!({"done": true})).send().await;
    }
    let live: Vec<_> = (1..=30)
        .filter(|number| !deleted().any(|gone| gone == *number))
        .map(|number| format!("Task {number:03}"))
        .collect();
    for sort in ["id", "-id", "title", "-title"] {
        for limit in ["", "&limit=1", "&limit=2", "&limit=5", "&limit=13"] {
            let mut expected = live.clone();
            if sort.starts_with('-') {
                expected.reverse();
            }
            let shown = walk(&ada, &format!("sort={sort}{limit}")).await;
            let shown: Vec<_> = shown.iter().map(|task| task["title"].clone()).collect();
            assert_eq!(shown, expected, "{sort}{limit}");
        }
    }
    for (query, count) in [
        ("done=true", 4),
        ("done=false", 9),
        ("sort=due", 5),
        ("q=task", 13),
        ("title_prefix=task%2001", 8),
    ] {
        assert_eq!(walk(&ada, query).await.len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_page_reads_past_the_trash_only_when_it_meets_some() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada, 25, [].into_iter()).await;
    let page = async || {
        app.wire.take_calls();
        let page = ada.get(&format!("{TASKS}?limit=20")).send().await;
        let count = page.json()["tasks"].as_array().map(Vec::len);
        (
            count,
            app.wire.take_calls().len(),
            page.json()["next"].is_string(),
        )
    };
    assert_eq!(page().await, (Some(20), 1, true));

    ada.delete(&format!("{TASKS}/1")).send().await;

    assert_eq!(page().await, (Some(20), 2, true));
    for number in 2..=5 {
        ada.delete(&format!("{TASKS}/{number}")).send().await;
    }
    assert_eq!(page().await, (Some(20), 2, false));
}

#[tokio::test]
async fn a_task_past_its_time_is_gone_although_dynamodb_has_not_deleted_it_yet() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada, 1, [].into_iter()).await;
    let mut item = task_item(&app).await;
    item.insert("expires_at".to_owned(), AttributeValue::N("1".to_owned()));
    let put = app.table.put_item().table_name("todo");
    put.set_item(Some(item)).send().await.expect("a write");

    assert_eq!(ada.get(&format!("{TASKS}/1")).send().await.status, 404);
    assert_eq!(ada.list().await, [] as [Value; 0]);
}
