//! What handlers take from a request beyond the login, and how JSON comes in and goes out. Whatever
//! cannot be extracted is an `ApiError`.

mod body;
pub mod client_address;
pub mod credentials;
mod headers;
mod path;
mod query;

pub use body::{Body, ExactJson, Json, Members, json_bytes, json_response};
pub use headers::{IdempotencyKey, IfMatch, IfNoneMatch, entity_tag};
pub use path::{TaskPath, TokenPath, UserPath};
