//! Tasks: one item each, in the partition of the account that owns them.

use super::call::Written;
use super::expression::{Condition, Update};
use super::{Store, StoreError, items, random, schema};
use crate::domain::account::Account;
use crate::domain::task::{Task, TaskChanges, TaskContent, TaskId};
use crate::domain::time::Timestamp;
use crate::domain::version::Expected;

impl Store {
    /// A task of `owner`. `NotFound` when there is none. One GetItem.
    pub async fn read_task(&self, owner: &Account, id: TaskId) -> Result<Task, StoreError> {
        let item = self.get(schema::task_key(owner, id)).await?;
        items::task(&item.unwrap_or_default())?.ok_or(StoreError::NotFound)
    }

    /// Adds a task to `owner`'s list under a newly allocated id. `StaleCredentials` when the
    /// credentials are no longer those that were verified. One UpdateItem and one PutItem.
    pub async fn create_task(
        &self,
        owner: &Account,
        content: TaskContent,
    ) -> Result<Task, StoreError> {
        let id = self.allocate_task_id(owner).await?;
        let task = Task::new(id, content, Timestamp::now());
        let item = items::new_task(owner, &task, &random::write_id()?);
        match self.put(item, Condition::no_item()).await? {
            Written::Done(_) => Ok(task),
            // A placeholder of the account's deletion: see `delete_closed_account`.
            Written::Refused { old, .. } if items::version_of(&old).is_none() => {
                Err(StoreError::StaleCredentials(owner.id))
            }
            Written::Refused { .. } => Err(StoreError::Internal(
                "another task has the allocated id".into(),
            )),
        }
    }

    /// Changes a task of `owner` and returns it as it is now. `NotFound` when there is none,
    /// `Changed` when it has another version than the expected ones. One conditional UpdateItem.
    pub async fn update_task(
        &self,
        owner: &Account,
        id: TaskId,
        changes: TaskChanges,
        expected: &Expected,
    ) -> Result<Task, StoreError> {
        let mut update = Update::once()?;
        items::change_task(&mut update, id, changes, Timestamp::now());
        let condition = Condition::new("attribute_exists(#version)").and_version(expected);
        let key = schema::task_key(owner, id);
        match self.update(key, update, condition).await? {
            Written::Done(item) => items::task(&item)?
                .ok_or_else(|| StoreError::Internal("no attributes were returned".into())),
            Written::Refused { old, .. } => {
                Err(items::version_of(&old).map_or(StoreError::NotFound, StoreError::Changed))
            }
        }
    }

    /// Deletes a task of `owner`. `NotFound` when there is none, `Changed` when it has another
    /// version than the expected ones. One conditional DeleteItem.
    pub async fn delete_task(
        &self,
        owner: &Account,
        id: TaskId,
        expected: &Expected,
    ) -> Result<(), StoreError> {
        let condition = Condition::new("attribute_exists(#version)").and_version(expected);
        match self.delete(schema::task_key(owner, id), condition).await? {
            Written::Done(_) => Ok(()),
            Written::Refused { old, response_lost } => match items::version_of(&old) {
                Some(current) => Err(StoreError::Changed(current)),
                // The attempt whose response was lost may have deleted it.
                None if response_lost => Ok(()),
                None => Err(StoreError::NotFound),
            },
        }
    }
}
