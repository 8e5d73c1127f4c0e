//! Changing a task. When that completes one that repeats, the next one of its series appears: both in
//! one transaction, or neither.
//!
//! Most changes are one conditional write without a read. It is refused for a task that repeats and is
//! to become done, and the refusal returns the item, from which the transaction is made.

use super::attributes::Item;
use super::expression::{Condition, Update};
use super::items::Position;
use super::random::backoff;
use super::register::{Outcome, apply_once};
use super::tasks::outcome_in_list;
use super::transaction::Committed;
use super::write_id::{WriteId, holds};
use super::{Store, StoreError, items, schema};
use crate::domain::account::Account;
use crate::domain::due::Day;
use crate::domain::list::ListId;
use crate::domain::task::{Task, TaskChanges, TaskId};
use crate::domain::time::Timestamp;
use crate::domain::version::Expected;

/// The result of an update.
pub struct Updated {
    pub task: Task,
    /// The task that follows, when the update completed one that repeats.
    pub next_task: Option<Task>,
}

/// What all attempts of one update have in common.
struct TaskUpdate<'a> {
    owner: &'a Account,
    id: TaskId,
    changes: TaskChanges,
    expected: &'a Expected,
    write: WriteId,
    /// Allocated once, also when somebody else's write makes another attempt necessary.
    next_id: Option<TaskId>,
}

impl TaskUpdate<'_> {
    /// Whether no attempt can be written without the item: where the task stands afterwards depends on
    /// it, or the rule to repeat by is in the changes themselves.
    fn needs_item(&self) -> bool {
        let changes = &self.changes;
        let repeats = matches!(changes.repeat, Some(Some(_)));
        items::needs_position(changes) || changes.done == Some(true) && repeats
    }

    /// What an item must be like for the changes to be all that happens to it.
    fn condition(&self) -> Condition {
        let condition = items::is_live().and_version(self.expected);
        let changes = &self.changes;
        match (changes.repeat, changes.due) {
            (None, _) if changes.done == Some(true) => {
                condition.and("attribute_not_exists(#repeat)")
            }
            (Some(Some(_)), None) => condition.and("attribute_exists(#due)"),
            _ => condition,
        }
    }
}

impl Store {
    /// Changes a task of `owner` and returns it as it is now, with the one that follows when this
    /// completed a repeating task. `NotFound` when there is none, `Changed` when it has another version
    /// than the expected ones, `NoSuchList` when it is to be moved to a list that there is not,
    /// `RepeatWithoutDue` when it would repeat without a due date.
    ///
    /// One conditional UpdateItem. When the list, the order or `done: false` is among the changes, or
    /// `repeat` beside `done: true`, a GetItem before it, and where that puts the task into a list other
    /// than the inbox, TransactWriteItems instead. When it completes a repeating task, that UpdateItem
    /// or GetItem, an UpdateItem that allocates an id, and TransactWriteItems. When somebody else
    /// writes in between, it begins again, until the request's deadline.
    pub async fn update_task(
        &self,
        owner: &Account,
        id: TaskId,
        changes: TaskChanges,
        expected: &Expected,
    ) -> Result<Updated, StoreError> {
        let changes = changes.with_cleared_repeat();
        let mut update = TaskUpdate {
            owner,
            id,
            changes: changes.ok_or(StoreError::RepeatWithoutDue)?,
            expected,
            write: WriteId::random()?,
            next_id: None,
        };
        let mut attempt = 1;
        loop {
            if let Some(updated) = self.try_update(&mut update).await? {
                return Ok(updated);
            }
            tokio::time::sleep(backoff(attempt)?).await;
            attempt += 1;
        }
    }

    /// One attempt; `None` when somebody else has written in between.
    async fn try_update(&self, update: &mut TaskUpdate<'_>) -> Result<Option<Updated>, StoreError> {
        let key = schema::task_key(update.owner, update.id);
        let item = if update.needs_item() {
            self.get(key).await?.unwrap_or_default()
        } else {
            let mut change = Update::default();
            let changes = update.changes.clone();
            items::change_task(&mut change, update.id, changes, None, self.now());
            let written = self.update_once(key, change, update.condition(), &update.write);
            match written.await? {
                Outcome::Applied(item) => return updated(&item, None).map(Some),
                Outcome::Changed(old) => old,
                Outcome::Gone => return Err(StoreError::NotFound),
            }
        };
        let task = items::live_task(&item)?.ok_or(StoreError::NotFound)?;
        if !update.expected.accepts(task.version) {
            return Err(StoreError::Changed(task.version));
        }
        match self.write_version(update, &task, item).await {
            // The task's own list is gone, and its deletion has not come to this task yet, or was cut
            // short.
            Err(StoreError::NoSuchList) if update.changes.list.is_none() => {
                let list = task.content.list;
                self.trash_from(update.owner, list, task.id).await?;
                Err(StoreError::NotFound)
            }
            written => written,
        }
    }

