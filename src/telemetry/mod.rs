//! What the service logs: one line per request, and the diagnostics of the libraries.
//!
//! While a request is handled, the code that handles it adds to the request's [`RequestRecord`] by
//! the functions of this module. At the end, [`observe`] writes the record as a line.

mod diagnostics;
mod log;
mod metrics;

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::{Method, Response, StatusCode};

use crate::domain::account::AccountId;
pub use diagnostics::init;
pub use log::Log;
use log::Request;

tokio::task_local! {
    static CURRENT: Arc<Mutex<RequestRecord>>;
}

/// What becomes known about a request while it is handled. Among the response's extensions at the
/// end, where the tests read it.
#[derive(Clone, Debug, Default)]
pub struct RequestRecord {
    /// The route's template, such as `/todo/api/v1.0/tasks/{id}`; `None` when no route matched.
    pub route: Option<&'static str>,
    /// The MCP tool that was called.
    pub tool: Option<&'static str>,
    /// How many requests of a batch have got their response.
    pub parts: u32,
    /// The worst status among their responses: the highest, but 500 is worse than 503, which asks to retry.
    pub worst_status: Option<StatusCode>,
    /// The account that the request was authenticated as.
    pub account: Option<AccountId>,
    /// Requests sent to DynamoDB, retries included.
    pub dynamodb_calls: u32,
    /// Wrong passwords and tokens, and login attempts over a limit.
    pub failed_logins: u32,
    /// Consumed capacity units. DynamoDB does not report those of a write whose condition failed.
    pub units: f64,
    /// The internal cause of a 500 or a 503; in a batch that of the first 500, or else of the first 503.
    pub cause: Option<String>,
    /// Whether that is the cause of a 500.
    pub cause_is_internal: bool,
}

/// Records the route that matched. The requests of a batch do not replace the batch's.
pub fn route(template: &'static str) {
    update(|record| {
        record.route.get_or_insert(template);
    });
}

/// Records the response to one request of a batch.
pub fn part(status: StatusCode) {
    update(|record| {
        record.parts += 1;
        let statuses = [record.worst_status, Some(status)].into_iter().flatten();
        let severity =
            |status: &StatusCode| (*status == StatusCode::INTERNAL_SERVER_ERROR, *status);
        record.worst_status = statuses.max_by_key(severity);
    });
}

/// Records the MCP tool that is called.
pub fn tool(name: &'static str) {
    update(|record| record.tool = Some(name));
}

/// Records the account that the request was authenticated as.
pub fn account(id: AccountId) {
    update(|record| record.account = Some(id));
}

/// Records one request sent to DynamoDB.
pub fn dynamodb_call() {
    update(|record| record.dynamodb_calls += 1);
}

/// Records a failed login attempt.
pub fn failed_login() {
    update(|record| record.failed_logins += 1);
}

/// Records the capacity units that a call consumed.
pub fn consumed(units: f64) {
    update(|record| record.units += units);
}

/// Records why the request, or one request of a batch, failed with this status.
pub fn cause(status: StatusCode, error: &(dyn Error + 'static)) {
    let is_internal = status == StatusCode::INTERNAL_SERVER_ERROR;
    update(|record| {
        if record.cause.is_none() || is_internal && !record.cause_is_internal {
            record.cause = Some(error_chain(error));
            record.cause_is_internal = is_internal;
        }
    });
}

/// The message of an error and of all its sources, separated by colons.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Changes the current request's record. Outside of a request, at start-up, there is none.
fn update(change: impl FnOnce(&mut RequestRecord)) {
    let _ = CURRENT.try_with(|record| change(&mut locked(record)));
}

fn locked(record: &Mutex<RequestRecord>) -> MutexGuard<'_, RequestRecord> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets `work`, which may run in a task of its own, add to the current request's record.
pub fn within_current_request<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let record = CURRENT.try_with(Arc::clone).unwrap_or_default();
    CURRENT.scope(record, work)
}

/// Lambda's identifiers of a request.
#[derive(Clone, Copy)]
pub struct RequestIds<'a> {
    pub id: &'a str,
    /// The X-Ray trace that the request is part of.
    pub trace: Option<&'a str>,
}

/// Runs `handler` and logs the request.
pub async fn observe<B>(
    log: &Log,
    ids: RequestIds<'_>,
    method: Method,
    handler: impl Future<Output = Response<B>>,
) -> Response<B> {
    let start = Instant::now();
    let record = Arc::default();
    let mut response = CURRENT.scope(Arc::clone(&record), handler).await;
    let record = std::mem::take(&mut *locked(&record));
    log.write(&Request {
        ids,
        method: known_name(&method),
        status: response.status(),
        latency: start.elapsed(),
        record: &record,
    });
    response.extensions_mut().insert(record);
    response
}

/// A client may send any word as the method; only the standard ones are logged.
fn known_name(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if known.contains(method) {
        method.as_str()
    } else {
        "other"
    }
}
