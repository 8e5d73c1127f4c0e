//! What a page may cost, and how large it may be.

use futures_util::future::join_all;
use serde_json::json;

use super::titles;
use crate::changes::costs::copy_task;
use crate::client::{TASKS, TestApp};

#[tokio::test]
async fn a_page_is_cut_after_four_queries_and_names_the_next() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("hay").await;
    ada.create("needle").await;
    copy_task(&app, 1, 2, 4_199).await;
    app.wire.take_calls();

    // The last but one, behind all copies of the hay.
    let uri = format!("{TASKS}?q=needle&sort=-id");
    let first = ada.get(&uri).send().await.json();

    assert_eq!(app.wire.take_calls(), ["Query"; 4]);
    assert_eq!(first["tasks"], json!([]));
    let second = ada
        .get(first["next"].as_str().expect("a next page"))
        .send()
        .await
        .json();
    assert_eq!(
        titles(second["tasks"].as_array().expect("tasks")),
        ["needle"]
    );
    assert_eq!(second.get("next"), None);
}

#[tokio::test]
async fn a_page_of_the_largest_tasks_fits_into_a_lambda_response() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    // Each kind is the largest in its way: in the table, in JSON, and in JSON within JSON.
    for kind in ["\u{1F600}", "\"", "\n"] {
        let title = if kind == "\n" { "\\" } else { kind };
        let body = json!({"title": title.repeat(500), "description": kind.repeat(4_000)});
        ada.create(&body).await;
    }
    for of in 1..=3 {
        copy_task(&app, of, 3 + (of - 1) * 339, 339).await;
    }
    let mut count = 0;
    let mut uri = TASKS.to_owned();
    loop {
        let page = ada.get(&uri).send().await;
        let nested = serde_json::to_vec(&json!({"body": page.json().to_string()})).expect("JSON");
        assert!(nested.len() < 6_000_000, "{}", nested.len());
        count += page.json()["tasks"].as_array().expect("tasks").len();
        match page.json()["next"].as_str() {
            Some(next) => uri = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(count, 1_020);
}

#[tokio::test]
async fn tasks_outside_the_filter_add_no_cost() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    for number in 0..20 {
        ada.create(&json!({"title": format!("A {number}"), "due": "2026-01-01"}))
            .await;
    }
    let costs = async || {
        let mut costs = Vec::new();
        for query in [
            "done=false",
            "title_prefix=a",
            "due_before=2026-02-01",
            "sort=title&limit=5",
        ] {
            let response = ada.get(&format!("{TASKS}?{query}")).send().await;
            assert!(response.record.units > 0.0);
            costs.push(response.record.units);
        }
        costs.push(ada.get(&format!("{TASKS}/1")).send().await.record.units);
        costs
    };
    let alone = costs().await;
    for _ in 0..10 {
        let body = json!({"title": "Z", "due": "2027-01-01"});
        let done = join_all((0..50).map(|_| ada.create(&body))).await;
        let body = json!({"done": true});
        let uris = done.iter().map(|task| task.uri.as_str());
        join_all(uris.map(|uri| ada.put(uri, &body).send())).await;
    }
    assert_eq!(costs().await, alone);
}
