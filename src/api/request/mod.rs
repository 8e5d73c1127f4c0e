//! What handlers take from a request. Whatever cannot be extracted is an `ApiError`.

mod body;
pub mod client_address;
pub mod credentials;
mod deadline;
mod headers;
mod origin;
mod path;
mod query;

pub use body::{
    Json, JsonBytes, JsonWithBytes, MAX_BODY_BYTES, MergePatch, READ_ONLY, RequestBody,
};
pub use deadline::{Deadline, Late, until};
pub use headers::{IdempotencyKeyHeader, IfMatch, IfNoneMatch, version};
pub use origin::{DomainName, TrustedOrigin, refuse_foreign_hosts};
pub use path::PathParam;
pub use query::{FILTERS, PageParams, TaskQueryParams, next_of, next_page};
