//! Tasks that repeat: their rule as a member, their completion, and many clients at one of them.

mod completion;
mod interleavings;
mod members;
mod month_ends;
mod races;

use serde_json::Value;

use crate::client::{TestApp, TestResponse, User};

/// An update that has to be accepted: the task and the one that follows, null when none does.
fn both(response: &TestResponse) -> (Value, Value) {
    assert_eq!(response.status, 200, "{response:?}");
    let json = response.json();
    assert_eq!(response.header("etag"), json["task"]["etag"]);
    (json["task"].clone(), json["next_task"].clone())
}

async fn read(user: &User<'_>, uri: &Value) -> Value {
    let read = user.get(uri.as_str().expect("a URI")).send().await;
    assert_eq!(read.status, 200, "{read:?}");
    read.json()["task"].clone()
}

/// Sets the clock of the service to noon of a day, in UTC.
fn make_it(app: &TestApp, day: &str) {
    let noon: jiff::Timestamp = format!("{day}T12:00:00Z").parse().expect("a day");
    app.clock
        .set_ahead(noon.as_millisecond() - jiff::Timestamp::now().as_millisecond());
}
