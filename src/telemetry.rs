//! One line per request, as JSON on standard output; everything else the libraries have to say goes
//! through `tracing`, warnings and errors only unless `RUST_LOG` says otherwise.

use std::cell::RefCell;
use std::error::Error;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::response::Response;
use http::Method;
use serde::Serialize;
use tracing_subscriber::filter::LevelFilter;

use crate::domain::time::Timestamp;
use crate::domain::user::AccountId;

tokio::task_local! {
    static FACTS: RefCell<Facts>;
}

/// What is learned about a request on its way. Rides on the response, for the tests to look at.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The route's template, such as `/todo/api/v1.0/tasks/{id}`; `None` for a path without one.
    pub route: Option<&'static str>,
    /// Who asked, once that is known.
    pub account: Option<AccountId>,
    /// Requests sent to DynamoDB, retries included.
    pub dynamodb_calls: u32,
    /// What went wrong inside, of a 500 or a 503.
    pub cause: Option<String>,
}

/// Notes the route that a request took.
pub fn route(template: &'static str) {
    note(|facts| facts.route = Some(template));
}

/// Notes whose request it is.
pub fn account(id: AccountId) {
    note(|facts| facts.account = Some(id));
}

/// Notes one request sent to DynamoDB.
pub fn dynamodb_call() {
    note(|facts| facts.dynamodb_calls += 1);
}

/// Notes why a request fails, with all its sources.
pub fn cause(error: &(dyn Error + 'static)) {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(next) = source {
        text = format!("{text}: {next}");
        source = next.source();
    }
    note(|facts| facts.cause = Some(text));
}

/// Outside of a request there is nothing to note it on.
fn note(change: impl FnOnce(&mut Facts)) {
    let _ = FACTS.try_with(|facts| change(&mut facts.borrow_mut()));
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    request_id: &'a str,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'static str>,
    status: u16,
    duration_ms: f64,
    dynamodb_calls: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
}

/// Where the lines go.
pub struct Log(Mutex<Box<dyn Write + Send>>);

impl Log {
    pub fn to_stdout() -> Self {
        Self::to(std::io::stdout())
    }

    pub fn to(writer: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(writer)))
    }

    fn write(&self, line: &Line<'_>) {
        if let Ok(mut bytes) = serde_json::to_vec(line) {
            bytes.push(b'\n');
            let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // A request is not failed because nobody reads its log line.
            let _ = writer.write_all(&bytes).and_then(|()| writer.flush());
        }
    }
}

/// Answers a request and writes its line.
pub async fn observe(
    log: &Log,
    request_id: &str,
    method: Method,
    answer: impl Future<Output = Response>,
) -> Response {
    let start = Instant::now();
    let (mut response, facts) = FACTS
        .scope(RefCell::default(), async {
            let response = answer.await;
            (response, FACTS.with(RefCell::take))
        })
        .await;
    let status = response.status();
    log.write(&Line {
        timestamp: Timestamp::now().to_string(),
        level: if status.is_server_error() {
            "ERROR"
        } else {
            "INFO"
        },
        request_id,
        method: known(&method),
        route: facts.route,
        status: status.as_u16(),
        duration_ms: (start.elapsed().as_secs_f64() * 1e6).round() / 1e3,
        dynamodb_calls: facts.dynamodb_calls,
        account_id: facts.account.map(|id| id.to_string()),
        cause: facts.cause.as_deref(),
    });
    response.extensions_mut().insert(facts);
    response
}

/// A method of the caller's own invention stays out of the logs.
fn known(method: &Method) -> &str {
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

/// Sends what the libraries log to standard output as JSON lines. `RUST_LOG` may be a level.
pub fn init() {
    let level = std::env::var("RUST_LOG")
        .ok()
        .and_then(|raw| raw.parse().ok());
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(level.unwrap_or(LevelFilter::WARN))
        .init();
}
