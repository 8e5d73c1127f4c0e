//! What a task, an account and a token are: types that cannot hold nonsense. Each knows its JSON form
//! and its JSON Schema. Nothing here knows HTTP or DynamoDB.

pub mod account;
pub mod change;
pub mod due;
pub mod idempotency_key;
pub mod json;
pub mod list;
pub(crate) mod macros;
pub mod order;
pub mod page;
pub mod password;
pub mod priority;
pub mod recurrence;
pub mod steps;
pub mod tags;
pub mod task;
pub mod text;
pub mod time;
pub mod token;
pub mod trash;
pub mod version;
