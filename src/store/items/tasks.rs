//! The items of tasks.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use super::repeat_day::{REPEAT_DAY, new_repeat_day, repeat_day};
use super::{is_gone, required_time};
use crate::domain::account::Account;
use crate::domain::due::Due;
use crate::domain::list::ListId;
use crate::domain::order::{Order, OrderChoice};
use crate::domain::priority::Priority;
use crate::domain::recurrence::Recurrence;
use crate::domain::steps::Steps;
use crate::domain::tags::{Tag, Tags};
use crate::domain::task::{Description, Task, TaskChanges, TaskContent, TaskId, Title};
use crate::domain::time::Timestamp;
use crate::domain::version::Version;
use crate::store::attributes::{
    Item, flag, n, number, required_number, required_text, s, text, unreadable,
};
use crate::store::error::StoreError;
use crate::store::expression::Update;
use crate::store::schema;
use crate::store::write_id::{WriteId, created};

/// Where a task stands: everything that its list keys are made of, but for its id.
#[derive(Clone, Copy)]
pub struct Position {
    pub list: ListId,
    pub order: Order,
    pub done: bool,
}

impl Position {
    pub fn of(task: &Task) -> Self {
        Self {
            list: task.content.list,
            order: task.content.order.or(task.id),
            done: task.content.done,
        }
    }

    /// The position of the task with this id once the changes are made.
    pub fn after(self, id: TaskId, changes: &TaskChanges) -> Self {
        Self {
            list: changes.list.unwrap_or(self.list),
            order: changes.order.map_or(self.order, |order| order.or(id)),
            done: changes.done.unwrap_or(self.done),
        }
    }

    fn list_key(&self, id: TaskId) -> String {
        if self.done {
            schema::done_list_key(self.list, id)
        } else {
            schema::open_list_key(self.list, self.order, id)
        }
    }
}

/// A new task.
pub fn new_task(owner: &Account, task: &Task, write: &WriteId) -> Item {
    let mut update = Update::default();
    update.set("id", n(task.id.number()));
    update.set("created_at", n(task.created_at.as_millis()));
    let content = task.content.clone().into();
    let position = Position::of(task);
    change_task(
        &mut update,
        task.id,
        content,
        Some(&position),
        task.created_at,
    );
    let mut item = update.applied_to(schema::task_key(owner, task.id));
    item.extend(created(write));
    item.extend(new_repeat_day(task));
    item
}

/// Whether the changes can only be written with the position that the task has afterwards. Ticking needs
/// none: the list key of a done task stands ready in `list_key_done`.
pub fn needs_position(changes: &TaskChanges) -> bool {
    changes.list.is_some() || changes.order.is_some() || changes.done == Some(false)
}

/// Adds to an update what the changes set and remove: the attributes themselves, the index keys
/// made of them, the version and the time. `position` is where the task stands afterwards; changes that
/// [`needs_position`] names are lost without it.
pub fn change_task(
    update: &mut Update,
    id: TaskId,
    changes: TaskChanges,
    position: Option<&Position>,
    now: Timestamp,
) {
    // Without `..`, so that no member is forgotten. `list` and `order` are those of the position.
    let TaskChanges {
        list: _,
        title,
        description,
        done,
        due,
        repeat,
        priority,
        tags,
        steps,
        order: _,
    } = changes;
    stamp_task(update, id, now);
    if let Some(title) = title {
        update.set("title_key", s(schema::title_key(&title, id)));
        update.set("title", s(title.as_str()));
    }
    if let Some(description) = description {
        update.set("description", s(description.as_str()));
    }
    change_done(update, id, done, now);
    change_due(update, id, due);
    let repeat = repeat.map(|repeat| Some(s(repeat?.to_string())));
    set_or_remove(update, "repeat", repeat);
    let priority = priority.map(|priority| Some(s(priority?.as_str())));
    set_or_remove(update, "priority", priority);
    set_or_remove(update, "tags", tags.map(|tags| stored_tags(&tags)));
    set_or_remove(update, "steps", steps.map(|steps| stored_steps(&steps)));
    match position {
        Some(position) => set_position(update, id, position),
        None if done == Some(true) => update.copy("list_key", "list_key_done"),
        None => {}
    }
}

