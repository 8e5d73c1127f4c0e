//! What the clients do to lists.

use std::time::Instant;

use serde_json::json;

use super::super::events::{Action, Event, State};
use super::Client;
use crate::client::{BASE, LISTS};

/// As many lists are kept alive in an account, beside the inbox.
pub const KEPT: usize = 2;

impl Client<'_> {
    pub(super) async fn create_list(&mut self) {
        let members = self.members();
        let start = Instant::now();
        let body = json!({"name": members.mark});
        let response = self.user.post(LISTS, &body).send().await;
        let uri = match response.status {
            201 => response.header("location").to_owned(),
            _ => String::new(),
        };
        self.record(start, &uri, Action::Create(members), &response);
        if response.status == 201 {
            self.account.lists.lock().expect("lists").push(uri);
        }
    }

    pub(super) async fn update_list(&mut self) {
        let members = self.members();
        let lists = self.account.lists.lock().expect("lists").clone();
        let Some(uri) = self.random.pick(&lists).cloned() else {
            return;
        };
        let call = self.user.put(&uri, &json!({"name": members.mark}));
        let (call, expected) = self.on_condition(call, &uri);
        let start = Instant::now();
        let response = call.send().await;
        self.record(start, &uri, Action::Update(members, expected), &response);
    }

    pub(super) async fn delete_list(&mut self) {
        let lists = self.account.lists.lock().expect("lists").clone();
        let Some(uri) = self.random.pick(&lists).cloned() else {
            return;
        };
        let start = Instant::now();
        let response = self.user.delete(&uri).send().await;
        self.record(start, &uri, Action::Delete(None), &response);
        if matches!(response.status, 200 | 404) {
            let mut lists = self.account.lists.lock().expect("lists");
            lists.retain(|list| *list != uri);
        }
    }

    /// Reads each task that is shown, and the list by the way.
    pub(super) async fn list_tasks_of_list(&mut self) {
        let Some(list) = self.any_list() else { return };
        let start = Instant::now();
        let response = self.user.get(&format!("{list}/tasks")).send().await;
        let end = Instant::now();
        self.responses.push((response.status, end - start));
        if response.status != 200 {
            return;
        }
        let json = response.json();
        for task in json["tasks"].as_array().expect("tasks") {
            let seen = State::of(task);
            if seen.list != list {
                self.problems.push(format!("{list} shows {task}"));
            }
            self.events.push(Event {
                start,
                end,
                uri: task["uri"].as_str().expect("a URI").to_owned(),
                action: Action::Read,
                status: 200,
                seen: Some(seen),
                is_followed: false,
            });
        }
    }

    /// A list of the account, at times the inbox, at times one that is gone.
    pub(super) fn any_list(&mut self) -> Option<String> {
        let mut lists = self.account.lists.lock().expect("lists").clone();
        lists.push(format!("{BASE}{LISTS}/inbox"));
        self.random.pick(&lists).cloned()
    }
}
