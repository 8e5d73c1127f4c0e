//! Lists against a plain model of them: whatever is created, changed and deleted, and whatever is
//! asked for, the pages glued together are what a sorted, filtered `Vec` says.
//!
//! `PROPTEST_CASES=2000` plays more; a failure prints its smallest form and the seed.

use std::cell::Cell;

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use todo_api::domain::account::Username;
use todo_api::domain::token::{Label, Scope, TokenContent, TokenDuration};

use crate::client::{TASKS, TestApp, User};
use crate::lists::walk;

/// A task as the model knows it.
#[derive(Clone, Debug)]
struct Model {
    id: usize,
    title: &'static str,
    description: &'static str,
    done: bool,
    due: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum Step {
    Create {
        title: &'static str,
        description: &'static str,
        due: Option<&'static str>,
    },
    Update {
        pick: usize,
        title: Option<&'static str>,
        done: Option<bool>,
        due: Option<Option<&'static str>>,
    },
    Delete {
        pick: usize,
    },
}

#[derive(Clone, Debug)]
struct Query {
    done: Option<bool>,
    title_prefix: Option<&'static str>,
    text: Option<&'static str>,
    due_before: Option<&'static str>,
    due_after: Option<&'static str>,
    sort: Option<&'static str>,
    limit: Option<usize>,
}

const TITLES: &[&str] = &[
    "a",
    "A",
    "ab",
    "aB c",
    "b",
    "straße",
    "STRASSE",
    "Strasse 9",
    " lead",
    "ﬁn",
    "FIN",
    "é",
    "E\u{301}",
    "ΣΑΣ",
    "σας",
    "🛒",
    "🛒 b",
    "i",
    "İ",
    "z\u{10FFFF}",
];
const DESCRIPTIONS: &[&str] = &["", "milk", "MILK\nand bread", "Straße", "x"];
const DATES: &[&str] = &[
    "0001-01-01",
    "2026-01-31",
    "2026-02-01",
    "2026-12-31",
    "9999-12-31",
];
const PATTERNS: &[&str] = &[
    "a",
    "AB",
    "s",
    "STRASS",
    "ß",
    "fi",
    "é",
    "σα",
    "🛒",
    "i",
    " ",
    "milk",
    "z\u{10FFFF}",
];
const SORTS: &[&str] = &["id", "-id", "title", "-title", "due", "-due"];

fn one_of(all: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(all)
}

fn maybe(all: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(one_of(all))
}

fn step() -> impl Strategy<Value = Step> {
    let create = (one_of(TITLES), one_of(DESCRIPTIONS), maybe(DATES)).prop_map(
        |(title, description, due)| Step::Create {
            title,
            description,
            due,
        },
    );
    let due = prop::option::of(maybe(DATES));
    let update = (any::<usize>(), maybe(TITLES), any::<Option<bool>>(), due).prop_map(
        |(pick, title, done, due)| Step::Update {
            pick,
            title,
            done,
            due,
        },
    );
    let delete = any::<usize>().prop_map(|pick| Step::Delete { pick });
    prop_oneof![5 => create, 4 => update, 1 => delete]
}

fn query() -> impl Strategy<Value = Query> {
    let rarely = |all| prop::option::weighted(0.25, one_of(all));
    (
        prop::option::weighted(0.4, any::<bool>()),
        rarely(PATTERNS),
        rarely(PATTERNS),
        rarely(DATES),
        rarely(DATES),
        prop::option::weighted(0.7, one_of(SORTS)),
        prop::option::weighted(0.7, 1_usize..6),
    )
        .prop_map(
            |(done, title_prefix, text, due_before, due_after, sort, limit)| Query {
                done,
                title_prefix,
                text,
                due_before,
                due_after,
                sort,
                limit,
            },
        )
}

fn fold(text: &str) -> String {
    caseless::default_case_fold_str(text)
}

impl Query {
    fn selects(&self, task: &Model) -> bool {
        let has = |text: &str, wanted: &str| fold(text).contains(&fold(wanted));
        self.done.is_none_or(|done| task.done == done)
            && self
                .title_prefix
                .is_none_or(|prefix| fold(task.title).starts_with(&fold(prefix)))
            && self
                .text
                .is_none_or(|text| has(task.title, text) || has(task.description, text))
            && self
                .due_before
                .is_none_or(|day| task.due.is_some_and(|due| due < day))
            && self
                .due_after
                .is_none_or(|day| task.due.is_some_and(|due| due > day))
    }

