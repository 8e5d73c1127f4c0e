//! Creates that may be sent twice.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use http::HeaderValue;
use serde_json::{Value, json};

use crate::client::{TASKS, TestApp, TestResponse, User};
use crate::wire::Fault::{self, Cancel, LoseResponse, Pass};

async fn post(user: &User<'_>, key: &str, body: &Value) -> TestResponse {
    let key = HeaderValue::from_str(key).expect("a header");
    user.post(TASKS, body)
        .header("idempotency-key", key)
        .send()
        .await
}

fn milk() -> Value {
    json!({"title": "Buy milk", "due": "2026-12-31"})
}

fn conflict() -> Fault {
    Cancel(["TransactionConflict", "None"])
}

#[tokio::test]
async fn a_repeated_request_creates_no_second_task() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;

    let first = post(&ada, "k-1", &milk()).await;
    let again = post(&ada, "k-1", &milk()).await;
    let quoted = post(&ada, "\"k-1\"", &milk()).await;

    assert_eq!(
        (first.status, first.header("idempotency-replayed")),
        (201, "")
    );
    for replay in [again, quoted] {
        assert_eq!(
            (replay.status, replay.header("idempotency-replayed")),
            (201, "true")
        );
        assert_eq!(replay.bytes, first.bytes);
        assert_eq!(replay.header("location"), first.header("location"));
        assert_eq!(replay.header("etag"), first.header("etag"));
    }
    assert_eq!(ada.list().await, [first.json()["task"].clone()]);
}

#[tokio::test]
async fn a_replay_returns_the_first_response_after_the_task_was_changed_or_deleted() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let first = post(&ada, "k", &milk()).await;
    let uri = first.json()["task"]["uri"]
        .as_str()
        .expect("a URI")
        .to_owned();
    ada.put(&uri, &json!({"done": true, "title": "Other"}))
        .send()
        .await;
    assert_eq!(post(&ada, "k", &milk()).await.bytes, first.bytes);
    ada.delete(&uri).send().await;
    let replay = post(&ada, "k", &milk()).await;
    assert_eq!((replay.status, &replay.bytes), (201, &first.bytes));
    assert_eq!(ada.list().await, [] as [Value; 0]);
}

#[tokio::test]
async fn another_body_under_the_same_key_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    post(&ada, "k", &milk()).await;
    let refused = post(&ada, "k", &json!({"title": "Buy bread"})).await;
    let detail = "the Idempotency-Key was used with another body";
    let expected = json!({"error": "Unprocessable entity", "detail": detail});
    assert_eq!((refused.status, refused.json()), (422, expected));
    // The same meaning in other bytes is another body.
    let spaced = ada.request(http::Method::POST, TASKS);
    let spaced = spaced.bytes("application/json", milk().to_string().replace(':', ": "));
    let spaced = spaced
        .header("idempotency-key", HeaderValue::from_static("k"))
        .send()
        .await;
    assert_eq!(spaced.status, 422);
    assert_eq!(ada.list().await.len(), 1);
}

#[tokio::test]
async fn a_bad_request_does_not_use_its_key() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    assert_eq!(post(&ada, "k", &json!({"title": ""})).await.status, 400);
    assert_eq!(
        post(&ada, "k", &milk())
            .await
            .header("idempotency-replayed"),
        ""
    );
    assert_eq!(post(&ada, "k", &json!({"title": ""})).await.status, 400);
}

#[tokio::test]
async fn a_key_is_1_to_255_visible_characters_and_comes_once() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let long = "k".repeat(256);
    let expected = json!({
        "error": "Bad request",
        "detail": "Idempotency-Key must be 1 to 255 visible ASCII characters",
        "field": "Idempotency-Key",
    });
    for key in ["", "\"\"", "a b", "\u{e9}", long.as_str()] {
        let refused = post(&ada, key, &milk()).await;
        assert_eq!(
            (refused.status, refused.json()),
            (400, expected.clone()),
            "{key}"
        );
    }
    let key = || HeaderValue::from_static("k");
    let twice = ada.post(TASKS, &milk()).header("idempotency-key", key());
    let twice = twice.header("idempotency-key", key()).send().await;
    assert_eq!((twice.status, twice.json()), (400, expected));
    assert_eq!(post(&ada, &long[1..], &milk()).await.status, 201);
}

