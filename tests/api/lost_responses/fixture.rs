//! Who writes what to what, and what another client does to it meanwhile.

use std::time::Duration;

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::Meanwhile;
use super::Write::{self, *};
use crate::client::{
    BASE, Call, LISTS, PASSWORD, TASKS, TOKENS, TRASH, TestApp, USERS, User, basic,
};

const INBOX: &str = "/todo/api/v1.0/lists/inbox";

/// Three execution environments over one table.
pub struct Environments {
    pub mine: TestApp,
    theirs: TestApp,
    /// Finishes what an account's deletion has to wait for.
    pub cleaner: TestApp,
}

impl Environments {
    pub async fn start(write: Write) -> Self {
        let first = TestApp::with_settings(&[
            ("LOGIN_FAILURES_PER_ADDRESS", "1000"),
            ("REGISTRATIONS_PER_HOUR", "1000"),
        ])
        .await;
        // The deletion of an account waits as in the deployed service, unless it is what is tested.
        let window = match write {
            DeleteUser => Duration::ZERO,
            _ => Duration::from_secs(30),
        };
        Self {
            mine: first.twin_with_creation_window(window).await,
            theirs: first.twin_with_creation_window(window).await,
            cleaner: first,
        }
    }
}

/// A user with what the write needs, seen from each environment.
pub struct Fixture<'a> {
    pub name: String,
    mine: User<'a>,
    theirs: User<'a>,
    pub cleaner: User<'a>,
    /// The one that is written; for a create, the one that it will create.
    pub task: String,
    /// The same task in the trash.
    trashed: String,
    pub list: String,
    token: String,
}

impl<'a> Fixture<'a> {
    pub async fn new(environments: &'a Environments, write: Write, number: usize) -> Self {
        let name = format!("user{number}");
        let login = |app: &'a TestApp| app.holder(basic(&name, PASSWORD));
        let (task, list) = (format!("{BASE}{TASKS}/2"), format!("{BASE}{LISTS}/1"));
        let mut fixture = Self {
            trashed: format!("{BASE}{TRASH}/2"),
            mine: login(&environments.mine),
            theirs: login(&environments.theirs),
            cleaner: login(&environments.cleaner),
            name: name.clone(),
            task,
            list,
            token: String::new(),
        };
        if write == Register {
            return fixture;
        }
        environments.mine.user(&name).await;
        // The account's first task is never written again. That it is new makes a deletion of the
        // account wait.
        fixture.mine.create("Buy bread").await;
        if write.is_in_list() || [PutList, DeleteList].contains(&write) {
            fixture.mine.create_list("Home").await;
        }
        if (write.is_of_task() && !write.creates()) || write == DeleteList {
            let in_list = [OrderTask, CompleteTaskInList, RestoreToList, DeleteList];
            let is_in_list = in_list.contains(&write);
            let list = if is_in_list { &fixture.list } else { INBOX };
            let mut body = json!({"title": "Buy milk", "list": list});
            if write.completes() {
                body["due"] = json!("2126-01-31");
                body["repeat"] = json!("FREQ=MONTHLY");
            }
            fixture.mine.create(&body).await;
        }
        if write == ReopenTask {
            let body = json!({"done": true});
            fixture.mine.patch(&fixture.task, &body).send().await;
        }
        if write.is_of_trash() {
            fixture.mine.delete(&fixture.task).send().await;
        }
        if write == DeleteToken {
            let token = fixture.mine.token(&json!({})).await.0;
            fixture.token = token["uri"].as_str().expect("a URI").to_owned();
        }
        assert_eq!(
            fixture.theirs.list().await.len(),
            fixture.mine.list().await.len()
        );
        fixture
    }

    pub fn user_uri(&self) -> String {
        format!("{USERS}/{}", self.name)
    }

    /// The tasks of the list.
    pub fn tasks(&self) -> String {
        format!("{}/tasks", self.list)
    }

