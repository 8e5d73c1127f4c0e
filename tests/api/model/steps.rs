//! What happens to an account of the model, and what each step does to the model and the service.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::merge::{merge, reset_all};
use super::series::successor;
use super::{Model, known, one_of, text};
use crate::client::{BASE, LISTS, TASKS, User};

#[derive(Clone, Debug)]
pub enum Step {
    /// In the list that the body names, in another, by the path, or in the inbox.
    Create {
        body: Value,
        path: Option<usize>,
    },
    Update {
        pick: usize,
        body: Value,
        put: bool,
    },
    Delete {
        pick: usize,
    },
    /// Of a task in the trash.
    Restore {
        pick: usize,
    },
    Purge {
        pick: usize,
    },
    CreateList,
    DeleteList {
        pick: usize,
    },
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
const DUES: &[&str] = &[
    "0001-01-01",
    "0001-01-01T00:00",
    "2026-01-31",
    "2026-01-31T00:00",
    "2026-01-31T23:59",
    "2026-02-01",
    "2026-12-31T12:00",
    "9999-12-31",
    "9999-12-31T23:59",
];
/// Canonical, and such that no short month moves the day.
const RULES: &[&str] = &[
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=MO,SU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=YEARLY",
];
const PRIORITIES: &[&str] = &["low", "medium", "high"];
const TAGS: &[&str] = &["home", "Straße", "AB", "milk", "🛒"];
const ORDERS: &[f64] = &[
    -9_007_199_254_740_992.0,
    -1.5,
    0.0,
    0.25,
    1.0,
    2.0,
    3.0,
    1e15,
    5e-324,
];

/// A value of `values`, or null.
fn or_null<T>(values: impl Strategy<Value = T>) -> impl Strategy<Value = Value>
where
    T: serde::Serialize + std::fmt::Debug,
{
    prop::option::weighted(0.7, values).prop_map(|value| json!(value))
}

/// Some members of a task. `list` is a number that picks one. Null resets.
fn members() -> impl Strategy<Value = Value> {
    let tags = prop::sample::subsequence(TAGS, 0..=2);
    let step = (one_of(TITLES), any::<bool>());
    let steps = prop::collection::vec(step, 0..3).prop_map(|steps| {
        let steps = steps.into_iter();
        steps
            .map(|(title, done)| json!({"title": title, "done": done}))
            .collect::<Vec<_>>()
    });
    // Orders between -2 and 9 meet those that ids make.
    let order = prop_oneof![
        prop::sample::select(ORDERS),
        (-4..18_i32).prop_map(|number| f64::from(number) / 2.0),
    ];
    let maybe = |strategy: BoxedStrategy<Value>| prop::option::weighted(0.3, strategy);
    (
        maybe(one_of(TITLES).prop_map(|title| json!(title)).boxed()),
        maybe(or_null(one_of(DESCRIPTIONS)).boxed()),
        maybe(any::<bool>().prop_map(|done| json!(done)).boxed()),
        maybe(or_null(one_of(DUES)).boxed()),
        maybe(or_null(one_of(RULES)).boxed()),
        maybe(or_null(one_of(PRIORITIES)).boxed()),
        maybe(or_null(tags).boxed()),
        maybe(or_null(steps).boxed()),
        maybe(or_null(any::<u8>()).boxed()),
        maybe(or_null(order).boxed()),
    )
        .prop_map(
            |(title, description, done, due, repeat, priority, tags, steps, list, order)| {
                let members = [
                    ("title", title),
                    ("description", description),
                    ("done", done),
                    ("due", due),
                    ("repeat", repeat),
                    ("priority", priority),
                    ("tags", tags),
                    ("steps", steps),
                    ("list", list),
                    ("order", order),
                ];
                let given = members
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.to_owned(), value?)));
                Value::Object(given.collect())
            },
        )
}

pub fn step() -> impl Strategy<Value = Step> {
    let path = prop::option::weighted(0.3, any::<usize>());
    let create = (one_of(TITLES), members(), path).prop_map(|(title, mut body, path)| {
        body["title"] = json!(title);
        Step::Create { body, path }
    });
    let update = (any::<usize>(), members(), any::<bool>());
    let update = update.prop_map(|(pick, body, put)| Step::Update { pick, body, put });
    prop_oneof![
        10 => create,
        10 => update,
        3 => any::<usize>().prop_map(|pick| Step::Delete { pick }),
        2 => any::<usize>().prop_map(|pick| Step::Restore { pick }),
        1 => any::<usize>().prop_map(|pick| Step::Purge { pick }),
        2 => Just(Step::CreateList),
        1 => any::<usize>().prop_map(|pick| Step::DeleteList { pick }),
    ]
}

/// Members of which null is a value, rather than a reset that only PATCH knows.
const MAY_BE_NULL: [&str; 3] = ["due", "repeat", "priority"];

fn without_resets(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.retain(|name, value| !value.is_null() || MAY_BE_NULL.contains(&name.as_str()));
    }
    body
}

