//! Rate limits on logins and registrations.

use futures_util::future::join_all;
use http::{HeaderValue, Method};
use serde_json::json;

use crate::client::{PASSWORD, TASKS, TestApp, TestResponse, USERS};
use crate::wire::Fault::Refuse;

async fn log_in(app: &TestApp, name: &str, password: &str) -> TestResponse {
    app.get(TASKS).login(name, password).send_patiently().await
}

fn assert_limited(response: &TestResponse) {
    assert_eq!(
        (response.status, response.json()),
        (429, json!({"error": "Too many requests"}))
    );
    assert!(
        response
            .header("retry-after")
            .parse::<u64>()
            .is_ok_and(|seconds| seconds >= 1)
    );
}

#[tokio::test]
async fn after_ten_failed_logins_even_the_right_password_is_refused() {
    let app = TestApp::start().await;
    app.user("ada").await;
    // Cached, and still a right password cannot be told from a wrong one.
    assert_eq!(log_in(&app, "ada", PASSWORD).await.status, 200);
    for _ in 0..10 {
        assert_eq!(log_in(&app, "ada", "wrong").await.status, 401);
    }
    app.wire.take_calls();
    for password in ["wrong", PASSWORD, "wrong", PASSWORD] {
        assert_limited(&log_in(&app, "ada", password).await);
    }
    // What is known to be over its limit costs the table nothing.
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
    assert_limited(
        &app.request(Method::PUT, &format!("{USERS}/ada"))
            .login("ada", PASSWORD)
            .send()
            .await,
    );
}

