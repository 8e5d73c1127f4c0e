//! Transactions: all of it or nothing.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnConsumedCapacity, TransactWriteItem};

use super::call::record_capacity;
use super::items::Item;
use super::{Store, StoreError};

/// What came of a transaction.
pub enum Outcome {
    Done,
    /// Nothing was done; what each item, in order, had to do with it.
    Refused(Vec<Refusal>),
}

/// What one item had to do with the failure of its transaction.
pub enum Refusal {
    /// Nothing.
    Innocent,
    /// Its condition did not hold; the item that is there, if it was asked for.
    Condition(Option<Item>),
    /// Its list is full.
    CollectionFull,
}

impl Store {
    /// Writes several items at once. The SDK repeats a transaction whose answer was lost under the
    /// same token, so it is done once; a conflict with another one is tried again here, because the
    /// SDK does not.
    pub(super) async fn transact(
        &self,
        items: Vec<TransactWriteItem>,
    ) -> Result<Outcome, StoreError> {
        const TRIES: u32 = 4;
        for attempt in 1.. {
            let request = self
                .client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let error = match request.send().await {
                Ok(written) => {
                    record_capacity(written.consumed_capacity());
                    return Ok(Outcome::Done);
                }
                Err(error) => error,
            };
            let canceled = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled,
                _ => return Err(error.into()),
            };
            let reasons = canceled.cancellation_reasons();
            let is = |reason: &CancellationReason, code| reason.code() == Some(code);
            if let Some(passing) = reasons.iter().find(|reason| {
                is(reason, "TransactionConflict")
                    || is(reason, "ThrottlingError")
                    || is(reason, "ProvisionedThroughputExceeded")
            }) {
                if attempt >= TRIES {
                    let code = passing.code().unwrap_or_default().to_owned();
                    return Err(StoreError::Unavailable(code.into()));
                }
                tokio::time::sleep(pause(attempt)?).await;
                continue;
            }
            return Ok(Outcome::Refused(reasons.iter().map(refusal).collect()));
        }
        Err(StoreError::Internal("a transaction was never tried".into()))
    }
}

fn refusal(reason: &CancellationReason) -> Refusal {
    match reason.code() {
        Some("ConditionalCheckFailed") => Refusal::Condition(reason.item.clone()),
        Some("ItemCollectionSizeLimitExceeded") => Refusal::CollectionFull,
        _ => Refusal::Innocent,
    }
}

/// How long to wait after the `attempt`th try: up to 25 ms, twice as long each time, at random, so
/// that those who met once do not meet again.
pub(super) fn pause(attempt: u32) -> Result<Duration, StoreError> {
    let mut random = [0; 2];
    super::random(&mut random)?;
    let share = f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX);
    Ok(Duration::from_millis(25).mul_f64(share) * 2_u32.saturating_pow(attempt - 1))
}
