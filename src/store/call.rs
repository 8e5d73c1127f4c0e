//! The one way to call DynamoDB: every call is metered, every read is strongly consistent, and a
//! write whose condition fails returns the item that failed it.

use aws_sdk_dynamodb::Error;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    ConsumedCapacity, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use futures_util::{Stream, stream};

use super::attributes::Item;
use super::expression::{Condition, Update, names, values};
use super::query::{Query, QueryPage, Range};
use super::random::backoff;
use super::{Store, StoreError};
use crate::telemetry;

/// The result of a conditional write.
pub enum Written {
    /// Applied. After an update this is the item as it is now; after another write it is empty.
    Done(Item),
    /// Not applied: the condition failed.
    Refused {
        /// The item that is there; empty when there is none.
        old: Item,
    },
}

impl Store {
    /// The item with this key. One GetItem.
    pub(super) async fn get(&self, key: Item) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.table);
        let read = request
            .set_key(Some(key))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await?;
        meter(read.consumed_capacity());
        Ok(read.item)
    }

    /// Writes a whole item, provided that what it replaces meets the condition. One PutItem.
    pub(super) async fn put(
        &self,
        item: Item,
        condition: Condition,
    ) -> Result<Written, StoreError> {
        let request = self.client.put_item().table_name(&self.table);
        let request = request
            .set_item(Some(item))
            .set_expression_attribute_names(names(&[&condition.text]))
            .set_expression_attribute_values(values(condition.values))
            .condition_expression(condition.text)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let sent = until_no_conflict(|| request.clone().send()).await;
        written(sent.map(|done| {
            meter(done.consumed_capacity());
            Item::new()
        }))
    }

    /// Changes an item that meets the condition. One UpdateItem.
    pub(super) async fn update(
        &self,
        key: Item,
        update: Update,
        condition: Condition,
    ) -> Result<Written, StoreError> {
        let expression = update.expression();
        let all_values = update.into_values().into_iter().chain(condition.values);
        let request = self.client.update_item().table_name(&self.table);
        let request = request
            .set_key(Some(key))
            .set_expression_attribute_names(names(&[&expression, &condition.text]))
            .set_expression_attribute_values(values(all_values.collect()))
            .update_expression(expression)
            .condition_expression(condition.text)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let sent = until_no_conflict(|| request.clone().send()).await;
        written(sent.map(|done| {
            meter(done.consumed_capacity());
            done.attributes.unwrap_or_default()
        }))
    }

    /// Deletes an item that meets the condition. One DeleteItem.
    pub(super) async fn delete(
        &self,
        key: Item,
        condition: Condition,
    ) -> Result<Written, StoreError> {
        let request = self.client.delete_item().table_name(&self.table);
        let request = request
            .set_key(Some(key))
            .set_expression_attribute_names(names(&[&condition.text]))
            .set_expression_attribute_values(values(condition.values))
            .condition_expression(condition.text)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let sent = until_no_conflict(|| request.clone().send()).await;
        written(sent.map(|done| {
            meter(done.consumed_capacity());
            Item::new()
        }))
    }

    /// At most a megabyte of a range. One Query; none when the range is [`Range::Nothing`].
    pub(super) async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        if query.range == Range::Nothing {
            return Ok(QueryPage::default());
        }
        let range = query.key_condition();
        let filter = query.filter.unwrap_or_default();
        let projection = query.keys_only.then_some("#pk, #sk");
        let names = names(&[&range.text, &filter.text, projection.unwrap_or_default()]);
        let all_values = range.values.into_iter().chain(filter.values);
        let read = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(query.index.map(|index| index.name.to_owned()))
            .consistent_read(true)
            .key_condition_expression(range.text)
            .set_filter_expression((!filter.text.is_empty()).then_some(filter.text))
            .set_projection_expression(projection.map(str::to_owned))
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values(all_values.collect()))
            .scan_index_forward(!query.descending)
            .set_limit(query.limit)
            .set_exclusive_start_key(query.start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await?;
        meter(read.consumed_capacity());
        Ok(QueryPage {
            items: read.items.unwrap_or_default(),
            last_key: read.last_evaluated_key,
        })
    }

    /// All of a range, page by page. One Query per page.
    pub(super) fn query_all(
        &self,
        query: Query,
    ) -> impl Stream<Item = Result<Vec<Item>, StoreError>> + Send {
        stream::try_unfold(Some(query), async |next| {
            let Some(query) = next else {
                return Ok(None);
            };
            let page = self.query(query.clone()).await?;
            let next = page.last_key.map(|key| Query {
                start: Some(key),
                ..query
            });
            Ok(Some((page.items, next)))
        })
    }
}

/// Adds what a call consumed to the request's log line.
pub(super) fn meter<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    let units = consumed
        .into_iter()
        .filter_map(ConsumedCapacity::capacity_units);
    telemetry::consumed(units.sum());
}

/// Sends a single write, and again with backoff while it conflicts with a transaction on the same item,
/// until the request's deadline. The SDK does not retry conflicts.
async fn until_no_conflict<T, E, F>(send: impl Fn() -> F) -> Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
{
    let mut attempt = 1;
    loop {
        let sent = send().await;
        let error = sent.as_ref().err().and_then(SdkError::as_service_error);
        if error.and_then(ProvideErrorMetadata::code) != Some("TransactionConflictException") {
            return sent;
        }
        let Ok(wait) = backoff(attempt) else {
            return sent;
        };
        tokio::time::sleep(wait).await;
        attempt += 1;
    }
}

/// The result of a write, which leaves an item behind or is refused.
fn written<E>(sent: Result<Item, SdkError<E, HttpResponse>>) -> Result<Written, StoreError>
where
    E: std::error::Error + ProvideErrorMetadata + Into<Error> + Send + Sync + 'static,
{
    match sent {
        Ok(item) => Ok(Written::Done(item)),
        Err(SdkError::ServiceError(failed))
            if failed.err().code() == Some("ConditionalCheckFailedException") =>
        {
            let Error::ConditionalCheckFailedException(failed) = failed.into_err().into() else {
                return Err(StoreError::Internal("a refusal of another type".into()));
            };
            let old = failed.item.unwrap_or_default();
            Ok(Written::Refused { old })
        }
        Err(other) => Err(other.into()),
    }
}
