//! A dozen clients of several execution environments write to a few tasks, lists, accounts and tokens at
//! once, while one DynamoDB call in ten fails. Afterwards every response has to be explained by one
//! order in which each accepted write was applied once.
//!
//! `clients` makes the requests, `events` is their record, and `checker` judges it. `HISTORY_SECONDS`
//! says how long it runs; `HISTORY_SEED` repeats a choice of operations and faults, though not the
//! way in which they interleave.

mod checker;
mod clients;
mod events;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use serde_json::Value;

use crate::client::{PASSWORD, TOKENS, TestApp, USERS, User, basic};
use crate::wire::{Fault, LOST_RESPONSES};
use clients::{Account, Client};
use events::Stored;

const ENVIRONMENTS: usize = 4;
const ACCOUNTS: usize = 3;
const CLIENTS: usize = 12;

/// One call in so many fails.
const FAILING: u64 = 10;

/// The longest that a request may take, its deadline included.
const LONGEST: Duration = Duration::from_millis(8_500);

/// Random numbers that a seed determines (SplitMix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(usize::try_from(self.below(all.len().max(1) as u64)).ok()?)
    }
}

pub fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().expect("a whole number"))
}

/// Makes one call in ten of `app` fail: applied without a response, or not applied.
pub fn fail_calls(app: &TestApp, seed: u64) {
    let random = Mutex::new(Random(seed));
    let not_applied = [
        Fault::NoConnection,
        Fault::Refuse(500, "InternalServerError"),
        Fault::Refuse(400, "ProvisionedThroughputExceededException"),
    ];
    let faults = [LOST_RESPONSES.to_vec(), not_applied.to_vec()].concat();
    app.wire.rule(move |_| {
        let mut random = random.lock().expect("random numbers");
        let fault = random
            .one_in(FAILING)
            .then(|| random.pick(&faults).cloned());
        fault.flatten().unwrap_or(Fault::Pass)
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_is_explained_by_one_order_of_single_writes() {
    let seed = variable("HISTORY_SEED").unwrap_or_else(|| {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).expect("a seed");
        u64::from_le_bytes(seed)
    });
    let duration = Duration::from_secs(variable("HISTORY_SECONDS").unwrap_or(20));

    let first = TestApp::with_settings(&[
        ("LOGIN_FAILURES_PER_ADDRESS", "1000"),
        ("LOGIN_FAILURES_PER_USER", "1000"),
    ])
    .await;
    let mut environments = Vec::new();
    while environments.len() < ENVIRONMENTS {
        environments.push(first.twin_with_creation_window(LONGEST).await);
    }
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        let name = format!("user{number}");
        first.user(&name).await;
        accounts.push(Arc::new(Account::new(name)));
    }
    let mut all_clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let app = &environments[number % ENVIRONMENTS];
            let account = Arc::clone(&accounts[number % ACCOUNTS]);
            Client::new(
                app,
                account,
                number,
                Random(seed.wrapping_add(number as u64)),
            )
        })
        .collect();
    join_all(all_clients.iter().map(Client::log_in)).await;
    for (number, app) in environments.iter().enumerate() {
        fail_calls(app, seed ^ (number as u64 + 1));
    }

    let end = Instant::now() + duration;
    join_all(all_clients.iter_mut().map(|client| client.run_until(end))).await;

    for app in &environments {
        app.wire.always(Fault::Pass);
    }
    let mut problems = Vec::new();
    let mut responses = Vec::new();
    for (number, account) in accounts.iter().enumerate() {
        let mut events = Vec::new();
        for client in all_clients.iter_mut().skip(number).step_by(ACCOUNTS) {
            problems.append(&mut client.problems);
            events.append(&mut client.events);
            responses.append(&mut client.responses);
        }
        let stored = stored(&first, &account.name).await;
        let tokens = tokens(&first.holder(basic(&account.name, PASSWORD))).await;
        problems.extend(checker::check(&events, &stored, &tokens));
    }
    problems.extend(check_responses(&responses));
    problems.extend(
        delete_while_others_write(&first, &environments, &accounts[0], &mut all_clients, seed)
            .await,
    );
    assert!(
        problems.is_empty(),
        "HISTORY_SEED={seed}: {} problems\n{}",
        problems.len(),
        problems[..problems.len().min(30)].join("\n")
    );
}

