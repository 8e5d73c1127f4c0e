//! Lists: pages, filters, order, search.

mod bounds;
mod filters;
mod pages;

use serde_json::{Value, json};

use crate::client::{TASKS, User};

/// All the pages of a collection of tasks, glued together.
pub async fn walk(user: &User<'_>, query: &str) -> Vec<Value> {
    walk_of(user, TASKS, query).await
}

/// As [`walk`], of the collection at `path`.
pub async fn walk_of(user: &User<'_>, path: &str, query: &str) -> Vec<Value> {
    let mut tasks = Vec::new();
    let mut uri = format!("{path}?{query}");
    loop {
        let page = user.get(&uri).send().await;
        assert_eq!(page.status, 200, "{uri}: {page:?}");
        let body = page.json();
        tasks.extend(body["tasks"].as_array().expect("tasks").iter().cloned());
        match body["next"].as_str() {
            Some(next) => {
                assert_eq!(page.header("link"), format!("<{next}>; rel=\"next\""));
                uri = next.to_owned();
            }
            None => {
                assert_eq!((page.header("link"), body.get("next")), ("", None));
                return tasks;
            }
        }
    }
}

fn titles(tasks: &[Value]) -> Vec<&str> {
    tasks
        .iter()
        .map(|task| task["title"].as_str().expect("a title"))
        .collect()
}

async fn titled(user: &User<'_>, query: &str) -> Vec<String> {
    titles(&walk(user, query).await)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

async fn fill(user: &User<'_>, titles: &[&str]) {
    for title in titles {
        user.create(&json!({ "title": title })).await;
    }
}

async fn finish(user: &User<'_>, id: u32) {
    let done = user
        .put(&format!("{TASKS}/{id}"), &json!({"done": true}))
        .send()
        .await;
    assert_eq!(done.status, 200);
}
