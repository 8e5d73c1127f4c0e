//! The part of the OpenAPI document about calendars.

use serde_json::{Value, json};

use crate::api::openapi::{Operation, parameter_ref};
use crate::api::uris::api;

pub fn paths() -> Value {
    let read = Operation::new("readCalendar", "service", "Read the due tasks as a calendar")
        .description(
            "For calendar programs, which subscribe to the `feed` of a token with the scope `calendar`; no other \
             credentials are needed. Open tasks with a due date from a year ago on, as iCalendar (RFC 5545): on a whole \
             day, or for half an hour in the reader's own time zone, and with the rule by which they repeat. A repeating \
             task that is overdue for more than a year is left out with its series. At most 5,000 events and 2 MB: \
             first the tasks due from today on, then the latest overdue ones. When some may be missing, a last event, \
             today, says so. A token that is wrong, expired or revoked, or has another scope, is 404.",
        )
        .open()
        .parameters(&["If-None-Match"])
        .content(
            200,
            "The calendar.",
            "text/calendar",
            &json!({"type": "string"}),
            &["ETag", "Cache-Control"],
        )
        .not_modified()
        .errors(&[400, 404, 500, 503]);
    json!({
        api!("/calendar/{file}"): {
            "parameters": [parameter_ref("calendarFile")],
            "get": read.0,
        },
    })
}
