//! What is open to anybody: the health check and the index of the API.

mod docs;
mod handlers;

pub use docs::{paths, schemas};
pub use handlers::*;
