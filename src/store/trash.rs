//! The trash: deleted tasks, which for 30 days can be restored or purged. DynamoDB deletes an item a day
//! later at the earliest, so the clock decides.
//!
//! Of a purged task a tombstone stays until the item would have been deleted anyway.

use std::time::Duration;

use tokio::time::Instant;

use super::attributes::{Item, s, text, unreadable};
use super::batch::run_until;
use super::call::Written;
use super::expression::Update;
use super::pages::{first_page, text_bytes};
use super::query::{Query, Range};
use super::random::backoff;
use super::register::{Outcome, apply_once};
use super::schema::BY_STATUS;
use super::tasks::outcome_in_list;
use super::write_id::{WriteId, holds};
use super::{Store, StoreError, cursor, items, schema};
use crate::domain::account::Account;
use crate::domain::list::ListId;
use crate::domain::page::{Limit, PageQuery};
use crate::domain::task::{Task, TaskId};
use crate::domain::time::Timestamp;
use crate::domain::trash::TrashedTask;
use crate::domain::version::Expected;

/// How long a task in the trash can be seen and restored.
const RESTORABLE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What tells the trash from all other collections, in its cursors.
const COLLECTION: &str = "trash";

/// Some tasks of the trash.
#[derive(Default)]
pub struct TrashPage {
    pub tasks: Vec<TrashedTask>,
    /// The cursor of the next page; `None` when there is none.
    pub next: Option<String>,
}

impl Store {
    /// A page of `owner`'s trash, the last deleted first. `InvalidCursor` when the cursor belongs to
    /// another collection. One Query.
    pub async fn list_trash(
        &self,
        owner: &Account,
        query: &PageQuery,
    ) -> Result<TrashPage, StoreError> {
        let (oldest, newest) = schema::trash_keys_since(self.oldest_in_trash());
        let start = query.cursor.as_ref();
        let start = start.map(|cursor| start_key(owner, cursor, &newest));
        let start = start.transpose()?;
        let is_past = |start: &Item| text(start, BY_STATUS.sort_attribute) < Some(&oldest);
        if start.as_ref().is_some_and(is_past) {
            // All that would follow has left the trash since, and DynamoDB takes no key from outside the
            // range.
            return Ok(TrashPage::default());
        }
        let range = Range::Between(oldest, newest);
        let read = self.query(Query {
            index: Some(BY_STATUS),
            descending: true,
            limit: Some(query.limit.unwrap_or(Limit::MAX).get().into()),
            start,
            ..Query::new(schema::tasks_partition(owner.id), range)
        });
        let (tasks, last) = first_page(&read.await?, BY_STATUS, |item| {
            let trashed = items::trashed_task(item)?;
            let trashed = trashed.ok_or_else(|| unreadable(item, BY_STATUS.sort_attribute))?;
            let size = text_bytes(&trashed.task);
            Ok((trashed, size))
        })?;
        let next = last.map(|key| cursor::encode(owner, &COLLECTION, &key));
        Ok(TrashPage { tasks, next })
    }

    /// Takes a task of `owner` out of the trash, to its old place in its list, or in the inbox when the
    /// list is gone. `NotFound` when it is not in the trash. One GetItem, then one UpdateItem, or for a
    /// list other than the inbox one TransactWriteItems; when somebody else writes in between, it
    /// begins again, until the request's deadline.
    pub async fn restore_task(&self, owner: &Account, id: TaskId) -> Result<Task, StoreError> {
        let write = WriteId::random()?;
        let mut attempt = 1;
        loop {
            let item = self.get(schema::task_key(owner, id)).await?;
            let item = item.unwrap_or_default();
            let task = in_trash(&item, self.oldest_in_trash())?;
            let task = task.ok_or(StoreError::NotFound)?;
            let list = task.content.list;
            let restored = self.restore_to(owner, &task, &item, list, &write).await;
            let restored = match restored {
                // A deleted list never comes back, so this attempt cannot fail for the same reason.
                Err(StoreError::NoSuchList) => {
                    self.restore_to(owner, &task, &item, ListId::INBOX, &write)
                        .await?
                }
                restored => restored?,
            };
            if let Some(restored) = restored {
                return Ok(restored);
            }
            tokio::time::sleep(backoff(attempt)?).await;
            attempt += 1;
        }
    }

