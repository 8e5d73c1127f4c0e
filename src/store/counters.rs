//! Counters of what may not be tried too often: one item per thing counted and window of time.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity, ReturnValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::accounts::{StoredAccount, account_key, stored_account};
use super::call::record_capacity;
use super::items as item;
use super::items::Item;
use super::transaction::pause;
use super::{Store, StoreError, n};
use crate::domain::account::Username;
use crate::domain::time::Timestamp;

/// What is counted, within the window of time that the clock is in now.
#[derive(Clone)]
pub struct Counter {
    /// The digest of what is counted, so that names and addresses do not lie about in the table.
    pub digest: String,
    pub ends: Timestamp,
    window: i64,
}

impl Counter {
    /// A counter of `what`, which must not be mistaken for anything else that is counted.
    pub fn new(what: &str, window: Duration, now: Timestamp) -> Self {
        let seconds = i64::try_from(window.as_secs()).unwrap_or(i64::MAX).max(1);
        let number = now.as_seconds().div_euclid(seconds);
        Self {
            digest: URL_SAFE_NO_PAD.encode(Sha256::digest(what)),
            ends: Timestamp::from_millis((number + 1) * seconds * 1000),
            window: number * seconds,
        }
    }

    fn key(&self) -> Option<Item> {
        item::key(format!("attempts#{}", self.digest), self.window.to_string())
    }
}

/// The answer to taking one of a limited number.
pub enum Counted {
    /// It was the `n`th.
    Nth(u32),
    /// There was none left.
    LimitReached,
}

impl Store {
    /// The account of that name, closed ones too, and how far `counter` has come. One
    /// BatchGetItem.
    pub async fn read_login(
        &self,
        username: &Username,
        counter: &Counter,
    ) -> Result<(Option<StoredAccount>, u32), StoreError> {
        let keys = [account_key(username), counter.key()];
        let mut items = self.read_items(keys).await?;
        let count = take_item(&mut items, "attempts#").as_ref().map_or(0, count);
        let account = take_item(&mut items, "user#")
            .map(stored_account)
            .transpose()?;
        Ok((account, count))
    }

    /// Counts one more, if there are fewer than `limit`. One conditional UpdateItem.
    pub async fn take_attempt(&self, counter: &Counter, limit: u32) -> Result<Counted, StoreError> {
        let taken = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(counter.key())
            .update_expression("ADD n :one SET expires_at = :expires_at")
            .condition_expression("attribute_not_exists(n) OR n < :limit")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":limit", n(limit))
            .expression_attribute_values(":expires_at", n(counter.ends.as_seconds()))
            .return_values(ReturnValue::UpdatedNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match taken {
            Ok(taken) => {
                record_capacity(taken.consumed_capacity());
                Ok(Counted::Nth(taken.attributes.as_ref().map_or(0, count)))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => {
                    Ok(Counted::LimitReached)
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Takes back what `take_attempt` counted. One UpdateItem, conditional on there being any.
    pub async fn return_attempt(&self, counter: &Counter) -> Result<(), StoreError> {
        let returned = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(counter.key())
            .update_expression("ADD n :minus_one")
            .condition_expression("n > :zero")
            .expression_attribute_values(":minus_one", n(-1))
            .expression_attribute_values(":zero", n(0))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match returned {
            Ok(returned) => {
                record_capacity(returned.consumed_capacity());
                Ok(())
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// The items under these keys, as far as there are any, in no order. One BatchGetItem, more
    /// when DynamoDB leaves some for later.
    pub(super) async fn read_items(
        &self,
        keys: impl IntoIterator<Item = Option<Item>>,
    ) -> Result<Vec<Item>, StoreError> {
        let keys = KeysAndAttributes::builder()
            .consistent_read(true)
            .set_keys(Some(keys.into_iter().flatten().collect()))
            .build()
            .map_err(|error| StoreError::Internal(error.into()))?;
        let mut wanted = Some([(self.table.clone(), keys)].into());
        let mut items = Vec::new();
        for attempt in 1..=super::BATCH_TRIES {
            if attempt > 1 {
                tokio::time::sleep(pause(attempt - 1)?).await;
            }
            let read = self
                .client
                .batch_get_item()
                .set_request_items(wanted)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await?;
            record_capacity(read.consumed_capacity());
            items.extend(read.responses.unwrap_or_default().into_values().flatten());
            wanted = read.unprocessed_keys.filter(|left| !left.is_empty());
            if wanted.is_none() {
                return Ok(items);
            }
        }
        Err(StoreError::Throttled(
            "BatchGetItem left keys unprocessed".into(),
        ))
    }
}

/// The item whose partition begins with `prefix`.
pub(super) fn take_item(items: &mut Vec<Item>, prefix: &str) -> Option<Item> {
    let partition = |item: &Item| item.get("pk").and_then(|pk| pk.as_s().ok()).cloned();
    let index = items
        .iter()
        .position(|item| partition(item).is_some_and(|pk| pk.starts_with(prefix)))?;
    Some(items.swap_remove(index))
}

fn count(item: &Item) -> u32 {
    let number = item.get("n").and_then(|value| value.as_n().ok());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
