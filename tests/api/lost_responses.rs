//! Every write of every route with its response lost in every way, and somebody else at the same item
//! before the retry: success is responded to as success, nothing is applied twice, and nothing that
//! was deleted comes back.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{
    BASE, Call, PASSWORD, TASKS, TOKENS, TestApp, TestResponse, USERS, User, basic,
};
use crate::wire::LOST_RESPONSES;

/// A request that writes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Write {
    CreateTask,
    CreateTaskWithKey,
    PutTask,
    PatchTask,
    TickTask,
    DeleteTask,
    PutUser,
    DeleteUser,
    Register,
    CreateToken,
    DeleteToken,
}
use Write::*;

/// What another client does to the same item between two attempts of the write.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meanwhile {
    Nothing,
    Update,
    Delete,
    DeleteAccount,
}

impl Meanwhile {
    const ALL: [Self; 4] = [
        Self::Nothing,
        Self::Update,
        Self::Delete,
        Self::DeleteAccount,
    ];
}

impl Write {
    fn is_of_task(self) -> bool {
        !matches!(
            self,
            PutUser | DeleteUser | Register | CreateToken | DeleteToken
        )
    }

    fn creates(self) -> bool {
        matches!(
            self,
            CreateTask | CreateTaskWithKey | Register | CreateToken
        )
    }
}

/// Three execution environments over one table.
struct Environments {
    mine: TestApp,
    theirs: TestApp,
    /// Finishes what an account's deletion has to wait for.
    cleaner: TestApp,
}

