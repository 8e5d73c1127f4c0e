//! What following the changes and reading beside a large trash cost.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::{A_MINUTE, walk};
use crate::client::{CHANGES, TASKS, TRASH, TestApp};
use crate::history::variable;
use crate::indexes::{Item, number, text};

/// Adds `count` copies of the item of the task with the id `of` to the table, with the ids after `last`.
pub async fn copy_task(app: &TestApp, of: u64, last: u64, count: u64) {
    let old = format!("{of:012}");
    let items = app.items().await;
    let task = items
        .iter()
        .find(|item| text(item, "sk").ends_with(&old) && item.contains_key("title"));
    let task = task.expect("the task").clone();
    let copies: Vec<_> = (last + 1..=last + count)
        .map(|id| copy_of(&task, &old, id))
        .collect();
    let batches = copies.chunks(25).map(|batch| {
        let puts = batch.iter().map(|item| {
            let put = PutRequest::builder().set_item(Some(item.clone()));
            let put = put.build().expect("a put");
            WriteRequest::builder().put_request(put).build()
        });
        HashMap::from([("todo".to_owned(), puts.collect::<Vec<_>>())])
    });
    let sent = stream::iter(batches).map(async |batch| {
        let written = app.table.batch_write_item().set_request_items(Some(batch));
        let left = written.send().await.expect("a write").unprocessed_items;
        assert!(left.unwrap_or_default().is_empty());
    });
    sent.buffer_unordered(4).collect::<Vec<_>>().await;
}

/// The same task under another id, in every key.
fn copy_of(task: &Item, old: &str, id: u64) -> Item {
    let new = format!("{id:012}");
    let copy = task.iter().map(|(name, value)| {
        let value = match value {
            AttributeValue::S(key) if key.ends_with(old) => {
                AttributeValue::S(key.trim_end_matches(old).to_owned() + &new)
            }
            AttributeValue::N(_) if name == "id" => AttributeValue::N(id.to_string()),
            value => value.clone(),
        };
        (name.clone(), value)
    });
    copy.collect()
}

/// `COSTS_TASKS` says beside how many tasks; what is read does not depend on it.
#[tokio::test]
async fn changes_with_nothing_new_cost_one_call_and_one_unit_however_many_tasks_there_are() {
    let count = variable("COSTS_TASKS").unwrap_or(2_000);
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("Buy milk").await;
    copy_task(&app, 1, 1, count - 1).await;
    app.clock.set_ahead(A_MINUTE);
    let (changes, next) = walk(&ada, CHANGES).await;
    assert_eq!(changes.len() as u64, count + 1);
    app.wire.take_calls();

    let quiet = ada.get(&next).send().await;

    assert_eq!((quiet.status, &quiet.json()["changes"]), (200, &json!([])));
    assert_eq!(app.wire.take_calls(), ["Query"]);
    assert_eq!(quiet.record.units, 1.0);
}

#[tokio::test]
async fn a_page_of_tasks_behind_a_thousand_deleted_ones_is_filled_by_one_request() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Gone").await;
    assert_eq!(ada.delete(&task.uri).send().await.status, 200);
    copy_task(&app, 1, 1, 999).await;
    let live = app.items().await;
    let live = live.iter().filter(|item| item.contains_key("deleted_at"));
    assert_eq!(live.map(|item| number(item, "id")).max(), Some(1_000));
    allocate_after(&app, 1_000).await;
    for number in 1..=25 {
        ada.create(&json!({"title": format!("Task {number}")}))
            .await;
    }
    app.wire.take_calls();

    let page = ada.get(&format!("{TASKS}?limit=20")).send().await;

    let tasks = page.json()["tasks"].as_array().expect("tasks").clone();
    assert_eq!((page.status, tasks.len()), (200, 20));
    assert_eq!(
        (&tasks[0]["title"], &tasks[19]["title"]),
        (&json!("Task 1"), &json!("Task 20"))
    );
    assert_eq!(app.wire.take_calls(), ["Query", "Query"]);

    let trash = ada.get(&format!("{TRASH}?limit=20")).send().await;
    assert_eq!(app.wire.take_calls(), ["Query"]);
    assert_eq!(trash.json()["tasks"].as_array().map(Vec::len), Some(20));
    let trash = ada.get(TRASH).send().await;
    assert_eq!(app.wire.take_calls(), ["Query"]);
    assert_eq!(trash.json()["tasks"].as_array().map(Vec::len), Some(1_000));
}

/// As if the account had allocated ids up to `last`.
async fn allocate_after(app: &TestApp, last: u64) {
    let key = |value: &str| AttributeValue::S(value.to_owned());
    let update = app.table.update_item().table_name("todo");
    let update = update
        .key("pk", key("user#ada"))
        .key("sk", key("account"))
        .update_expression("SET last_task_id = :last")
        .expression_attribute_values(":last", AttributeValue::N(last.to_string()));
    update.send().await.expect("an update");
}
