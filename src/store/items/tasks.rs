//! The items of tasks and lists.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{is_gone, required_time};
use crate::domain::account::{Account, AccountId};
use crate::domain::list::ListId;
use crate::domain::order::Order;
use crate::domain::task::{Description, Task, TaskChanges, TaskContent, TaskId, Title};
use crate::domain::time::{DueDate, Timestamp};
use crate::domain::version::Version;
use crate::store::attributes::{
    Item, flag, item, n, number, required_number, required_text, s, text, unreadable,
};
use crate::store::error::StoreError;
use crate::store::expression::Update;
use crate::store::schema;
use crate::store::write_id::{WriteId, created};

/// Where a task stands: in which list, and where among its open tasks.
pub struct Place {
    pub list: ListId,
    pub order: Order,
}

/// A new, open task, last in the inbox.
pub fn new_task(owner: &Account, task: &Task, write: &WriteId) -> Item {
    let place = Place {
        list: ListId::INBOX,
        order: task.id.into(),
    };
    let mut update = Update::default();
    update.set("id", n(task.id.number()));
    update.set("created_at", n(task.created_at.as_millis()));
    update.set("list", n(place.list.number()));
    update.set("order", s(schema::order_digits(place.order)));
    update.set(
        "list_key_done",
        s(schema::done_list_key(place.list, task.id)),
    );
    open_task(&mut update, task.id, &place);
    let content = task.content.clone().into();
    change_task(&mut update, task.id, content, task.created_at);
    let mut item = update.into_item(schema::task_key(owner, task.id));
    item.extend(created(write));
    item
}

/// Adds to an update the list key of an open task. It needs the place, unlike that of a done one,
/// which stands ready in `list_key_done`.
pub fn open_task(update: &mut Update, id: TaskId, place: &Place) {
    let key = schema::open_list_key(place.list, place.order, id);
    update.set("list_key", s(key));
}

/// Adds to an update what the changes set and remove: the attributes themselves, the index keys
/// made of them, the version and the time. With `done: false`, [`open_task`] has to be called too.
pub fn change_task(update: &mut Update, id: TaskId, changes: TaskChanges, now: Timestamp) {
    touch_task(update, id, now);
    if let Some(title) = changes.title {
        update.set("title_key", s(schema::title_key(&title, id)));
        update.set("title", s(title.as_str()));
    }
    if let Some(description) = changes.description {
        update.set("description", s(description.as_str()));
    }
    if let Some(done) = changes.done {
        update.set("done", AttributeValue::Bool(done));
        update.set("status_key", s(schema::status_key(done, id)));
        match done {
            true => {
                update.set_if_absent("completed_at", n(now.as_millis()));
                update.copy("list_key", "list_key_done");
            }
            false => update.remove("completed_at"),
        }
    }
    match changes.due {
        Some(Some(due)) => {
            update.set("due", s(due.to_string()));
            update.set("due_key", s(schema::due_key(due, id)));
        }
        Some(None) => {
            update.remove("due");
            update.remove("due_key");
        }
        None => {}
    }
}

/// Adds to an update what moves a task to the trash, until `ends`. Of the indexes it stays in that
/// of the changes, and in that of the statuses as a part of the trash.
pub fn delete_task(update: &mut Update, id: TaskId, now: Timestamp, ends: Timestamp) {
    touch_task(update, id, now);
    update.set("deleted_at", n(now.as_millis()));
    update.set("expires_at", n(ends.as_seconds()));
    update.set("status_key", s(schema::trash_key(now, id)));
    for index_key in ["title_key", "due_key", "list_key"] {
        update.remove(index_key);
    }
}

fn touch_task(update: &mut Update, id: TaskId, now: Timestamp) {
    update.add("version", n(1));
    update.set("updated_at", n(now.as_millis()));
    update.set("change_key", s(schema::task_change_key(now, id)));
}

/// The task in an item; `None` when the item is gone.
pub fn live_task(item: &Item) -> Result<Option<Task>, StoreError> {
    (!is_gone(item)).then(|| task(item)).transpose()
}

/// The task in an item, in the trash or not.
pub fn task(item: &Item) -> Result<Task, StoreError> {
    let due = text(item, "due").map(DueDate::try_from).transpose();
    Ok(Task {
        id: TaskId::new(required_number(item, "id")?).ok_or_else(|| unreadable(item, "id"))?,
        content: TaskContent {
            title: Title::from_store(required_text(item, "title")?),
            description: Description::from_store(required_text(item, "description")?),
            done: flag(item, "done"),
            due: due.map_err(|_| unreadable(item, "due"))?,
        },
        version: Version(required_number(item, "version")?),
        created_at: required_time(item, "created_at")?,
        updated_at: required_time(item, "updated_at")?,
        completed_at: number(item, "completed_at").map(Timestamp::from_millis),
    })
}

/// Where the task in an item stands.
pub fn place(item: &Item) -> Result<Place, StoreError> {
    let list = ListId::new(required_number(item, "list")?);
    let order = text(item, "order").and_then(schema::order_of);
    Ok(Place {
        list: list.ok_or_else(|| unreadable(item, "list"))?,
        order: order.ok_or_else(|| unreadable(item, "order"))?,
    })
}

/// The list that is created with an account.
pub fn inbox(owner: AccountId, created_at: Timestamp, write: &WriteId) -> Item {
    let (list, now) = (ListId::INBOX, n(created_at.as_millis()));
    let mut inbox = schema::list_item_key(owner, list);
    inbox.extend(created(write));
    inbox.extend(item([
        ("name", s("Inbox")),
        ("order", s(schema::order_digits(Order::ZERO))),
        ("version", n(1)),
        ("created_at", now.clone()),
        ("updated_at", now),
        ("change_key", s(schema::list_change_key(created_at, list))),
    ]));
    inbox
}
