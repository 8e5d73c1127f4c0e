//! How many events a calendar has, and which.

use std::ops::Range;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::{calendar_token, day, lines_of, read, text};
use crate::client::{TASKS, TestApp};
use crate::list_costs::copy;

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
