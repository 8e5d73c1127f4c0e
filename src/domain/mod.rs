//! What a task and a user are: types that cannot hold nonsense. Nothing here knows HTTP or DynamoDB.

pub mod task;
pub mod text;
pub mod time;
pub mod user;
