//! What handlers take from a request beyond the login, and how JSON comes in and goes out. Whatever
//! cannot be extracted is an `ApiError`.

mod json;
mod path;

pub use json::{Body, Json, Members, json_response};
pub use path::{TaskPath, TokenPath, UserPath};
