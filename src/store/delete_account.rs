//! The end of an account: everything of it goes, the account itself last. Each step may be done
//! twice, so a deletion that was cut short is simply begun again.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, DeleteRequest, ReturnConsumedCapacity, WriteRequest,
};

use super::accounts::{ClosedAccount, account_key};
use super::call::record_capacity;
use super::items as item;
use super::items::Item;
use super::tokens::TOKEN_PREFIX;
use super::transaction::pause;
use super::{BATCH_TRIES, Store, StoreError, n, s};
use crate::domain::account::Account;
use crate::domain::task::TaskId;
use crate::domain::time::Timestamp;
use crate::domain::version::Expected;

/// Longer than any request takes: the function answers within 8 s, done or not.
pub(super) const LONGEST_REQUEST: Duration = Duration::from_secs(15);

/// How many tasks of one account may be under way at once when it is closed.
const NUMBERS_FENCED: u64 = 256;

impl Store {
    /// Closes `owner`'s account and deletes everything of it. `StaleCredentials` when the credentials
    /// are no longer those that were verified, `Changed` when the account has another version than
    /// `expected`. Beginning again continues.
    pub async fn delete_account(
        &self,
        owner: &Account,
        expected: &Expected,
    ) -> Result<(), StoreError> {
        let closed = self.close_account(owner, expected).await?;
        self.delete_closed_account(&closed).await
    }

    /// Removes what a closed account has in the table: its tasks and request records, its tokens,
    /// itself. Nothing of it can appear afterwards, unless more than 256 of its creates were under
    /// way at once.
    pub async fn delete_closed_account(&self, closed: &ClosedAccount) -> Result<(), StoreError> {
        if let Some(newest) = closed.fresh_number {
            self.fence_off(&closed.account, newest).await?;
            // From now on a task that is not there may be one that was deleted.
            self.note_fences(&closed.account).await?;
        }
        self.empty(item::tasks_partition(&closed.account), "task#")
            .await?;
        self.empty(item::tasks_partition(&closed.account), "request#")
            .await?;
        self.delete_tokens(&closed.account).await?;
        let account = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(account_key(&closed.account.username))
            .condition_expression("attribute_not_exists(pk) OR account_id = :account_id")
            .expression_attribute_values(":account_id", s(closed.account.id.to_string()))
            .send()
            .await;
        match account {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // Another request for the same has finished, and the name has a new owner.
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// Deletes the account's tokens one by one, each on condition that it is the account's: the name
    /// they stand under may have a new owner by now.
    async fn delete_tokens(&self, owner: &Account) -> Result<(), StoreError> {
        let query = self.keys(
            "pk = :pk AND begins_with(sk, :prefix)",
            item::user_partition(&owner.username),
        );
        let query = query
            .expression_attribute_values(":prefix", s(TOKEN_PREFIX))
            .expression_attribute_values(":account_id", s(owner.id.to_string()));
        let page = query
            .filter_expression("account_id = :account_id")
            .send()
            .await?;
        let mut deletions = Vec::new();
        for key in page.items.unwrap_or_default() {
            deletions.push(self.delete_own(owner, key));
        }
        super::run_bounded(deletions).await
    }

    async fn delete_own(&self, owner: &Account, key: Item) -> Result<(), StoreError> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .condition_expression("account_id = :account_id")
            .expression_attribute_values(":account_id", s(owner.id.to_string()))
            .send()
            .await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// Takes the keys of tasks whose numbers were drawn but which are not there, so that a create
    /// that is still under way finds its key taken. The fences hold nothing and expire.
    async fn fence_off(&self, owner: &Account, newest: u64) -> Result<(), StoreError> {
        let oldest = newest.saturating_sub(NUMBERS_FENCED - 1).max(1);
        let numbers = (oldest..=newest).filter_map(TaskId::new);
        let numbers = numbers
            .map(|id| (item::task_key(id), id))
            .collect::<BTreeMap<_, _>>();
        let (Some(first), Some(last)) = (numbers.keys().next(), numbers.keys().next_back()) else {
            return Ok(());
        };
        let range = "pk = :pk AND sk BETWEEN :first AND :last";
        let query = self.keys(range, item::tasks_partition(owner));
        let query = query
            .expression_attribute_values(":first", s(first))
            .expression_attribute_values(":last", s(last));
        // At most 256 tasks, but perhaps more than a megabyte of them.
        let mut there = query.into_paginator().items().send();
        let mut missing = numbers.clone();
        while let Some(item) = there.try_next().await? {
            if let Some(Ok(key)) = item.get("sk").map(AttributeValue::as_s) {
                missing.remove(key);
            }
        }
        super::run_bounded(missing.into_values().map(|id| self.fence(owner, id))).await
    }

    async fn note_fences(&self, owner: &Account) -> Result<(), StoreError> {
        let noted = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(account_key(&owner.username))
            .update_expression("SET fenced = :true")
            .condition_expression("account_id = :account_id AND closed = :true")
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":account_id", s(owner.id.to_string()))
            .send()
            .await;
        match noted {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // Another request for the same has finished.
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    async fn fence(&self, owner: &Account, id: TaskId) -> Result<(), StoreError> {
        let expires_at = Timestamp::now().after(LONGEST_REQUEST).as_seconds();
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(item::task_item_key(owner, id))
            .item("fence", AttributeValue::Bool(true))
            .item("expires_at", n(expires_at))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // The create has come through, and its task is deleted with the others.
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// Deletes the items of a partition whose sort keys begin with `prefix`, but no fences.
    async fn empty(&self, partition: String, prefix: &str) -> Result<(), StoreError> {
        let query = self.keys("pk = :pk AND begins_with(sk, :prefix)", partition);
        let query = query.expression_attribute_values(":prefix", s(prefix));
        let mut pages = query
            .filter_expression("attribute_not_exists(fence)")
            .into_paginator()
            .send();
        while let Some(page) = pages.try_next().await? {
            let keys = page.items.unwrap_or_default();
            let mut batches = Vec::with_capacity(keys.len().div_ceil(25));
            for batch in keys.chunks(25) {
                batches.push(self.delete_items(batch));
            }
            super::run_bounded(batches).await?;
        }
        Ok(())
    }

    /// A Query for nothing but keys.
    fn keys(&self, condition: &str, partition: String) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression(condition)
            .projection_expression("pk, sk")
            .expression_attribute_values(":pk", s(partition))
    }

    /// Deletes up to 25 items. One BatchWriteItem, more when DynamoDB leaves some for later.
    async fn delete_items(&self, keys: &[Item]) -> Result<(), StoreError> {
        let mut requests = Vec::with_capacity(keys.len());
        for key in keys {
            let delete = DeleteRequest::builder().set_key(Some(key.clone())).build();
            let delete = delete.map_err(|error| StoreError::Internal(error.into()))?;
            requests.push(WriteRequest::builder().delete_request(delete).build());
        }
        let mut left = Some([(self.table.clone(), requests)].into());
        for attempt in 1..=BATCH_TRIES {
            if attempt > 1 {
                tokio::time::sleep(pause(attempt - 1)?).await;
            }
            let written = self
                .client
                .batch_write_item()
                .set_request_items(left)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await?;
            record_capacity(written.consumed_capacity());
            left = written.unprocessed_items.filter(|left| !left.is_empty());
            if left.is_none() {
                return Ok(());
            }
            tokio::time::sleep(pause(attempt)?).await;
        }
        Err(StoreError::Throttled(
            "BatchWriteItem left items unprocessed".into(),
        ))
    }
}
