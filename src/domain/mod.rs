//! What a task, a user and a token are: types that cannot hold nonsense. Nothing here knows HTTP or
//! DynamoDB.

pub mod account;
pub mod page;
pub mod password;
pub mod task;
pub mod text;
pub mod time;
pub mod token;
pub mod version;
