//! What handlers take from a request beyond the login, and how JSON comes in and goes out. Whatever
//! cannot be extracted is an `ApiError`.

mod headers;
mod json;
mod path;
mod query;

pub use headers::{IdempotencyKey, IfMatch, IfNoneMatch, entity_tag};
pub use json::{Body, ExactJson, Json, Members, json_bytes, json_response};
pub use path::{TaskPath, TokenPath, UserPath};
