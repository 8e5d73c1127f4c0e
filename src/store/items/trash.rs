//! The items of tasks in the trash, and of those that were deleted for good.

use super::required_time;
use super::tasks::{Position, set_position, stamp_task, task};
use crate::domain::list::ListId;
use crate::domain::task::{Task, TaskId};
use crate::domain::time::Timestamp;
use crate::domain::trash::TrashedTask;
use crate::store::attributes::{Item, n, s, text};
use crate::store::error::StoreError;
use crate::store::expression::Update;
use crate::store::schema;

/// Adds to an update what moves a task to the trash, until `ends`. Of the indexes it stays in that
/// of the changes, and in that of the statuses as a part of the trash.
pub fn delete_task(update: &mut Update, id: TaskId, now: Timestamp, ends: Timestamp) {
    stamp_task(update, id, now);
    update.set("deleted_at", n(now.as_millis()));
    update.set("expires_at", n(ends.as_seconds()));
    update.set("status_key", s(schema::trash_key(now, id)));
    for index_key in ["title_key", "due_key", "list_key"] {
        update.remove(index_key);
    }
}

/// Adds to an update what takes a task out of the trash, to its place in `list`: all the index keys that
/// [`delete_task`] removed.
pub fn restore_task(update: &mut Update, task: &Task, list: ListId, now: Timestamp) {
    let (id, content) = (task.id, &task.content);
    stamp_task(update, id, now);
    update.set("status_key", s(schema::status_key(content.done, id)));
    update.set("title_key", s(schema::title_key(&content.title, id)));
    if let Some(due) = content.due {
        update.set("due_key", s(schema::due_key(due, id)));
    }
    let position = Position {
        list,
        ..Position::of(task)
    };
    set_position(update, id, &position);
    update.remove("deleted_at");
    update.remove("expires_at");
}

/// Everything that a task says, and where it stands.
const CONTENT: [&str; 17] = [
    "id",
    "list",
    "title",
    "description",
    "done",
    "due",
    "repeat",
    "repeat_day",
    "priority",
    "tags",
    "steps",
    "order",
    "list_key_done",
    "created_at",
    "updated_at",
    "completed_at",
    "status_key",
];

/// Adds to an update what makes a task in the trash a bare tombstone: nothing of its content is left,
/// and it stays only for the changes and for writes that are repeated late.
pub fn purge_task(update: &mut Update, id: TaskId, now: Timestamp) {
    update.add("version", n(1));
    update.set("change_key", s(schema::task_change_key(now, id)));
    for attribute in CONTENT {
        update.remove(attribute);
    }
}

/// The task in an item, with the time of its deletion; `None` when it is not in the trash.
pub fn trashed_task(item: &Item) -> Result<Option<TrashedTask>, StoreError> {
    let key = text(item, "status_key").unwrap_or_default();
    let is_in_trash = key.starts_with(schema::TRASH_PREFIX);
    let trashed = is_in_trash.then(|| {
        Ok(TrashedTask {
            task: task(item)?,
            deleted_at: required_time(item, "deleted_at")?,
        })
    });
    trashed.transpose()
}

/// The task in an item, in the trash or not; `None` when it was purged.
pub fn kept_task(item: &Item) -> Result<Option<Task>, StoreError> {
    item.contains_key("status_key")
        .then(|| task(item))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::task::TaskChanges;
    use crate::store::attributes::item;
    use crate::store::items::tasks::tests::{example, owner};
    use crate::store::items::{change_task, new_task};
    use crate::store::write_id::WriteId;

    fn updated(item: &Item, change: impl FnOnce(&mut Update)) -> Item {
        let mut update = Update::default();
        change(&mut update);
        update.applied_to(item.clone())
    }

    /// A done task with everything that a task may have.
    fn full() -> Item {
        let item = new_task(&owner(), &example(), &WriteId::from("mine"));
        let mut changes = TaskChanges::from(example().content);
        changes.done = Some(true);
        let position = Position {
            done: true,
            ..Position::of(&example())
        };
        let now = Timestamp::from_millis(2);
        updated(&item, |update| {
            change_task(update, example().id, changes, Some(&position), now);
        })
    }

    fn deleted(item: &Item) -> Item {
        let (now, ends) = (Timestamp::from_millis(3), Timestamp::from_millis(9_000));
        updated(item, |update| delete_task(update, example().id, now, ends))
    }

    #[test]
    fn a_restored_task_is_as_it_was_but_for_version_and_time() {
        let full = full();
        let deleted = deleted(&full);
        let trashed = trashed_task(&deleted).expect("a readable item");
        let trashed = trashed.expect("a task in the trash");
        assert_eq!(trashed.deleted_at, Timestamp::from_millis(3));
        let list = trashed.task.content.list;
        let restored = updated(&deleted, |update| {
            restore_task(update, &trashed.task, list, Timestamp::from_millis(4));
        });
        let mut expected = full;
        expected.extend(item([
            ("version", n(4)),
            ("updated_at", n(4)),
            ("change_key", s("0000000000004#task#000000000003")),
        ]));
        assert_eq!(restored, expected);
    }

    #[test]
    fn nothing_of_a_purged_tasks_content_is_left() {
        let purged = updated(&deleted(&full()), |update| {
            purge_task(update, example().id, Timestamp::from_millis(5));
        });
        let mut left: Vec<_> = purged.keys().map(String::as_str).collect();
        left.sort_unstable();
        let register = ["write_1", "write_2", "write_3", "write_4"];
        let others = ["change_key", "created_by", "deleted_at", "expires_at", "pk"];
        assert_eq!(left, [&others[..], &["sk", "version"], &register].concat());
        assert_eq!(
            text(&purged, "change_key"),
            Some("0000000000005#task#000000000003")
        );
        assert!(trashed_task(&purged).is_ok_and(|task| task.is_none()));
        assert!(kept_task(&purged).is_ok_and(|task| task.is_none()));
    }
}
