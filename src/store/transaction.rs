//! Transactions: several writes, all applied or none.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    self, CancellationReason, ConditionCheck, Put, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};

use super::attributes::Item;
use super::call::meter;
use super::expression::{Condition, Update, names, values};
use super::random::backoff;
use super::{Store, StoreError};

/// The result of a transaction.
pub enum Committed {
    Done,
    /// Not applied: for each write in order, the item that failed its condition (empty when there is
    /// none), or `None` when its condition held. At least one failed.
    Refused(Vec<Option<Item>>),
}

impl Store {
    /// The part of a transaction that writes a whole item.
    pub(super) fn transact_put(
        &self,
        item: Item,
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .set_expression_attribute_names(names(&[&condition.text]))
            .set_expression_attribute_values(values(condition.values))
            .condition_expression(condition.text)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StoreError::Internal(error.into()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The part of a transaction that changes an item.
    pub(super) fn transact_update(
        &self,
        key: Item,
        update: Update,
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let expression = update.expression();
        let all_values = update.into_values().into_iter().chain(condition.values);
        let update = types::Update::builder()
            .table_name(&self.table)
            .set_key(Some(key))
            .set_expression_attribute_names(names(&[&expression, &condition.text]))
            .set_expression_attribute_values(values(all_values.collect()))
            .update_expression(expression)
            .condition_expression(condition.text)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StoreError::Internal(error.into()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The part of a transaction that only requires an item to meet a condition.
    pub(super) fn transact_check(
        &self,
        key: Item,
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key))
            .set_expression_attribute_names(names(&[&condition.text]))
            .set_expression_attribute_values(values(condition.values))
            .condition_expression(condition.text)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StoreError::Internal(error.into()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Commits the writes, in one TransactWriteItems, more when it conflicts with other
    /// transactions. The SDK repeats one whose response was lost under the same token, so that it is
    /// applied once; it does not retry conflicts, so that is done here, until the request's deadline.
    pub(super) async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Committed, StoreError> {
        let mut attempt = 1;
        loop {
            let request = self
                .client
                .transact_write_items()
                .set_transact_items(Some(writes.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let error = match request.send().await {
                Ok(written) => {
                    meter(written.consumed_capacity());
                    return Ok(Committed::Done);
                }
                Err(error) => error,
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
                error.as_service_error()
            else {
                return Err(error.into());
            };
            let reasons = canceled.cancellation_reasons();
            if !is_temporary(reasons) {
                return refused(reasons);
            }
            tokio::time::sleep(backoff(attempt)?).await;
            attempt += 1;
        }
    }
}

/// Whether a retry may remove one of the reasons.
fn is_temporary(reasons: &[CancellationReason]) -> bool {
    const TEMPORARY: [&str; 3] = [
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
        "TransactionConflict",
    ];
    let mut codes = reasons.iter().filter_map(CancellationReason::code);
    codes.any(|code| TEMPORARY.contains(&code))
}

fn refused(reasons: &[CancellationReason]) -> Result<Committed, StoreError> {
    let is = |reason: &CancellationReason, code| reason.code() == Some(code);
    let old = |reason: &CancellationReason| {
        is(reason, "ConditionalCheckFailed").then(|| reason.item.clone().unwrap_or_default())
    };
    let refused: Vec<_> = reasons.iter().map(old).collect();
    if refused.iter().any(Option::is_some) {
        return Ok(Committed::Refused(refused));
    }
    if reasons
        .iter()
        .any(|reason| is(reason, "ItemCollectionSizeLimitExceeded"))
    {
        return Err(StoreError::CollectionFull);
    }
    let codes: Vec<_> = reasons
        .iter()
        .filter_map(CancellationReason::code)
        .collect();
    Err(StoreError::Internal(
        format!("a transaction was canceled: {codes:?}").into(),
    ))
}