impl Model {
    pub fn new() -> Self {
        Self {
            lists: vec![format!("{BASE}{LISTS}/inbox")],
            tasks: Vec::new(),
            trash: Vec::new(),
        }
    }

    pub fn list(&self, pick: usize) -> &str {
        &self.lists[pick % self.lists.len()]
    }

    /// The body with the URI of the list that it picks.
    fn with_list(&self, mut body: Value) -> Value {
        if let Some(pick) = body.get("list").and_then(Value::as_u64) {
            let pick = usize::try_from(pick).expect("a small number");
            body["list"] = json!(self.list(pick));
        }
        body
    }

    /// Does a step to the service and to the model.
    pub async fn play(&mut self, user: &User<'_>, step: &Step) {
        match step {
            Step::Create { body, path } => self.create(user, body.clone(), *path).await,
            Step::Update { pick, body, put } => {
                if !self.tasks.is_empty() {
                    let at = pick % self.tasks.len();
                    self.update(user, at, body.clone(), *put).await;
                }
            }
            Step::Delete { pick } => {
                if !self.tasks.is_empty() {
                    let gone = self.tasks.remove(pick % self.tasks.len());
                    let deleted = user.delete(text(&gone, "uri")).send().await;
                    assert_eq!(deleted.status, 200);
                    self.trash.push(gone);
                }
            }
            Step::Restore { pick } => self.restore(user, *pick).await,
            Step::Purge { pick } => self.purge(user, *pick).await,
            Step::CreateList => self.lists.push(user.create_list("List").await),
            Step::DeleteList { pick } => {
                let list = self.list(*pick).to_owned();
                let is_inbox = list.ends_with("/inbox");
                let status = user.delete(&list).send().await.status;
                assert_eq!(status, if is_inbox { 409 } else { 200 });
                if !is_inbox {
                    self.lists.retain(|other| *other != list);
                    let in_list = |task: &mut Value| task["list"] == json!(list);
                    self.trash.extend(self.tasks.extract_if(.., in_list));
                }
            }
        }
    }

    async fn create(&mut self, user: &User<'_>, body: Value, path: Option<usize>) {
        let mut body = self.with_list(without_resets(body));
        let uri = match path {
            Some(pick) => {
                let list = self.list(pick).to_owned();
                if body
                    .as_object()
                    .is_some_and(|body| body.contains_key("list"))
                {
                    body["list"] = json!(list);
                }
                format!("{list}/tasks")
            }
            None => TASKS.to_owned(),
        };
        let created = user.post(&uri, &body).send().await;
        if body["due"].is_null() && !body["repeat"].is_null() {
            assert_eq!(
                (created.status, &created.json()["field"]),
                (400, &json!("repeat"))
            );
            return;
        }
        assert_eq!(created.status, 201, "{body}: {created:?}");
        let shown = known(created.json()["task"].clone());
        let mut task = json!({
            "uri": shown["uri"], "title": "", "done": false, "due": null, "repeat": null,
            "priority": null,
        });
        let list = path.map(|pick| self.list(pick).to_owned());
        reset_all(&mut task);
        if let Some(list) = list {
            task["list"] = json!(list);
        }
        merge(&mut task, &body);
        // A new task is not done, whatever the body says.
        task["done"] = json!(false);
        assert_eq!(shown, task, "{body}");
        self.tasks.push(task);
    }

    async fn update(&mut self, user: &User<'_>, at: usize, body: Value, put: bool) {
        let body = if put { without_resets(body) } else { body };
        let body = self.with_list(body);
        let task = &mut self.tasks[at];
        let uri = text(task, "uri").to_owned();
        let updated = match put {
            true => user.put(&uri, &body).send().await,
            false => user.patch(&uri, &body).send().await,
        };
        if body == json!({}) {
            assert_eq!(updated.status, 400);
            return;
        }
        let mut merged = task.clone();
        merge(&mut merged, &body);
        if body.get("due") == Some(&Value::Null) && body["repeat"].is_null() {
            merged["repeat"] = json!(null);
        }
        if merged["due"].is_null() && !merged["repeat"].is_null() {
            assert_eq!(
                (updated.status, &updated.json()["field"]),
                (400, &json!("repeat"))
            );
            return;
        }
        assert_eq!(updated.status, 200, "{body}: {updated:?}");
        let completed = task["done"] == false && merged["done"] == true;
        let next = completed.then(|| successor(&merged)).flatten();
        if body["done"] == true {
            merged["repeat"] = json!(null);
        }
        *task = merged;
        let json = updated.json();
        assert_eq!(known(json["task"].clone()), *task, "{body}");
        let Some(mut next) = next else {
            assert_eq!(json.get("next_task"), None, "{body}");
            return;
        };
        next["uri"] = json["next_task"]["uri"].clone();
        assert_eq!(known(json["next_task"].clone()), next, "{body}");
        self.tasks.push(next);
    }
}