#[tokio::test]
async fn the_limit_holds_in_other_environments_too() {
    let app = TestApp::start().await;
    app.user("ada").await;
    for _ in 0..10 {
        log_in(&app, "ada", "wrong").await;
    }
    let elsewhere = app.twin().await;
    assert_limited(&log_in(&elsewhere, "ada", PASSWORD).await);
    assert_eq!(elsewhere.wire.take_calls(), ["BatchGetItem", "UpdateItem"]);
    assert_limited(&log_in(&elsewhere, "ada", PASSWORD).await);
    assert_eq!(elsewhere.wire.take_calls(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_missing_user_is_limited_in_the_same_way() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let mut responses = Vec::new();
    for name in ["ada", "nobody"] {
        let mut seen = Vec::new();
        for _ in 0..12 {
            let response = log_in(&app, name, "wrong").await;
            seen.push((response.status, response.bytes, app.wire.take_calls()));
        }
        responses.push(seen);
    }
    assert_eq!(responses[0], responses[1]);
    let statuses: Vec<_> = responses[0].iter().map(|(status, ..)| *status).collect();
    assert_eq!(
        statuses,
        [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 429, 429]
    );
}

#[tokio::test]
async fn the_user_can_log_in_from_another_address() {
    let app = TestApp::start().await;
    app.user("ada").await;
    app.user("bob").await;
    for _ in 0..11 {
        log_in(&app, "ada", "wrong").await;
    }
    let elsewhere = app
        .get(TASKS)
        .login("ada", PASSWORD)
        .from([198, 51, 100, 7])
        .send()
        .await;
    assert_eq!(elsewhere.status, 200);
    assert_eq!(log_in(&app, "bob", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn successful_logins_are_not_counted() {
    let app = TestApp::with_settings(&[("AUTH_CACHE_SECONDS", "0")]).await;
    app.user("ada").await;
    for _ in 0..15 {
        assert_eq!(log_in(&app, "ada", PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn malformed_credentials_are_not_counted() {
    let app = TestApp::start().await;
    app.user("ada").await;
    for _ in 0..15 {
        assert_eq!(log_in(&app, "ada", "control\u{7}").await.status, 401);
        assert_eq!(log_in(&app, "no name", "wrong").await.status, 401);
    }
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
    assert_eq!(log_in(&app, "ada", PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_login_attempts_at_once_no_more_than_the_limit_are_checked() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let responses = join_all((0..200).map(|_| log_in(&app, "ada", "wrong"))).await;
    let checked = responses
        .iter()
        .filter(|response| response.status == 401)
        .count();
    assert_eq!(checked, 10);
    for response in responses.iter().filter(|response| response.status != 401) {
        assert_limited(response);
    }
    assert_limited(&log_in(&app, "ada", PASSWORD).await);
}

#[tokio::test]
async fn failed_logins_of_an_address_are_limited_across_all_users() {
    let app = TestApp::with_settings(&[("LOGIN_FAILURES_PER_ADDRESS", "3")]).await;
    app.user("ada").await;
    for name in ["a", "b", "c"] {
        assert_eq!(log_in(&app, name, "wrong").await.status, 401);
    }
    assert_limited(&log_in(&app, "d", "wrong").await);
    assert_limited(&log_in(&app, "ada", PASSWORD).await);
    let elsewhere = app.twin().await;
    assert_limited(&log_in(&elsewhere, "ada", PASSWORD).await);
}

#[tokio::test]
async fn no_header_changes_the_source_address() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let headers = [
        "x-forwarded-for",
        "forwarded",
        "x-real-ip",
        "cf-connecting-ip",
        "x-client-ip",
    ];
    for number in 0..10_u8 {
        let mut call = app.get(TASKS).login("ada", "wrong");
        for name in headers {
            let value = HeaderValue::from_str(&format!("198.51.100.{number}")).expect("a value");
            call = call.header(name, value);
        }
        assert_eq!(call.send().await.status, 401);
    }
    let call = app.get(TASKS).login("ada", PASSWORD);
    let call = call.header("x-forwarded-for", HeaderValue::from_static("203.0.113.9"));
    assert_limited(&call.send().await);
}

#[tokio::test]
async fn the_limit_ends_with_its_window() {
    let settings = [
        ("LOGIN_WINDOW_SECONDS", "1"),
        ("LOGIN_FAILURES_PER_USER", "1"),
    ];
    let app = TestApp::with_settings(&settings).await;
    app.user("ada").await;
    let mut seen = Vec::new();
    // Attempts go on until one was refused and a later one was checked again.
    while seen.len() < 3 {
        let status = log_in(&app, "ada", "wrong").await.status;
        if seen.last() != Some(&status) {
            seen.push(status);
        }
    }
    assert!(
        seen.ends_with(&[401, 429, 401]) || seen.ends_with(&[429, 401, 429]),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_throttled_counter_counts_as_full() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let throttled = || Refuse(400, "ProvisionedThroughputExceededException");
    for _ in 0..9 {
        app.wire.fail("UpdateItem", throttled());
    }
    assert_limited(&log_in(&app, "ada", PASSWORD).await);
    assert_eq!(log_in(&app, "ada", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn registrations_of_an_address_are_limited_per_hour() {
    let settings = [("REGISTRATIONS_PER_HOUR", "2"), ("REGISTRATION", "closed")];
    let app = TestApp::with_settings(&settings).await;
    let register = |source| {
        let body = json!({"username": "ada", "password": PASSWORD});
        app.request(Method::POST, USERS)
            .json(&body)
            .from(source)
            .send()
    };
    assert_eq!(register([192, 0, 2, 1]).await.status, 403);
    assert_eq!(register([192, 0, 2, 1]).await.status, 403);
    assert_limited(&register([192, 0, 2, 1]).await);
    assert_eq!(register([192, 0, 2, 2]).await.status, 403);
    // What is malformed is said before it is counted.
    let empty = app
        .request(Method::POST, USERS)
        .json(&json!({"username": "ada"}))
        .send()
        .await;
    assert_eq!(empty.status, 400);
}

#[tokio::test]
async fn a_cold_login_costs_what_the_budget_says() {
    let app = TestApp::start().await;
    app.user("ada").await;
    log_in(&app, "ada", PASSWORD).await;
    let mut calls = app.wire.take_calls();
    calls.sort();
    assert_eq!(calls, ["BatchGetItem", "Query", "UpdateItem", "UpdateItem"]);
    log_in(&app, "ada", "wrong").await;
    assert_eq!(
        app.wire.take_calls(),
        ["BatchGetItem", "UpdateItem", "UpdateItem", "UpdateItem"]
    );
}

/// `cargo test --features local --test api -- --ignored --nocapture wrong_user`
#[tokio::test]
#[ignore = "a benchmark"]
async fn a_wrong_user_and_a_wrong_password_take_the_same_time() {
    let app = TestApp::with_settings(&[
        ("LOGIN_FAILURES_PER_USER", "1000"),
        ("LOGIN_FAILURES_PER_ADDRESS", "1000"),
    ])
    .await;
    app.user("ada").await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..400 {
        for (name, times) in ["ada", "bob"].into_iter().zip(&mut times) {
            let start = std::time::Instant::now();
            assert_eq!(log_in(&app, name, "wrong").await.status, 401);
            times.push(start.elapsed());
        }
    }
    let [password, user] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    let ratio = user.as_secs_f64() / password.as_secs_f64();
    println!("wrong password: {password:?}, wrong user: {user:?}, ratio {ratio:.3}");
    assert!((0.97..1.03).contains(&ratio), "{ratio}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_right_logins_at_once_lock_nobody_out() {
    let settings = [
        ("AUTH_CACHE_SECONDS", "0"),
        ("LOGIN_FAILURES_PER_USER", "3"),
    ];
    let app = TestApp::with_settings(&settings).await;
    app.user("ada").await;
    let responses = join_all((0..12).map(|_| log_in(&app, "ada", PASSWORD))).await;
    for response in responses {
        assert_eq!((response.status, response.record.failed_logins), (200, 0));
    }
    // Once they are through, the table has nothing against anybody.
    assert_eq!(log_in(&app.twin().await, "ada", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_login_attempt_that_was_never_checked_is_not_counted() {
    let app = TestApp::with_settings(&[("LOGIN_FAILURES_PER_USER", "1")]).await;
    app.user("ada").await;
    let broken = || Refuse(500, "InternalServerError");
    for _ in 0..3 {
        // The read of the account fails for good, the count does not.
        for _ in 0..9 {
            app.wire.fail("BatchGetItem", broken());
        }
        assert_eq!(log_in(&app, "ada", PASSWORD).await.status, 503);
    }
    assert_eq!(log_in(&app, "ada", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_limited_user_is_not_let_in_from_the_cache() {
    let settings = [("LOGIN_FAILURES_PER_USER", "2")];
    let app = TestApp::with_settings(&settings).await;
    app.user("ada").await;
    assert_eq!(log_in(&app, "ada", PASSWORD).await.status, 200);
    for _ in 0..2 {
        assert_eq!(log_in(&app, "ada", "wrong").await.status, 401);
    }
    // For a moment nothing is asked; after that the table is, and it still says no.
    let mut asked = false;
    app.wire.take_calls();
    while !asked {
        assert_limited(&log_in(&app, "ada", PASSWORD).await);
        asked = !app.wire.take_calls().is_empty();
    }
}
