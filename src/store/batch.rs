//! Batches: several items at once, not atomically.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    DeleteRequest, KeysAndAttributes, ReturnConsumedCapacity, WriteRequest,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;

use super::attributes::Item;
use super::call::meter;
use super::random::backoff;
use super::{Store, StoreError};

/// How many writes of one request run at a time.
const CONCURRENCY: usize = 4;

/// The most items of one BatchWriteItem.
pub const MAX_WRITES: usize = 25;

impl Store {
    /// The items with these keys, as far as they exist, in no particular order. One BatchGetItem,
    /// more when DynamoDB leaves keys unprocessed.
    pub(super) async fn get_items(&self, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let keys = KeysAndAttributes::builder()
            .consistent_read(true)
            .set_keys(Some(keys))
            .build()
            .map_err(|error| StoreError::Internal(error.into()))?;
        let request = HashMap::from([(self.table.clone(), keys)]);
        let items = until_processed(request, |request| async {
            let read = self
                .client
                .batch_get_item()
                .set_request_items(Some(request))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await?;
            meter(read.consumed_capacity());
            let items = read.responses.unwrap_or_default().into_values().flatten();
            Ok((items.collect(), read.unprocessed_keys))
        });
        items.await
    }

    /// Deletes up to [`MAX_WRITES`] items unconditionally. One BatchWriteItem, more when DynamoDB
    /// leaves deletions unprocessed.
    pub(super) async fn delete_items(&self, keys: &[Item]) -> Result<(), StoreError> {
        let mut deletions = Vec::with_capacity(keys.len());
        for key in keys {
            let delete = DeleteRequest::builder().set_key(Some(key.clone())).build();
            let delete = delete.map_err(|error| StoreError::Internal(error.into()))?;
            deletions.push(WriteRequest::builder().delete_request(delete).build());
        }
        let request = HashMap::from([(self.table.clone(), deletions)]);
        let deleted = until_processed(request, |request| async {
            let written = self
                .client
                .batch_write_item()
                .set_request_items(Some(request))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await?;
            meter(written.consumed_capacity());
            Ok((Vec::<()>::new(), written.unprocessed_items))
        });
        deleted.await.map(|_| ())
    }
}

/// Runs the futures, a few at a time. `Unfinished` when not all have begun by `until`: those that have
/// are ended.
pub(super) async fn run_until<F>(
    until: Instant,
    futures: impl Iterator<Item = F>,
) -> Result<(), StoreError>
where
    F: Future<Output = Result<(), StoreError>>,
{
    let mut in_time = true;
    let begun = futures.take_while(|_| {
        in_time = Instant::now() < until;
        in_time
    });
    stream::iter(begun)
        .map(Ok)
        .try_for_each_concurrent(CONCURRENCY, |future| future)
        .await?;
    match in_time {
        true => Ok(()),
        false => Err(StoreError::Unfinished),
    }
}

/// Sends a batch, and again with backoff what was left of it, and returns the results of all calls.
/// Only the request's deadline ends it before everything is processed.
async fn until_processed<R, T, F>(
    mut request: HashMap<String, R>,
    send: impl Fn(HashMap<String, R>) -> F,
) -> Result<Vec<T>, StoreError>
where
    F: Future<Output = Result<(Vec<T>, Option<HashMap<String, R>>), StoreError>>,
{
    let mut results = Vec::new();
    let mut attempt = 1;
    loop {
        let (mut processed, unprocessed) = send(request).await?;
        results.append(&mut processed);
        request = unprocessed.unwrap_or_default();
        if request.is_empty() {
            return Ok(results);
        }
        tokio::time::sleep(backoff(attempt)?).await;
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn the_unprocessed_part_of_a_batch_is_sent_again() {
        let sent = RefCell::new(Vec::new());
        let responses = RefCell::new(vec![
            (vec![3], Some(HashMap::new())),
            (vec![1, 2], Some(HashMap::from([("todo".to_owned(), 1)]))),
        ]);
        let request = HashMap::from([("todo".to_owned(), 3)]);
        let results = until_processed(request, |request| {
            sent.borrow_mut().push(request["todo"]);
            let response = responses.borrow_mut().pop().expect("a third call");
            async { Ok(response) }
        });
        assert_eq!(results.await.expect("results"), [1, 2, 3]);
        assert_eq!(*sent.borrow(), [3, 1]);
    }
}
