//! What is stored of tasks, and whether each local index agrees with it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::client::TestApp;

pub type Item = HashMap<String, AttributeValue>;

pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name].as_s().expect("a string")
}

pub fn number(item: &Item, name: &str) -> u64 {
    let number = item[name].as_n().expect("a number");
    number.parse().expect("a whole number")
}

fn is_of(item: &Item, kind: &str) -> bool {
    text(item, "sk").starts_with(kind)
}

/// The keys that the indexes should have for a task, made of what its item says.
fn index_keys(task: &Item) -> HashMap<&'static str, String> {
    if !task.contains_key("title") {
        // Purged: what is left stands only among the changes.
        return HashMap::from([("change_key", text(task, "change_key").to_owned())]);
    }
    let id = format!("{:012}", number(task, "id"));
    let list = format!("{:012}", number(task, "list"));
    let done = task["done"] == AttributeValue::Bool(true);
    let updated_at = number(task, "updated_at");
    let mut keys = HashMap::from([("change_key", format!("{updated_at:013}#task#{id}"))]);
    if task.contains_key("deleted_at") {
        let deleted_at = number(task, "deleted_at");
        keys.insert("status_key", format!("trash#{deleted_at:013}#{id}"));
        return keys;
    }
    let title = text(task, "title").to_lowercase();
    keys.insert("title_key", format!("{title}\u{1}{id}"));
    if let Some(due) = task.get("due") {
        keys.insert("due_key", format!("{}#{id}", due.as_s().expect("a string")));
    }
    let status = if done { "done" } else { "open" };
    keys.insert("status_key", format!("{status}#{id}"));
    let list_key = match done {
        true => format!("{list}#1#{id}"),
        false => format!("{list}#0#{}#{id}", text(task, "order")),
    };
    keys.insert("list_key", list_key);
    keys
}

/// Every task of the table, after each index was found to hold it as it is, under the key that its
/// members make, and nothing else. Titles have to be ASCII.
pub async fn tasks_in_agreement(app: &TestApp) -> Vec<Item> {
    let items = app.items().await;
    let tasks: Vec<_> = items
        .into_iter()
        .filter(|item| is_of(item, "task#"))
        .collect();
    let mut partitions: Vec<_> = tasks.iter().map(|task| text(task, "pk")).collect();
    partitions.sort_unstable();
    partitions.dedup();
    for (index, attribute) in [
        ("by_status", "status_key"),
        ("by_title", "title_key"),
        ("by_due", "due_key"),
        ("by_list", "list_key"),
        ("by_change", "change_key"),
    ] {
        let mut entries: Vec<Item> = Vec::new();
        for partition in &partitions {
            let query = app.table.query().table_name("todo").index_name(index);
            let query = query
                .consistent_read(true)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S((*partition).to_owned()));
            let found = query.into_paginator().items().send();
            entries.extend(found.collect::<Result<Vec<_>, _>>().await.expect("a query"));
        }
        entries.retain(|entry| is_of(entry, "task#"));
        let mut expected = 0;
        for task in &tasks {
            let key = index_keys(task).remove(attribute);
            assert_eq!(
                task.get(attribute).map(|key| key.as_s().expect("a key")),
                key.as_ref(),
                "{index}"
            );
            let sort_key = text(task, "sk");
            let held: Vec<_> = entries
                .iter()
                .filter(|entry| text(entry, "sk") == sort_key && entry["pk"] == task["pk"])
                .collect();
            if key.is_some() {
                expected += 1;
                assert_eq!(held, [task], "{index} {sort_key}");
            }
        }
        assert_eq!(entries.len(), expected, "{index}");
    }
    tasks
}
