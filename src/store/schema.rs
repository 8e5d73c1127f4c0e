//! The table on one page: its keys and indexes. One table, partition key `pk`, sort key `sk`, both
//! strings; every function that makes a key takes typed values, so a key cannot name another
//! account's partition.
//!
//! | item               | `pk`                | `sk`                    |
//! |--------------------|---------------------|-------------------------|
//! | account            | `user#<name>`       | `account`               |
//! | token              | `user#<name>`       | `token#<slot>`          |
//! | task               | `list#<account id>` | `task#<id, 12 digits>`  |
//! | idempotency record | `list#<account id>` | `request#<key digest>`  |
//! | attempt counter    | `attempts#<digest>` | `<start of the window>` |

use super::attributes::{Item, item, s};
use crate::domain::account::{Account, Username};
use crate::domain::task::{TaskId, Title};
use crate::domain::text::fold;
use crate::domain::time::DueDate;
use crate::domain::token::Slot;

pub const USER_PREFIX: &str = "user#";
pub const ACCOUNT_SORT_KEY: &str = "account";
pub const TOKEN_PREFIX: &str = "token#";
pub const TASK_PREFIX: &str = "task#";
pub const REQUEST_PREFIX: &str = "request#";
pub const ATTEMPTS_PREFIX: &str = "attempts#";

/// The attribute with the id of the write that wrote an item last. A write that the SDK repeats after
/// a lost response recognises by it that an earlier attempt was applied.
pub const LAST_WRITE: &str = "last_write";

/// A local secondary index: it has the table's partition key and a sort attribute of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: &'static str,
    pub sort_attribute: &'static str,
}

pub const BY_STATUS: Index = Index {
    name: "by_status",
    sort_attribute: "status_key",
};
pub const BY_TITLE: Index = Index {
    name: "by_title",
    sort_attribute: "title_key",
};
pub const BY_DUE: Index = Index {
    name: "by_due",
    sort_attribute: "due_key",
};

/// Every index of the table. `template.yaml` defines the same ones.
pub const INDEXES: [Index; 3] = [BY_STATUS, BY_TITLE, BY_DUE];

/// How many code points of a folded title its key holds: at most 512 of a key's 1,024 bytes.
pub const TITLE_KEY_CHARS: usize = 128;

/// The longest sort key that DynamoDB accepts.
pub const MAX_SORT_KEY_BYTES: usize = 1_024;

/// A key of the table.
pub fn key(partition_key: String, sort_key: String) -> Item {
    item([("pk", s(partition_key)), ("sk", s(sort_key))])
}

/// The partition of a user's account and tokens.
pub fn user_partition(username: &Username) -> String {
    format!("{USER_PREFIX}{}", username.as_str())
}

/// The partition of an account's tasks and idempotency records.
pub fn tasks_partition(owner: &Account) -> String {
    format!("list#{}", owner.id)
}

pub fn account_key(username: &Username) -> Item {
    key(user_partition(username), ACCOUNT_SORT_KEY.to_owned())
}

pub fn token_key(username: &Username, slot: Slot) -> Item {
    key(user_partition(username), format!("{TOKEN_PREFIX}{slot}"))
}

pub fn task_key(owner: &Account, id: TaskId) -> Item {
    key(tasks_partition(owner), task_sort_key(id))
}

pub fn request_key(owner: &Account, digest: &str) -> Item {
    key(tasks_partition(owner), format!("{REQUEST_PREFIX}{digest}"))
}

pub fn attempts_key(digest: &str, window_start: i64) -> Item {
    key(
        format!("{ATTEMPTS_PREFIX}{digest}"),
        window_start.to_string(),
    )
}

/// Twelve digits, so that the order of keys is the order of creation.
pub fn task_sort_key(id: TaskId) -> String {
    format!("{TASK_PREFIX}{:012}", id.number())
}

/// The task id that the sort key of any index ends with; `None` when it ends with something else.
pub fn task_id_of(sort_key: &str) -> Option<TaskId> {
    let (_, digits) = sort_key.split_at_checked(sort_key.len().checked_sub(12)?)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number)?;
    TaskId::new(number)
}

/// Sorts the open tasks and the done ones separately, each by id.
pub fn status_key(done: bool, id: TaskId) -> String {
    format!("{}{:012}", status_prefix(done), id.number())
}

pub fn status_prefix(done: bool) -> &'static str {
    if done { "done#" } else { "open#" }
}

/// Sorts by title, ignoring case, and tasks of equal titles by id.
pub fn title_key(title: &Title, id: TaskId) -> String {
    // U+0001 sorts before every character that a title may contain.
    let folded = fold(title.as_str());
    let end = folded
        .char_indices()
        .nth(TITLE_KEY_CHARS)
        .map_or(folded.len(), |(end, _)| end);
    format!("{}\u{1}{:012}", &folded[..end], id.number())
}

/// Sorts by due date, and tasks of the same date by id.
pub fn due_key(due: DueDate, id: TaskId) -> String {
    format!("{due}#{:012}", id.number())
}
