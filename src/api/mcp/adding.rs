//! How a task is added, once for each idempotency key.

use std::collections::HashMap;

use super::Caller;
use super::arguments::{self, ListReference};
use super::items::{Attempt, Done};
use super::lists;
use super::words::store_error;
use crate::api::error::ApiError;
use crate::domain::idempotency_key::IdempotencyKey;
use crate::domain::list::ListId;
use crate::domain::task::TaskContent;
use crate::store::StoreError;
use crate::store::idempotency::{Created, IdempotentRequest};

/// The keys of the tasks of one call. They depend on what a task is and not on where in the call it
/// stands, so that any of the tasks may be sent again.
pub struct Keys {
    key: Option<IdempotencyKey>,
    /// How often each task has been sent in this call.
    sent: HashMap<String, u32>,
}

impl Keys {
    pub fn of(key: Option<IdempotencyKey>) -> Self {
        Self {
            key,
            sent: HashMap::new(),
        }
    }

    /// The key of the next task, if the call has one: the call's, the task, and its number among equal
    /// ones. No header can hold a line break, so no other request has such a key.
    fn next(&mut self, list: &ListReference, content: &TaskContent) -> Option<String> {
        let key = self.key.as_ref()?.as_str();
        let list = match list {
            ListReference::Uri(id) => id.number().to_string(),
            ListReference::Name(name) => format!("{name:?}"),
        };
        let content = serde_json::to_string(content).ok()?;
        let task = format!("{list}\n{content}");
        let number = self.sent.entry(task.clone()).or_default();
        *number += 1;
        Some(format!("{key}\n{number}\n{task}"))
    }
}

/// Adds the task of an attempt. With a key, a task that was added before is what it was then.
pub async fn add_task(
    caller: &Caller<'_>,
    keys: &mut Keys,
    attempt: &Attempt,
) -> Result<Done, ApiError> {
    let (list, mut content) = arguments::new_task(&attempt.entry)?;
    let key = keys.next(&list, &content);
    let request = |list| {
        let key = key.as_deref()?;
        Some(IdempotentRequest::new(key, list, b""))
    };
    content.list = match lists::find(caller, list).await {
        Ok(list) => list,
        // Its list may have another name since.
        Err(error @ ApiError::BadRequest(_)) => {
            let before = added_before(caller, request(ListId::INBOX)).await?;
            return before.ok_or(error);
        }
        Err(error) => return Err(error),
    };
    attempt.begin_write();
    let request = request(content.list);
    let store = &caller.app.store;
    let created = store.create(caller.account, content, request.as_ref());
    match created.await {
        Ok(Created::First(task) | Created::Again(task)) => Ok(task.into()),
        // Its list's name is another list's since.
        Err(StoreError::IdempotencyKeyReused) => {
            let before = added_before(caller, request).await?;
            before.ok_or_else(|| store_error(StoreError::IdempotencyKeyReused))
        }
        Err(error) => Err(store_error(error)),
    }
}

/// The task that the request has added before, as it is now.
async fn added_before(
    caller: &Caller<'_>,
    request: Option<IdempotentRequest>,
) -> Result<Option<Done>, ApiError> {
    let (store, account) = (&caller.app.store, caller.account);
    let Some(request) = request else {
        return Ok(None);
    };
    let Some(id) = store.created_before(account, &request).await? else {
        return Ok(None);
    };
    match store.read_task(account, id).await {
        Ok(task) => Ok(Some(task.into())),
        Err(StoreError::NotFound) => Err(ApiError::Conflict(
            "it was added before, and is deleted since",
        )),
        Err(error) => Err(error.into()),
    }
}
