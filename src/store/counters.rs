//! Counters of attempts that are limited: one item per subject and window of time.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::attributes::{Item, n, number, text};
use super::call::Written;
use super::expression::{Condition, Update};
use super::items::StoredAccount;
use super::{Store, StoreError, items, schema};
use crate::domain::account::Username;
use crate::domain::time::Timestamp;

/// The attempts of one subject within the current window of time.
#[derive(Clone)]
pub struct Counter {
    /// A digest of the subject, so that the table holds no names and addresses.
    pub digest: String,
    pub ends: Timestamp,
    window_start: i64,
}

impl Counter {
    /// A counter of `subject`, which must be unique among everything that is counted.
    pub fn new(subject: &str, window: Duration, now: Timestamp) -> Self {
        let seconds = i64::try_from(window.as_secs()).unwrap_or(i64::MAX).max(1);
        let number = now.as_seconds().div_euclid(seconds);
        Self {
            digest: URL_SAFE_NO_PAD.encode(Sha256::digest(subject)),
            ends: Timestamp::from_millis((number + 1) * seconds * 1000),
            window_start: number * seconds,
        }
    }

    fn key(&self) -> Item {
        schema::attempts_key(&self.digest, self.window_start)
    }
}

/// The result of counting one attempt.
pub enum Counted {
    /// It was the `n`th of the window.
    Nth(u32),
    /// The window had as many as the limit allows, so it was not counted.
    LimitReached,
}

impl Store {
    /// The account of that name, even when it is closed, and the attempts counted so far. One
    /// BatchGetItem.
    pub async fn read_login(
        &self,
        username: &Username,
        counter: &Counter,
    ) -> Result<(Option<StoredAccount>, u32), StoreError> {
        let keys = vec![schema::account_key(username), counter.key()];
        let found = self.get_items(keys).await?;
        let with = |prefix| {
            let mut items = found.iter();
            items.find(|item| text(item, "pk").is_some_and(|key| key.starts_with(prefix)))
        };
        let account = with(schema::USER_PREFIX).map(items::account).transpose()?;
        Ok((account, with(schema::ATTEMPTS_PREFIX).map_or(0, count)))
    }

    /// Counts one attempt, provided there are fewer than `limit`. One conditional UpdateItem.
    pub async fn take_attempt(&self, counter: &Counter, limit: u32) -> Result<Counted, StoreError> {
        let mut update = Update::default();
        update.add("n", n(1));
        update.set("expires_at", n(counter.ends.as_seconds()));
        let below_limit = Condition::new("(attribute_not_exists(#n) OR #n < :limit)");
        let below_limit = below_limit.value("limit", n(limit));
        match self.update(counter.key(), update, below_limit).await? {
            Written::Done(item) => Ok(Counted::Nth(count(&item))),
            Written::Refused { .. } => Ok(Counted::LimitReached),
        }
    }

    /// Takes back what `take_attempt` counted. One UpdateItem, conditional on a positive count.
    pub async fn return_attempt(&self, counter: &Counter) -> Result<(), StoreError> {
        let mut update = Update::default();
        update.add("n", n(-1));
        let positive = Condition::new("#n > :zero").value("zero", n(0));
        self.update(counter.key(), update, positive)
            .await
            .map(|_| ())
    }
}

fn count(item: &Item) -> u32 {
    number(item, "n").unwrap_or(0)
}
