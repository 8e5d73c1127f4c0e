//! Deleting an account: everything that belongs to it, the account itself last. Each step can be
//! repeated, so a deletion that was interrupted is continued by starting again.

use std::pin::pin;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use tokio::time::Instant;

use super::accounts::{credentials_are_current, has_id, refusal};
use super::attributes::{Item, flag, n, number, s};
use super::batch::{MAX_WRITES, run_until};
use super::expression::{Condition, Update};
use super::query::{Query, Range};
use super::register::Outcome;
use super::write_id::WriteId;
use super::{Store, StoreError, items, schema};
use crate::domain::account::{Account, AccountId};
use crate::domain::time::Timestamp;
use crate::domain::version::Expected;

impl Store {
    /// Closes `owner`'s account and deletes everything that belongs to it. `StaleCredentials` when
    /// the credentials are no longer those that were verified, `Changed` when the account has
    /// another version than the expected ones, `DeletionPending` while a create may be on its way,
    /// `Unfinished` when there is more to do after `until`. Starting again continues the deletion.
    pub async fn delete_account(
        &self,
        owner: &Account,
        expected: &Expected,
        until: Instant,
    ) -> Result<(), StoreError> {
        let Some(closed) = self.close_account(owner, expected).await? else {
            return Ok(());
        };
        self.await_creations(&closed)?;
        let account = items::account(&closed)?.account;
        self.delete_closed_account(&account, until).await
    }

    /// Ends everything that can be done with an account but its deletion, and returns its item; `None`
    /// when another deletion has finished meanwhile. One conditional UpdateItem.
    async fn close_account(
        &self,
        owner: &Account,
        expected: &Expected,
    ) -> Result<Option<Item>, StoreError> {
        let write = WriteId::random()?;
        let mut update = Update::default();
        update.set("closed", AttributeValue::Bool(true));
        update.add("credential_version", n(1));
        let condition = credentials_are_current(owner).and_version(expected);
        let key = schema::account_key(&owner.username);
        match self.update_once(key, update, condition, &write).await? {
            Outcome::Applied(item) => Ok(Some(item)),
            // Closed already, by another deletion.
            Outcome::Changed(old) if flag(&old, "closed") && has_id(&old, owner.id) => {
                Ok(Some(old))
            }
            Outcome::Changed(old) => Err(refusal(owner, &old)),
            // It was there when the request logged in. An earlier attempt may have closed it.
            Outcome::Gone => Ok(None),
        }
    }

    /// `DeletionPending` when an id was allocated so recently that its create may still be on its
    /// way. A closed account allocates no more, so afterwards nothing can appear.
    fn await_creations(&self, closed: &Item) -> Result<(), StoreError> {
        let allocated_at = Timestamp::from_millis(number(closed, "allocated_at").unwrap_or(0));
        let wait = self.now().until(allocated_at.after(self.creation_window));
        match wait {
            Duration::ZERO => Ok(()),
            // Another environment's clock may be ahead.
            wait => Err(StoreError::DeletionPending(wait.min(self.creation_window))),
        }
    }

    /// Deletes what a closed account has in the table: tasks, lists and idempotency records, then
    /// tokens, then itself.
    async fn delete_closed_account(
        &self,
        account: &Account,
        until: Instant,
    ) -> Result<(), StoreError> {
        self.delete_partition(account.id, until).await?;
        self.delete_tokens(account, until).await?;
        let key = schema::account_key(&account.username);
        let condition = "attribute_not_exists(#pk) OR #account_id = :account_id";
        let condition = Condition::new(condition).value("account_id", s(account.id.to_string()));
        // Refused: another deletion has finished, and the name belongs to a new account.
        self.delete(key, condition).await.map(|_| ())
    }

    /// Deletes all that is in an account's own partition, what is in the trash as well. Needs no
    /// conditions: no other account ever has this partition.
    async fn delete_partition(&self, owner: AccountId, until: Instant) -> Result<(), StoreError> {
        let mut pages = pin!(self.query_all(Query {
            keys_only: true,
            ..Query::new(schema::tasks_partition(owner), Range::All)
        }));
        while let Some(keys) = pages.try_next().await? {
            let batches = keys.chunks(MAX_WRITES);
            run_until(until, batches.map(|batch| self.delete_items(batch))).await?;
        }
        Ok(())
    }

    /// Deletes the account's tokens one by one, each on the condition that it belongs to the
    /// account: the user name may belong to a new account by now.
    async fn delete_tokens(&self, owner: &Account, until: Instant) -> Result<(), StoreError> {
        let own = Condition::new("#account_id = :account_id");
        let own = own.value("account_id", s(owner.id.to_string()));
        let range = Range::Prefix(schema::TOKEN_PREFIX.to_owned());
        let tokens = self.query(Query {
            keys_only: true,
            filter: Some(own.clone()),
            ..Query::new(schema::user_partition(&owner.username), range)
        });
        let keys = tokens.await?.items.into_iter();
        run_until(until, keys.map(|key| self.delete_own(key, own.clone()))).await
    }

    async fn delete_own(&self, key: Item, own: Condition) -> Result<(), StoreError> {
        self.delete(key, own).await.map(|_| ())
    }
}
