//! Measures how many capacity units a read costs as the number of stored tasks grows.
//!
//! `cargo run --features local --example costs` prints the table under "Lists" in `docs/performance.md`.

#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use serde_json::json;

use crate::client::{TASKS, TestApp, User};

#[path = "../tests/api/client/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests use the rest")]
mod client;
#[path = "../tests/api/wire/mod.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod wire;

type Item = HashMap<String, AttributeValue>;

/// Writes copies of `item`, a done task, under the given ids.
async fn copy(app: &TestApp, item: &Item, numbers: std::ops::Range<u64>) {
    let numbers: Vec<_> = numbers.collect();
    for chunk in numbers.chunks(25) {
        let requests = chunk.iter().map(|number| {
            let mut item = item.clone();
            let digits = format!("{number:012}");
            let mut set = |name: &str, value| item.insert(name.to_owned(), value);
            set("id", AttributeValue::N(number.to_string()));
            set("sk", AttributeValue::S(format!("task#{digits}")));
            set("status_key", AttributeValue::S(format!("done#{digits}")));
            set("title_key", AttributeValue::S(format!("z\u{1}{digits}")));
            set("due_key", AttributeValue::S(format!("2027-01-01#{digits}")));
            let put = PutRequest::builder()
                .set_item(Some(item))
                .build()
                .expect("an item");
            WriteRequest::builder().put_request(put).build()
        });
        let requests = requests.collect::<Vec<_>>();
        let write = app.table.batch_write_item().request_items("todo", requests);
        write.send().await.expect("a write");
    }
}

/// Creates 20 open tasks with an early due date and titles in A, and one done task with a late due date
/// and the title Z. Returns the item of the done task.
async fn create_tasks(ada: &User<'_>, app: &TestApp) -> Item {
    for number in 0..20 {
        ada.create(&json!({"title": format!("A {number}"), "due": "2026-01-01"}))
            .await;
    }
    let last = ada
        .create(&json!({"title": "Z", "due": "2027-01-01"}))
        .await;
    let uri = last.uri.as_str();
    assert_eq!(
        ada.put(uri, &json!({"done": true})).send().await.status,
        200
    );
    let item = app.items().await.into_iter().find(|item| {
        item.get("status_key")
            .and_then(|key| key.as_s().ok())
            .is_some_and(|key| key.starts_with("done"))
    });
    item.expect("a done task")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let done = create_tasks(&ada, &app).await;
    let queries = [
        "done=false",
        "title_prefix=a",
        "due_before=2026-02-01",
        "limit=20",
    ];
    println!(
        "| done tasks besides the 20 | `{}` | one task |",
        queries.join("` | `")
    );
    println!("|--:|--:|--:|--:|--:|--:|");
    let mut stored = 1;
    let mut all = Vec::new();
    for count in [1, 100, 1_000, 10_000, 100_000] {
        copy(&app, &done, 21 + stored..21 + count).await;
        stored = count;
        let mut units = Vec::new();
        for query in queries {
            let response = ada.get(&format!("{TASKS}?{query}")).send().await;
            assert_eq!(
                response.json()["tasks"].as_array().map(Vec::len),
                Some(20),
                "{query}"
            );
            units.push(response.record.units);
        }
        units.push(ada.get(&format!("{TASKS}/1")).send().await.record.units);
        let cells: Vec<_> = units.iter().map(f64::to_string).collect();
        println!("| {count} | {} |", cells.join(" | "));
        all.push(units);
    }
    assert!(all.iter().all(|units| *units == all[0]));
}
