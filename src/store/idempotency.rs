//! Creates that may be sent twice: a record of each request, kept for a day.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::attributes::n;
use super::expression::Condition;
use super::items::StoredRequest;
use super::transaction::Committed;
use super::{Store, StoreError, items, random};
use crate::domain::account::Account;
use crate::domain::task::{Task, TaskContent};
use crate::domain::time::Timestamp;

/// What identifies a repeated request: the caller's idempotency key and the bytes of the body.
pub struct IdempotentRequest {
    key_digest: String,
    body_digest: String,
}

impl IdempotentRequest {
    pub fn new(key: &str, body: &[u8]) -> Self {
        let digest = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
        Self {
            key_digest: digest(key.as_bytes()),
            body_digest: digest(body),
        }
    }
}

/// The result of a create that may have been sent before.
pub enum Created {
    First(Task),
    /// The task as the first request created it.
    Again(Task),
}

const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

impl Store {
    /// Adds a task to `owner`'s list, unless this request has done so within the last day.
    /// `IdempotencyKeyReused` when its key was sent with another body, `StaleCredentials` when the
    /// credentials are no longer those that were verified. One UpdateItem and one transaction.
    pub async fn create_task_idempotently(
        &self,
        owner: &Account,
        content: TaskContent,
        request: &IdempotentRequest,
    ) -> Result<Created, StoreError> {
        let id = self.allocate_task_id(owner).await?;
        let now = Timestamp::now();
        let task = Task::new(id, content.clone(), now);
        let record = StoredRequest {
            body_digest: request.body_digest.clone(),
            task_id: id,
            created_at: now,
        };
        let record = items::new_request(owner, &request.key_digest, &record, now.after(RETENTION));
        let unused = Condition::new("attribute_not_exists(#pk) OR #expires_at <= :now");
        let unused = unused.value("now", n(now.as_seconds()));
        let item = items::new_task(owner, &task, &random::write_id()?);
        let writes = vec![
            self.transact_put(record, unused)?,
            self.transact_put(item, Condition::no_item())?,
        ];
        match self.transact(writes).await? {
            Committed::Done => Ok(Created::First(task)),
            Committed::Refused(refused) => match refused.as_slice() {
                [Some(old), _] => replay(content, request, &items::request(old)?),
                // A placeholder of the account's deletion: see `delete_closed_account`.
                _ => Err(StoreError::StaleCredentials(owner.id)),
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
    if first.body_digest != request.body_digest {
        return Err(StoreError::IdempotencyKeyReused);
    }
    let task = Task::new(first.task_id, content, first.created_at);
    Ok(Created::Again(task))
}
