//! The table, one function per access pattern. Every function that concerns a user takes the
//! `Account` first and makes the key from it; every write is conditional; every read is strongly
//! consistent.
//!
//! Modules import from the layers below them, never from above:
//!
//! ```text
//! access patterns   delete_account, tokens, update_task, lists, trash, changes, tasks, idempotency,
//!                   counters, pages, calendar  ->  accounts
//! calls             batch, transaction, register  ->  call  ->  client
//! requests          items, query_plan  ->  query  ->  expression;  cursor
//! table             write_id, schema  ->  attributes  ->  error;  random
//! ```

pub mod accounts;
mod attributes;
mod batch;
mod calendar;
mod call;
pub mod changes;
pub mod client;
pub mod counters;
mod cursor;
mod delete_account;
mod error;
mod expression;
pub mod idempotency;
mod items;
mod lists;
pub mod pages;
mod query;
mod query_plan;
mod random;
mod register;
pub mod schema;
pub mod tasks;
pub mod tokens;
mod transaction;
pub mod trash;
pub mod update_task;
mod write_id;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
pub use error::StoreError;

use crate::domain::time::Timestamp;

/// The table, as the rest of the service sees it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
    creation_window: Duration,
    clock: Clock,
}

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

impl Store {
    /// Longer than any request lives, and two clocks differ.
    const CREATION_WINDOW: Duration = Duration::from_secs(30);

    pub fn new(client: Client, table: String) -> Self {
        Self {
            client,
            table,
            creation_window: Self::CREATION_WINDOW,
            clock: Arc::new(Timestamp::now),
        }
    }

    /// A store that believes a create to be over this long after its id was allocated, in place of
    /// 30 seconds. An account is deleted only then.
    pub fn with_creation_window(self, creation_window: Duration) -> Self {
        Self {
            creation_window,
            ..self
        }
    }

    /// A store that takes the times of its writes, the age of the trash and that of cursors from this
    /// clock, in place of the wall clock.
    pub fn with_clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            ..self
        }
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Reads an item that does not exist, so that the connection is open before the first request.
    /// One GetItem.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        let key = schema::key("none".to_owned(), "none".to_owned());
        self.get(key).await.map(|_| ())
    }
}
