//! The handlers, and the bodies they read and write. A handler parses into domain types, calls the
//! store once or twice, and replies.

pub mod site;
pub mod tasks;