#[tokio::test]
async fn keys_of_different_users_are_independent() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    post(&ada, "k", &milk()).await;
    let bobs = post(&bob, "k", &json!({"title": "Buy bread"})).await;
    assert_eq!(
        (bobs.status, bobs.header("idempotency-replayed")),
        (201, "")
    );
}

#[tokio::test]
async fn a_key_expires_after_30_days() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    post(&ada, "k", &milk()).await;
    let mut items = app.items().await.into_iter();
    let record = items.find(|item| item["sk"].as_s().is_ok_and(|sk| sk.starts_with("request#")));
    let mut record = record.expect("a record");
    let seconds = |item: &AttributeValue| item.as_n().ok().and_then(|n| n.parse::<i64>().ok());
    let created = seconds(&record["created_at"]).expect("a time") / 1000;
    assert_eq!(
        seconds(&record["expires_at"]),
        Some(created + 30 * 24 * 60 * 60)
    );
    record.insert(
        "expires_at".to_owned(),
        AttributeValue::N(created.to_string()),
    );
    app.table
        .put_item()
        .table_name("todo")
        .set_item(Some(record))
        .send()
        .await
        .expect("a write");

    let again = post(&ada, "k", &json!({"title": "Buy bread"})).await;

    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, "")
    );
    assert_eq!(ada.list().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_requests_at_once_one_creates_the_task() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    let body = milk();
    let responses = join_all((0..50).map(|_| post(&ada, "k", &body))).await;
    let first: Vec<_> = responses
        .iter()
        .filter(|response| response.header("idempotency-replayed").is_empty())
        .collect();
    assert_eq!(first.len(), 1);
    for response in &responses {
        assert_eq!((response.status, &response.bytes), (201, &first[0].bytes));
    }
    assert_eq!(ada.list().await.len(), 1);
}

#[tokio::test]
async fn a_create_with_a_key_costs_two_calls() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    for _ in 0..2 {
        app.wire.take_calls();
        post(&ada, "k", &milk()).await;
        assert_eq!(app.wire.take_calls(), ["UpdateItem", "TransactWriteItems"]);
    }
}

#[tokio::test]
async fn a_create_with_a_key_whose_response_was_lost_succeeds() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.fail("TransactWriteItems", LoseResponse);
    let created = post(&ada, "k", &milk()).await;
    assert_eq!(created.status, 201);
    assert_eq!(ada.list().await, [created.json()["task"].clone()]);
}

#[tokio::test]
async fn a_conflict_with_another_transaction_is_retried() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.take_calls();
    for fault in [conflict(), Cancel(["None", "ThrottlingError"]), conflict()] {
        app.wire.fail("TransactWriteItems", fault);
    }
    let created = post(&ada, "k", &milk()).await;
    assert_eq!(
        (created.status, created.header("idempotency-replayed")),
        (201, "")
    );
    assert_eq!(app.wire.take_calls().len(), 5);
}

#[tokio::test]
async fn a_conflict_that_lasts_until_the_deadline_is_503() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.rule(|call| match call.starts_with("Transact") {
        true => conflict(),
        false => Pass,
    });
    let key = HeaderValue::from_static("k");
    let failed = ada.post(TASKS, &milk()).header("idempotency-key", key);
    let failed = failed.send_within(Duration::from_millis(500)).await;
    app.wire.always(Pass);
    assert_eq!((failed.status, failed.header("retry-after")), (503, "1"));
    assert_eq!(ada.list().await, [] as [Value; 0]);
    assert_eq!(
        post(&ada, "k", &milk())
            .await
            .header("idempotency-replayed"),
        ""
    );
}

#[tokio::test]
async fn a_full_list_is_a_conflict_with_a_key_too() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    let full = Cancel(["None", "ItemCollectionSizeLimitExceeded"]);
    app.wire.fail("TransactWriteItems", full);
    assert_eq!(post(&ada, "k", &milk()).await.status, 409);
}
