//! The table, one function per access pattern. Every function that concerns a user takes the
//! `Account` first and makes the key from it; every write is conditional; every read is strongly
//! consistent. Modules import upwards only:
//!
//! ```text
//! patterns   accounts, delete_account, tokens, tasks, pages (query_plan, cursor), idempotency, counters
//! calls      call, batch, transaction
//! data       items, query, expression, schema, random, attributes, error
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

/// The attribute with the id of the write that wrote an item last. It lets a repeated write
/// recognise that an earlier attempt of it was applied.
const LAST_WRITE: &str = "last_write";

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
