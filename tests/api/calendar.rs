//! Calendars: what they show, and that their tokens open nothing else.

use std::ops::Range;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use todo_api::domain::time::Timestamp;

use crate::client::{BASE, TASKS, TOKENS, TestApp, TestResponse, USERS, User};
use crate::list_costs::copy;
use crate::tokens::expire;

/// A calendar's token as it was created, with its `feed`.
async fn calendar_token(user: &User<'_>) -> Value {
    user.token(&json!({"scope": "calendar"})).await.0
}

fn feed(token: &Value) -> &str {
    token["feed"].as_str().expect("a feed")
}

async fn read(app: &TestApp, token: &Value) -> TestResponse {
    // The largest take a while in a test's build.
    let call = app.get(feed(token));
    call.send_within(Duration::from_secs(120)).await
}

fn text(response: &TestResponse) -> String {
    assert_eq!(response.status, 200, "{response:?}");
    String::from_utf8(response.bytes.to_vec()).expect("UTF-8")
}

/// What all events have that differ only by their task, and by the account.
fn lines(calendar: &str) -> Vec<String> {
    let unfolded = calendar.replace("\r\n ", "");
    let all = unfolded.split("\r\n");
    let varying = ["DTSTAMP:", "LAST-MODIFIED:", "UID:"];
    let all = all.filter(|line| !varying.iter().any(|name| line.starts_with(name)));
    all.map(str::to_owned).collect()
}

fn day(days_ago: u64) -> String {
    let time = Timestamp::now().before(Duration::from_secs(days_ago * 86_400));
    time.to_string()[..10].to_owned()
}

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

fn lines_of(calendar: &str, name: &str) -> Vec<String> {
    let unfolded = calendar.replace("\r\n ", "");
    let found = unfolded.split("\r\n").filter(|line| line.starts_with(name));
    found.map(str::to_owned).collect()
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
    expire(&app).await;
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

/// Copies of the task "Pay rent" with these numbers.
async fn copy_rent(app: &TestApp, numbers: Range<usize>) {
    let items = app.items().await;
    let title = AttributeValue::S("Pay rent".to_owned());
    let task = items.iter().find(|item| item.get("title") == Some(&title));
    copy(app, task.expect("a task"), numbers).await;
}

/// The calendar, and how many Query calls it took.
async fn read_counting(app: &TestApp, token: &Value) -> (String, usize) {
    app.wire.take_calls();
    let calendar = text(&read(app, token).await);
    let calls = app.wire.take_calls();
    (
        calendar,
        calls.iter().filter(|call| *call == "Query").count(),
    )
}

/// The days of a calendar's events, in its order.
fn days(calendar: &str) -> Vec<String> {
    let starts = lines_of(calendar, "DTSTART;VALUE=DATE:");
    let days = starts.iter().map(|start| &start[start.len() - 8..]);
    days.map(str::to_owned).collect()
}

fn compact(day: &str) -> String {
    day.replace('-', "")
}

fn assert_ends_with_notice(calendar: &str) {
    let notice = "SUMMARY:Some tasks may be missing from this calendar\r\n";
    assert_eq!(calendar.matches(notice).count(), 1);
    let last = calendar.rsplit("BEGIN:VEVENT\r\n").next();
    assert!(last.is_some_and(|last| last.contains(notice)));
    assert!(calendar.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    // It stands where people look: on the day on which they do.
    let shown = days(calendar);
    assert_eq!(shown.last(), Some(&compact(&day(0))));
}

/// Due in the future.
fn rent() -> Value {
    json!({"title": "Pay rent", "due": "2028-01-31"})
}

/// A task of which 64 are a megabyte.
fn large(due: &str) -> Value {
    json!({"title": "Pay rent", "due": due, "description": "\u{1f600}".repeat(4_000)})
}

#[tokio::test]
async fn a_calendar_has_at_most_5000_events_first_the_upcoming_ones_then_the_latest_overdue_ones() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let token = calendar_token(&ada).await;
    for days_ago in [2, 3, 1] {
        let overdue = json!({"title": "Overdue", "due": day(days_ago)});
        ada.create(&overdue).await;
    }
    ada.create(&rent()).await;
    let overdue = [3, 2, 1].map(|days_ago| compact(&day(days_ago)));
    let upcoming = "20280131".to_owned();

    copy_rent(&app, 5..5_001).await;
    let full = text(&read(&app, &token).await);
    let mut expected = overdue.to_vec();
    expected.resize(5_000, upcoming.clone());
    assert_eq!(days(&full), expected);
    assert!(!full.contains("missing"));

    copy_rent(&app, 5_001..5_002).await;
    let more = text(&read(&app, &token).await);
    let mut expected = overdue[2..].to_vec();
    expected.resize(4_999, upcoming.clone());
    expected.push(compact(&day(0)));
    assert_eq!(days(&more), expected);
    assert_ends_with_notice(&more);

    copy_rent(&app, 5_002..5_005).await;
    let (upcoming_only, queries) = read_counting(&app, &token).await;
    let mut expected = vec![upcoming; 4_999];
    expected.push(compact(&day(0)));
    assert_eq!(days(&upcoming_only), expected);
    assert_ends_with_notice(&upcoming_only);
    assert!(upcoming_only.contains(&format!("{TASKS}/5002\r\n")));
    assert!(!upcoming_only.contains(&format!("{TASKS}/5003\r\n")));
    assert_eq!(queries, 6);
}

#[tokio::test]
async fn a_calendar_has_all_events_of_a_task_or_none() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let token = calendar_token(&ada).await;
    // Not a Monday, so that it has an event for itself and one for its series.
    let repeating =
        json!({"title": "Pay rent", "due": "2028-02-01", "repeat": "FREQ=WEEKLY;BYDAY=MO"});
    ada.create(&json!({"title": "First", "due": "2028-01-31"}))
        .await;
    ada.create(&repeating).await;
    copy_rent(&app, 3..2_502).await;

    let calendar = text(&read(&app, &token).await);

    assert_eq!(calendar.matches("BEGIN:VEVENT\r\n").count(), 5_000);
    assert_eq!(calendar.matches("UID:task-").count(), 2_500);
    assert_eq!(calendar.matches("UID:series-").count(), 2_499);
    assert_ends_with_notice(&calendar);
}

