//! Writes whose response is lost while somebody else deletes the task for good.

use serde_json::json;

use crate::client::{TASKS, TRASH, TestApp, TestResponse, User};
use crate::indexes::tasks_in_agreement;
use crate::model::stranger;
use crate::responses::{is_deleted, not_found, seen};
use crate::trash_races::{in_trash, purge, restore, trashed};
use crate::wire::LOST_RESPONSES;

/// A write whose response is lost while somebody else deletes and purges the task.
async fn purged_before_the_retry(
    target: &str,
    list: &str,
    request: impl AsyncFn(&User<'_>) -> TestResponse,
    check: impl Fn(&TestResponse),
) {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    for (number, loss) in (1..).zip(LOST_RESPONSES) {
        let other = stranger(&elsewhere, number).await;
        trashed(&other, list).await;
        let ada = app.holder(other.authorization.clone());
        ada.list().await;
        let others = async || {
            // A write that was not a restore has left it in the trash, or has purged it already.
            other.delete(&format!("{TASKS}/1")).send().await;
            purge(&other).await;
        };
        let sent = app
            .wire
            .between_attempts(target, loss, request(&ada), others)
            .await;
        check(&sent);
        assert_eq!(other.get(&format!("{TASKS}/1")).send().await.status, 404);
        assert_eq!(in_trash(&other).await, 0);
    }
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn a_restored_task_is_shown_although_it_was_purged_before_the_retry() {
    for (target, list) in [("UpdateItem task#", "inbox"), ("TransactWriteItems", "1")] {
        purged_before_the_retry(target, list, restore, |restored| {
            let shown = restored.json()["task"].clone();
            assert_eq!(
                (restored.status, &shown["title"]),
                (200, &json!("Buy milk"))
            );
            assert_eq!(shown["etag"], "\"1.3\"");
        })
        .await;
    }
}

#[tokio::test]
async fn a_purge_whose_response_is_lost_is_a_success() {
    purged_before_the_retry("UpdateItem task#", "1", purge, |purged| {
        assert_eq!(seen(purged), is_deleted());
    })
    .await;
    let empty = async |user: &User<'_>| user.delete(TRASH).send().await;
    purged_before_the_retry("UpdateItem task#", "1", empty, |emptied| {
        assert_eq!(seen(emptied), is_deleted());
    })
    .await;
}

#[tokio::test]
async fn a_change_of_a_task_that_was_purged_before_its_retry_has_nothing_to_show() {
    for body in [
        json!({"title": "x"}),
        json!({"done": true}),
        json!({"order": 7}),
    ] {
        let app = TestApp::start().await;
        let elsewhere = app.twin().await;
        let other = stranger(&elsewhere, 1).await;
        trashed(&other, "inbox").await;
        other.create("Buy bread").await;
        let ada = app.holder(other.authorization.clone());
        ada.list().await;
        let others = async || {
            for uri in [format!("{TASKS}/2"), format!("{TRASH}/2")] {
                assert_eq!(other.delete(&uri).send().await.status, 200);
            }
        };
        let change = ada.put(&format!("{TASKS}/2"), &body);
        let loss = LOST_RESPONSES[0].clone();
        let changed = app
            .wire
            .between_attempts("UpdateItem task#", loss, change.send(), others)
            .await;
        assert_eq!(seen(&changed), not_found(), "{body}");
    }
}
