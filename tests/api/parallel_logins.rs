//! Logins at the same time, in as many environments: right ones wait for each other and all succeed,
//! wrong ones are limited, and no lost response costs anybody an attempt.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use todo_api::domain::time::Timestamp;

use crate::client::{PASSWORD, TASKS, TestApp, TestResponse, USERS};
use crate::wire::Fault::{LoseResponse, Refuse};

/// The most attempts that the SDK makes of one operation.
const ATTEMPTS: usize = 9;

async fn login(app: &TestApp, name: &str, password: &str) -> TestResponse {
    app.get(TASKS).login(name, password).send().await
}

async fn environments(app: &TestApp, count: usize) -> Vec<TestApp> {
    join_all((0..count).map(|_| app.twin())).await
}

/// How many of `statuses` there are.
fn count(responses: &[TestResponse], status: u16) -> usize {
    let with_status = responses
        .iter()
        .filter(|response| response.status == status);
    with_status.count()
}

/// The sizes of `attempts` and `wrong` of each counter, in ascending order.
async fn counters(app: &TestApp) -> Vec<(usize, usize)> {
    let items = app.items().await;
    let counters = items.iter().filter(|item| {
        let partition = item["pk"].as_s().expect("a string");
        partition.starts_with("attempts#")
    });
    let size = |value: Option<&AttributeValue>| {
        value.map_or(0, |value| value.as_ss().expect("a set of strings").len())
    };
    let sizes = counters.map(|item| (size(item.get("attempts")), size(item.get("wrong"))));
    let mut sizes: Vec<_> = sizes.collect();
    sizes.sort_unstable();
    sizes
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_right_logins_at_once_in_forty_environments_all_succeed() {
    let app = TestApp::start().await;
    app.user("ada").await;
    for _ in 0..5 {
        let environments = environments(&app, 40).await;
        let logins = environments.iter().map(|app| login(app, "ada", PASSWORD));
        let responses = join_all(logins).await;
        assert_eq!(count(&responses, 200), 40, "{responses:?}");
        for response in responses {
            assert_eq!(response.record.failed_logins, 0);
        }
        assert_eq!(counters(&app).await, [(0, 0)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_wrong_logins_at_once_in_forty_environments_ten_are_verified_at_most() {
    let app = TestApp::start().await;
    app.user("ada").await;
    for (name, logins) in [("ada", 200), ("nobody", 40)] {
        let environments = environments(&app, 40).await;
        let logins = (0..logins).map(|number| login(&environments[number % 40], name, "wrong"));
        let responses = join_all(logins).await;
        // On a slow machine the deadline may end one that holds a place.
        assert!((1..=10).contains(&count(&responses, 401)));
        assert_eq!(count(&responses, 200), 0);
    }
    for (attempts, wrong) in counters(&app).await {
        assert!(attempts <= 10 && wrong <= 20, "{attempts} {wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn right_logins_succeed_beside_wrong_ones_that_leave_a_place() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let environments = environments(&app, 20).await;
    let logins = environments.iter().enumerate().map(|(number, app)| {
        let password = if number < 9 { "wrong" } else { PASSWORD };
        login(app, "ada", password)
    });
    let responses = join_all(logins).await;
    assert_eq!((count(&responses, 401), count(&responses, 200)), (9, 11));
}

/// A minute of five wrong logins a second, without the pauses between them.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_wrong_logins_keeps_nobody_out_from_another_address() {
    let app = TestApp::with_settings(&[("AUTH_CACHE_SECONDS", "0")]).await;
    app.user("ada").await;
    let environments = environments(&app, 6).await;
    let mut verified = 0;
    for _second in 0..60 {
        let flood = environments[..5]
            .iter()
            .map(|app| login(app, "ada", "wrong"));
        let right = app
            .get(TASKS)
            .login("ada", PASSWORD)
            .from([198, 51, 100, 7]);
        let (flood, right) = tokio::join!(join_all(flood), right.send());
        assert_eq!(right.status, 200);
        verified += count(&flood, 401);
        for response in &flood {
            // A reservation, and what records the failure: none waited and reserved again.
            assert!(response.record.dynamodb_calls <= 4, "{:?}", response.record);
            assert_eq!(response.record.failed_logins, 1);
        }
    }
    assert_eq!(verified, 10);
    assert_eq!(counters(&app).await, [(0, 0), (0, 10), (10, 10)]);
}

/// Loses the next response of each of these calls.
fn lose_responses(app: &TestApp, calls: &[&str]) {
    for call in calls {
        app.wire.fail(call, LoseResponse);
    }
}

#[tokio::test]
async fn a_lost_response_of_any_call_costs_a_right_login_nothing() {
    let lost: [&[&str]; 4] = [
        &["BatchGetItem"],
        &["UpdateItem"],
        &["UpdateItem", "UpdateItem"],
        &["BatchGetItem", "UpdateItem", "UpdateItem", "UpdateItem"],
    ];
    let settings = [
        ("AUTH_CACHE_SECONDS", "0"),
        ("LOGIN_FAILURES_PER_USER", "1"),
    ];
    let app = TestApp::with_settings(&settings).await;
    app.user("ada").await;
    for calls in lost.iter().cycle().take(12) {
        lose_responses(&app, calls);
        assert_eq!(login(&app, "ada", PASSWORD).await.status, 200, "{calls:?}");
        assert_eq!(counters(&app).await, [(0, 0)], "{calls:?}");
    }
}

#[tokio::test]
async fn a_lost_response_of_any_call_counts_a_wrong_login_once() {
    let app = TestApp::with_settings(&[("LOGIN_FAILURES_PER_USER", "6")]).await;
    app.user("ada").await;
    let lost: [&[&str]; 6] = [
        &[],
        &["BatchGetItem"],
        &["UpdateItem"],
        &["UpdateItem", "UpdateItem"],
        &["UpdateItem", "UpdateItem", "UpdateItem"],
        &[
            "BatchGetItem",
            "UpdateItem",
            "UpdateItem",
            "UpdateItem",
            "UpdateItem",
        ],
    ];
    for (number, calls) in (1..).zip(lost) {
        lose_responses(&app, calls);
        assert_eq!(login(&app, "ada", "wrong").await.status, 401, "{calls:?}");
        let expected = [(0, number), (number, number)];
        assert_eq!(counters(&app).await, expected, "{calls:?}");
    }
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 429);
}

#[tokio::test]
async fn a_lost_response_counts_a_registration_once() {
    let settings = [("REGISTRATIONS_PER_HOUR", "2"), ("REGISTRATION", "closed")];
    let app = TestApp::with_settings(&settings).await;
    let body = json!({"username": "ada", "password": PASSWORD});
    let mut statuses = Vec::new();
    for calls in [&["UpdateItem"][..], &["UpdateItem", "UpdateItem"], &[]] {
        lose_responses(&app, calls);
        let register = app.request(Method::POST, USERS).json(&body);
        statuses.push(register.send().await.status);
    }
    assert_eq!(statuses, [403, 403, 429]);
    assert_eq!(counters(&app).await, [(2, 0)]);
}

/// Makes the only counter of a user hold `count` further attempts that are so old, and that nobody
/// returns.
async fn reserve(app: &TestApp, count: u8, seconds_ago: i64) {
    let mut items = app.items().await.into_iter();
    let counter = items.find(|item| item.contains_key("attempts"));
    let mut counter = counter.expect("a counter");
    let seconds = u32::try_from(Timestamp::now().as_seconds() - seconds_ago).expect("seconds");
    let began = seconds.to_be_bytes();
    let wrong = counter["wrong"].as_ss().expect("a set").clone();
    let pending = (0..count).map(|number| {
        let random = [number; 5];
        URL_SAFE_NO_PAD.encode([&began[..], &random].concat())
    });
    let attempts = AttributeValue::Ss(wrong.into_iter().chain(pending).collect());
    counter.insert("attempts".to_owned(), attempts);
    let put = app.table.put_item().table_name("todo");
    let put = put.set_item(Some(counter)).send();
    put.await.expect("an item");
}

#[tokio::test]
async fn attempts_of_a_crashed_environment_take_places_for_half_a_minute() {
    let app = TestApp::start().await;
    app.user("ada").await;
    assert_eq!(login(&app, "ada", "wrong").await.status, 401);
    reserve(&app, 9, 28).await;
    app.wire.take_calls();

    let begin = Instant::now();
    let refused = login(&app, "ada", PASSWORD).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "2"));
    assert_eq!(refused.record.failed_logins, 0);
    assert!(begin.elapsed() < Duration::from_secs(4));
    assert!(app.wire.take_calls().len() <= 20);

    reserve(&app, 9, 31).await;
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
    assert_eq!(counters(&app).await, [(0, 1), (1, 1)]);
}

#[tokio::test]
async fn no_more_than_sixteen_attempts_wait_in_one_environment() {
    let app = TestApp::with_settings(&[("LOGIN_FAILURES_PER_USER", "2")]).await;
    app.user("ada").await;
    assert_eq!(login(&app, "ada", "wrong").await.status, 401);
    reserve(&app, 1, 0).await;

    let responses = join_all((0..30).map(|_| login(&app, "ada", PASSWORD))).await;

    assert_eq!(count(&responses, 429), 30);
    let did_not_wait = responses
        .iter()
        .filter(|response| response.record.dynamodb_calls == 2);
    // Sixteen wait, and perhaps a few in their places when the machine is slow.
    assert!(did_not_wait.count() >= 8);
}

#[tokio::test]
async fn a_throttled_counter_lets_nobody_in_and_counts_nothing() {
    let app = TestApp::start().await;
    app.user("ada").await;
    for name in ["ada", "nobody"] {
        let throttled = Refuse(400, "ProvisionedThroughputExceededException");
        for _ in 0..ATTEMPTS {
            app.wire.fail("UpdateItem", throttled.clone());
        }
        let refused = login(&app, name, PASSWORD).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "2"));
        assert_eq!(refused.record.dynamodb_calls as usize, 1 + ATTEMPTS);
    }
    assert_eq!(counters(&app).await, []);
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
}