    /// Restores the version of a task that was read, into `list`; `None` when it has another one by
    /// now. `NoSuchList` when the list is gone. One UpdateItem or one TransactWriteItems.
    async fn restore_to(
        &self,
        owner: &Account,
        task: &Task,
        item: &Item,
        list: ListId,
        write: &WriteId,
    ) -> Result<Option<Task>, StoreError> {
        let mut update = Update::default();
        items::restore_task(&mut update, task, list, self.now());
        let restored = update.clone().applied_to(item.clone());
        let condition = items::is_in_trash(self.oldest_in_trash())
            .and_version(&Expected::OneOf(vec![task.version]));
        let key = schema::task_key(owner, task.id);
        let outcome = match self.require_list(owner, list)? {
            None => self.update_once(key, update, condition, write).await?,
            Some(list_exists) => {
                let condition = apply_once(&mut update, condition, write);
                let restoration = self.transact_update(key, update, condition)?;
                let committed = self.transact(vec![restoration, list_exists]).await?;
                outcome_in_list(committed, restored.clone(), write)?
            }
        };
        match outcome {
            // Somebody may have deleted and purged it since; then it is shown as it was restored.
            Outcome::Applied(now) => {
                let now = items::kept_task(&now)?;
                now.map_or_else(|| items::kept_task(&restored), |now| Ok(Some(now)))
            }
            Outcome::Changed(_) | Outcome::Gone => Ok(None),
        }
    }

    /// Deletes a task in `owner`'s trash for good. `NotFound` when it is not in the trash, `Changed` when
    /// it has another version than the expected ones. One conditional UpdateItem.
    pub async fn purge_task(
        &self,
        owner: &Account,
        id: TaskId,
        expected: &Expected,
    ) -> Result<(), StoreError> {
        let write = WriteId::random()?;
        let oldest = self.oldest_in_trash();
        let mut update = Update::default();
        items::purge_task(&mut update, id, self.now());
        let condition = items::is_in_trash(oldest).and_version(expected);
        let condition = apply_once(&mut update, condition, &write);
        let purged = self.update(schema::task_key(owner, id), update, condition);
        match purged.await? {
            Written::Refused { old } if !holds(&old, &write) => Err(in_trash(&old, oldest)?
                .map_or(StoreError::NotFound, |task| {
                    StoreError::Changed(task.version)
                })),
            Written::Done(_) | Written::Refused { .. } => Ok(()),
        }
    }

    /// Deletes everything in `owner`'s trash for good. For each task one UpdateItem, for each megabyte of
    /// them one Query, and a last one that finds none. `Unfinished` when there is more to do after
    /// `until`.
    pub async fn empty_trash(&self, owner: &Account, until: Instant) -> Result<(), StoreError> {
        while Instant::now() < until {
            let (oldest, newest) = schema::trash_keys_since(self.oldest_in_trash());
            let tasks = self.query(Query {
                index: Some(BY_STATUS),
                keys_only: true,
                ..Query::new(
                    schema::tasks_partition(owner.id),
                    Range::Between(oldest, newest),
                )
            });
            let keys = tasks.await?.items;
            if keys.is_empty() {
                return Ok(());
            }
            let ids: Result<Vec<_>, _> = keys.iter().map(schema::task_id_in).collect();
            let purges = ids?.into_iter().map(|id| self.purge_if_there(owner, id));
            run_until(until, purges).await?;
        }
        Err(StoreError::Unfinished)
    }

    /// Purges a task, unless somebody has restored or purged it.
    async fn purge_if_there(&self, owner: &Account, id: TaskId) -> Result<(), StoreError> {
        match self.purge_task(owner, id, &Expected::Anything).await {
            Err(StoreError::NotFound) => Ok(()),
            purged => purged,
        }
    }

    /// What was deleted before this is no longer in the trash.
    fn oldest_in_trash(&self) -> Timestamp {
        self.now().before(RESTORABLE)
    }
}

/// The task in an item of the trash; `None` when it is not there, or was deleted before `oldest`.
fn in_trash(item: &Item, oldest: Timestamp) -> Result<Option<Task>, StoreError> {
    let trashed = items::trashed_task(item)?;
    let trashed = trashed.filter(|trashed| trashed.deleted_at >= oldest);
    Ok(trashed.map(|trashed| trashed.task))
}

/// The index key of the trash that a cursor stands for, in the form in which DynamoDB returns a last
/// key.
fn start_key(owner: &Account, cursor: &str, newest: &str) -> Result<Item, StoreError> {
    let key = cursor::decode(owner, &COLLECTION, cursor).ok_or(StoreError::InvalidCursor)?;
    let is_possible = key.starts_with(schema::TRASH_PREFIX) && key.as_str() < newest;
    let id = schema::task_id_of(&key).filter(|_| is_possible);
    let mut start = schema::task_key(owner, id.ok_or(StoreError::InvalidCursor)?);
    start.insert(BY_STATUS.sort_attribute.to_owned(), s(key));
    Ok(start)
}