    /// Makes the changes on the version that was read; `None` when the task has another one by now.
    /// One UpdateItem or one TransactWriteItems; before a successor is first created, one UpdateItem.
    async fn write_version(
        &self,
        update: &mut TaskUpdate<'_>,
        task: &Task,
        item: Item,
    ) -> Result<Option<Updated>, StoreError> {
        let now = self.now();
        let old = Position::of(task);
        let new = old.after(task.id, &update.changes);
        let change = |changes| {
            let mut change = Update::default();
            items::change_task(&mut change, task.id, changes, Some(&new), now);
            change
        };
        let mut changes = update.changes.clone();
        let merged = items::task(&change(changes.clone()).applied_to(item.clone()))?;
        if merged.content.lacks_due() {
            return Err(StoreError::RepeatWithoutDue);
        }
        if changes.done == Some(true) {
            // Whether or not it was done before: the same request again must not bring the rule back.
            changes.repeat = Some(None);
        }
        let next_task = match new.done && !old.done {
            true => self.next_task(update, &merged, now).await?,
            false => None,
        };
        // A done task that stays in its list stays in a range that a deletion of the list reads last.
        let enters_list = !new.done || new.list != old.list || next_task.is_some();
        let list = if enters_list { new.list } else { ListId::INBOX };
        self.write_both(update, task, item, change(changes), list, next_task)
            .await
    }

    /// The task that follows `completed`, which is as the update leaves it but for its rule; `None` when
    /// none does. Allocates its id, unless an earlier attempt has. At most one UpdateItem.
    async fn next_task(
        &self,
        update: &mut TaskUpdate<'_>,
        completed: &Task,
        now: Timestamp,
    ) -> Result<Option<Task>, StoreError> {
        let Some(due) = completed.next_due(Day::of(now)) else {
            return Ok(None);
        };
        let id = match update.next_id {
            Some(id) => id,
            None => self.allocate_task_id(update.owner).await?,
        };
        update.next_id = Some(id);
        Ok(Some(completed.successor(id, due, now)))
    }

    /// Writes the change of a task's version, and the one that follows, provided that `list` exists.
    /// `None` when the task has another version by now. One UpdateItem if there is no task that
    /// follows and the list is the inbox, else one TransactWriteItems.
    async fn write_both(
        &self,
        update: &TaskUpdate<'_>,
        task: &Task,
        item: Item,
        mut change: Update,
        list: ListId,
        next_task: Option<Task>,
    ) -> Result<Option<Updated>, StoreError> {
        let TaskUpdate { owner, write, .. } = update;
        let key = schema::task_key(owner, task.id);
        let condition = items::is_live().and_version(&Expected::OneOf(vec![task.version]));
        if next_task.is_none() && list == ListId::INBOX {
            let written = self.update_once(key, change, condition, write).await?;
            return outcome(written);
        }
        let condition = apply_once(&mut change, condition, write);
        let written = change.clone().applied_to(item);
        let mut writes = vec![self.transact_update(key, change, condition)?];
        writes.extend(self.require_list(owner, list)?);
        if let Some(next) = &next_task {
            let item = items::new_task(owner, next, write);
            writes.push(self.transact_put(item, Condition::no_item())?);
        }
        let committed = self.transact(writes).await?;
        if next_task.is_some() {
            if has_created(&committed, write) {
                return updated(&written, next_task).map(Some);
            }
            if is_refused_only_last(&committed) {
                return Err(StoreError::Internal(
                    "another task has the allocated id".into(),
                ));
            }
        }
        match outcome_in_list(committed, written.clone(), write)? {
            // As this write made both, whatever became of them since.
            Outcome::Applied(_) if next_task.is_some() => updated(&written, next_task).map(Some),
            other => outcome(other),
        }
    }
}

/// Whether the item that refused the last write of a transaction is this write's own, so that an
/// earlier attempt was applied. `created_by` stays, however many have written to both items since.
fn has_created(committed: &Committed, write: &WriteId) -> bool {
    let Committed::Refused(refused) = committed else {
        return false;
    };
    let last = refused.last().and_then(Option::as_ref);
    last.is_some_and(|item| holds(item, write))
}

/// Whether only the last write of a transaction was refused.
fn is_refused_only_last(committed: &Committed) -> bool {
    let Committed::Refused(refused) = committed else {
        return false;
    };
    let first = refused.iter().position(Option::is_some);
    first == refused.len().checked_sub(1)
}

/// `None` when the task was not as the condition wants it.
fn outcome(outcome: Outcome) -> Result<Option<Updated>, StoreError> {
    match outcome {
        Outcome::Applied(item) => updated(&item, None).map(Some),
        Outcome::Changed(_) => Ok(None),
        Outcome::Gone => Err(StoreError::NotFound),
    }
}

fn updated(item: &Item, next_task: Option<Task>) -> Result<Updated, StoreError> {
    // One that others have deleted and purged since has nothing left to show.
    let task = items::kept_task(item)?.ok_or(StoreError::NotFound)?;
    Ok(Updated { task, next_task })
}
