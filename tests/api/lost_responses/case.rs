//! What has to have come of a write.

use aws_sdk_dynamodb::types::AttributeValue;
use http::HeaderValue;
use serde_json::{Value, json};

use super::Meanwhile;
use super::Write::{self, *};
use super::fixture::{Environments, Fixture, email, tokens};
use crate::client::{TASKS, TestApp, TestResponse};

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
            _ => self.check_task(fixture, response).await,
        }
    }

    pub fn status(&self) -> u16 {
        // Where the account's item is gone, nothing says any more that this request had closed it, and
        // an allocated id that was lost cannot be used.
        let is_gone = self.target == "UpdateItem account"
            && self.meanwhile == Meanwhile::DeleteAccount
            && (self.write == DeleteUser || self.write.is_of_task());
        if is_gone {
            return 401;
        }
        if self.write.creates() { 201 } else { 200 }
    }

    pub async fn check_task(
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

    pub async fn check_user(
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

    pub async fn check_tokens(&self, fixture: &Fixture<'_>) -> Result<(), String> {
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

pub fn expect<T: PartialEq + std::fmt::Debug>(
    what: &str,
    is: &T,
    should: &T,
) -> Result<(), String> {
    match is == should {
        true => Ok(()),
        false => Err(format!("{what} is {is:?} instead of {should:?}")),
    }
}

/// The sort keys of what a deleted account still has in the table.
pub async fn leftovers(app: &TestApp, name: &str, account: Option<String>) -> Vec<String> {
    let partitions = [
        format!("user#{name}"),
        format!("tasks#{}", account.unwrap_or_default()),
    ];
    let text = |value: &AttributeValue| value.as_s().expect("a string").clone();
    let items = app.items().await.into_iter();
    let items = items.filter(|item| partitions.contains(&text(&item["pk"])));
    items.map(|item| text(&item["sk"])).collect()
}
