//! `/batch`.

mod bodies;
mod docs;
mod handlers;
mod routes;

pub use docs::{paths, schemas};
pub use handlers::run_batch;
pub use routes::{BatchRoute, BatchRouter};
