//! One line per request, as JSON on standard output; everything else the libraries have to say goes
//! through `tracing`, warnings and errors only unless `RUST_LOG` says otherwise.

use std::error::Error;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use aws_sdk_dynamodb::types::ConsumedCapacity;
use axum::response::Response;
use http::Method;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::domain::account::AccountId;
use crate::domain::time::Timestamp;

tokio::task_local! {
    static FACTS: Arc<Mutex<RequestRecord>>;
}

/// What is learned about a request on its way. Rides on the response, for the tests to look at.
#[derive(Clone, Debug, Default)]
pub struct RequestRecord {
    /// The route's template, such as `/todo/api/v1.0/tasks/{id}`; `None` for a path without one.
    pub route: Option<&'static str>,
    /// Who asked, once that is known.
    pub account: Option<AccountId>,
    /// Requests sent to DynamoDB, retries included.
    pub dynamodb_calls: u32,
    /// Wrong passwords and tokens, and guesses refused unheard.
    pub failed_logins: u32,
    /// Capacity units consumed, as far as DynamoDB has told; it does not of what it refused.
    pub units: f64,
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

/// Notes that somebody did not get in.
pub fn failed_login() {
    note(|facts| facts.failed_logins += 1);
}

/// Notes the capacity that a call consumed.
pub fn consumed<'a>(capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    let units: f64 = capacity
        .into_iter()
        .filter_map(ConsumedCapacity::capacity_units)
        .sum();
    note(|facts| facts.units += units);
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
fn note(change: impl FnOnce(&mut RequestRecord)) {
    let _ = FACTS.try_with(|facts| change(&mut locked(facts)));
}

fn locked(facts: &Mutex<RequestRecord>) -> MutexGuard<'_, RequestRecord> {
    facts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes what `work` learns on the request that this is called in, from wherever it runs.
pub fn on_behalf_of_this_request<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let facts = FACTS.try_with(Arc::clone).unwrap_or_default();
    FACTS.scope(facts, work)
}

/// A request's line. What is in capitals is a metric or a dimension as well: CloudWatch makes them
/// out of the line by the directions in `_aws`, the embedded metric format.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    method: &'a str,
    status: u16,
    dynamodb_calls: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(rename = "Function")]
    function: &'a str,
    #[serde(rename = "Route")]
    route: &'static str,
    #[serde(rename = "Requests")]
    requests: u8,
    #[serde(rename = "Errors")]
    errors: u8,
    /// In milliseconds.
    #[serde(rename = "Latency")]
    latency: f64,
    #[serde(rename = "ConsumedUnits")]
    consumed_units: f64,
    #[serde(rename = "FailedLogins")]
    failed_logins: u32,
    #[serde(rename = "ColdStarts")]
    cold_starts: u8,
    #[serde(rename = "_aws")]
    directions: Directions,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directions {
    timestamp: i64,
    cloud_watch_metrics: &'static RawValue,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDirective {
    namespace: &'static str,
    dimensions: &'static [&'static [&'static str]],
    metrics: &'static [Metric],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

const fn metric(name: &'static str, unit: &'static str) -> Metric {
    Metric { name, unit }
}

/// What is measured of the function as a whole, and what of each route too; as JSON, since it is the
/// same in every line.
static METRICS: LazyLock<Box<RawValue>> =
    LazyLock::new(|| to_raw_value(&DIRECTIVES).expect("constants are JSON"));

const DIRECTIVES: [MetricDirective; 2] = [
    MetricDirective {
        namespace: "TodoApi",
        dimensions: &[&["Function"], &["Function", "Route"]],
        metrics: &[
            metric("Requests", "Count"),
            metric("Latency", "Milliseconds"),
        ],
    },
    MetricDirective {
        namespace: "TodoApi",
        dimensions: &[&["Function"]],
        metrics: &[
            metric("Errors", "Count"),
            metric("ConsumedUnits", "Count"),
            metric("FailedLogins", "Count"),
            metric("ColdStarts", "Count"),
        ],
    },
];

/// Where the lines go.
pub struct Log {
    writer: Mutex<Box<dyn Write + Send>>,
    /// The name that the metrics are kept under.
    function: String,
    /// Whether this environment has yet to answer its first request.
    cold: AtomicBool,
}

impl Log {
    pub fn to_stdout(function: String) -> Self {
        Self::to(std::io::stdout(), function)
    }

    pub fn to(writer: impl Write + Send + 'static, function: String) -> Self {
        Self {
            writer: Mutex::new(Box::new(writer)),
            function,
            cold: AtomicBool::new(true),
        }
    }

    fn write(&self, line: &Line<'_>) {
        if let Ok(mut bytes) = serde_json::to_vec(line) {
            bytes.push(b'\n');
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            // A request is not failed because nobody reads its log line.
            let _ = writer.write_all(&bytes).and_then(|()| writer.flush());
        }
    }
}

/// What Lambda calls a request.
#[derive(Clone, Copy)]
pub struct RequestIds<'a> {
    pub id: &'a str,
    /// The X-Ray trace that it is part of.
    pub trace: Option<&'a str>,
}

/// Answers a request and writes its line.
pub async fn observe(
    log: &Log,
    request: RequestIds<'_>,
    method: Method,
    answer: impl Future<Output = Response>,
) -> Response {
    let start = Instant::now();
    let facts = Arc::default();
    let mut response = FACTS.scope(Arc::clone(&facts), answer).await;
    let facts = std::mem::take(&mut *locked(&facts));
    let now = Timestamp::now();
    let failed = response.status().is_server_error();
    log.write(&Line {
        timestamp: now.to_string(),
        level: if failed { "ERROR" } else { "INFO" },
        request_id: request.id,
        trace_id: request.trace,
        method: known(&method),
        status: response.status().as_u16(),
        dynamodb_calls: facts.dynamodb_calls,
        account_id: facts.account.map(|id| id.to_string()),
        cause: facts.cause.as_deref(),
        function: &log.function,
        route: facts.route.unwrap_or("none"),
        requests: 1,
        errors: failed.into(),
        latency: (start.elapsed().as_secs_f64() * 1e6).round() / 1e3,
        consumed_units: facts.units,
        failed_logins: facts.failed_logins,
        cold_starts: log.cold.swap(false, Ordering::Relaxed).into(),
        directions: Directions {
            timestamp: now.as_millis(),
            cloud_watch_metrics: &METRICS,
        },
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

/// Sends what is logged with `tracing` to standard output as JSON lines. Whatever `level` is, libraries
/// get no further than INFO, because below that they print requests whole, secrets included.
pub fn init(level: LevelFilter) {
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_target(env!("CARGO_CRATE_NAME"), level)
        // It warns of `cargo lambda watch` setting the concurrency, which is the default one.
        .with_target("lambda_runtime::runtime", LevelFilter::ERROR);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .init();
}
