//! `/lists`, `/lists/{id}` and `/lists/{id}/tasks`.

mod bodies;
mod docs;
mod handlers;

pub use bodies::ListView;
pub use docs::{paths, schemas};
pub use handlers::*;
