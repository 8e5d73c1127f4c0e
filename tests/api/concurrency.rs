//! Many at once.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::client::{TASKS, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clients_create_tasks_at_once_and_none_is_lost() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;

    let titles = (0..50).map(|number| json!({"title": format!("Task {number}")}));
    let bodies: Vec<_> = titles.collect();
    let created = join_all(bodies.iter().map(|body| ada.create(body))).await;

    let id = |task: &serde_json::Value| {
        let uri = task["uri"].as_str().expect("a URI");
        uri.rsplit('/')
            .next()
            .and_then(|id| id.parse::<u64>().ok())
            .expect("an id")
    };
    let ids: BTreeSet<_> = created.iter().map(|task| id(task)).collect();
    assert_eq!(ids, (1..=50).collect());
    let listed = ada.list().await;
    assert_eq!(
        listed.iter().map(id).collect::<Vec<_>>(),
        (1..=50).collect::<Vec<_>>()
    );
    let titles: BTreeSet<_> = listed
        .iter()
        .map(|task| task["title"].to_string())
        .collect();
    assert_eq!(titles.len(), 50);
}
