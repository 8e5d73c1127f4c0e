//! `/trash` and `/trash/{id}`.

mod bodies;
mod docs;
mod handlers;

pub use docs::{paths, schemas};
pub use handlers::*;
