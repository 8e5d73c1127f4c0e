//! What the clients do to repeating tasks.

use std::time::Instant;

use serde_json::{Value, json};

use super::super::events::{Action, Event, Members, State};
use super::Client;

impl Client<'_> {
    /// Records a task that follows as one that was created.
    pub(super) fn record_next(&mut self, start: Instant, mark: String, next: &Value) {
        let seen = State::of(next);
        let uri = next["uri"].as_str().expect("a URI").to_owned();
        let members = Members {
            mark,
            title: None,
            done: Some(false),
            repeats: Some(true),
            list: Some(seen.list.clone()),
        };
        self.events.push(Event {
            start,
            end: Instant::now(),
            uri: uri.clone(),
            action: Action::Create(members),
            status: 201,
            seen: Some(seen),
            is_followed: false,
        });
        self.account.tasks.lock().expect("tasks").push(uri);
    }
}

/// Makes a body's task repeat from its due date on, or not repeat.
pub fn set_rule(body: &mut Value, repeats: Option<bool>) {
    match repeats {
        Some(true) => {
            body["due"] = json!("2126-01-31");
            body["repeat"] = json!("FREQ=DAILY");
        }
        Some(false) => body["repeat"] = json!(null),
        None => {}
    }
}
