//! The HTTP interface: one table of routes, and a folder per resource with its handlers, its bodies and
//! its part of the OpenAPI document.

pub mod assets;
mod batch;
mod calendar;
pub mod changes;
pub mod cors;
pub mod error;
pub mod headers;
pub mod lists;
pub mod mcp;
pub mod openapi;
pub mod request;
pub mod response;
pub mod router;
pub mod service;
pub mod state;
pub mod tasks;
pub mod tokens;
pub mod trash;
pub mod uris;
pub mod users;
