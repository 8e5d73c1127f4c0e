//! Clients that send random requests and record what they got.

mod account;
mod lists;
mod repeats;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::HeaderValue;
use serde_json::{Value, json};

use super::Random;
use super::events::{Action, Event, Members, State, version};
use crate::client::{Call, PASSWORD, TASKS, TestApp, TestResponse, User, basic};
use repeats::set_rule;

/// As many tasks are kept alive in an account, so that its clients meet at them.
const TASKS_KEPT: usize = 4;

/// What the clients of one account share: the newest of what they have created.
pub struct Account {
    pub name: String,
    tasks: Mutex<Vec<String>>,
    lists: Mutex<Vec<String>>,
    tokens: Mutex<Vec<String>>,
}

impl Account {
    pub fn new(name: String) -> Self {
        Self {
            name,
            tasks: Mutex::default(),
            lists: Mutex::default(),
            tokens: Mutex::default(),
        }
    }
}

pub struct Client<'a> {
    user: User<'a>,
    account: Arc<Account>,
    number: usize,
    marks: usize,
    random: Random,
    /// The versions that it has seen last, for conditional requests.
    versions: Vec<(String, u64)>,
    pub events: Vec<Event>,
    /// The status of each response, and how long it took.
    pub responses: Vec<(u16, Duration)>,
    /// What is wrong by itself.
    pub problems: Vec<String>,
}

