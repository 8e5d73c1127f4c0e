//! The token of a calendar, and what reading with it costs.

use std::time::Duration;

use serde_json::{Value, json};

use super::{calendar_token, feed, read};
use crate::client::{BASE, TOKENS, TestApp, USERS};

#[tokio::test]
async fn a_calendars_token_is_valid_for_a_year_unless_it_says_otherwise_and_shows_its_uri_once() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let token = calendar_token(&ada).await;
    assert_eq!(
        (&token["scope"], &token["duration"]),
        (&json!("calendar"), &json!(31_536_000))
    );
    let secret = token["token"].as_str().expect("a secret");
    let expected = format!("{BASE}/todo/api/v1.0/calendar/{secret}.ics");
    assert_eq!(token["feed"], expected);
    let ten_years = json!({"scope": "calendar", "duration": 315_360_000});
    assert_eq!(ada.token(&ten_years).await.0["duration"], 315_360_000);
    let listed = ada.get(TOKENS).send().await.json();
    assert_eq!(listed["tokens"][0]["scope"], "calendar");
    for token in listed["tokens"].as_array().expect("tokens") {
        assert!(token.get("feed").is_none() && token.get("token").is_none());
    }
    assert!(ada.token(&json!({})).await.0.get("feed").is_none());
}

#[tokio::test]
async fn a_token_that_opens_no_calendar_is_not_found() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let unknown = app.get("/todo/api/v1.0/unknown").send().await;
    let (good, revoked) = (calendar_token(&ada).await, calendar_token(&ada).await);
    let writer = ada.token(&json!({})).await.0;
    let short = json!({"scope": "calendar", "duration": 60});
    let expired = ada.token(&short).await.0;
    app.clock.set_ahead(61_000);
    let revocation = ada.delete(revoked["uri"].as_str().expect("a URI"));
    assert_eq!(revocation.send().await.status, 200);
    let feed_of = |token: &Value| {
        format!(
            "/todo/api/v1.0/calendar/{}.ics",
            token["token"].as_str().expect("a token")
        )
    };
    let good = feed_of(&good);
    let other_secret = match &good[good.len() - 6..good.len() - 4] {
        "AA" => good.replace("AA.ics", "BA.ics"),
        _ => format!("{}AAA.ics", &good[..good.len() - 7]),
    };
    app.lines.take();
    for path in [
        feed_of(&revoked),
        feed_of(&writer),
        feed_of(&expired),
        other_secret,
        good.replace("tdo_", "tdo_x"),
        good.replace(".ics", ""),
        good.replace(".ics", ".ICS"),
        format!("{good}.ics"),
        format!("{good}/"),
        "/todo/api/v1.0/calendar/.ics".to_owned(),
        "/todo/api/v1.0/calendar/tdo_.ics".to_owned(),
    ] {
        for _ in 0..2 {
            let refused = app.get(&path).send().await;
            assert_eq!(
                (refused.status, &refused.bytes),
                (404, &unknown.bytes),
                "{path}"
            );
            assert_eq!(refused.headers, unknown.headers, "{path}");
            assert_eq!(refused.record.failed_logins, 0);
        }
    }
    assert_eq!(app.get(&good).send().await.status, 200);
    // What is logged is the route.
    let log = app.lines.take();
    assert!(!log.contains("tdo_") && log.contains("/todo/api/v1.0/calendar/{file}"));
}

#[tokio::test]
async fn a_calendar_ends_with_the_password_and_with_the_account() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let account = format!("{USERS}/ada");
    let first = calendar_token(&ada).await;
    assert_eq!(read(&app, &first).await.status, 200);
    let changed = ada
        .put(&account, &json!({"password": "another horse"}))
        .send()
        .await;
    assert_eq!(changed.status, 200);
    assert_eq!(read(&app, &first).await.status, 404);

    let ada = app.holder(crate::client::basic("ada", "another horse"));
    let second = calendar_token(&ada).await;
    assert_eq!(read(&app, &second).await.status, 200);
    assert_eq!(ada.delete(&account).send().await.status, 200);
    assert_eq!(read(&app, &second).await.status, 404);
}

#[tokio::test]
async fn a_calendar_costs_two_queries_and_a_failure_of_the_table_is_503() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create(&json!({"title": "Pay rent", "due": "2028-01-31"}))
        .await;
    let token = calendar_token(&ada).await;
    app.wire.take_calls();
    assert_eq!(read(&app, &token).await.status, 200);
    assert_eq!(app.wire.take_calls(), ["BatchGetItem", "Query", "Query"]);
    let warm = read(&app, &token).await;
    assert_eq!(
        (app.wire.take_calls(), warm.record.units),
        (vec!["Query".to_owned(); 2], 2.0)
    );
    app.wire.always(crate::wire::Fault::NoConnection);
    let failed = app
        .get(feed(&token))
        .send_within(Duration::from_millis(100))
        .await;
    assert_eq!((failed.status, failed.header("retry-after")), (503, "1"));
    app.wire.always(crate::wire::Fault::Pass);
}
