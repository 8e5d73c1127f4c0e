//! The table on one page: its keys and indexes. One table, partition key `pk`, sort key `sk`, both
//! strings; every function that makes a key takes typed values, so a key cannot name another
//! account's partition.
//!
//! | item               | `pk`                 | `sk`                    |
//! |--------------------|----------------------|-------------------------|
//! | account            | `user#<name>`        | `account`               |
//! | token              | `user#<name>`        | `token#<slot>`          |
//! | task               | `tasks#<account id>` | `task#<id, 12 digits>`  |
//! | list               | `tasks#<account id>` | `list#<id, 12 digits>`  |
//! | idempotency record | `tasks#<account id>` | `request#<key digest>`  |
//! | attempt counter    | `attempts#<digest>`  | `<start of the window>` |
//!
//! DynamoDB deletes what is past its `expires_at`, but late, so every read checks the clock.

use super::attributes::{Item, item, s, text, unreadable};
use super::error::StoreError;
use crate::domain::account::{Account, AccountId, Username};
use crate::domain::due::Due;
use crate::domain::list::ListId;
use crate::domain::order::Order;
use crate::domain::task::{TaskId, Title};
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::domain::token::Slot;

pub const USER_PREFIX: &str = "user#";
pub const ACCOUNT_SORT_KEY: &str = "account";
pub const TOKEN_PREFIX: &str = "token#";
pub const TASK_PREFIX: &str = "task#";
pub const LIST_PREFIX: &str = "list#";
pub const TRASH_PREFIX: &str = "trash#";
pub const REQUEST_PREFIX: &str = "request#";
pub const ATTEMPTS_PREFIX: &str = "attempts#";

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
pub const BY_LIST: Index = Index {
    name: "by_list",
    sort_attribute: "list_key",
};
pub const BY_CHANGE: Index = Index {
    name: "by_change",
    sort_attribute: "change_key",
};

/// Every index of the table. `template.yaml` defines the same ones. A table cannot get local indexes
/// later.
pub const INDEXES: [Index; 5] = [BY_STATUS, BY_TITLE, BY_DUE, BY_LIST, BY_CHANGE];

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

/// The partition of an account's tasks, lists and idempotency records.
pub fn tasks_partition(owner: AccountId) -> String {
    format!("tasks#{owner}")
}

pub fn account_key(username: &Username) -> Item {
    key(user_partition(username), ACCOUNT_SORT_KEY.to_owned())
}

pub fn token_key(username: &Username, slot: Slot) -> Item {
    key(user_partition(username), token_sort_key(slot))
}

pub fn token_sort_key(slot: Slot) -> String {
    format!("{TOKEN_PREFIX}{slot}")
}

pub fn task_key(owner: &Account, id: TaskId) -> Item {
    key(tasks_partition(owner.id), task_sort_key(id))
}

pub fn list_item_key(owner: AccountId, list: ListId) -> Item {
    key(tasks_partition(owner), list_sort_key(list))
}

fn list_sort_key(list: ListId) -> String {
    format!("{LIST_PREFIX}{:012}", list.number())
}

pub fn request_key(owner: &Account, digest: &str) -> Item {
    key(
        tasks_partition(owner.id),
        format!("{REQUEST_PREFIX}{digest}"),
    )
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
    number_of(sort_key).and_then(TaskId::new)
}

/// The task with this key of the table.
pub fn task_id_in(key: &Item) -> Result<TaskId, StoreError> {
    let id = text(key, "sk").and_then(task_id_of);
    id.ok_or_else(|| unreadable(key, "sk"))
}

/// The list id that a list's sort key ends with; `None` when it ends with something else.
pub fn list_id_of(sort_key: &str) -> Option<ListId> {
    number_of(sort_key).and_then(ListId::new)
}

/// The twelve digits at the end of a key.
fn number_of(sort_key: &str) -> Option<u64> {
    let (_, digits) = sort_key.split_at_checked(sort_key.len().checked_sub(12)?)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// Sorts the open tasks and the done ones separately, each by id.
pub fn status_key(done: bool, id: TaskId) -> String {
    format!("{}{:012}", status_prefix(done), id.number())
}

pub fn status_prefix(done: bool) -> &'static str {
    if done { "done#" } else { "open#" }
}

/// The status key of a list that has not been deleted: sorts the lists by id, apart from the tasks.
pub fn list_status_key(id: ListId) -> String {
    list_sort_key(id)
}

/// The status key of a task in the trash: sorts by the time of its deletion.
pub fn trash_key(deleted_at: Timestamp, id: TaskId) -> String {
    let deleted_at = deleted_at.as_millis();
    format!("{TRASH_PREFIX}{deleted_at:013}#{:012}", id.number())
}

