//! Calendars: what they show, and that their tokens open nothing else.

mod bounds;
mod events;
mod tokens;

use std::time::Duration;

use serde_json::{Value, json};
use todo_api::domain::time::Timestamp;

use crate::client::{TestApp, TestResponse, User};

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

fn lines_of(calendar: &str, name: &str) -> Vec<String> {
    let unfolded = calendar.replace("\r\n ", "");
    let found = unfolded.split("\r\n").filter(|line| line.starts_with(name));
    found.map(str::to_owned).collect()
}
