//! Tasks: reading, creating, changing and deleting one.

use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::attributes::Item;
use super::expression::{Condition, Update};
use super::items::Position;
use super::random::backoff;
use super::register::{Outcome, apply_once, judge};
use super::transaction::Committed;
use super::write_id::WriteId;
use super::{Store, StoreError, items, schema};
use crate::domain::account::Account;
use crate::domain::list::ListId;
use crate::domain::task::{Task, TaskChanges, TaskContent, TaskId};
use crate::domain::version::Expected;

/// How long the item of a deleted task stays: a day longer than the task may be restored, and than a
/// cursor of the changes is valid.
const TRASH_RETENTION: Duration = Duration::from_secs(31 * 24 * 60 * 60);

impl Store {
    /// A task of `owner`. `NotFound` when there is none. One GetItem.
    pub async fn read_task(&self, owner: &Account, id: TaskId) -> Result<Task, StoreError> {
        let item = self.get(schema::task_key(owner, id)).await?;
        items::live_task(&item.unwrap_or_default())?.ok_or(StoreError::NotFound)
    }

    /// Adds a task to one of `owner`'s lists under a newly allocated id. `NoSuchList` when there is no
    /// such list, `StaleCredentials` when the credentials are no longer those that were verified. One
    /// UpdateItem, and one PutItem for the inbox, for another list one TransactWriteItems.
    pub async fn create_task(
        &self,
        owner: &Account,
        content: TaskContent,
    ) -> Result<Task, StoreError> {
        let write = WriteId::random()?;
        let id = self.allocate_task_id(owner).await?;
        let task = Task::new(id, content, self.now());
        let item = items::new_task(owner, &task, &write);
        let created = match task.content.list {
            ListId::INBOX => self.create_once(item, &write).await?,
            list => self.create_in_list(owner, item, list, &write).await?,
        };
        match created {
            // As it was created, even if somebody has changed or deleted it since.
            Outcome::Applied(_) => Ok(task),
            Outcome::Changed(_) | Outcome::Gone => Err(StoreError::Internal(
                "another task has the allocated id".into(),
            )),
        }
    }

    /// Creates a task's item, provided that the list exists. One TransactWriteItems.
    async fn create_in_list(
        &self,
        owner: &Account,
        item: Item,
        list: ListId,
        write: &WriteId,
    ) -> Result<Outcome, StoreError> {
        let mut writes = vec![self.transact_put(item, Condition::no_item())?];
        writes.extend(self.require_list(owner, list)?);
        let committed = self.transact(writes).await?;
        outcome_in_list(committed, Item::new(), write)
    }

    /// The part of a transaction that requires a list to exist; `None` for the inbox, which always does.
    pub(super) fn require_list(
        &self,
        owner: &Account,
        list: ListId,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let key = schema::list_item_key(owner.id, list);
        let check = (list != ListId::INBOX).then(|| self.transact_check(key, items::is_live()));
        check.transpose()
    }

    /// Changes a task of `owner` and returns it as it is now. `NotFound` when there is none,
    /// `Changed` when it has another version than the expected ones, `NoSuchList` when it is to be
    /// moved to a list that there is not. One conditional UpdateItem. When the list, the order or
    /// `done: false` is among the changes, a GetItem before it, and where that puts the task into a
    /// list other than the inbox, TransactWriteItems instead.
    pub async fn update_task(
        &self,
        owner: &Account,
        id: TaskId,
        changes: TaskChanges,
        expected: &Expected,
    ) -> Result<Task, StoreError> {
        let write = WriteId::random()?;
        let item = if items::needs_position(&changes) {
            self.update_position(owner, id, &changes, expected, &write)
                .await?
        } else {
            let mut update = Update::default();
            items::change_task(&mut update, id, changes, None, self.now());
            let condition = items::is_live().and_version(expected);
            self.write_task(owner, id, update, condition, &write)
                .await?
        };
        // One that others have deleted and purged since has nothing left to show.
        items::kept_task(&item)?.ok_or(StoreError::NotFound)
    }