#[tokio::test]
async fn a_calendar_has_at_most_two_megabytes() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let token = calendar_token(&ada).await;
    ada.create(&large("2028-01-31")).await;
    copy_rent(&app, 2..201).await;

    let (calendar, queries) = read_counting(&app, &token).await;

    let bytes = calendar.len();
    assert!((1_950_000..=2_000_000).contains(&bytes), "{bytes}");
    assert_ends_with_notice(&calendar);
    assert_eq!(queries, 2);
}

#[tokio::test]
async fn done_tasks_of_the_past_keep_no_open_one_out_of_a_calendar() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let token = calendar_token(&ada).await;
    let uri = ada.create(&large(&day(10))).await.uri;
    ada.put(&uri, &json!({"done": true})).send().await;
    for due in ["2028-01-31", &day(1), &day(20)] {
        ada.create(&json!({"title": "Open", "due": due})).await;
    }
    copy_rent(&app, 5..300).await;

    let (calendar, queries) = read_counting(&app, &token).await;

    // The last of them is behind the four megabytes that are read of what is overdue.
    let expected = [compact(&day(1)), "20280131".to_owned(), compact(&day(0))];
    assert_eq!(days(&calendar), expected);
    assert_ends_with_notice(&calendar);
    assert_eq!(queries, 5);
}

#[tokio::test]
async fn done_tasks_of_the_future_keep_no_overdue_one_out_of_a_calendar() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let token = calendar_token(&ada).await;
    let uri = ada.create(&large("2028-01-31")).await.uri;
    ada.put(&uri, &json!({"done": true})).send().await;
    for due in [&*day(0), &day(1), "2029-01-31"] {
        ada.create(&json!({"title": "Open", "due": due})).await;
    }
    copy_rent(&app, 5..570).await;

    let (calendar, queries) = read_counting(&app, &token).await;

    let expected = [1, 0, 0].map(|days_ago| compact(&day(days_ago)));
    assert_eq!(days(&calendar), expected);
    assert_ends_with_notice(&calendar);
    assert_eq!(queries, 9);
}
