//! Creates that may be sent twice: a record of each request, kept for 30 days.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::attributes::n;
use super::expression::Condition;
use super::items::StoredRequest;
use super::transaction::Committed;
use super::write_id::{WriteId, holds};
use super::{Store, StoreError, items, schema};
use crate::domain::account::Account;
use crate::domain::list::ListId;
use crate::domain::task::{Task, TaskContent, TaskId};

/// What identifies a repeated request: the caller's idempotency key, and everything it says.
pub struct IdempotentRequest {
    key_digest: String,
    digest: String,
}

impl IdempotentRequest {
    /// `list` is where the task is created; that may stand in the path rather than in the body.
    pub fn new(key: &str, list: ListId, body: &[u8]) -> Self {
        let mut request = Sha256::new();
        request.update(list.number().to_be_bytes());
        request.update(body);
        Self {
            key_digest: URL_SAFE_NO_PAD.encode(Sha256::digest(key)),
            digest: URL_SAFE_NO_PAD.encode(request.finalize()),
        }
    }
}

/// The result of a create that may have been sent before.
pub enum Created {
    First(Task),
    /// The task as the first request created it.
    Again(Task),
}

const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Store {
    /// Adds a task to one of `owner`'s lists, with a request only once: as [`Store::create_task`] and
    /// [`Store::create_task_idempotently`].
    pub async fn create(
        &self,
        owner: &Account,
        content: TaskContent,
        request: Option<&IdempotentRequest>,
    ) -> Result<Created, StoreError> {
        match request {
            Some(request) => self.create_task_idempotently(owner, content, request).await,
            None => self.create_task(owner, content).await.map(Created::First),
        }
    }

    /// The task that a request with this key has created within 30 days, whatever else it said. One
    /// GetItem.
    pub async fn created_before(
        &self,
        owner: &Account,
        request: &IdempotentRequest,
    ) -> Result<Option<TaskId>, StoreError> {
        let key = schema::request_key(owner, &request.key_digest);
        let Some(item) = self.get(key).await? else {
            return Ok(None);
        };
        let record = items::request(&item)?;
        let ended = record.created_at.after(RETENTION) <= self.now();
        Ok((!ended).then_some(record.task_id))
    }

    /// Adds a task to one of `owner`'s lists, unless this request has done so within 30 days.
    /// `IdempotencyKeyReused` when its key was sent with something else, `NoSuchList` when there is
    /// no such list, `RepeatWithoutDue` when the task repeats without a due date, `StaleCredentials` when
    /// the credentials are no longer those that were verified. One UpdateItem and one
    /// TransactWriteItems.
    pub async fn create_task_idempotently(
        &self,
        owner: &Account,
        content: TaskContent,
        request: &IdempotentRequest,
    ) -> Result<Created, StoreError> {
        if content.lacks_due() {
            return Err(StoreError::RepeatWithoutDue);
        }
        let write = WriteId::random()?;
        let id = self.allocate_task_id(owner).await?;
        let now = self.now();
        let task = Task::new(id, content.clone(), now);
        let record = StoredRequest {
            digest: request.digest.clone(),
            task_id: id,
            created_at: now,
        };
        let record = items::new_request(owner, &request.key_digest, &record, now.after(RETENTION));
        let unused = Condition::new("attribute_not_exists(#pk) OR #expires_at <= :now");
        let unused = unused.value("now", n(now.as_seconds()));
        let item = items::new_task(owner, &task, &write);
        let mut writes = vec![
            self.transact_put(record, unused)?,
            self.transact_put(item, Condition::no_item())?,
        ];
        writes.extend(self.require_list(owner, task.content.list)?);
        match self.transact(writes).await? {
            Committed::Done => Ok(Created::First(task)),
            Committed::Refused(refused) => match refused.as_slice() {
                // An earlier attempt created it, whatever became of it since.
                [_, Some(old), ..] if holds(old, &write) => Ok(Created::First(task)),
                // Also when the list has gone since.
                [Some(old), ..] => replay(content, request, &items::request(old)?),
                [None, None, Some(_)] => Err(StoreError::NoSuchList),
                _ => Err(StoreError::Internal(
                    "another task has the allocated id".into(),
                )),
            },
        }
    }
}

/// The first response needs no copy: the same bytes, id and time make the same task.
fn replay(
    content: TaskContent,
    request: &IdempotentRequest,
    first: &StoredRequest,
) -> Result<Created, StoreError> {
    if first.digest != request.digest {
        return Err(StoreError::IdempotencyKeyReused);
    }
    let task = Task::new(first.task_id, content, first.created_at);
    Ok(Created::Again(task))
}