    /// What the list should be, by ids.
    fn expected(&self, tasks: &[Model]) -> Vec<usize> {
        let dated = self.due_before.is_some() || self.due_after.is_some();
        let natural = if dated {
            "due"
        } else if self.title_prefix.is_some() {
            "title"
        } else {
            "id"
        };
        let sort = self.sort.unwrap_or(natural);
        let mut tasks: Vec<_> = tasks.iter().filter(|task| self.selects(task)).collect();
        match sort.trim_start_matches('-') {
            "title" => tasks.sort_by_key(|task| (fold(task.title), task.id)),
            "due" => {
                tasks.retain(|task| task.due.is_some());
                tasks.sort_by_key(|task| (task.due, task.id));
            }
            _ => tasks.sort_by_key(|task| task.id),
        }
        if sort.starts_with('-') {
            tasks.reverse();
        }
        tasks.iter().map(|task| task.id).collect()
    }

    fn parameters(&self) -> String {
        let mut parameters = form_urlencoded::Serializer::new(String::new());
        let mut add = |name, value: Option<String>| {
            if let Some(value) = value {
                parameters.append_pair(name, &value);
            }
        };
        add("done", self.done.map(|done| done.to_string()));
        add("title_prefix", self.title_prefix.map(str::to_owned));
        add("q", self.text.map(str::to_owned));
        add("due_before", self.due_before.map(str::to_owned));
        add("due_after", self.due_after.map(str::to_owned));
        add("sort", self.sort.map(str::to_owned));
        add("limit", self.limit.map(|limit| limit.to_string()));
        parameters.finish()
    }
}

fn uri(id: usize) -> String {
    format!("{TASKS}/{id}")
}

fn id(task: &Value) -> usize {
    let uri = task["uri"].as_str().expect("a URI");
    uri.rsplit('/')
        .next()
        .and_then(|id| id.parse().ok())
        .expect("an id")
}

/// Does a step to the service and to the model.
async fn play(user: &User<'_>, tasks: &mut Vec<Model>, step: &Step) {
    match step {
        Step::Create {
            title,
            description,
            due,
        } => {
            let body = json!({"title": title, "description": description, "due": due});
            let id = id(&user.create(&body).await.json);
            tasks.push(Model {
                id,
                title,
                description,
                done: false,
                due: *due,
            });
        }
        Step::Update {
            pick,
            title,
            done,
            due,
        } => {
            let count = tasks.len().max(1);
            let Some(task) = tasks.get_mut(pick % count) else {
                return;
            };
            let mut body = json!({});
            if let Some(title) = title {
                body["title"] = json!(title);
                task.title = title;
            }
            if let Some(done) = done {
                body["done"] = json!(done);
                task.done = *done;
            }
            if let Some(due) = due {
                body["due"] = json!(due);
                task.due = *due;
            }
            let wanted = if body == json!({}) { 400 } else { 200 };
            assert_eq!(user.patch(&uri(task.id), &body).send().await.status, wanted);
        }
        Step::Delete { pick } => {
            if !tasks.is_empty() {
                let gone = tasks.remove(pick % tasks.len());
                assert_eq!(user.delete(&uri(gone.id)).send().await.status, 200);
            }
        }
    }
}

/// A user of their own, by token, since a password would be hashed for each.
async fn stranger<'a>(app: &'a TestApp, number: u32) -> User<'a> {
    let username = Username::try_from(format!("user-{number}")).expect("a user name");
    let made = app
        .store
        .create_account(&username, "none".to_owned(), None)
        .await;
    let account = made.unwrap_or_else(|error| panic!("{error}")).account;
    let content = TokenContent {
        label: Label::default(),
        scope: Scope::Write,
        duration: TokenDuration::default(),
    };
    let made = app.store.create_token(&account, content).await;
    let (_, token) = made.unwrap_or_else(|error| panic!("{error}"));
    app.holder(
        format!("Bearer {}", token.to_text())
            .parse()
            .expect("a header"),
    )
}

/// Plays cases until one fails or `PROPTEST_CASES` (400) have passed, with ten lists each.
fn lists_are_what_the_model_says(cases: u32) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let app = runtime.block_on(TestApp::start());
    let users = Cell::new(0);
    let case = (
        prop::collection::vec(step(), 1..16),
        prop::collection::vec(query(), 10),
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
            let mut tasks = Vec::new();
            for step in &steps {
                play(&user, &mut tasks, step).await;
            }
            let parameters: Vec<_> = queries.iter().map(Query::parameters).collect();
            let lists = join_all(parameters.iter().map(|query| walk(&user, query))).await;
            for (query, list) in queries.iter().zip(lists) {
                let listed: Vec<_> = list.iter().map(id).collect();
                prop_assert_eq!(listed, query.expected(&tasks), "{}", query.parameters());
            }
            Ok(())
        })
    });
    if let Err(failure) = result {
        panic!("{failure}\n{runner}");
    }
}

#[test]
fn lists_are_what_a_plain_model_says() {
    lists_are_what_the_model_says(400);
}
