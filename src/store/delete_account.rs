//! Deleting an account: everything that belongs to it, the account itself last. Each step can be
//! repeated, so a deletion that was interrupted is continued by starting again.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::accounts::{credentials_are_current, has_id, refusal};
use super::attributes::{Item, flag, n, number, s, text};
use super::batch::MAX_WRITES;
use super::call::Written;
use super::expression::{Condition, Update};
use super::query::{Query, Range};
use super::{Store, StoreError, items, schema};
use crate::domain::account::Account;
use crate::domain::task::TaskId;
use crate::domain::time::Timestamp;
use crate::domain::version::Expected;

/// Longer than any request takes: the function responds within 8 s, finished or not.
const LONGEST_REQUEST: Duration = Duration::from_secs(15);

/// How many task ids may be allocated without a task when an account is closed.
const MAX_PENDING_IDS: u64 = 256;

/// How many writes of one deletion run at a time.
const CONCURRENCY: usize = 4;

/// An account that is closed to everything but its deletion.
struct ClosedAccount {
    /// With the credential version as of the closing.
    account: Account,
    /// The task id allocated last, when that was so recently that its create may still be running
    /// and placeholders have not been written yet.
    pending_id: Option<u64>,
}

impl Store {
    /// Closes `owner`'s account and deletes everything that belongs to it. `StaleCredentials` when
    /// the credentials are no longer those that were verified, `Changed` when the account has
    /// another version than the expected ones. Starting again continues an interrupted deletion.
    pub async fn delete_account(
        &self,
        owner: &Account,
        expected: &Expected,
    ) -> Result<(), StoreError> {
        let closed = self.close_account(owner, expected).await?;
        self.delete_closed_account(&closed).await
    }

    /// Ends everything that can be done with an account but its deletion. One conditional
    /// UpdateItem.
    async fn close_account(
        &self,
        owner: &Account,
        expected: &Expected,
    ) -> Result<ClosedAccount, StoreError> {
        let mut update = Update::default();
        update.set("closed", AttributeValue::Bool(true));
        update.add("credential_version", n(1));
        let condition = credentials_are_current(owner).and_version(expected);
        let key = schema::account_key(&owner.username);
        let item = match self.update(key, update, condition).await? {
            Written::Done(item) => item,
            // Closed already, by an earlier attempt or by another deletion.
            Written::Refused { old, .. } if flag(&old, "closed") && has_id(&old, owner.id) => old,
            Written::Refused { old, .. } => return Err(refusal(owner, &old)),
        };
        let account = items::account(&item)?.account;
        let allocated_at = Timestamp::from_millis(number(&item, "allocated_at").unwrap_or(0));
        let may_be_pending =
            !flag(&item, "fenced") && allocated_at.after(LONGEST_REQUEST) > Timestamp::now();
        let last_id = number(&item, "last_task_id");
        Ok(ClosedAccount {
            account,
            pending_id: last_id.filter(|_| may_be_pending),
        })
    }

    /// Deletes what a closed account has in the table: tasks, idempotency records, tokens, itself.
    /// Nothing can appear afterwards, unless more than 256 creates were running at once.
    async fn delete_closed_account(&self, closed: &ClosedAccount) -> Result<(), StoreError> {
        let account = &closed.account;
        if let Some(newest) = closed.pending_id {
            self.block_pending_creates(account, newest).await?;
            // Once tasks are deleted, a missing task no longer means a running create.
            self.note_blocked(account).await?;
        }
        let tasks = schema::tasks_partition(account);
        self.delete_range(tasks.clone(), schema::TASK_PREFIX)
            .await?;
        self.delete_range(tasks, schema::REQUEST_PREFIX).await?;
        self.delete_tokens(account).await?;
        let key = schema::account_key(&account.username);
        let condition = "attribute_not_exists(#pk) OR #account_id = :account_id";
        let condition = Condition::new(condition).value("account_id", s(account.id.to_string()));
        // Refused: another deletion has finished, and the name belongs to a new account.
        self.delete(key, condition).await.map(|_| ())
    }