    pub fn request(&self, write: Write) -> Call<'a> {
        let key = HeaderValue::from_static("key");
        match write {
            CreateTask => self.mine.post(TASKS, &json!({"title": "Mine"})),
            CreateTaskWithKey => {
                let call = self.mine.post(TASKS, &json!({"title": "Mine"}));
                call.header("idempotency-key", key)
            }
            PutTask => self.mine.put(&self.task, &json!({"title": "Mine"})),
            PatchTask => self.mine.patch(&self.task, &json!({"title": "Mine"})),
            CreateTaskInList => self.mine.post(&self.tasks(), &json!({"title": "Mine"})),
            CreateTaskInListWithKey => {
                let call = self.mine.post(&self.tasks(), &json!({"title": "Mine"}));
                call.header("idempotency-key", key)
            }
            MoveTask => self.mine.patch(&self.task, &json!({"list": self.list})),
            OrderTask => self.mine.patch(&self.task, &json!({"order": 7})),
            ReopenTask => self.mine.patch(&self.task, &json!({"done": false})),
            CreateList => self.mine.post(LISTS, &json!({"name": "Mine"})),
            PutList => self.mine.put(&self.list, &json!({"name": "Mine"})),
            DeleteList => self.mine.delete(&self.list),
            TickTask | CompleteTask | CompleteTaskInList => {
                self.mine.patch(&self.task, &json!({"done": true}))
            }
            RestoreTask | RestoreToList => self.mine.request(Method::POST, &self.trashed),
            PurgeTask => self.mine.delete(&self.trashed),
            EmptyTrash => self.mine.delete(TRASH),
            DeleteTask => self.mine.delete(&self.task),
            PutUser => self.mine.put(&self.user_uri(), &email("mine")),
            DeleteUser => self.mine.delete(&self.user_uri()),
            Register => {
                let body = json!({"username": self.name, "password": PASSWORD, "email": "mine@example.com"});
                self.mine.without_login(Method::POST, USERS).json(&body)
            }
            CreateToken => self.mine.post(TOKENS, &json!({"label": "Mine"})),
            DeleteToken => self.mine.delete(&self.token),
        }
    }

    /// What the other client does. `false` when there was nothing to do it to.
    pub async fn act(&self, write: Write, meanwhile: Meanwhile) -> bool {
        let theirs = &self.theirs;
        let response = match meanwhile {
            Meanwhile::Nothing => return false,
            Meanwhile::DeleteAccount => theirs.delete(&self.user_uri()).send().await,
            Meanwhile::DeleteTheList => theirs.delete(&self.list).send().await,
            Meanwhile::Purge => {
                theirs.delete(&self.task).send().await;
                theirs.delete(&self.trashed).send().await
            }
            Meanwhile::Update if write.is_of_list() => {
                theirs.patch(&self.list, &json!({"order": 7})).send().await
            }
            Meanwhile::Delete if write.is_of_list() => theirs.delete(&self.list).send().await,
            Meanwhile::Update if write.is_of_task() => {
                let body = json!({"description": "Theirs"});
                theirs.patch(&self.task, &body).send().await
            }
            Meanwhile::Delete if write.is_of_task() => theirs.delete(&self.task).send().await,
            Meanwhile::Update if matches!(write, CreateToken | DeleteToken) => {
                theirs
                    .post(TOKENS, &json!({"label": "Theirs"}))
                    .send()
                    .await
            }
            Meanwhile::Delete if matches!(write, CreateToken | DeleteToken) => {
                let Some(token) = tokens(theirs).await.pop() else {
                    return false;
                };
                let uri = token["uri"].as_str().expect("a URI").to_owned();
                theirs.delete(&uri).send().await
            }
            Meanwhile::Update => theirs.put(&self.user_uri(), &email("theirs")).send().await,
            Meanwhile::Delete => return false,
        };
        // 503: the deletion of the account has begun, and waits.
        assert!(
            [200, 201, 401, 404, 503].contains(&response.status),
            "{response:?}"
        );
        [200, 201, 503].contains(&response.status)
    }
}

pub fn email(name: &str) -> Value {
    json!({"email": format!("{name}@example.com")})
}

pub async fn tokens(user: &User<'_>) -> Vec<Value> {
    let listed = user.get(TOKENS).send().await;
    assert_eq!(listed.status, 200, "{listed:?}");
    listed.json()["tokens"].as_array().expect("tokens").clone()
}

/// The lists beside the inbox.
pub async fn lists(user: &User<'_>) -> Vec<Value> {
    let listed = user.get(LISTS).send().await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let lists = listed.json()["lists"].as_array().expect("lists").clone();
    lists.into_iter().skip(1).collect()
}
