//! `/changes`.

mod bodies;
mod docs;
mod handlers;

pub use docs::{paths, schemas};
pub use handlers::*;
