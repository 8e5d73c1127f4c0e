//! The service as its callers meet it: through the router, each test on an engine of its own.

#![expect(
    clippy::print_stdout,
    reason = "the benchmarks among the tests print their tables"
)]

mod client;
mod wire;

mod article;
mod authentication;
mod bodies;
mod budget;
mod concurrency;
mod conditions;
mod cors;
mod costs;
mod deleted_tasks;
mod events;
mod exactly_once;
mod exactly_once_accounts;
mod faults;
mod http;
mod idempotency;
mod isolation;
mod layout;
mod limits;
mod lists;
mod model;
mod openapi;
mod recovery;
mod table;
mod tasks;
mod telemetry;
mod template;
mod tokens;
mod users;
mod web;
