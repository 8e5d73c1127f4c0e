//! Tasks: one item each, in the partition of the account's list.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};

use super::call::LostReplies;
use super::call::record_capacity;
use super::items as item;
use super::items::{Item, TaskItem};
use super::update::Update;
use super::{Store, StoreError, n, random_id, s, version_condition, version_of};
use crate::domain::account::Account;
use crate::domain::task::{NewTask, Task, TaskChanges, TaskId};
use crate::domain::time::Timestamp;
use crate::domain::version::Expected;

impl Store {
    /// A task of `owner`. `NotFound` when there is none. One GetItem.
    pub async fn read_task(&self, owner: &Account, id: TaskId) -> Result<Task, StoreError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true)
            .set_key(item::task_item_key(owner, id))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await?;
        record_capacity(read.consumed_capacity());
        task(read.item.unwrap_or_default())?.ok_or(StoreError::NotFound)
    }

    /// Adds a task to `owner`'s list under the next free number. `StaleCredentials` when the
    /// account is not what it was when its credentials were verified. One UpdateItem, one PutItem.
    pub async fn create_task(&self, owner: &Account, new: NewTask) -> Result<Task, StoreError> {
        let id = self.allocate_task_id(owner).await?;
        let task = new.into_task(id, Timestamp::now());
        let write = random_id()?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::write(TaskItem::new(
                owner,
                &task,
                write.clone(),
            ))?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let error = match put {
            Ok(put) => {
                record_capacity(put.consumed_capacity());
                return Ok(task);
            }
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed))
                if is_own_write(failed.item(), &write) =>
            {
                Ok(task)
            }
            // The account's deletion has taken the key: see `delete_closed_account`.
            Some(PutItemError::ConditionalCheckFailedException(failed))
                if failed.item().is_some_and(|item| item.contains_key("fence")) =>
            {
                Err(StoreError::StaleCredentials(owner.id))
            }
            Some(PutItemError::ItemCollectionSizeLimitExceededException(_)) => {
                Err(StoreError::CollectionFull)
            }
            _ => Err(error.into()),
        }
    }

    /// Changes a task of `owner` and returns it as it is then. `NotFound` when there is none,
    /// `Changed` when it is of a version not expected. One conditional UpdateItem and no read.
    pub async fn update_task(
        &self,
        owner: &Account,
        id: TaskId,
        changes: TaskChanges,
        expected: &Expected,
    ) -> Result<Task, StoreError> {
        let write = random_id()?;
        let mut update = update_of(id, changes, &write);
        let condition = "attribute_exists(version) AND last_write <> :last_write";
        let condition = condition.to_owned() + &version_condition(expected, &mut update.values);
        let updated = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(item::task_item_key(owner, id))
            .update_expression(update.expression())
            .set_expression_attribute_values(Some(update.values))
            .condition_expression(condition)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let item = match updated {
            Ok(updated) => {
                record_capacity(updated.consumed_capacity());
                updated.attributes
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let old = failed.item();
                    if !is_own_write(old, &write) {
                        return Err(
                            version_of(old).map_or(StoreError::NotFound, StoreError::Changed)
                        );
                    }
                    failed.item.clone()
                }
                Some(UpdateItemError::ItemCollectionSizeLimitExceededException(_)) => {
                    return Err(StoreError::CollectionFull);
                }
                _ => return Err(error.into()),
            },
        };
        let task = task(item.unwrap_or_default())?;
        task.ok_or_else(|| StoreError::Internal("no attributes came back".into()))
    }

    /// Deletes a task of `owner`. `NotFound` when there is none, `Changed` when it is of a version
    /// not expected. One conditional DeleteItem and no read.
    pub async fn delete_task(
        &self,
        owner: &Account,
        id: TaskId,
        expected: &Expected,
    ) -> Result<(), StoreError> {
        let lost = LostReplies::default();
        let mut values = Item::new();
        let condition = version_condition(expected, &mut values);
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(item::task_item_key(owner, id))
            .condition_expression(format!("attribute_exists(version){condition}"))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .customize()
            .interceptor(lost.clone())
            .send()
            .await;
        match deleted {
            Ok(deleted) => {
                record_capacity(deleted.consumed_capacity());
                Ok(())
            }
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(failed)) => {
                    match version_of(failed.item()) {
                        Some(current) => Err(StoreError::Changed(current)),
                        None => lost.not_found(),
                    }
                }
                _ => Err(error.into()),
            },
        }
    }
}

/// The task in an item; `None` in an item without one, such as a fence.
pub(super) fn task(item: Item) -> Result<Option<Task>, StoreError> {
    if !item.contains_key("version") {
        return Ok(None);
    }
    item::read::<TaskItem>(item)?.try_into().map(Some)
}

/// What `changes` do to the item: the members themselves, and what is derived from them.
fn update_of(id: TaskId, changes: TaskChanges, write: &str) -> Update {
    let now = Timestamp::now().as_millis();
    let mut update = Update::default();
    update.set("updated_at", n(now));
    update.set("last_write", s(write));
    update.add("version", n(1));
    if let Some(title) = changes.title {
        update.set("title_key", s(item::title_key(&title, id)));
        update.set("title", s(title.as_str()));
    }
    if let Some(description) = changes.description {
        update.set("description", s(description.as_str()));
    }
    if let Some(done) = changes.done {
        update.set("done", AttributeValue::Bool(done));
        update.set("status_key", s(item::status_key(done, id)));
        match done {
            true => update.set_if_absent("completed_at", n(now)),
            false => update.remove("completed_at"),
        }
    }
    match changes.due {
        Some(Some(due)) => {
            update.set("due", s(due.to_string()));
            update.set("due_key", s(item::due_key(due, id)));
        }
        Some(None) => {
            update.remove("due");
            update.remove("due_key");
        }
        None => {}
    }
    update
}

/// Whether an item that stood in the way of a write is what an earlier attempt of it wrote.
fn is_own_write(item: Option<&Item>, write: &str) -> bool {
    let last_write = item.and_then(|item| item.get("last_write"));
    last_write
        .and_then(|value| value.as_s().ok())
        .is_some_and(|last| last == write)
}
