//! The events of a calendar.

use http::{HeaderValue, Method};
use serde_json::json;

use super::{calendar_token, day, feed, lines, lines_of, read, text};
use crate::client::{BASE, TASKS, TestApp};

#[tokio::test]
async fn a_calendar_shows_the_open_tasks_with_a_due_date() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let token = calendar_token(&ada).await;
    let (old, recent) = (day(370), day(364));
    for task in [
        json!({"title": "No date"}),
        json!({"title": "Later; at noon", "due": "2028-02-29T12:00", "description": "one,\r\ntwo\\\rthree\n"}),
        json!({"title": "Soon", "due": "2028-02-29"}),
        json!({"title": "Long ago", "due": old}),
        json!({"title": "Done", "due": "2028-01-01"}),
        json!({"title": "Deleted", "due": "2028-01-01"}),
        json!({"title": "A year ago", "due": recent}),
        json!({"title": "At the end of time", "due": "9999-12-31T23:59"}),
    ] {
        ada.create(&task).await;
    }
    ada.put(&format!("{TASKS}/5"), &json!({"done": true}))
        .send()
        .await;
    ada.delete(&format!("{TASKS}/6")).send().await;

    let response = read(&app, &token).await;

    assert_eq!(
        response.header("content-type"),
        "text/calendar; charset=utf-8"
    );
    assert_eq!(response.header("cache-control"), "private, no-cache");
    let calendar = text(&response);
    let start = recent.replace('-', "");
    let expected = format!(
        "BEGIN:VCALENDAR|VERSION:2.0|PRODID:-//todo-api//todo-api//EN|CALSCALE:GREGORIAN|NAME:Tasks|X-WR-CALNAME:Tasks|\
         BEGIN:VEVENT|DTSTART;VALUE=DATE:{start}|SUMMARY:A year ago|URL:{BASE}{TASKS}/7|TRANSP:TRANSPARENT|END:VEVENT|\
         BEGIN:VEVENT|DTSTART;VALUE=DATE:20280229|SUMMARY:Soon|URL:{BASE}{TASKS}/3|TRANSP:TRANSPARENT|END:VEVENT|\
         BEGIN:VEVENT|DTSTART:20280229T120000|DURATION:PT30M|SUMMARY:Later\\; at noon|\
         DESCRIPTION:one\\,\\ntwo\\\\\\nthree\\n|URL:{BASE}{TASKS}/2|TRANSP:TRANSPARENT|END:VEVENT|\
         BEGIN:VEVENT|DTSTART:99991231T235900|DURATION:PT30M|SUMMARY:At the end of time|URL:{BASE}{TASKS}/8|\
         TRANSP:TRANSPARENT|END:VEVENT|END:VCALENDAR|"
    );
    assert_eq!(lines(&calendar).join("|"), expected);
    for line in calendar.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line}");
    }
}

#[tokio::test]
async fn a_calendar_without_tasks_is_one_all_the_same() {
    let app = TestApp::start().await;
    let token = calendar_token(&app.user("ada").await).await;
    let calendar = text(&read(&app, &token).await);
    assert!(calendar.contains("BEGIN:VTIMEZONE") && !calendar.contains("VEVENT"));
}

#[tokio::test]
async fn an_event_keeps_its_uid_and_says_when_its_task_has_changed() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let (ada_token, bob_token) = (calendar_token(&ada).await, calendar_token(&bob).await);
    let task = json!({"title": "Pay rent", "due": "2028-01-31"});
    let uid = |calendar: &str| {
        let line = lines_of(calendar, "UID:");
        assert_eq!(line.len(), 1, "{calendar}");
        line[0].clone()
    };
    let uri = ada.create(&task).await.uri;
    bob.create(&task).await;
    let first = text(&read(&app, &ada_token).await);
    let changed = ada
        .patch(&uri, &json!({"title": "Pay it", "due": "2028-03-01"}))
        .send()
        .await;
    let updated_at = &changed.json()["task"]["updated_at"];
    let updated_at = updated_at.as_str().expect("a time")[..19].replace(['-', ':'], "");

    let second = text(&read(&app, &ada_token).await);

    assert_eq!(uid(&first), uid(&second));
    assert_ne!(uid(&first), uid(&text(&read(&app, &bob_token).await)));
    let account = ada_token["token"].as_str().expect("a token");
    assert!(!second.contains(account) && !second.contains("ada"));
    for name in ["DTSTAMP:", "LAST-MODIFIED:"] {
        assert_eq!(lines_of(&second, name), [format!("{name}{updated_at}Z")]);
    }
}

#[tokio::test]
async fn a_calendar_that_has_not_changed_is_not_sent_again() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let token = calendar_token(&ada).await;
    let task = ada
        .create(&json!({"title": "Pay rent", "due": "2028-01-31"}))
        .await;
    let first = read(&app, &token).await;
    let etag: HeaderValue = first.header("etag").parse().expect("a tag");
    let again = async || {
        let call = app.get(feed(&token));
        call.header("if-none-match", etag.clone()).send().await
    };

    let same = again().await;
    assert_eq!((same.status, same.bytes.len()), (304, 0));
    assert_eq!(same.header("etag"), first.header("etag"));
    assert_eq!(same.header("cache-control"), "private, no-cache");
    let head = app.request(Method::HEAD, feed(&token)).send().await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(head.header("etag"), first.header("etag"));
    // What the calendar does not show does not move its tag.
    ada.create("No date").await;
    assert_eq!(again().await.status, 304);
    ada.put(&task.uri, &json!({"description": "x"}))
        .send()
        .await;
    let changed = again().await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), first.header("etag"));
}
