//! Tasks: reading, creating and deleting one.

use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::attributes::Item;
use super::expression::{Condition, Update};
use super::register::{Outcome, judge};
use super::transaction::Committed;
use super::write_id::WriteId;
use super::{Store, StoreError, items, schema};
use crate::domain::account::Account;
use crate::domain::list::ListId;
use crate::domain::task::{Task, TaskContent, TaskId};
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
    /// such list, `RepeatWithoutDue` when it repeats without a due date, `StaleCredentials` when the
    /// credentials are no longer those that were verified. One UpdateItem, and one PutItem for the
    /// inbox, for another list one TransactWriteItems.
    pub async fn create_task(
        &self,
        owner: &Account,
        content: TaskContent,
    ) -> Result<Task, StoreError> {
        if content.lacks_due() {
            return Err(StoreError::RepeatWithoutDue);
        }
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
