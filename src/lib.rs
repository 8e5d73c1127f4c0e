//! A to-do list service: one Lambda function over one DynamoDB table.
//!
//! A request goes one way, and so does a reader:
//!
//! 1. [`lambda`] makes an `http::Request` of whatever event API Gateway sends;
//! 2. [`router`] holds every route in one table, the open ones apart;
//! 3. [`auth`] turns credentials into a `CurrentUser`, [`extract`] the rest into typed input;
//! 4. [`routes`] has the handlers: parse into [`domain`] types, call the [`store`], reply;
//! 5. [`store`] has one function per access pattern, each a conditional write or a strong read;
//! 6. [`error`] is how everything that goes wrong leaves, [`telemetry`] what is written down of it.
//!
//! [`openapi`] describes all of that to others, [`cors`] lets pages of other hosts call it.
//! [`config`] is read once at start. `local` is the embedded engine, compiled in only with the
//! feature of that name.

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
