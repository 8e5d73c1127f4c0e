//! What has to have come of a write.

use aws_sdk_dynamodb::types::AttributeValue;
use http::HeaderValue;
use serde_json::{Value, json};

use super::Meanwhile;
use super::Write::{self, *};
use super::fixture::{Environments, Fixture, email, lists, tokens};
use crate::client::{TASKS, TRASH, TestApp, TestResponse};

const TRANSACTION: &str = "TransactWriteItems";

/// What was done, and what has to have come of it.
pub struct Case<'a> {
    pub write: Write,
    /// What the other client has really done.
    pub meanwhile: Meanwhile,
    /// The call whose response was lost.
    pub target: &'a str,
}

impl Case<'_> {
    pub async fn check(
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
            _ if self.write.completes() => self.check_completion(fixture, response).await,
            _ if self.write.is_of_list() => self.check_list(fixture, response).await,
            _ => self.check_task(fixture, response).await,
        }
    }

    /// Whether an id was allocated whose number stays unused.
    fn was_allocation(&self) -> bool {
        let allocates = self.write.is_of_task() || self.write.is_of_list();
        allocates && self.target == "UpdateItem account"
    }

    fn status(&self) -> u16 {
        // The id was not used, and now it cannot be.
        if self.was_allocation() && self.meanwhile == Meanwhile::DeleteAccount {
            return 401;
        }
        // The list was gone before the task was written into it.
        if self.was_allocation() && self.meanwhile == Meanwhile::DeleteTheList {
            return 404;
        }
        // Nothing was completed before the task, its list or its account was gone.
        if self.write.completes() && self.target != TRANSACTION {
            match self.meanwhile {
                Meanwhile::DeleteAccount => return 401,
                Meanwhile::Delete | Meanwhile::Purge | Meanwhile::DeleteTheList => return 404,
                Meanwhile::Nothing | Meanwhile::Update => {}
            }
        }
        // A tombstone has nothing left to show.
        let is_update = [PutTask, PatchTask, TickTask, ReopenTask].contains(&self.write);
        if self.write == PutList && self.meanwhile == Meanwhile::Delete
            || is_update && self.meanwhile == Meanwhile::Purge
        {
            return 404;
        }
        if self.write.creates() { 201 } else { 200 }
    }

    async fn check_task(
        &self,
        fixture: &Fixture<'_>,
        response: &TestResponse,
    ) -> Result<(), String> {
        let shown = |task: &Value| {
            let list = task["list"].as_str().and_then(|uri| uri.rsplit('/').next());
            let members = ["title", "description", "done", "order", "etag"];
            let members = members.map(|name| task[name].clone());
            json!([members, list])
        };
        let is_updated = self.meanwhile == Meanwhile::Update;
        let is_purged =
            matches!(self.write, PurgeTask | EmptyTrash) || self.meanwhile == Meanwhile::Purge;
        let deletes = [Meanwhile::Delete, Meanwhile::DeleteTheList];
        let is_deleted = is_purged || self.write == DeleteTask || deletes.contains(&self.meanwhile);
        let is_new = self.write.creates() || [PutTask, PatchTask].contains(&self.write);
        let title = if is_new { "Mine" } else { "Buy milk" };
        let theirs = if is_updated { "Theirs" } else { "" };
        let order = match self.write {
            OrderTask => 7,
            // The id.
            _ if self.was_allocation() => 3,
            _ => 2,
        };
        let list = if self.write.is_in_list() {
            "1"
        } else {
            "inbox"
        };
        let version = 1
            + u8::from(!self.write.creates())
            + u8::from(self.write == ReopenTask || self.write.is_of_trash())
            + u8::from(is_updated);
        // The repeated transaction is known by its token, and refused by nothing: the response shows
        // what it made, not what others have made of it since.
        let own = [MoveTask, OrderTask, RestoreToList].contains(&self.write);
        let shown_version = version - u8::from(is_updated && own);
        let shown_description = if own { "" } else { theirs };
        let state = |description: &str, version: u8| {
            let etag = format!("\"1.{version}\"");
            let done = self.write == TickTask;
            json!([[title, description, done, order, etag], list])
        };
        let now = state(theirs, version);

        if self.write.creates() && response.status == 201 {
            let created = json!([[title, "", false, order, "\"1.1\""], list]);
            expect("body", &shown(&response.json()["task"]), &created)?;
        } else if !is_deleted {
            let expected = state(shown_description, shown_version);
            expect("body", &shown(&response.json()["task"]), &expected)?;
        }
        let tasks = fixture.cleaner.list().await;
        let tasks: Vec<_> = tasks.iter().skip(1).map(shown).collect();
        let expected = if is_deleted { Vec::new() } else { vec![now] };
        expect("tasks", &tasks, &expected)?;
        let is_in_trash = is_deleted && !is_purged && response.status != 404;
        let trash = fixture.cleaner.get(TRASH).send().await.json();
        let trash = trash["tasks"].as_array().map(Vec::len);
        expect(
            "tasks in the trash",
            &trash,
            &Some(usize::from(is_in_trash)),
        )?;
        let path = match self.write {
            CreateTaskWithKey => TASKS,
            CreateTaskInListWithKey if response.status == 201 => &fixture.tasks(),
            _ => return Ok(()),
        };
        let key = HeaderValue::from_static("key");
        let again = fixture.cleaner.post(path, &json!({"title": "Mine"}));
        let again = again.header("idempotency-key", key).send().await;
        expect("replayed", &again.header("idempotency-replayed"), &"true")?;
        expect("replay", &again.bytes, &response.bytes)
    }

    async fn check_completion(
        &self,
        fixture: &Fixture<'_>,
        response: &TestResponse,
    ) -> Result<(), String> {
        let shown = |task: &Value| {
            let members = ["description", "done", "due", "repeat", "etag"];
            json!([end(&task["uri"]), members.map(|name| &task[name])])
        };
        let is_updated = self.meanwhile == Meanwhile::Update;
        let was_first = self.target == TRANSACTION;
        let (description, version) = match is_updated && !was_first {
            true => ("Theirs", 3),
            false => ("", 2),
        };
        let old = |description: &str, version: u8| {
            let etag = format!("\"1.{version}\"");
            json!(["2", [description, true, "2126-01-31", null, etag]])
        };
        let id = if self.was_allocation() { "4" } else { "3" };
        let rule = "FREQ=MONTHLY";
        let next = json!([id, [description, false, "2126-02-28", rule, "\"1.1\""]]);
        if response.status == 200 {
            let json = response.json();
            let body = [shown(&json["task"]), shown(&json["next_task"])];
            expect("body", &body, &[old(description, version), next.clone()])?;
        }
        let last = match is_updated {
            true => old("Theirs", 3),
            false => old("", 2),
        };
        let expected = match self.meanwhile {
            Meanwhile::Nothing | Meanwhile::Update => vec![last, next],
            Meanwhile::Delete | Meanwhile::Purge if was_first => vec![next],
            _ => Vec::new(),
        };
        let tasks = fixture.cleaner.list().await;
        let tasks: Vec<_> = tasks.iter().skip(1).map(shown).collect();
        expect("tasks", &tasks, &expected)
    }

    async fn check_list(
        &self,
        fixture: &Fixture<'_>,
        response: &TestResponse,
    ) -> Result<(), String> {
        let shown = |list: &Value| json!([list["name"], list["order"], list["etag"]]);
        let is_updated = self.meanwhile == Meanwhile::Update;
        let is_deleted = self.write == DeleteList || self.meanwhile == Meanwhile::Delete;
        let id = if self.was_allocation() { 2 } else { 1 };
        let order = if is_updated { 7 } else { id };
        let version = 1 + u8::from(self.write == PutList) + u8::from(is_updated);
        let now = json!(["Mine", order, format!("\"1.{version}\"")]);
        if self.write == CreateList {
            let created = json!(["Mine", id, "\"1.1\""]);
            expect("body", &shown(&response.json()["list"]), &created)?;
        } else if !is_deleted {
            expect("body", &shown(&response.json()["list"]), &now)?;
        }
        let lists = lists(&fixture.cleaner).await;
        let lists: Vec<_> = lists.iter().map(shown).collect();
        let expected = if is_deleted { Vec::new() } else { vec![now] };
        expect("lists", &lists, &expected)?;
        // The account's first task only: the list's own is gone with it.
        expect("tasks", &fixture.cleaner.list().await.len(), &1)
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

/// The last segment of a URI.
fn end(uri: &Value) -> Option<&str> {
    uri.as_str()?.rsplit('/').next()
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

pub async fn account_id(app: &TestApp, name: &str) -> Option<String> {
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
