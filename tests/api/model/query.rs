//! What is asked for, and what the response should be.

use proptest::prelude::*;
use serde_json::Value;

use super::{Model, fold, id, one_of, text};
use crate::client::TASKS;

#[derive(Clone, Debug)]
pub struct Query {
    /// Picks a list; `None` asks for the tasks of all lists.
    list: Option<usize>,
    done: Option<bool>,
    title_prefix: Option<&'static str>,
    text: Option<&'static str>,
    due_before: Option<&'static str>,
    due_after: Option<&'static str>,
    priority: Option<&'static str>,
    tag: Option<&'static str>,
    /// `order` is asked for in lists only.
    sort: Option<&'static str>,
    limit: Option<usize>,
}

const DAYS: &[&str] = &[
    "0001-01-01",
    "2026-01-30",
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
const PRIORITIES: &[&str] = &["low", "high", "high,low", "medium,low,high", "low,low"];
const TAGS: &[&str] = &["HOME", "strasse", "ab,Home", "milk", "🛒,milk", "no"];
const SORTS: &[&str] = &[
    "id", "-id", "title", "-title", "due", "-due", "order", "order",
];

pub fn query() -> impl Strategy<Value = Query> {
    let rarely = |all| prop::option::weighted(0.2, one_of(all));
    (
        prop::option::weighted(0.6, any::<usize>()),
        prop::option::weighted(0.4, any::<bool>()),
        (rarely(PATTERNS), rarely(PATTERNS)),
        (rarely(DAYS), rarely(DAYS)),
        (rarely(PRIORITIES), rarely(TAGS)),
        prop::option::weighted(0.6, one_of(SORTS)),
        prop::option::weighted(0.7, 1_usize..6),
    )
        .prop_map(
            |(list, done, texts, days, (priority, tag), sort, limit)| Query {
                list,
                done,
                title_prefix: texts.0,
                text: texts.1,
                due_before: days.0,
                due_after: days.1,
                priority,
                tag,
                sort: sort.filter(|sort| list.is_some() || *sort != "order"),
                limit,
            },
        )
}

impl Query {
    fn selects(&self, task: &Value) -> bool {
        let has = |text: &str, wanted: &str| fold(text).contains(&fold(wanted));
        let entries = |name: &str| task[name].as_array().expect("an array").clone();
        let tags: Vec<_> = entries("tags")
            .iter()
            .map(|tag| fold(tag.as_str().expect("a tag")))
            .collect();
        let is_found = |wanted: &str| {
            has(text(task, "title"), wanted)
                || has(text(task, "description"), wanted)
                || tags.iter().any(|tag| tag.contains(&fold(wanted)))
                || entries("steps")
                    .iter()
                    .any(|step| has(text(step, "title"), wanted))
        };
        // Without the time.
        let due = task["due"].as_str().map(|due| &due[..10]);
        self.done.is_none_or(|done| task["done"] == done)
            && self
                .title_prefix
                .is_none_or(|prefix| fold(text(task, "title")).starts_with(&fold(prefix)))
            && self.text.is_none_or(is_found)
            && self
                .due_before
                .is_none_or(|day| due.is_some_and(|due| due < day))
            && self
                .due_after
                .is_none_or(|day| due.is_some_and(|due| due > day))
            && self
                .priority
                .is_none_or(|any| any.split(',').any(|one| task["priority"] == one))
            && self
                .tag
                .is_none_or(|all| all.split(',').all(|tag| tags.contains(&fold(tag))))
    }

    fn effective_sort(&self) -> &'static str {
        let dated = self.due_before.is_some() || self.due_after.is_some();
        self.sort.unwrap_or(if dated {
            "due"
        } else if self.title_prefix.is_some() {
            "title"
        } else if self.list.is_some() {
            "order"
        } else {
            "id"
        })
    }

    /// What the collection should be.
    pub fn expected(&self, model: &Model) -> Vec<Value> {
        let list = self.list.map(|pick| model.list(pick));
        let mut tasks: Vec<_> = model
            .tasks
            .iter()
            .filter(|task| list.is_none_or(|list| task["list"] == list) && self.selects(task))
            .cloned()
            .collect();
        let sort = self.effective_sort();
        match sort.trim_start_matches('-') {
            "title" => tasks.sort_by_key(|task| (fold(text(task, "title")), id(task))),
            "due" => {
                tasks.retain(|task| !task["due"].is_null());
                tasks.sort_by_key(|task| (text(task, "due").to_owned(), id(task)));
            }
            "order" => {
                let order = |task: &Value| match task["done"] == true {
                    true => 0.0,
                    false => task["order"].as_f64().expect("a number"),
                };
                tasks.sort_by(|one, other| {
                    let is_done = |task: &Value| task["done"] == true;
                    is_done(one)
                        .cmp(&is_done(other))
                        .then(order(one).total_cmp(&order(other)))
                        .then(id(one).cmp(&id(other)))
                });
            }
            _ => tasks.sort_by_key(id),
        }
        if sort.starts_with('-') {
            tasks.reverse();
        }
        tasks
    }

    /// The path of the collection, and the parameters.
    pub fn collection(&self, model: &Model) -> (String, String) {
        let path = match self.list {
            Some(pick) => format!("{}/tasks", model.list(pick)),
            None => TASKS.to_owned(),
        };
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
        add("priority", self.priority.map(str::to_owned));
        add("tag", self.tag.map(str::to_owned));
        add("sort", self.sort.map(str::to_owned));
        add("limit", self.limit.map(|limit| limit.to_string()));
        (path, parameters.finish())
    }
}