impl<'a> Client<'a> {
    pub fn new(app: &'a TestApp, account: Arc<Account>, number: usize, random: Random) -> Self {
        Self {
            user: app.holder(basic(&account.name, PASSWORD)),
            account,
            number,
            marks: 0,
            random,
            versions: Vec::new(),
            events: Vec::new(),
            responses: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Gets the login into the cache.
    pub async fn log_in(&self) {
        assert_eq!(self.user.get(TASKS).send().await.status, 200);
    }

    pub async fn run_until(&mut self, end: Instant) {
        while Instant::now() < end {
            let tasks = self.account.tasks.lock().expect("tasks").len();
            let list_count = self.account.lists.lock().expect("lists").len();
            match self.random.below(112) {
                _ if tasks < TASKS_KEPT => self.create_task().await,
                _ if list_count < lists::KEPT => self.create_list().await,
                100..104 => self.update_list().await,
                104..106 => self.delete_list().await,
                106..108 => self.create_list().await,
                108.. => self.list_tasks_of_list().await,
                0..8 => self.create_task().await,
                8..17 => self.delete_task().await,
                17..62 => self.update_task().await,
                62..80 => self.read_task().await,
                80..88 => self.list_tasks().await,
                88..92 => self.update_user().await,
                92..96 => self.create_token().await,
                _ => self.delete_token().await,
            }
        }
    }

    async fn create_task(&mut self) {
        let mut members = self.members();
        members.title = Some(format!("Title {}", members.mark));
        let mut body = json!({"title": members.title, "description": members.mark});
        let mut path = TASKS.to_owned();
        members.list = self.any_list().filter(|_| self.random.one_in(3));
        members.repeats = Some(self.random.one_in(2));
        set_rule(&mut body, members.repeats);
        match &members.list {
            Some(list) if self.random.one_in(2) => path = format!("{list}/tasks"),
            Some(list) => body["list"] = json!(list),
            None => {}
        }
        let key = self.random.one_in(2).then(|| header(&members.mark));
        let send = async |user: &User<'_>| {
            let call = user.post(&path, &body);
            match &key {
                Some(key) => call.header("idempotency-key", key.clone()).send().await,
                None => call.send().await,
            }
        };
        let start = Instant::now();
        let mut response = send(&self.user).await;
        if key.is_some() && response.status == 503 {
            response = send(&self.user).await;
        }
        let uri = match response.status {
            201 => response.header("location").to_owned(),
            _ => String::new(),
        };
        self.record(start, &uri, Action::Create(members), &response);
        if response.status != 201 {
            return;
        }
        let mut tasks = self.account.tasks.lock().expect("tasks").clone();
        tasks.push(uri);
        // A few more than are kept alive: requests to deleted ones are part of it.
        let surplus = tasks.len().saturating_sub(TASKS_KEPT + 4);
        tasks.drain(..surplus);
        *self.account.tasks.lock().expect("tasks") = tasks;
        if key.is_some() && self.random.one_in(4) {
            let replay = send(&self.user).await;
            if replay.status == 201 && replay.bytes != response.bytes {
                self.problems.push(format!("a replay differs: {replay:?}"));
            }
        }
    }

    async fn update_task(&mut self) {
        let mut members = self.members();
        match self.random.below(9) {
            6 => (members.repeats, members.done) = (Some(true), Some(true)),
            7 => members.repeats = Some(true),
            8 => members.repeats = Some(false),
            3 => members.list = self.any_list(),
            4 => (members.list, members.done) = (self.any_list(), Some(false)),
            0 => members.title = Some(format!("Title {}", members.mark)),
            1 => members.done = Some(true),
            2 => members.done = Some(false),
            _ => {}
        }
        let mut body = json!({"description": members.mark});
        set_rule(&mut body, members.repeats);
        if let Some(title) = &members.title {
            body["title"] = json!(title);
        }
        if let Some(done) = members.done {
            body["done"] = json!(done);
        }
        if let Some(list) = &members.list {
            body["list"] = json!(list);
        }
        let Some(uri) = self.any_task() else { return };
        let call = match self.random.one_in(2) {
            true => self.user.put(&uri, &body),
            false => self.user.patch(&uri, &body),
        };
        let (call, expected) = self.on_condition(call, &uri);
        let start = Instant::now();
        let response = call.send().await;
        let mark = members.mark.clone();
        self.record(start, &uri, Action::Update(members, expected), &response);
        let next = (response.status == 200).then(|| response.json()["next_task"].clone());
        if let Some(next) = next.filter(|next| !next.is_null()) {
            self.record_next(start, mark, &next);
        }
    }

    async fn delete_task(&mut self) {
        let Some(uri) = self.any_task() else { return };
        let (call, expected) = self.on_condition(self.user.delete(&uri), &uri);
        let start = Instant::now();
        let response = call.send().await;
        self.record(start, &uri, Action::Delete(expected), &response);
        // The next ones of this account meet it a few times more.
        if response.status == 404 {
            self.account
                .tasks
                .lock()
                .expect("tasks")
                .retain(|task| *task != uri);
        }
    }

    async fn read_task(&mut self) {
        let Some(uri) = self.any_task() else { return };
        let start = Instant::now();
        let response = self.user.get(&uri).send().await;
        self.record(start, &uri, Action::Read, &response);
    }

    /// A list is a read of each task that was known before.
    async fn list_tasks(&mut self) {
        let known = self.account.tasks.lock().expect("tasks").clone();
        let start = Instant::now();
        let response = self.user.get(&format!("{TASKS}?limit=100")).send().await;
        self.responses.push((response.status, start.elapsed()));
        let json = if response.status == 200 {
            response.json()
        } else {
            Value::Null
        };
        if json.get("next").is_some_and(|next| !next.is_null()) {
            return;
        }
        let shown = json["tasks"].as_array().cloned().unwrap_or_default();
        for uri in known {
            let seen = shown
                .iter()
                .find(|task| task["uri"] == json!(uri))
                .map(State::of);
            let status = match (&seen, response.status) {
                (None, 200) => 404,
                (_, status) => status,
            };
            self.events.push(Event {
                start,
                end: Instant::now(),
                uri,
                action: Action::Read,
                status,
                seen,
                is_followed: false,
            });
        }
    }

    fn members(&mut self) -> Members {
        self.marks += 1;
        Members {
            mark: format!("c{}-{}", self.number, self.marks),
            title: None,
            done: None,
            repeats: None,
            list: None,
        }
    }

    /// One of the newest tasks, or the next one, which another client may be creating.
    fn any_task(&mut self) -> Option<String> {
        let tasks = self.account.tasks.lock().expect("tasks").clone();
        if !self.random.one_in(5) {
            return self.random.pick(&tasks).cloned();
        }
        let (list, id) = tasks.last()?.rsplit_once('/')?;
        Some(format!("{list}/{}", id.parse::<u64>().ok()? + 1))
    }

    /// `call`, often with the version that this client has seen last as its condition.
    fn on_condition<'c>(&mut self, call: Call<'c>, uri: &str) -> (Call<'c>, Option<u64>) {
        let mut versions = self.versions.iter().rev();
        let version = versions
            .find(|(known, _)| known == uri)
            .map(|(_, version)| *version);
        match version.filter(|_| self.random.one_in(3)) {
            Some(version) => (
                call.header("if-match", header(&format!("\"1.{version}\""))),
                Some(version),
            ),
            None => (call, None),
        }
    }

    fn record(&mut self, start: Instant, uri: &str, action: Action, response: &TestResponse) {
        let end = Instant::now();
        self.responses.push((response.status, end - start));
        let seen = match response.status {
            200 | 201 if !matches!(action, Action::Delete(_)) => {
                let json = response.json();
                ["task", "list", "user"]
                    .iter()
                    .find_map(|kind| json.get(kind))
                    .map(|item| State {
                        version: version(response.header("etag")),
                        ..State::of(item)
                    })
            }
            _ => None,
        };
        if let Some(state) = &seen {
            self.versions.push((uri.to_owned(), state.version));
            let surplus = self.versions.len().saturating_sub(20);
            self.versions.drain(..surplus);
        }
        if !matches!(
            response.status,
            200 | 201 | 400 | 401 | 404 | 412 | 429 | 503
        ) {
            self.problems
                .push(format!("{action:?} of {uri}: {response:?}"));
        }
        let is_followed = response.status == 200 && response.json().get("next_task").is_some();
        self.events.push(Event {
            start,
            end,
            uri: uri.to_owned(),
            action,
            status: response.status,
            seen,
            is_followed,
        });
    }
}

fn header(value: &str) -> HeaderValue {
    value.parse().expect("a header")
}