    /// Makes changes of which the list keys depend on what only the item knows: it is read first and
    /// written on the version read. When somebody else writes in between, it begins again, until the
    /// request's deadline.
    async fn update_position(
        &self,
        owner: &Account,
        id: TaskId,
        changes: &TaskChanges,
        expected: &Expected,
        write: &WriteId,
    ) -> Result<Item, StoreError> {
        let mut attempt = 1;
        loop {
            let item = self.get(schema::task_key(owner, id)).await?;
            let item = item.unwrap_or_default();
            let task = items::live_task(&item)?.ok_or(StoreError::NotFound)?;
            if !expected.accepts(task.version) {
                return Err(StoreError::Changed(task.version));
            }
            match self
                .write_position(owner, &task, item, changes, write)
                .await
            {
                Err(StoreError::Changed(_)) => tokio::time::sleep(backoff(attempt)?).await,
                // The task's own list is gone, and its deletion has not come to this task yet, or was
                // cut short.
                Err(StoreError::NoSuchList) if changes.list.is_none() => {
                    self.trash_from(owner, task.content.list, id).await?;
                    return Err(StoreError::NotFound);
                }
                written => return written,
            }
            attempt += 1;
        }
    }

    /// Makes the changes on the version that was read. `Changed` when it has another one by now. One
    /// UpdateItem or one TransactWriteItems.
    async fn write_position(
        &self,
        owner: &Account,
        task: &Task,
        item: Item,
        changes: &TaskChanges,
        write: &WriteId,
    ) -> Result<Item, StoreError> {
        let old = Position::of(task);
        let new = old.after(task.id, changes);
        let mut update = Update::default();
        let now = self.now();
        items::change_task(&mut update, task.id, changes.clone(), Some(&new), now);
        let condition = items::is_live().and_version(&Expected::OneOf(vec![task.version]));
        // A done task that stays in its list stays in a range that a deletion of the list reads last.
        let enters_list = !new.done || new.list != old.list;
        if !enters_list || new.list == ListId::INBOX {
            return self
                .write_task(owner, task.id, update, condition, write)
                .await;
        }
        let condition = apply_once(&mut update, condition, write);
        let written = update.clone().applied_to(item);
        let key = schema::task_key(owner, task.id);
        let mut writes = vec![self.transact_update(key, update, condition)?];
        writes.extend(self.require_list(owner, new.list)?);
        let committed = self.transact(writes).await?;
        outcome_in_list(committed, written, write)?.into_item()
    }

    /// Moves a task of `owner` to the trash. `NotFound` when there is none, `Changed` when it has
    /// another version than the expected ones. One conditional UpdateItem.
    pub async fn delete_task(
        &self,
        owner: &Account,
        id: TaskId,
        expected: &Expected,
    ) -> Result<(), StoreError> {
        let condition = items::is_live().and_version(expected);
        self.trash_task(owner, id, condition).await
    }

    /// Moves a task that meets the condition to the trash. `NotFound` when there is none, `Changed`
    /// when it does not meet it. One conditional UpdateItem.
    pub(super) async fn trash_task(
        &self,
        owner: &Account,
        id: TaskId,
        condition: Condition,
    ) -> Result<(), StoreError> {
        let write = WriteId::random()?;
        let now = self.now();
        let mut update = Update::default();
        items::delete_task(&mut update, id, now, now.after(TRASH_RETENTION));
        self.write_task(owner, id, update, condition, &write)
            .await
            .map(|_| ())
    }

    /// Changes a task's item once and returns it as it is now. `NotFound` when there is none,
    /// `Changed` when it does not meet the condition.
    pub(super) async fn write_task(
        &self,
        owner: &Account,
        id: TaskId,
        update: Update,
        condition: Condition,
        write: &WriteId,
    ) -> Result<Item, StoreError> {
        let key = schema::task_key(owner, id);
        let outcome = self.update_once(key, update, condition, write).await?;
        outcome.into_item()
    }
}

/// What became of a transaction of a task's write, which makes the item `written`, and a check of its
/// list. `NoSuchList` when only the check was refused.
pub(super) fn outcome_in_list(
    committed: Committed,
    written: Item,
    write: &WriteId,
) -> Result<Outcome, StoreError> {
    let Committed::Refused(refused) = committed else {
        return Ok(Outcome::Applied(written));
    };
    let of_task = refused.into_iter().next().flatten();
    of_task
        .map(|old| judge(old, write))
        .ok_or(StoreError::NoSuchList)
}