/// All that depends on `done` but for the list key.
fn change_done(update: &mut Update, id: TaskId, done: Option<bool>, now: Timestamp) {
    let Some(done) = done else {
        return;
    };
    update.set("done", AttributeValue::Bool(done));
    update.set("status_key", s(schema::status_key(done, id)));
    if done {
        update.set_if_absent("completed_at", n(now.as_millis()));
    } else {
        update.remove("completed_at");
    }
}

fn change_due(update: &mut Update, id: TaskId, due: Option<Option<Due>>) {
    set_or_remove(update, "due", due.map(|due| Some(s(due?.to_string()))));
    let due_key = due.map(|due| Some(s(schema::due_key(due?, id))));
    set_or_remove(update, "due_key", due_key);
    if due == Some(None) {
        update.remove(REPEAT_DAY);
    }
}

pub(super) fn set_position(update: &mut Update, id: TaskId, position: &Position) {
    update.set("list", n(position.list.number()));
    update.set("order", s(schema::order_digits(position.order)));
    update.set("list_key", s(position.list_key(id)));
    let done_key = schema::done_list_key(position.list, id);
    update.set("list_key_done", s(done_key));
}

/// `None` leaves the attribute as it is, `Some(None)` removes it.
fn set_or_remove(update: &mut Update, name: &'static str, change: Option<Option<AttributeValue>>) {
    match change {
        Some(Some(value)) => update.set(name, value),
        Some(None) => update.remove(name),
        None => {}
    }
}

/// A list, because a set would not keep the order.
fn stored_tags(tags: &Tags) -> Option<AttributeValue> {
    let texts = tags.iter().map(|tag| s(tag.as_str()));
    (!tags.is_empty()).then(|| AttributeValue::L(texts.collect()))
}

/// JSON: takes less room than a list of maps, and nothing ever looks at a single step.
fn stored_steps(steps: &Steps) -> Option<AttributeValue> {
    (!steps.is_empty()).then(|| s(json!(steps).to_string()))
}

pub(super) fn stamp_task(update: &mut Update, id: TaskId, now: Timestamp) {
    update.add("version", n(1));
    update.set("updated_at", n(now.as_millis()));
    update.set("change_key", s(schema::task_change_key(now, id)));
}

/// The task in an item; `None` when the item is gone.
pub fn live_task(item: &Item) -> Result<Option<Task>, StoreError> {
    (!is_gone(item)).then(|| task(item)).transpose()
}

/// The task in an item that was not purged.
pub fn task(item: &Item) -> Result<Task, StoreError> {
    let list = ListId::new(required_number(item, "list")?);
    let order = text(item, "order").and_then(schema::order_of);
    let order = order.ok_or_else(|| unreadable(item, "order"))?;
    let content = TaskContent {
        list: list.ok_or_else(|| unreadable(item, "list"))?,
        title: Title::from_store(required_text(item, "title")?),
        description: Description::from_store(required_text(item, "description")?),
        done: flag(item, "done"),
        due: optional(item, "due", |raw| Due::try_from(raw).ok())?,
        repeat: optional(item, "repeat", |raw| Recurrence::try_from(raw).ok())?,
        priority: optional(item, "priority", |raw| {
            Priority::try_from(raw.to_owned()).ok()
        })?,
        tags: tags(item)?,
        steps: optional(item, "steps", |raw| serde_json::from_str(raw).ok())?.unwrap_or_default(),
        order: OrderChoice(Some(order)),
    };
    Ok(Task {
        id: TaskId::new(required_number(item, "id")?).ok_or_else(|| unreadable(item, "id"))?,
        repeat_day: repeat_day(item, &content),
        content,
        version: Version(required_number(item, "version")?),
        created_at: required_time(item, "created_at")?,
        updated_at: required_time(item, "updated_at")?,
        completed_at: number(item, "completed_at").map(Timestamp::from_millis),
    })
}