/// What no request may end with, however many calls fail.
fn check_responses(responses: &[(u16, Duration)]) -> Vec<String> {
    let count = |status| responses.iter().filter(|(seen, _)| *seen == status).count();
    // A login whose counter fails for good is 429.
    let (requests, unavailable) = (responses.len(), count(503) + count(429));
    let longest = responses
        .iter()
        .map(|(_, time)| *time)
        .max()
        .unwrap_or_default();
    println!("{requests} requests, {unavailable} of them 503 or 429, the longest took {longest:?}");
    let mut problems = Vec::new();
    if longest > LONGEST {
        problems.push(format!("a request took {longest:?}"));
    }
    // One in 5,000, and one more for a short run.
    if unavailable > 1 + requests / 5_000 {
        problems.push(format!(
            "{unavailable} of {requests} requests were 503 or 429"
        ));
    }
    if count(401) > 0 {
        problems.push(format!("{} requests were 401", count(401)));
    }
    problems
}

/// Deletes an account with faults and with its clients still writing. Once their requests have ended
/// and the deletion is continued, nothing of the account is left.
async fn delete_while_others_write(
    first: &TestApp,
    environments: &[TestApp],
    account: &Account,
    all_clients: &mut [Client<'_>],
    seed: u64,
) -> Vec<String> {
    let id = account_id(first, &account.name).await;
    for (number, app) in environments.iter().enumerate() {
        fail_calls(app, seed.wrapping_mul(number as u64 + 1));
    }
    let uri = format!("{USERS}/{}", account.name);
    let deletion = async {
        let user = environments[0].holder(basic(&account.name, PASSWORD));
        user.delete(&uri).send().await
    };
    let end = Instant::now() + Duration::from_millis(500);
    let others = all_clients.iter_mut().step_by(ACCOUNTS);
    tokio::join!(
        deletion,
        join_all(others.map(|client| client.run_until(end)))
    );
    let user = first.holder(basic(&account.name, PASSWORD));
    user.delete(&uri).send().await;

    let partitions = [format!("user#{}", account.name), format!("tasks#{id}")];
    let items = first.items().await.into_iter();
    let left = items.filter(|item| partitions.contains(text(&item["pk"])));
    left.map(|item| format!("after the account's deletion {} is left", text(&item["sk"])))
        .collect()
}

fn text(value: &AttributeValue) -> &String {
    value.as_s().expect("a string")
}

async fn account_id(app: &TestApp, name: &str) -> String {
    let items = app.items().await;
    let user = format!("user#{name}");
    let mut accounts = items
        .iter()
        .filter(|item| *text(&item["pk"]) == user && item.contains_key("account_id"));
    text(&accounts.next().expect("an account")["account_id"]).clone()
}

/// The tasks and lists of an account in the table, by the ends of their URIs, as `tasks/7`. The deleted
/// ones are among them as far as they are kept.
async fn stored(app: &TestApp, name: &str) -> HashMap<String, Stored> {
    let partition = format!("tasks#{}", account_id(app, name).await);
    let number = |value: &AttributeValue| -> u64 {
        let number = value.as_n().expect("a number");
        number.parse().expect("a whole number")
    };
    let items = app.items().await.into_iter();
    let items = items.filter(|item| *text(&item["pk"]) == partition);
    let items = items.filter_map(|item| {
        let (kind, id) = text(&item["sk"]).split_once('#')?;
        let id: u64 = id.parse().ok()?;
        let stored = Stored {
            version: number(&item["version"]),
            is_deleted: item.contains_key("deleted_at"),
            list: item.get("list").map(|list| match number(list) {
                0 => "lists/inbox".to_owned(),
                list => format!("lists/{list}"),
            }),
        };
        Some((format!("{kind}s/{id}"), stored))
    });
    items.collect()
}

/// The marks of the tokens that are listed.
async fn tokens(user: &User<'_>) -> Vec<(String, String)> {
    let listed = user.get(TOKENS).send().await.json();
    let tokens = listed["tokens"].as_array().expect("tokens").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    tokens
        .map(|token| (text(&token["uri"]), text(&token["label"])))
        .collect()
}
