//! Counters of attempts that are limited: one item per subject and window of time.
//!
//! An item counts with sets of attempt ids instead of numbers, so that a write repeated after a lost
//! response counts once, and so that an attempt can be returned, or recorded as wrong, exactly.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::attributes::{Item, n, s, text};
use super::call::Written;
use super::expression::{Condition, Update};
use super::items::StoredAccount;
use super::{Store, StoreError, items, random, schema};
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

/// Identifies one attempt: the second in which it began (4 bytes) and 5 random bytes, in base64url.
/// Twelve characters, because a full set of 300 is written as a whole with every further element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttemptId(String);

impl AttemptId {
    /// Longer than any request lives, a difference between two clocks included.
    const ABANDONED_AFTER: i64 = 30;

    pub fn new(now: Timestamp) -> Result<Self, StoreError> {
        let [.., a, b, c, d] = now.as_seconds().to_be_bytes();
        let [e, f, g, h, i] = random::bytes()?;
        Ok(Self(URL_SAFE_NO_PAD.encode([a, b, c, d, e, f, g, h, i])))
    }

    /// Whether the request that made the attempt has ended, whatever became of it.
    fn is_abandoned(&self, now: Timestamp) -> bool {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).unwrap_or_default();
        let Some(began) = bytes.first_chunk().copied().map(u32::from_be_bytes) else {
            return true;
        };
        (now.as_seconds() - i64::from(began)).abs() > Self::ABANDONED_AFTER
    }
}

/// What an item holds.
#[derive(Default, PartialEq, Eq)]
pub struct Attempts {
    all: BTreeSet<AttemptId>,
    wrong: BTreeSet<AttemptId>,
}

impl Attempts {
    fn of(item: &Item) -> Self {
        let set = |name| {
            let ids = item.get(name).and_then(|value| value.as_ss().ok());
            ids.into_iter().flatten().cloned().map(AttemptId).collect()
        };
        Self {
            all: set(ALL),
            wrong: set(WRONG),
        }
    }

    /// How many were wrong.
    pub fn wrong(&self) -> u32 {
        u32::try_from(self.wrong.len()).unwrap_or(u32::MAX)
    }

    /// Those that were neither returned nor recorded as wrong by requests that have ended, because
    /// their environment crashed or could not reach the table.
    pub fn abandoned(&self, now: Timestamp) -> Vec<AttemptId> {
        let pending = self.all.difference(&self.wrong);
        pending.filter(|id| id.is_abandoned(now)).cloned().collect()
    }
}

/// The result of counting one attempt.
pub enum Counted {
    /// It is among these.
    Added(Attempts),
    /// These are as many as the limit allows, so it was not counted.
    LimitReached(Attempts),
}

/// Every attempt of a window, but for those returned. Contains those in [`WRONG`], except in the
/// counter of an address, which has no other ones.
const ALL: &str = "attempts";
/// The attempts whose password was wrong.
const WRONG: &str = "wrong";

impl Store {
    /// The account of that name, even when it is closed, and the attempts counted so far. One
    /// BatchGetItem.
    pub async fn read_login(
        &self,
        username: &Username,
        counter: &Counter,
    ) -> Result<(Option<StoredAccount>, Attempts), StoreError> {
        let keys = vec![schema::account_key(username), counter.key()];
        let found = self.get_items(keys).await?;
        let with = |prefix| {
            let mut items = found.iter();
            items.find(|item| text(item, "pk").is_some_and(|key| key.starts_with(prefix)))
        };
        let account = with(schema::USER_PREFIX).map(items::account).transpose()?;
        let attempts = with(schema::ATTEMPTS_PREFIX).map(Attempts::of);
        Ok((account, attempts.unwrap_or_default()))
    }

    /// Counts an attempt, provided there are fewer than `limit`. One conditional UpdateItem.
    pub async fn reserve_attempt(
        &self,
        counter: &Counter,
        id: &AttemptId,
        limit: u32,
    ) -> Result<Counted, StoreError> {
        self.count(counter, id, limit, &[ALL]).await
    }

    /// Records that a reserved attempt was wrong. It is counted again, in case it was taken for
    /// abandoned because of a clock that is far off. One conditional UpdateItem.
    pub async fn record_wrong(
        &self,
        counter: &Counter,
        id: &AttemptId,
        limit: u32,
    ) -> Result<Counted, StoreError> {
        self.count(counter, id, limit, &[WRONG, ALL]).await
    }

    /// Counts a wrong attempt that was not reserved, provided there are fewer than `limit`. One
    /// conditional UpdateItem.
    pub async fn count_wrong(
        &self,
        counter: &Counter,
        id: &AttemptId,
        limit: u32,
    ) -> Result<Counted, StoreError> {
        self.count(counter, id, limit, &[WRONG]).await
    }

    /// Adds an attempt to sets, the first of which must have fewer than `limit`, or contain it.
    async fn count(
        &self,
        counter: &Counter,
        id: &AttemptId,
        limit: u32,
        sets: &[&'static str],
    ) -> Result<Counted, StoreError> {
        let mut update = Update::default();
        for name in sets {
            update.add(name, set([id.clone()]));
        }
        update.set("expires_at", n(counter.ends.as_seconds()));
        let limited = sets[0];
        let below_limit = Condition::new(&format!(
            "(attribute_not_exists(#{limited}) OR size(#{limited}) < :limit \
             OR contains(#{limited}, :mine))"
        ));
        let below_limit = below_limit.value("limit", n(limit)).value("mine", s(&id.0));
        match self.update(counter.key(), update, below_limit).await? {
            Written::Done(item) => Ok(Counted::Added(Attempts::of(&item))),
            Written::Refused { old, .. } => Ok(Counted::LimitReached(Attempts::of(&old))),
        }
    }

    /// Takes back what `reserve_attempt` counted; attempts that are not counted are no error. One
    /// UpdateItem, conditional on there being any.
    pub async fn return_attempts(
        &self,
        counter: &Counter,
        ids: impl IntoIterator<Item = AttemptId>,
    ) -> Result<(), StoreError> {
        let mut update = Update::default();
        update.delete(ALL, set(ids));
        let any = Condition::new("attribute_exists(#attempts)");
        self.update(counter.key(), update, any).await.map(|_| ())
    }
}

fn set(ids: impl IntoIterator<Item = AttemptId>) -> AttributeValue {
    AttributeValue::Ss(ids.into_iter().map(|id| id.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_abandoned_when_no_request_lives_that_long() {
        let now = Timestamp::now();
        let id = AttemptId::new(now).expect("an id");
        assert_eq!(id.0.len(), 12);
        let later = |seconds| now.after(Duration::from_secs(seconds));
        assert!(!id.is_abandoned(now));
        assert!(!id.is_abandoned(later(30)));
        assert!(id.is_abandoned(later(31)));
        // From an environment whose clock is ahead.
        let ahead = AttemptId::new(later(31)).expect("an id");
        assert!(ahead.is_abandoned(now));
        assert!(AttemptId("x".to_owned()).is_abandoned(now));
    }

    #[test]
    fn wrong_attempts_are_never_abandoned() {
        let old = AttemptId::new(Timestamp::from_millis(0)).expect("an id");
        let wrong = AttemptId::new(Timestamp::from_millis(0)).expect("an id");
        let attempts = Attempts {
            all: [old.clone(), wrong.clone()].into(),
            wrong: [wrong].into(),
        };
        assert_eq!(attempts.abandoned(Timestamp::now()), [old]);
    }
}
