//! Creates that may be sent twice: a record of each request, for a day.

use std::time::Duration;

use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::items as item;
use super::items::TaskItem;
use super::transaction::{Outcome, Refusal};
use super::{Store, StoreError, n, random_id};
use crate::domain::account::Account;
use crate::domain::task::{Task, TaskContent, TaskId};
use crate::domain::time::Timestamp;

/// What makes two requests the same one: the key that the caller gave it, and the very bytes.
pub struct IdempotentRequest {
    key: String,
    body: String,
}

impl IdempotentRequest {
    pub fn new(key: &str, body: &[u8]) -> Self {
        let digest = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
        Self {
            key: digest(key.as_bytes()),
            body: digest(body),
        }
    }
}

/// What came of a create that may have been sent before.
pub enum Created {
    First(Task),
    /// The task as it was when the first request made it.
    Again(Task),
}

#[derive(Deserialize, Serialize)]
struct RequestItem {
    pk: String,
    sk: String,
    body: String,
    task_id: u64,
    created_at: i64,
    expires_at: i64,
}

/// How long a request is remembered.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

impl Store {
    /// Adds a task to `owner`'s list, unless this request has done so within the last day.
    /// `IdempotencyKeyReused` when its key came with another body. One UpdateItem, one transaction.
    pub async fn create_task_idempotently(
        &self,
        owner: &Account,
        content: TaskContent,
        request: &IdempotentRequest,
    ) -> Result<Created, StoreError> {
        let id = self.allocate_task_id(owner).await?;
        let task = Task::new(id, content.clone(), Timestamp::now());
        let internal = |error| StoreError::Internal(Box::new(error));
        let record = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::write(request_item(owner, request, &task))?))
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
            .expression_attribute_values(":now", n(task.created_at.as_seconds()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(internal)?;
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::write(TaskItem::new(
                owner,
                &task,
                random_id()?,
            ))?))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(internal)?;
        let items = [record, put].map(|put| TransactWriteItem::builder().put(put).build());
        match self.transact(items.into()).await? {
            Outcome::Done => Ok(Created::First(task)),
            Outcome::Refused(refusals) => match refusals.as_slice() {
                [Refusal::Condition(Some(old)), _] => {
                    let old: RequestItem = item::read(old.clone())?;
                    again(content, request, &old).map(Created::Again)
                }
                // The account's deletion has taken the task's key: see `delete_closed_account`.
                [_, Refusal::Condition(_)] => Err(StoreError::StaleCredentials(owner.id)),
                [Refusal::CollectionFull, _] | [_, Refusal::CollectionFull] => {
                    Err(StoreError::CollectionFull)
                }
                _ => Err(StoreError::Internal(
                    "a transaction was refused for nothing".into(),
                )),
            },
        }
    }
}

fn request_item(owner: &Account, request: &IdempotentRequest, task: &Task) -> RequestItem {
    RequestItem {
        pk: item::tasks_partition(owner),
        sk: format!("{}{}", item::REQUEST_PREFIX, request.key),
        body: request.body.clone(),
        task_id: task.id.number(),
        created_at: task.created_at.as_millis(),
        expires_at: task.created_at.after(REMEMBERED).as_seconds(),
    }
}

/// The first answer needs no copy: the same bytes with the same number and time say the same.
fn again(
    content: TaskContent,
    request: &IdempotentRequest,
    old: &RequestItem,
) -> Result<Task, StoreError> {
    if old.body != request.body {
        return Err(StoreError::IdempotencyKeyReused);
    }
    let id = TaskId::new(old.task_id)
        .ok_or_else(|| StoreError::Internal("unreadable request record".into()))?;
    Ok(Task::new(
        id,
        content,
        Timestamp::from_millis(old.created_at),
    ))
}
