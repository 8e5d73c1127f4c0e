//! The HTTP interface.

pub mod assets;
pub mod cors;
pub mod error;
pub mod openapi;
pub mod request;
pub mod response;
pub mod router;
pub mod service;
pub mod state;
pub mod tasks;
pub mod tokens;
pub mod uris;
pub mod users;