    /// Writes placeholders under the keys of tasks whose ids were allocated but which do not exist,
    /// so that creates that are still running are refused. Placeholders expire.
    async fn block_pending_creates(&self, owner: &Account, newest: u64) -> Result<(), StoreError> {
        let oldest = newest.saturating_sub(MAX_PENDING_IDS - 1).max(1);
        let ids = (oldest..=newest).filter_map(TaskId::new);
        let mut missing: BTreeMap<_, _> = ids.map(|id| (schema::task_sort_key(id), id)).collect();
        let (Some(first), Some(last)) = (missing.keys().next(), missing.keys().next_back()) else {
            return Ok(());
        };
        let range = Range::Between(first.clone(), last.clone());
        let mut pages = pin!(self.query_all(Query {
            keys_only: true,
            ..Query::new(schema::tasks_partition(owner), range)
        }));
        while let Some(existing) = pages.try_next().await? {
            for item in existing {
                missing.remove(text(&item, "sk").unwrap_or_default());
            }
        }
        run_bounded(
            missing
                .into_values()
                .map(|id| self.put_placeholder(owner, id)),
        )
        .await
    }

    async fn put_placeholder(&self, owner: &Account, id: TaskId) -> Result<(), StoreError> {
        let expires_at = Timestamp::now().after(LONGEST_REQUEST).as_seconds();
        let mut placeholder = schema::task_key(owner, id);
        placeholder.insert("fence".to_owned(), AttributeValue::Bool(true));
        placeholder.insert("expires_at".to_owned(), n(expires_at));
        // Refused: the create has finished, and its task is deleted with the others.
        self.put(placeholder, Condition::no_item())
            .await
            .map(|_| ())
    }

    async fn note_blocked(&self, owner: &Account) -> Result<(), StoreError> {
        let mut update = Update::default();
        update.set("fenced", AttributeValue::Bool(true));
        let condition = Condition::new("#account_id = :account_id AND attribute_exists(#closed)")
            .value("account_id", s(owner.id.to_string()));
        let key = schema::account_key(&owner.username);
        // Refused: another deletion has finished.
        self.update(key, update, condition).await.map(|_| ())
    }

    /// Deletes the items of a partition whose sort keys have this prefix, except placeholders.
    async fn delete_range(&self, partition: String, prefix: &str) -> Result<(), StoreError> {
        let mut pages = pin!(self.query_all(Query {
            keys_only: true,
            filter: Some(Condition::new("attribute_not_exists(#fence)")),
            ..Query::new(partition, Range::Prefix(prefix.to_owned()))
        }));
        while let Some(keys) = pages.try_next().await? {
            run_bounded(
                keys.chunks(MAX_WRITES)
                    .map(|batch| self.delete_items(batch)),
            )
            .await?;
        }
        Ok(())
    }

    /// Deletes the account's tokens one by one, each on the condition that it belongs to the
    /// account: the user name may belong to a new account by now.
    async fn delete_tokens(&self, owner: &Account) -> Result<(), StoreError> {
        let own = Condition::new("#account_id = :account_id");
        let own = own.value("account_id", s(owner.id.to_string()));
        let range = Range::Prefix(schema::TOKEN_PREFIX.to_owned());
        let tokens = self.query(Query {
            keys_only: true,
            filter: Some(own.clone()),
            ..Query::new(schema::user_partition(&owner.username), range)
        });
        let keys = tokens.await?.items.into_iter();
        run_bounded(keys.map(|key| self.delete_own(key, own.clone()))).await
    }

    async fn delete_own(&self, key: Item, own: Condition) -> Result<(), StoreError> {
        self.delete(key, own).await.map(|_| ())
    }
}

/// Runs all futures, a few at a time, and stops at the first error.
async fn run_bounded<F>(futures: impl Iterator<Item = F>) -> Result<(), StoreError>
where
    F: Future<Output = Result<(), StoreError>>,
{
    stream::iter(futures)
        .map(Ok)
        .try_for_each_concurrent(CONCURRENCY, |future| future)
        .await
}
