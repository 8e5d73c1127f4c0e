//! `/tasks` and `/tasks/{id}`.

mod bodies;
mod docs;
mod handlers;

pub use docs::{paths, schemas};
pub use handlers::{create_task, delete_task, list_tasks, patch_task, read_task, update_task};
