//! The service as its callers meet it: through the router, each test on an engine of its own.

mod client;
mod wire;

mod authentication;
mod bodies;
mod budget;
mod concurrency;
mod events;
mod faults;
mod http;
mod isolation;
mod limits;
mod table;
mod tasks;
mod telemetry;
mod tokens;
mod users;
