//! `/users` and `/users/{username}`.

mod bodies;
mod docs;
mod handlers;

pub use docs::{paths, schemas};
pub use handlers::{delete_user, read_user, register, update_user};
