//! The table, one function per access pattern. Every function that concerns a user takes the
//! `Account` first and makes the key from it; every write is conditional; every read is strongly
//! consistent.
//!
//! Modules import from the layers below them, never from above:
//!
//! ```text
//! access patterns   delete_account, tokens, tasks, idempotency, counters, pages  ->  accounts
//! calls             batch, transaction  ->  call  ->  client
//! requests          items, query_plan  ->  query  ->  expression;  cursor
//! table             schema  ->  attributes  ->  error;  random
//! ```

pub mod accounts;
mod attributes;
mod batch;
mod call;
pub mod client;
pub mod counters;
mod cursor;
mod delete_account;
mod error;
mod expression;
pub mod idempotency;
mod items;
pub mod pages;
mod query;
mod query_plan;
mod random;
pub mod schema;
pub mod tasks;
pub mod tokens;
mod transaction;

use aws_sdk_dynamodb::Client;
pub use error::StoreError;

/// The table, as the rest of the service sees it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Reads an item that does not exist, so that the connection is open before the first request.
    /// One GetItem.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        let key = schema::key("none".to_owned(), "none".to_owned());
        self.get(key).await.map(|_| ())
    }
}
