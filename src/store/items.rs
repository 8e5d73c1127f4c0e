//! Keys and items as they stand in the table. Kept apart from the domain, so that an attribute can
//! be renamed without a caller noticing. See `docs/` for the table as a whole.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::{StoreError, s};
use crate::domain::account::{Account, Username};
use crate::domain::task::{Description, Task, TaskContent, TaskId, Title};
use crate::domain::text::fold;
use crate::domain::time::{DueDate, Timestamp};
use crate::domain::version::Version;

pub type Item = HashMap<String, AttributeValue>;

/// A key of the table.
pub fn key(pk: String, sk: String) -> Option<Item> {
    Some(HashMap::from([
        ("pk".to_owned(), s(pk)),
        ("sk".to_owned(), s(sk)),
    ]))
}

/// The partition of a user's account.
pub fn user_partition(username: &Username) -> String {
    format!("user#{}", username.as_str())
}

/// The partition of an account's tasks.
pub fn tasks_partition(account: &Account) -> String {
    format!("list#{}", account.id)
}

pub const ACCOUNT: &str = "account";
pub const TASK_PREFIX: &str = "task#";
pub const REQUEST_PREFIX: &str = "request#";

/// How many code points of a folded title its key holds: at most 512 of a key's 1,024 bytes.
pub const TITLE_KEY_CHARS: usize = 128;

/// The sort key of a task. Twelve digits, so that the order of keys is the order of creation.
pub fn task_key(id: TaskId) -> String {
    format!("{TASK_PREFIX}{:012}", id.number())
}

/// The whole key of a task of `owner`.
pub fn task_item_key(owner: &Account, id: TaskId) -> Option<Item> {
    key(tasks_partition(owner), task_key(id))
}

/// Sorts the open tasks before the done ones, each in order of creation.
pub fn status_key(done: bool, id: TaskId) -> String {
    format!("{}{:012}", status_prefix(done), id.number())
}

pub fn status_prefix(done: bool) -> &'static str {
    if done { "done#" } else { "open#" }
}

/// Sorts by title, whatever its case, and titles that are alike by creation.
pub fn title_key(title: &Title, id: TaskId) -> String {
    // No title holds U+0001, and whatever it holds sorts after that.
    let folded = fold(title.as_str());
    let end = folded
        .char_indices()
        .nth(TITLE_KEY_CHARS)
        .map_or(folded.len(), |(end, _)| end);
    format!("{}\u{1}{:012}", &folded[..end], id.number())
}

/// Sorts by due date, tasks of one day by creation.
pub fn due_key(due: DueDate, id: TaskId) -> String {
    format!("{due}#{:012}", id.number())
}

/// A task as an item.
#[derive(Deserialize, Serialize)]
pub struct TaskItem {
    pub pk: String,
    pub sk: String,
    pub id: u64,
    pub title: String,
    pub description: String,
    pub done: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    pub version: u64,
    /// Drawn by the request that wrote last, so that it knows its own write again.
    pub last_write: String,
    pub created_at: i64,
    pub updated_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<i64>,
    pub status_key: String,
    pub title_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_key: Option<String>,
}

impl TaskItem {
    pub fn new(account: &Account, task: &Task, last_write: String) -> Self {
        Self {
            pk: tasks_partition(account),
            sk: task_key(task.id),
            id: task.id.number(),
            title: task.content.title.as_str().to_owned(),
            description: task.content.description.as_str().to_owned(),
            done: task.content.done,
            due: task.content.due.map(|due| due.to_string()),
            version: task.version.0,
            last_write,
            created_at: task.created_at.as_millis(),
            updated_at: task.updated_at.as_millis(),
            completed_at: task.completed_at.map(Timestamp::as_millis),
            status_key: status_key(task.content.done, task.id),
            title_key: title_key(&task.content.title, task.id),
            due_key: task.content.due.map(|due| due_key(due, task.id)),
        }
    }
}

impl TryFrom<TaskItem> for Task {
    type Error = StoreError;

    fn try_from(item: TaskItem) -> Result<Self, StoreError> {
        let unreadable = || StoreError::Internal(format!("unreadable item {}", item.sk).into());
        let due = item.due.as_deref().map(DueDate::try_from).transpose();
        Ok(Self {
            id: TaskId::new(item.id).ok_or_else(unreadable)?,
            content: TaskContent {
                title: Title::from_store(item.title),
                description: Description::from_store(item.description),
                done: item.done,
                due: due.map_err(|_| unreadable())?,
            },
            version: Version(item.version),
            created_at: Timestamp::from_millis(item.created_at),
            updated_at: Timestamp::from_millis(item.updated_at),
            completed_at: item.completed_at.map(Timestamp::from_millis),
        })
    }
}

/// An item's typed form; an item that has none is a fault of ours.
pub fn read<T: for<'a> Deserialize<'a>>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::Internal(error.into()))
}

/// A typed item as DynamoDB takes it.
pub fn write(item: impl Serialize) -> Result<Item, StoreError> {
    serde_dynamo::to_item(item).map_err(|error| StoreError::Internal(error.into()))
}