impl Environments {
    async fn start(write: Write) -> Self {
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
struct Fixture<'a> {
    name: String,
    mine: User<'a>,
    theirs: User<'a>,
    cleaner: User<'a>,
    /// The one that is written; for a create, the one that it will create.
    task: String,
    token: String,
}

impl<'a> Fixture<'a> {
    async fn new(environments: &'a Environments, write: Write, number: usize) -> Self {
        let name = format!("user{number}");
        let login = |app: &'a TestApp| app.holder(basic(&name, PASSWORD));
        let mut fixture = Self {
            mine: login(&environments.mine),
            theirs: login(&environments.theirs),
            cleaner: login(&environments.cleaner),
            name: name.clone(),
            task: format!("{BASE}{TASKS}/2"),
            token: String::new(),
        };
        if write == Register {
            return fixture;
        }
        environments.mine.user(&name).await;
        // The account's first task is never written again. That it is new makes a deletion of the
        // account wait.
        fixture.mine.create("Buy bread").await;
        if write.is_of_task() && !write.creates() {
            fixture.mine.create("Buy milk").await;
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

    fn user_uri(&self) -> String {
        format!("{USERS}/{}", self.name)
    }

    fn request(&self, write: Write) -> Call<'a> {
        let key = HeaderValue::from_static("key");
        match write {
            CreateTask => self.mine.post(TASKS, &json!({"title": "Mine"})),
            CreateTaskWithKey => {
                let call = self.mine.post(TASKS, &json!({"title": "Mine"}));
                call.header("idempotency-key", key)
            }
            PutTask => self.mine.put(&self.task, &json!({"title": "Mine"})),
            PatchTask => self.mine.patch(&self.task, &json!({"title": "Mine"})),
            TickTask => self.mine.patch(&self.task, &json!({"done": true})),
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
    async fn act(&self, write: Write, meanwhile: Meanwhile) -> bool {
        let theirs = &self.theirs;
        let response = match meanwhile {
            Meanwhile::Nothing => return false,
            Meanwhile::DeleteAccount => theirs.delete(&self.user_uri()).send().await,
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

fn email(name: &str) -> Value {
    json!({"email": format!("{name}@example.com")})
}

async fn tokens(user: &User<'_>) -> Vec<Value> {
    let listed = user.get(TOKENS).send().await;
    assert_eq!(listed.status, 200, "{listed:?}");
    listed.json()["tokens"].as_array().expect("tokens").clone()
}

/// The writes that a request makes, as targets for faults. Login counters are not among them.
async fn targets(environments: &Environments, write: Write) -> Vec<String> {
    let fixture = Fixture::new(environments, write, 0).await;
    environments.mine.wire.take_targets();
    let response = fixture.request(write).send().await;
    assert!(response.status < 300, "{response:?}");
    let mut targets = Vec::new();
    for call in environments.mine.wire.take_targets() {
        let (operation, key) = call.split_once(' ').unwrap_or((&call, ""));
        let is_write = operation.ends_with("Item") && operation != "GetItem";
        let is_write =
            is_write || operation.ends_with("WriteItems") || operation.ends_with("WriteItem");
        let is_counter = key.starts_with(|c: char| c.is_ascii_digit());
        let target = format!("{operation} {}", key.split('#').next().unwrap_or_default());
        let target = target.trim_end().to_owned();
        if is_write && operation != "BatchGetItem" && !is_counter && !targets.contains(&target) {
            targets.push(target);
        }
    }
    assert!(!targets.is_empty(), "{write:?} writes nothing");
    targets
}

/// The request with the response of each of its writes lost in each way, with each of the actions of
/// another client before the retry.
async fn lose_every_response_of(write: Write) {
    let environments = Environments::start(write).await;
    let mut number = 0;
    let mut wrong = Vec::new();
    for target in targets(&environments, write).await {
        for fault in LOST_RESPONSES {
            for meanwhile in Meanwhile::ALL {
                number += 1;
                let fixture = Fixture::new(&environments, write, number).await;
                let account = account_id(&environments.cleaner, &fixture.name).await;
                let mut acted = false;
                let request = fixture.request(write).send();
                let act = async || acted = fixture.act(write, meanwhile).await;
                let wire = &environments.mine.wire;
                let response = wire
                    .between_attempts(&target, fault.clone(), request, act)
                    .await;
                let account = match account {
                    Some(account) => Some(account),
                    None => account_id(&environments.cleaner, &fixture.name).await,
                };
                let case = Case {
                    write,
                    meanwhile: if acted { meanwhile } else { Meanwhile::Nothing },
                    was_allocation: write.is_of_task() && target.ends_with(" account"),
                };
                if let Err(problem) = case
                    .check(&environments, &fixture, account, &response)
                    .await
                {
                    wrong.push(format!("{target}, {fault:?}, {meanwhile:?}: {problem}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{write:?}\n{}", wrong.join("\n"));
}

async fn account_id(app: &TestApp, name: &str) -> Option<String> {
    let key = |name: &str, value: String| (name.to_owned(), AttributeValue::S(value));
    let request = app
        .table
        .get_item()
        .table_name("todo")
        .consistent_read(true);
    let request = request.set_key(Some(
        [
            key("pk", format!("user#{name}")),
            key("sk", "account".to_owned()),
        ]
        .into(),
    ));
    let item = request.send().await.expect("a read").item?;
    Some(item["account_id"].as_s().expect("an id").clone())
}

/// What was done, and what has to have come of it.
struct Case {
    write: Write,
    /// What the other client has really done.
    meanwhile: Meanwhile,
    /// The lost response was that of an allocated id, which stays unused.
    was_allocation: bool,
}

impl Case {
    async fn check(
        &self,
        environments: &Environments,
        fixture: &Fixture<'_>,
        account: Option<String>,
        response: &TestResponse,
    ) -> Result<(), String> {
        let status = self.status();
        expect("status", &response.status, &status)?;
        if self.write == DeleteUser || self.meanwhile == Meanwhile::DeleteAccount {
            let login = fixture.cleaner.get(TASKS).send().await;
            expect("login after the deletion", &login.status, &401)?;
            // Goes on where the deletion has to wait for creates.
            fixture.cleaner.delete(&fixture.user_uri()).send().await;
            let left = leftovers(&environments.cleaner, &fixture.name, account).await;
            return expect("leftovers", &left, &Vec::new());
        }
        match self.write {
            PutUser | Register => self.check_user(fixture, response).await,
            CreateToken | DeleteToken => self.check_tokens(fixture).await,
            _ => self.check_task(fixture, response).await,
        }
    }

    fn status(&self) -> u16 {
        // The id was not used, and now it cannot be.
        if self.was_allocation && self.meanwhile == Meanwhile::DeleteAccount {
            return 401;
        }
        if self.write.creates() { 201 } else { 200 }
    }

    async fn check_task(
        &self,
        fixture: &Fixture<'_>,
        response: &TestResponse,
    ) -> Result<(), String> {
        let (update, delete) = (Meanwhile::Update, Meanwhile::Delete);
        let is_deleted = self.write == DeleteTask || self.meanwhile == delete;
        let mine = if self.write == TickTask {
            "Buy milk"
        } else {
            "Mine"
        };
        let theirs = if self.meanwhile == update {
            "Theirs"
        } else {
            ""
        };
        let version = 1 + u8::from(!self.write.creates()) + u8::from(self.meanwhile == update);
        let now = json!([
            mine,
            theirs,
            self.write == TickTask,
            format!("\"1.{version}\"")
        ]);
        let shown = |task: &Value| {
            json!([
                task["title"],
                task["description"],
                task["done"],
                task["etag"]
            ])
        };

        if self.write.creates() {
            let created = json!([mine, "", false, "\"1.1\""]);
            expect("body", &shown(&response.json()["task"]), &created)?;
        } else if !is_deleted {
            expect("body", &shown(&response.json()["task"]), &now)?;
        }
        let tasks = fixture.cleaner.list().await;
        let tasks: Vec<_> = tasks.iter().skip(1).map(shown).collect();
        let expected = if is_deleted { Vec::new() } else { vec![now] };
        expect("tasks", &tasks, &expected)?;
        if self.write == CreateTaskWithKey {
            let body = json!({"title": "Mine"});
            let key = HeaderValue::from_static("key");
            let again = fixture
                .cleaner
                .post(TASKS, &body)
                .header("idempotency-key", key);
            let again = again.send().await;
            expect("replayed", &again.header("idempotency-replayed"), &"true")?;
            expect("replay", &again.bytes, &response.bytes)?;
        }
        Ok(())
    }

    async fn check_user(
        &self,
        fixture: &Fixture<'_>,
        response: &TestResponse,
    ) -> Result<(), String> {
        let updated = self.meanwhile == Meanwhile::Update;
        let version = 1 + u8::from(self.write == PutUser) + u8::from(updated);
        let etag = format!("\"1.{version}\"");
        let user = fixture.cleaner.get(&fixture.user_uri()).send().await;
        let theirs = if updated {
            email("theirs")
        } else {
            email("mine")
        };
        expect("etag", &user.header("etag"), &etag.as_str())?;
        expect("email", &user.json()["user"]["email"], &theirs["email"])?;
        let shown = if self.write == Register {
            "\"1.1\""
        } else {
            &etag
        };
        expect("etag in the response", &response.header("etag"), &shown)
    }

    async fn check_tokens(&self, fixture: &Fixture<'_>) -> Result<(), String> {
        let mine = self.write == CreateToken && self.meanwhile != Meanwhile::Delete;
        let theirs = self.meanwhile == Meanwhile::Update;
        let mut expected = Vec::new();
        expected.extend(mine.then_some("Mine"));
        expected.extend(theirs.then_some("Theirs"));
        let tokens = tokens(&fixture.cleaner).await;
        let labels: Vec<_> = tokens
            .iter()
            .filter_map(|token| token["label"].as_str())
            .collect();
        expect("tokens", &labels, &expected)
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, is: &T, should: &T) -> Result<(), String> {
    match is == should {
        true => Ok(()),
        false => Err(format!("{what} is {is:?} instead of {should:?}")),
    }
}

/// The sort keys of what a deleted account still has in the table.
async fn leftovers(app: &TestApp, name: &str, account: Option<String>) -> Vec<String> {
    let partitions = [
        format!("user#{name}"),
        format!("tasks#{}", account.unwrap_or_default()),
    ];
    let text = |value: &AttributeValue| value.as_s().expect("a string").clone();
    let items = app.items().await.into_iter();
    let items = items.filter(|item| partitions.contains(&text(&item["pk"])));
    items.map(|item| text(&item["sk"])).collect()
}

macro_rules! lose_every_response {
    ($($name:ident: $write:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn $name() {
                Box::pin(lose_every_response_of($write)).await;
            }
        )*
    };
}

lose_every_response! {
    of_a_create: CreateTask,
    of_a_create_with_a_key: CreateTaskWithKey,
    of_a_put: PutTask,
    of_a_patch: PatchTask,
    of_a_tick: TickTask,
    of_a_delete: DeleteTask,
    of_a_change_of_a_user: PutUser,
    of_a_deletion_of_an_account: DeleteUser,
    of_a_registration: Register,
    of_a_new_token: CreateToken,
    of_a_revocation: DeleteToken,
}