/// Between which status keys the tasks are that were deleted at this time or later.
pub fn trash_keys_since(oldest: Timestamp) -> (String, String) {
    let first = format!("{TRASH_PREFIX}{:013}", oldest.as_millis());
    // Sorts after every digit.
    (first, format!("{TRASH_PREFIX}~"))
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

/// Sorts by due date, and tasks of the same one by id; those of a day before those of its times.
pub fn due_key(due: Due, id: TaskId) -> String {
    format!("{due}#{:012}", id.number())
}

/// Sorts a list's open tasks by their order, and tasks of the same order by id.
pub fn open_list_key(list: ListId, order: Order, id: TaskId) -> String {
    let (range, order) = (list_key_prefix(list, Some(false)), order_digits(order));
    format!("{range}{order}#{:012}", id.number())
}

/// Sorts a list's done tasks by id, after the open ones.
pub fn done_list_key(list: ListId, id: TaskId) -> String {
    format!("{}{:012}", list_key_prefix(list, Some(true)), id.number())
}

/// What the list keys of a list's tasks begin with: of all, of the open or of the done ones.
pub fn list_key_prefix(list: ListId, done: Option<bool>) -> String {
    let part = match done {
        None => "",
        Some(false) => "0#",
        Some(true) => "1#",
    };
    format!("{:012}#{part}", list.number())
}

/// Sorts by the time of the last change.
pub fn task_change_key(updated_at: Timestamp, id: TaskId) -> String {
    format!("{:013}#task#{:012}", updated_at.as_millis(), id.number())
}

pub fn list_change_key(updated_at: Timestamp, list: ListId) -> String {
    format!("{:013}#list#{:012}", updated_at.as_millis(), list.number())
}

/// What every change key of this time or later is greater than.
pub fn change_keys_from(time: Timestamp) -> String {
    format!("{:013}", time.as_millis())
}

/// Whether this may be the change key of a task or a list.
pub fn is_change_key(key: &str) -> bool {
    let mut parts = key.split('#');
    let mut next_is = |is: fn(&str) -> bool| parts.next().is_some_and(is);
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    key.len() == 31
        && next_is(is_number)
        && next_is(|kind| matches!(kind, "task" | "list"))
        && next_is(is_number)
        && parts.next().is_none()
}

const SIGN: u64 = 1 << 63;

/// An order as 16 hexadecimal digits that sort as the numbers do. DynamoDB's own numbers do not hold
/// every float.
pub fn order_digits(order: Order) -> String {
    let bits = order.number().to_bits();
    // The bits of positive floats sort as the floats do, those of negative ones the other way round.
    let sortable = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    format!("{sortable:016x}")
}

/// Reads what [`order_digits`] wrote.
pub fn order_of(digits: &str) -> Option<Order> {
    let sortable = u64::from_str_radix(digits, 16).ok()?;
    let is_positive = sortable & SIGN != 0;
    let bits = if is_positive {
        sortable & !SIGN
    } else {
        !sortable
    };
    f64::from_bits(bits).try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order(number: f64) -> Order {
        number.try_into().expect("an order")
    }

    fn numbers() -> impl Strategy<Value = f64> {
        use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
        let max = 2_f64.powi(53);
        let edges = [max, -max, f64::MIN_POSITIVE, -f64::MIN_POSITIVE];
        let edges = [edges, [0.0, -0.0, 1.0, -1.0], [0.5, -0.5, 5e-324, -5e-324]].concat();
        let any = POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO;
        prop_oneof![
            4 => any.prop_map(move |number| number % max),
            2 => (-1000_i32..1000).prop_map(|number| f64::from(number) / 8.0),
            1 => prop::sample::select(edges),
        ]
    }

    proptest! {
        #[test]
        fn the_digits_of_orders_sort_as_the_numbers_do(first in numbers(), second in numbers()) {
            let digits = [first, second].map(|number| order_digits(order(number)));
            prop_assert_eq!(digits[0].len(), 16);
            prop_assert_eq!(Some(digits[0].cmp(&digits[1])), first.partial_cmp(&second));
            prop_assert_eq!(order_of(&digits[0]), Some(order(first)));
        }
    }

    #[test]
    fn both_zeros_have_the_same_digits() {
        assert_eq!(order_digits(order(0.0)), "8000000000000000");
        assert_eq!(order_digits(order(-0.0)), "8000000000000000");
        for digits in ["", "x", "fff0000000000000"] {
            assert_eq!(order_of(digits), None, "{digits}");
        }
    }

    #[test]
    fn a_days_tasks_without_a_time_sort_before_those_with_one() {
        let due = |raw: &str| Due::try_from(raw).expect("a due date");
        let key = |raw, id| due_key(due(raw), TaskId::new(id).expect("an id"));
        let keys = [
            key("2026-12-31", 8),
            key("2026-12-31", 9),
            key("2026-12-31T00:00", 2),
            key("2026-12-31T17:30", 1),
            key("2027-01-01", 3),
        ];
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(keys[3], "2026-12-31T17:30#000000000001");
        let end = "2026-12-31U".to_owned();
        assert!(keys[3] < end && end < keys[4]);
    }

    #[test]
    fn a_lists_open_tasks_sort_by_order_and_before_the_done_ones() {
        let id = |number| TaskId::new(number).expect("an id");
        let open = |number, task| open_list_key(ListId::INBOX, order(number), id(task));
        let keys = [
            open(-1.5, 9),
            open(0.0, 8),
            open(0.25, 1),
            open(0.25, 2),
            open(10.0, 3),
            done_list_key(ListId::INBOX, id(4)),
        ];
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(keys[5], "000000000000#1#000000000004");
        let prefix = |done| list_key_prefix(ListId::INBOX, done);
        assert!(
            keys[0].starts_with(&prefix(Some(false))) && keys[5].starts_with(&prefix(Some(true)))
        );
        assert!(keys.iter().all(|key| key.starts_with(&prefix(None))));
        assert!(keys.iter().all(|key| task_id_of(key).is_some()));
    }
}
