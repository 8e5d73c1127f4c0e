//! `/tasks` and `/tasks/{id}`.

mod bodies;
mod docs;
mod handlers;

pub use bodies::{NewTask, TaskView};
pub use docs::{paths, schemas};
pub use handlers::*;
