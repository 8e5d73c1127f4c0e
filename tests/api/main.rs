//! The service as its clients see it: through the router, each test over an engine of its own.
//!
//! # What is where
//!
//! - `client`: the service over its engine ([`client::TestApp`]), clients of it ([`client::User`]),
//!   requests and their responses.
//! - `wire`: the calls between the service and the engine, to count them or to fail them; `held.rs`
//!   lets somebody else act before one of them. `responses.rs`: what many tests compare with.
//! - One file per resource or subject: `tasks`, `members` (of a task), `lists` (collections of tasks),
//!   `lists_resource`, `list_deletion`, `repeating` (tasks), `users`, `tokens`,
//!   `trash`, `changes`; `http`, `bodies`, `conditions`, `idempotency`,
//!   `cors`, `events`; `authentication`, `limits`, `isolation`.
//! - `mcp`: the Model Context Protocol: its tools, its messages, who may call them, and 10,000
//!   generated bodies.
//! - What DynamoDB and the network do: `faults`, `recovery`, `exactly_once` (one test per fault that
//!   was found), `lost_responses` (a table of every write with its response lost), `history` (random
//!   faults under load), `concurrency`, `list_races`,
//!   `list_interleavings`, `trash_races`, `trash_retries`. What calls cost: `budget`, `list_costs`.
//! - What is stored: `layout`, `deleted_tasks`, `indexes` (whether each agrees with the items).
//! - `model`: collections of tasks against a model, by proptest. `openapi`, `template`, `table`, `web`:
//!   documents and files against the code.
//!
//! # How to write a test
//!
//! ```ignore
//! let app = TestApp::start().await;                     // a service and an engine of its own
//! let ada = app.user("ada").await;                      // with a password, the cache still cold
//! let task = ada.create("Buy milk").await;              // or &json!({"title": …}); has `.uri`
//! app.wire.fail("UpdateItem", Fault::LoseResponse);     // the next call of this operation
//! let response = ada.patch(&task.uri, &json!({"done": true})).send().await;
//! assert_eq!((response.status, response.header("etag")), (200, "\"1.2\""));
//! ```
//!
//! Its name is a sentence. It asserts status and body, and never sleeps: `Fault::Hold` stops a call
//! at a gate, `Wire::between_attempts` lets another client act before a retry. Another execution
//! environment over the same engine is `app.twin()`. Faults that were planned must have happened
//! when the test ends. `cargo test --features local --test api NAME` runs one.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark and the history test print what they measured"
)]

mod client;
mod held;
mod responses;
mod wire;

mod article;
mod authentication;
mod batch;
mod bodies;
mod budget;
mod calendar;
mod changes;
mod concurrency;
mod conditions;
mod cors;
mod deleted_tasks;
mod events;
mod exactly_once;
mod faults;
mod history;
mod http;
mod idempotency;
mod indexes;
mod isolation;
mod layout;
mod limits;
mod list_costs;
mod list_deletion;
mod list_interleavings;
mod list_races;
mod lists;
mod lists_resource;
mod lost_responses;
mod mcp;
mod members;
mod model;
mod openapi;
mod parallel_logins;
mod recovery;
mod repeating;
mod reset_password;
mod table;
mod tasks;
mod telemetry;
mod template;
mod tokens;
mod trash;
mod trash_races;
mod trash_retries;
mod users;
mod web;