/// A text attribute that may be absent, but not unreadable.
fn optional<T>(
    item: &Item,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let parsed = text(item, name).map(|raw| parse(raw).ok_or_else(|| unreadable(item, name)));
    parsed.transpose()
}

fn tags(item: &Item) -> Result<Tags, StoreError> {
    let Some(tags) = item.get("tags") else {
        return Ok(Tags::default());
    };
    let texts = tags.as_l().map_err(|_| unreadable(item, "tags"))?.iter();
    let tags = texts.map(|text| text.as_s().cloned().map(Tag::from_store));
    let tags: Result<_, _> = tags.collect();
    tags.map(Tags::from_store)
        .map_err(|_| unreadable(item, "tags"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::recurrence::MonthDay;

    pub fn owner() -> Account {
        Account {
            username: "ada".parse().expect("a name"),
            id: AccountId::random().expect("random bytes"),
            credential_version: 1,
        }
    }

    pub fn example() -> Task {
        let tag = |raw: &str| Tag::from_store(raw.to_owned());
        let steps = json!([{"title": "\"One\"", "done": true}, {"title": "Two", "done": false}]);
        let content = TaskContent {
            list: ListId::new(7).expect("an id"),
            title: Title::from_store("Buy milk".to_owned()),
            description: Description::from_store("2 l".to_owned()),
            done: false,
            due: Due::try_from("2026-12-31T17:30").ok(),
            repeat: Recurrence::try_from("FREQ=MONTHLY").ok(),
            priority: Some(Priority::High),
            tags: Tags::from_store(vec![tag("shop"), tag("home")]),
            steps: serde_json::from_value(steps).expect("steps"),
            order: OrderChoice(Order::try_from(-2.5).ok()),
        };
        let id = TaskId::new(3).expect("an id");
        Task {
            repeat_day: MonthDay::new(31),
            ..Task::new(id, content, Timestamp::from_millis(1))
        }
    }

    #[test]
    fn a_task_is_read_as_it_was_written() {
        let item = new_task(&owner(), &example(), &WriteId::from("mine"));
        assert_eq!(task(&item).expect("a task"), example());
        let key = |name| text(&item, name).expect("a key");
        assert_eq!(
            key("list_key"),
            "000000000007#0#3ffbffffffffffff#000000000003"
        );
        assert_eq!(key("list_key_done"), "000000000007#1#000000000003");
        assert_eq!(key("due_key"), "2026-12-31T17:30#000000000003");
    }

    #[test]
    fn what_is_empty_is_not_stored() {
        let item = new_task(&owner(), &example(), &WriteId::from("mine"));
        let changes = TaskChanges {
            due: Some(None),
            repeat: Some(None),
            priority: Some(None),
            tags: Some(Tags::default()),
            steps: Some(Steps::default()),
            ..TaskChanges::default()
        };
        let mut update = Update::default();
        change_task(
            &mut update,
            example().id,
            changes,
            None,
            Timestamp::from_millis(2),
        );
        let item = update.applied_to(item);
        let removed = ["due", "due_key", "repeat", "repeat_day", "priority", "tags"];
        for name in removed.into_iter().chain(["steps"]) {
            assert!(!item.contains_key(name), "{name}");
        }
        let content = task(&item).expect("a task").content;
        assert_eq!((content.due, content.priority), (None, None));
        assert!(content.tags.is_empty() && content.steps.is_empty());
    }

    #[test]
    fn a_place_changes_with_list_order_and_done() {
        let (id, position) = (example().id, Position::of(&example()));
        let changes = TaskChanges {
            list: Some(ListId::INBOX),
            order: Some(OrderChoice(None)),
            done: Some(true),
            ..TaskChanges::default()
        };
        assert!(needs_position(&changes) && !needs_position(&TaskChanges::default()));
        let moved = position.after(id, &changes);
        assert_eq!(
            (moved.list, moved.order, moved.done),
            (ListId::INBOX, id.into(), true)
        );
        assert_eq!(moved.list_key(id), "000000000000#1#000000000003");
        let kept = position.after(id, &TaskChanges::default());
        assert_eq!(kept.list_key(id), position.list_key(id));
    }
}
