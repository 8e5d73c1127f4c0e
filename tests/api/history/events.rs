//! The record: requests, what they did, and what their responses showed.

use std::time::Instant;

use serde_json::{Value, json};

/// What a request does to the item it is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Create(Members),
    Update(Members, Option<u64>),
    Delete(Option<u64>),
    Read,
}

/// What a write sets. The mark is in every one, and no two have the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Members {
    pub mark: String,
    pub title: Option<String>,
    pub done: Option<bool>,
    /// Whether the task repeats from then on.
    pub repeats: Option<bool>,
    /// The URI of the list that it puts a task into.
    pub list: Option<String>,
}

impl Members {
    /// Whether the write makes `state` out of the state before, as far as that is known: a member that
    /// it does not set is as it was, and a task that it ticks repeats no longer.
    pub fn make(&self, state: &State, before: Option<&State>) -> bool {
        let title = self.title.as_ref().or(before.map(|before| &before.title));
        let done = self.done.or(before.map(|before| before.done));
        let list = self.list.as_ref().or(before.map(|before| &before.list));
        let repeats = match self.done {
            Some(true) => Some(false),
            _ => self.repeats.or(before.map(|before| before.repeats)),
        };
        title.is_none_or(|title| *title == state.title)
            && done.is_none_or(|done| done == state.done)
            && list.is_none_or(|list| *list == state.list)
            && repeats.is_none_or(|repeats| repeats == state.repeats)
    }

    /// Whether the write completes a task that repeats, so that another one follows.
    pub fn complete(&self, before: &State) -> bool {
        let repeats = self.repeats.unwrap_or(before.repeats);
        !before.done && self.done == Some(true) && repeats
    }
}

/// An item as a response showed it.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub version: u64,
    pub mark: String,
    pub title: String,
    pub done: bool,
    pub repeats: bool,
    /// The URI of a task's list.
    pub list: String,
}

/// A request and its response.
#[derive(Clone, Debug)]
pub struct Event {
    pub start: Instant,
    pub end: Instant,
    /// The URI of a task, a list, a user or a token; empty for a create that failed.
    pub uri: String,
    pub action: Action,
    pub status: u16,
    pub seen: Option<State>,
    /// Whether the response showed a task that follows.
    pub is_followed: bool,
}

impl Event {
    /// What it sets.
    pub fn members(&self) -> Option<&Members> {
        match &self.action {
            Action::Create(members) | Action::Update(members, _) => Some(members),
            Action::Delete(_) | Action::Read => None,
        }
    }

    /// Whether it is a deletion that was, or may have been, applied.
    pub fn may_have_deleted(&self) -> bool {
        matches!(self.action, Action::Delete(_)) && matches!(self.status, 200 | 503)
    }

    /// Whether it is a completion of a task that may have been applied although it failed.
    pub fn may_have_completed(&self) -> bool {
        matches!(&self.action, Action::Update(members, _) if members.done == Some(true))
            && self.status == 503
    }

    /// The version that it expects.
    pub fn expected(&self) -> Option<u64> {
        match self.action {
            Action::Update(_, expected) | Action::Delete(expected) => expected,
            Action::Create(_) | Action::Read => None,
        }
    }
}

impl State {
    /// A task, a list or a user. Its mark is the description, the name, or the name in the address.
    pub fn of(item: &Value) -> Self {
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let email = text("email");
        Self {
            version: version(&text("etag")),
            mark: text("description") + &text("name") + email.split('@').next().unwrap_or_default(),
            title: text("title"),
            done: item["done"] == json!(true),
            repeats: item["repeat"].is_string(),
            list: text("list"),
        }
    }
}

/// The version in an entity tag such as `"1.7"`; 0 when there is none.
pub fn version(etag: &str) -> u64 {
    let version = etag.trim_matches('"').rsplit('.').next();
    version
        .and_then(|version| version.parse().ok())
        .unwrap_or(0)
}

/// A task or a list as it is in the table in the end.
#[derive(Debug)]
pub struct Stored {
    pub version: u64,
    pub is_deleted: bool,
    /// The end of the URI of a task's list, as `lists/7`.
    pub list: Option<String>,
}

/// The last two segments of a URI.
pub fn end_of(uri: &str) -> &str {
    let last = uri.rfind('/').unwrap_or(0);
    uri[..last].rfind('/').map_or(uri, |at| &uri[at + 1..])
}
