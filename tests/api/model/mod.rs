//! Collections of tasks against a plain model of them: whatever is created, changed, moved and
//! deleted, and whatever is asked for, the pages glued together are what a sorted, filtered `Vec` says.
//!
//! A task of the model is what the service shows of it, as JSON: `steps` makes and applies the
//! changes, `query` filters and sorts.
//!
//! `PROPTEST_CASES=2000` plays more; a failure prints its smallest form and the seed.

mod merge;
mod query;
mod series;
mod steps;
mod trash;

use std::cell::Cell;

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use todo_api::domain::account::{Account, Username};
use todo_api::domain::token::{Label, Scope, TokenContent, TokenDuration};

use crate::client::{TestApp, User};
use crate::lists::walk_of;
use query::Query;
use steps::Step;

/// An account as the model knows it.
struct Model {
    /// The URIs of its lists. The inbox is the first.
    lists: Vec<String>,
    /// In the order of creation, without the members that the clock and the version make.
    tasks: Vec<Value>,
    /// As they were when they were deleted.
    trash: Vec<Value>,
}

fn one_of(all: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(all)
}

fn fold(text: &str) -> String {
    caseless::default_case_fold_str(text)
}

fn text<'a>(task: &'a Value, member: &str) -> &'a str {
    task[member].as_str().unwrap_or_default()
}

fn id(task: &Value) -> u64 {
    let id = text(task, "uri").rsplit('/').next();
    id.and_then(|id| id.parse().ok()).expect("an id")
}

/// A task as a response shows it, as the model knows it.
fn known(mut task: Value) -> Value {
    for member in ["created_at", "updated_at", "completed_at", "etag"] {
        let removed = task.as_object_mut().and_then(|task| task.remove(member));
        assert!(removed.is_some(), "{member} is missing");
    }
    task
}

/// A user of their own, by token, since a password would be hashed for each.
pub async fn stranger(app: &TestApp, number: u32) -> User<'_> {
    account(app, number).await.1
}

/// As [`stranger`], with the account that the store knows.
pub async fn account(app: &TestApp, number: u32) -> (Account, User<'_>) {
    let username = Username::try_from(format!("user-{number}")).expect("a user name");
    let made = app
        .store
        .create_account(&username, "none".to_owned(), None)
        .await;
    let account = made.unwrap_or_else(|error| panic!("{error}")).account;
    let content = TokenContent {
        label: Label::default(),
        scope: Scope::Write,
        duration: TokenDuration::default_for(Scope::Write),
    };
    let made = app.store.create_token(&account, content).await;
    let (_, token) = made.unwrap_or_else(|error| panic!("{error}"));
    let authorization = format!("Bearer {}", token.to_text());
    let user = app.holder(authorization.parse().expect("a header"));
    (account, user)
}

/// Plays cases until one fails or `PROPTEST_CASES` (400) have passed, with ten queries each.
fn collections_are_what_the_model_says(cases: u32) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let app = runtime.block_on(TestApp::start());
    let users = Cell::new(0);
    let case = (
        prop::collection::vec(steps::step(), 1..24),
        prop::collection::vec(query::query(), 10),
    );
    let config = Config {
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let cases = std::env::var("PROPTEST_CASES").map_or(cases, |_| config.cases);
    let mut runner = TestRunner::new(Config { cases, ..config });
    let result = runner.run(&case, |(steps, queries)| {
        users.set(users.get() + 1);
        runtime.block_on(async {
            let user = stranger(&app, users.get()).await;
            check(&user, &steps, &queries).await
        })
    });
    if let Err(failure) = result {
        panic!("{failure}\n{runner}");
    }
}

/// Plays the steps, then compares every query's tasks, whole, with those of the model.
async fn check(user: &User<'_>, steps: &[Step], queries: &[Query]) -> Result<(), TestCaseError> {
    let mut model = Model::new();
    for step in steps {
        model.play(user, step).await;
    }
    let collections = queries.iter().map(|query| query.collection(&model));
    let collections: Vec<_> = collections.collect();
    let walks = collections
        .iter()
        .map(|(path, parameters)| walk_of(user, path, parameters));
    for ((query, tasks), (path, parameters)) in
        queries.iter().zip(join_all(walks).await).zip(&collections)
    {
        let tasks: Vec<_> = tasks.into_iter().map(known).collect();
        let expected = query.expected(&model);
        let ids = |tasks: &[Value]| tasks.iter().map(id).collect::<Vec<_>>();
        prop_assert_eq!(ids(&tasks), ids(&expected), "{}?{}", path, parameters);
        prop_assert_eq!(tasks, expected, "{}?{}", path, parameters);
    }
    model.check_trash(user).await;
    Ok(())
}

#[test]
fn collections_are_what_a_plain_model_says() {
    collections_are_what_the_model_says(400);
}
