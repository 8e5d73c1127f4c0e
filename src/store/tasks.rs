//! Tasks: reading, creating, changing and deleting one.

use std::time::Duration;

use super::attributes::Item;
use super::expression::{Condition, Update};
use super::random::backoff;
use super::register::Outcome;
use super::write_id::WriteId;
use super::{Store, StoreError, items, schema};
use crate::domain::account::Account;
use crate::domain::task::{Task, TaskChanges, TaskContent, TaskId};
use crate::domain::time::Timestamp;
use crate::domain::version::Expected;

/// How long a deleted task stays in the trash.
const TRASH_RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Store {
    /// A task of `owner`. `NotFound` when there is none. One GetItem.
    pub async fn read_task(&self, owner: &Account, id: TaskId) -> Result<Task, StoreError> {
        let item = self.get(schema::task_key(owner, id)).await?;
        items::live_task(&item.unwrap_or_default())?.ok_or(StoreError::NotFound)
    }

    /// Adds a task to `owner`'s inbox under a newly allocated id. `StaleCredentials` when the
    /// credentials are no longer those that were verified. One UpdateItem and one PutItem.
    pub async fn create_task(
        &self,
        owner: &Account,
        content: TaskContent,
    ) -> Result<Task, StoreError> {
        let write = WriteId::random()?;
        let id = self.allocate_task_id(owner).await?;
        let task = Task::new(id, content, Timestamp::now());
        let item = items::new_task(owner, &task, &write);
        match self.create_once(item, &write).await? {
            // As it was created, even if somebody has changed or deleted it since.
            Outcome::Applied(_) => Ok(task),
            Outcome::Changed(_) | Outcome::Gone => Err(StoreError::Internal(
                "another task has the allocated id".into(),
            )),
        }
    }

    /// Changes a task of `owner` and returns it as it is now. `NotFound` when there is none,
    /// `Changed` when it has another version than the expected ones. One conditional UpdateItem,
    /// and a GetItem before it to set `done` to false.
    pub async fn update_task(
        &self,
        owner: &Account,
        id: TaskId,
        changes: TaskChanges,
        expected: &Expected,
    ) -> Result<Task, StoreError> {
        let write = WriteId::random()?;
        let item = if changes.done == Some(false) {
            self.reopen_task(owner, id, &changes, expected, &write)
                .await?
        } else {
            let mut update = Update::default();
            items::change_task(&mut update, id, changes, Timestamp::now());
            let condition = items::is_live().and_version(expected);
            self.write_task(owner, id, update, condition, &write)
                .await?
        };
        items::task(&item)
    }

    /// Makes changes that set `done` to false: the list key of an open task is made of attributes
    /// that only the item knows, so it is read first and written on the version read. When somebody
    /// else writes in between, it begins again, until the request's deadline.
    async fn reopen_task(
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
            let current = items::live_task(&item)?
                .ok_or(StoreError::NotFound)?
                .version;
            if !expected.accepts(current) {
                return Err(StoreError::Changed(current));
            }
            let mut update = Update::default();
            items::change_task(&mut update, id, changes.clone(), Timestamp::now());
            items::open_task(&mut update, id, &items::place(&item)?);
            let condition = items::is_live().and_version(&Expected::OneOf(vec![current]));
            match self.write_task(owner, id, update, condition, write).await {
                Err(StoreError::Changed(_)) => tokio::time::sleep(backoff(attempt)?).await,
                written => return written,
            }
            attempt += 1;
        }
    }

    /// Moves a task of `owner` to the trash. `NotFound` when there is none, `Changed` when it has
    /// another version than the expected ones. One conditional UpdateItem.
    pub async fn delete_task(
        &self,
        owner: &Account,
        id: TaskId,
        expected: &Expected,
    ) -> Result<(), StoreError> {
        let write = WriteId::random()?;
        let now = Timestamp::now();
        let mut update = Update::default();
        items::delete_task(&mut update, id, now, now.after(TRASH_RETENTION));
        let condition = items::is_live().and_version(expected);
        self.write_task(owner, id, update, condition, &write)
            .await
            .map(|_| ())
    }

    /// Changes a task's item once and returns it as it is now. `NotFound` when there is none,
    /// `Changed` when it does not meet the condition.
    async fn write_task(
        &self,
        owner: &Account,
        id: TaskId,
        update: Update,
        condition: Condition,
        write: &WriteId,
    ) -> Result<Item, StoreError> {
        let key = schema::task_key(owner, id);
        match self.update_once(key, update, condition, write).await? {
            Outcome::Applied(item) => Ok(item),
            Outcome::Changed(old) => {
                Err(items::version_of(&old).map_or(StoreError::NotFound, StoreError::Changed))
            }
            Outcome::Gone => Err(StoreError::NotFound),
        }
    }
}
