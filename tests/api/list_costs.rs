//! What a list costs to read beside many other tasks. `COST_TASKS` says how many there are (2,000).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::client::{LISTS, TASKS, TestApp, User};

type Item = HashMap<String, AttributeValue>;

/// The attributes that hold the task's number.
const KEYS: [&str; 6] = [
    "sk",
    "status_key",
    "title_key",
    "due_key",
    "list_key",
    "list_key_done",
];

/// `task` under other numbers, past the service.
pub async fn copy(app: &TestApp, task: &Item, numbers: std::ops::Range<usize>) {
    let old = format!(
        "{:012}",
        task["id"]
            .as_n()
            .expect("a number")
            .parse::<u64>()
            .expect("an id")
    );
    let requests: Vec<_> = numbers
        .map(|number| {
            let mut item = task.clone();
            item.insert("id".to_owned(), AttributeValue::N(number.to_string()));
            let change_key = item["change_key"]
                .as_s()
                .expect("a key")
                .replace(&old, &format!("{number:012}"));
            item.insert("change_key".to_owned(), AttributeValue::S(change_key));
            for name in KEYS {
                if let Some(AttributeValue::S(key)) = item.get(name) {
                    let stem = key.strip_suffix(&old).expect("the id at the end");
                    let key = AttributeValue::S(format!("{stem}{number:012}"));
                    item.insert(name.to_owned(), key);
                }
            }
            let put = PutRequest::builder()
                .set_item(Some(item))
                .build()
                .expect("an item");
            WriteRequest::builder().put_request(put).build()
        })
        .collect();
    let batches = requests.chunks(25).map(async |batch| {
        let write = app
            .table
            .batch_write_item()
            .request_items("todo", batch.to_vec());
        let written = write.send().await.expect("a write");
        assert!(written.unprocessed_items().is_none_or(HashMap::is_empty));
    });
    stream::iter(batches)
        .buffer_unordered(4)
        .collect::<()>()
        .await;
}

/// The units of each query of a list, and how many tasks and calls it takes.
async fn costs(app: &TestApp, user: &User<'_>) -> Vec<(f64, usize, usize)> {
    let mut costs = Vec::new();
    for (list, query, count) in [
        ("1", "sort=order&done=false", 20),
        ("1", "done=false", 20),
        ("1", "sort=order&limit=20", 20),
        ("1", "limit=5", 5),
        ("1", "sort=order&done=false&limit=7", 7),
        // Beside the many of list 1.
        ("2", "", 3),
        ("2", "done=true", 1),
        ("2", "sort=order", 3),
    ] {
        app.wire.take_calls();
        let page = user
            .get(&format!("{LISTS}/{list}/tasks?{query}"))
            .send()
            .await;
        assert_eq!(page.status, 200);
        let shown = page.json()["tasks"].as_array().map_or(0, Vec::len);
        assert_eq!(shown, count, "{query}");
        costs.push((page.record.units, shown, app.wire.take_calls().len()));
    }
    costs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lists_open_tasks_cost_the_same_beside_many_done_ones() {
    let many = std::env::var("COST_TASKS").map_or(2_000, |count| count.parse().expect("a number"));
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for name in ["Home", "Work"] {
        ada.create_list(name).await;
    }
    for number in 1..=20 {
        let body = json!({"title": format!("Task {number}"), "list": format!("{LISTS}/1"), "due": "2026-12-31"});
        ada.create(&body).await;
    }
    for number in 21..=23 {
        let body = json!({"title": format!("Task {number}"), "list": format!("{LISTS}/2")});
        ada.create(&body).await;
    }
    // One more in each list, which is the first of the done ones.
    let body = json!({"title": "Done", "list": format!("{LISTS}/1")});
    let done = ada.create(&body).await;
    for uri in [&done.uri, &format!("{TASKS}/23")] {
        ada.put(uri, &json!({"done": true})).send().await;
    }
    let alone = costs(&app, &ada).await;
    let items = app.items().await;
    let item = items.iter().find(|item| {
        item["sk"]
            .as_s()
            .is_ok_and(|key| key == "task#000000000024")
    });

    copy(&app, item.expect("the task"), 1_000..1_000 + many).await;

    assert_eq!(costs(&app, &ada).await, alone);
    // They are there, and the seam is where it should be.
    let mut uri = format!("{LISTS}/1/tasks?limit=1000");
    let (mut seen, mut open_after_done) = (0, false);
    let mut is_done = false;
    loop {
        let page = ada.get(&uri).send().await.json();
        for task in page["tasks"].as_array().expect("tasks") {
            open_after_done |= is_done && task["done"] == false;
            is_done = task["done"] == true;
            seen += 1;
        }
        match page["next"].as_str() {
            Some(next) => uri = next.to_owned(),
            None => break,
        }
    }
    assert_eq!((seen, open_after_done), (21 + many, false));
}
