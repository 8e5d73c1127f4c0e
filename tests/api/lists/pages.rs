//! Pages and their cursors.

use http::HeaderValue;
use serde_json::json;

use super::{fill, finish, titled, titles};
use crate::client::{BASE, TASKS, TestApp, TestResponse};

#[tokio::test]
async fn a_page_holds_as_many_as_asked_for_and_says_where_the_next_is() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada, &["a", "b", "c", "d", "e"]).await;

    let page = ada.get(&format!("{TASKS}?limit=2")).send().await.json();

    assert_eq!(titles(page["tasks"].as_array().expect("tasks")), ["a", "b"]);
    let next = page["next"].as_str().expect("a next page");
    assert!(
        next.starts_with(&format!("{BASE}{TASKS}?limit=2&cursor=")),
        "{next}"
    );
    for limit in ["1", "2", "3", "5", "1000"] {
        assert_eq!(
            titled(&ada, &format!("limit={limit}")).await,
            ["a", "b", "c", "d", "e"]
        );
    }
    assert_eq!(
        titled(&ada, "limit=2&sort=-id").await,
        ["e", "d", "c", "b", "a"]
    );
}

fn cursor(page: &TestResponse) -> String {
    let next = page.json()["next"]
        .as_str()
        .expect("a next page")
        .to_owned();
    next.split_once("cursor=").expect("a cursor").1.to_owned()
}

#[tokio::test]
async fn a_cursor_belongs_to_its_query_and_its_user() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    fill(&ada, &["a", "b", "c"]).await;
    fill(&bob, &["x", "y", "z"]).await;
    let cursor = cursor(&ada.get(&format!("{TASKS}?limit=1&done=false")).send().await);
    let with = |query: &str, cursor: &str| format!("{TASKS}?{query}&cursor={cursor}");

    let more = ada.get(&with("limit=2&done=false", &cursor)).send().await;
    assert_eq!(
        titles(more.json()["tasks"].as_array().expect("tasks")),
        ["b", "c"]
    );

    let mut refused = vec![
        ada.get(&with("limit=1", &cursor)).send().await,
        ada.get(&with("done=true", &cursor)).send().await,
        ada.get(&with("done=false&sort=-id", &cursor)).send().await,
        ada.get(&with("done=false&q=a", &cursor)).send().await,
        bob.get(&with("done=false", &cursor)).send().await,
    ];
    for index in [0, 5, cursor.len() / 2, cursor.len() - 2] {
        let other = if cursor.as_bytes()[index] == b'A' {
            "B"
        } else {
            "A"
        };
        let mut mangled = cursor.clone();
        mangled.replace_range(index..=index, other);
        refused.push(ada.get(&with("done=false", &mangled)).send().await);
    }
    for response in refused {
        assert_eq!(
            (response.status, &response.json()["field"]),
            (400, &json!("cursor"))
        );
    }
}

#[tokio::test]
async fn a_walk_misses_nothing_and_sees_nothing_twice_while_others_write() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for sort in ["id", "-id", "title", "-title", "due", "-due"] {
        let mut standing = Vec::new();
        let mut passing = Vec::new();
        for number in 0..30 {
            let body = json!({"title": format!("{}", number % 7), "due": format!("2026-01-{:02}", number % 9 + 1)});
            let task = ada.create(&body).await;
            let uri = task.uri.as_str().to_owned();
            if number % 3 == 0 {
                passing.push(uri)
            } else {
                standing.push(uri)
            }
        }
        let mut seen = Vec::new();
        let mut uri = format!("{TASKS}?limit=4&sort={sort}");
        loop {
            let page = ada.get(&uri).send().await.json();
            let tasks = page["tasks"].as_array().expect("tasks").clone();
            seen.extend(
                tasks
                    .iter()
                    .map(|task| task["uri"].as_str().expect("a URI").to_owned()),
            );
            if let Some(gone) = passing.pop() {
                ada.delete(&gone).send().await;
                ada.create(&json!({"title": "0 new", "due": "2026-01-05"}))
                    .await;
            }
            // The very task the cursor stands on goes too, at times.
            if let Some(last) = seen.last().filter(|last| !standing.contains(last)) {
                ada.delete(last).send().await;
            }
            match page["next"].as_str() {
                Some(next) => uri = next.to_owned(),
                None => break,
            }
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{sort}: seen twice");
        assert!(
            standing.iter().all(|uri| seen.contains(uri)),
            "{sort}: missed"
        );
        for task in ada.list().await {
            ada.delete(task["uri"].as_str().expect("a URI"))
                .send()
                .await;
        }
    }
}

#[tokio::test]
async fn a_list_that_has_not_changed_is_not_sent_again() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    fill(&ada, &["a", "b"]).await;
    let first = ada.get(&format!("{TASKS}?limit=1")).send().await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with("W/\""));
    let again = |etag: &str| {
        let etag = HeaderValue::from_str(etag).expect("a header");
        ada.get(&format!("{TASKS}?limit=1"))
            .header("if-none-match", etag)
            .send()
    };
    let same = again(&etag).await;
    assert_eq!(
        (same.status, same.bytes.len(), same.header("etag")),
        (304, 0, etag.as_str())
    );
    assert_eq!(same.header("cache-control"), "private, no-cache");
    assert_eq!(same.header("link"), first.header("link"));
    assert_eq!(again("W/\"other\"").await.status, 200);
    finish(&ada, 1).await;
    assert_eq!(again(&etag).await.status, 200);
}
