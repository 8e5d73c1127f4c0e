//! Lists: reading, creating, changing and deleting one.
//!
//! A list is deleted in three steps, each of which can be repeated. First it is closed; every
//! transaction that puts an open task into it, or moves a done one, requires that it is not. So
//! afterwards its open tasks only become fewer, and once there are none, so do the done ones. All go
//! to the trash. At last the list is marked as emptied.

use futures_util::TryStreamExt;
use tokio::time::Instant;

use super::attributes::n;
use super::batch::run_until;
use super::call::Written;
use super::expression::{Condition, Update};
use super::query::{Query, Range};
use super::register::{Outcome, apply_once, judge};
use super::schema::{BY_LIST, BY_STATUS};
use super::write_id::WriteId;
use super::{Store, StoreError, items, schema};
use crate::domain::account::Account;
use crate::domain::list::{List, ListChanges, ListContent, ListId};
use crate::domain::order::OrderChoice;
use crate::domain::task::TaskId;
use crate::domain::version::{Expected, Version};

/// How many lists an account may have, the inbox included.
const MAX_LISTS: usize = 200;

impl Store {
    /// All lists of `owner`, by order, then id. One Query.
    pub async fn list_lists(&self, owner: &Account) -> Result<Vec<List>, StoreError> {
        // The index has no entries of deleted lists.
        let range = Range::Prefix(schema::LIST_PREFIX.to_owned());
        let query = Query {
            index: Some(BY_STATUS),
            ..Query::new(schema::tasks_partition(owner.id), range)
        };
        let stored = self.query_all(query).try_concat().await?;
        let lists = stored.iter().map(items::live_list);
        let lists: Result<Vec<_>, _> = lists.filter_map(Result::transpose).collect();
        let mut lists = lists?;
        // Stable: the Query returned them by id.
        lists.sort_by(|a, b| {
            let order = |list: &List| list.content.order.or(list.id).number();
            order(a).total_cmp(&order(b))
        });
        Ok(lists)
    }

    /// A list of `owner`. `NotFound` when there is none. One GetItem.
    pub async fn read_list(&self, owner: &Account, id: ListId) -> Result<List, StoreError> {
        let item = self.get(schema::list_item_key(owner.id, id)).await?;
        items::live_list(&item.unwrap_or_default())?.ok_or(StoreError::NotFound)
    }

    /// Creates a list under a newly allocated id. `TooManyLists` when there are 200 (several creates
    /// at once may exceed that), `StaleCredentials` when the credentials are no longer those that were
    /// verified. One Query, one UpdateItem and one PutItem.
    pub async fn create_list(
        &self,
        owner: &Account,
        content: ListContent,
    ) -> Result<List, StoreError> {
        let write = WriteId::random()?;
        if self.list_lists(owner).await?.len() >= MAX_LISTS {
            return Err(StoreError::TooManyLists);
        }
        let id = self.allocate_list_id(owner).await?;
        let now = self.now();
        let list = List {
            id,
            content: ListContent {
                order: OrderChoice(Some(content.order.or(id))),
                ..content
            },
            version: Version(1),
            created_at: now,
            updated_at: now,
        };
        let item = items::new_list(owner.id, id, list.content.clone(), now, &write);
        match self.create_once(item, &write).await? {
            // As it was created, even if somebody has changed or deleted it since.
            Outcome::Applied(_) => Ok(list),
            Outcome::Changed(_) | Outcome::Gone => Err(StoreError::Internal(
                "another list has the allocated id".into(),
            )),
        }
    }

    /// Changes a list of `owner` and returns it as it is now. `NotFound` when there is none, also when
    /// it was deleted while the response to this write was lost; `Changed` when it has another
    /// version than the expected ones. One conditional UpdateItem.
    pub async fn update_list(
        &self,
        owner: &Account,
        id: ListId,
        changes: ListChanges,
        expected: &Expected,
    ) -> Result<List, StoreError> {
        let write = WriteId::random()?;
        let mut update = Update::default();
        items::change_list(&mut update, id, changes, self.now());
        let condition = items::is_live().and_version(expected);
        let key = schema::list_item_key(owner.id, id);
        let outcome = self.update_once(key, update, condition, &write).await?;
        items::live_list(&outcome.into_item()?)?.ok_or(StoreError::NotFound)
    }

