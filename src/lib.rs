//! A to-do list service: one Lambda function over one DynamoDB table.
//!
//! Each module may use those listed before it, never those after it. For a first reading, follow a
//! request instead: from [`lambda`] to [`api`], and from there to [`auth`], [`domain`] and
//! [`store`].
//!
//! 1. [`domain`] has the types of a to-do list: task, account, token and their parts. A value of
//!    them is always valid.
//! 2. [`config`] reads the environment variables at start. [`telemetry`] writes one log line per
//!    request. [`background`] runs work that the response does not depend on.
//! 3. [`store`] has one function per access pattern of the table, each a conditional write or a
//!    consistent read.
//! 4. [`auth`] verifies credentials, caches them and limits login attempts.
//! 5. [`api`] is the HTTP interface. Its [`router`](api::router) has every route in one table, its
//!    [`request`](api::request) parses what a request contains, its handlers call the store, and
//!    its [`error`](api::error) makes the response to every failure.
//! 6. [`lambda`] converts a Lambda event to a request, and the response to what API Gateway
//!    expects. `local`, compiled only with the feature of that name, is the embedded DynamoDB
//!    engine.
//!
//! `main.rs` puts them together. `tests/architecture.rs` checks the order.

pub mod api;
pub mod auth;
pub mod background;
pub mod config;
pub mod domain;
pub mod lambda;
#[cfg(feature = "local")]
pub mod local;
pub mod store;
pub mod telemetry;