    /// Deletes a list of `owner` and moves its tasks to the trash. `InboxUndeletable` for the inbox,
    /// `NotFound` when there is no such list, `Changed` when it has another version than the expected
    /// ones. A deletion that was cut short is continued whatever version is expected. Two UpdateItem
    /// and two Query; for each task one UpdateItem, for each megabyte of open or done ones one Query.
    /// `Unfinished` when there is more to do after `until`.
    pub async fn delete_list(
        &self,
        owner: &Account,
        id: ListId,
        expected: &Expected,
        until: Instant,
    ) -> Result<(), StoreError> {
        if id == ListId::INBOX {
            return Err(StoreError::InboxUndeletable);
        }
        self.close_list(owner, id, expected).await?;
        // The open ones first: until there are none, more may become done.
        for done in [false, true] {
            self.empty_list(owner, id, done, until).await?;
        }
        let mut update = Update::default();
        items::mark_emptied(&mut update, self.now());
        let condition = "attribute_exists(#deleted_at) AND attribute_not_exists(#emptied)";
        let key = schema::list_item_key(owner.id, id);
        // Refused: another deletion of the list has finished, or one of the account.
        self.update(key, update, Condition::new(condition))
            .await
            .map(|_| ())
    }

    /// Makes a list one that nothing can enter, unless it is that already. One conditional UpdateItem.
    async fn close_list(
        &self,
        owner: &Account,
        id: ListId,
        expected: &Expected,
    ) -> Result<(), StoreError> {
        let write = WriteId::random()?;
        let mut update = Update::default();
        items::close_list(&mut update, id, self.now());
        let condition = items::is_live().and_version(expected);
        let condition = apply_once(&mut update, condition, &write);
        let key = schema::list_item_key(owner.id, id);
        match self.update(key, update, condition).await? {
            Written::Refused { old } if !items::is_being_emptied(&old) => {
                judge(old, &write).into_item().map(|_| ())
            }
            // Closed, by this request or by one that was cut short.
            Written::Done(_) | Written::Refused { .. } => Ok(()),
        }
    }

    /// Moves a closed list's open tasks, or its done ones, to the trash, until a Query finds none.
    /// `Unfinished` when there is more to do after `until`.
    async fn empty_list(
        &self,
        owner: &Account,
        list: ListId,
        done: bool,
        until: Instant,
    ) -> Result<(), StoreError> {
        while Instant::now() < until {
            let range = Range::Prefix(schema::list_key_prefix(list, Some(done)));
            let tasks = self.query(Query {
                index: Some(BY_LIST),
                keys_only: true,
                ..Query::new(schema::tasks_partition(owner.id), range)
            });
            let keys = tasks.await?.items;
            if keys.is_empty() {
                return Ok(());
            }
            let ids: Result<Vec<_>, _> = keys.iter().map(schema::task_id_in).collect();
            let moves = ids?.into_iter().map(|id| self.trash_from(owner, list, id));
            run_until(until, moves).await?;
        }
        Err(StoreError::Unfinished)
    }

    /// Moves a task to the trash, unless it has been moved to another list or deleted. One conditional
    /// UpdateItem.
    pub(super) async fn trash_from(
        &self,
        owner: &Account,
        list: ListId,
        id: TaskId,
    ) -> Result<(), StoreError> {
        let in_list = items::is_live().and("#list = :in_list");
        let in_list = in_list.value("in_list", n(list.number()));
        match self.trash_task(owner, id, in_list).await {
            Err(StoreError::NotFound | StoreError::Changed(_)) => Ok(()),
            trashed => trashed,
        }
    }
}
