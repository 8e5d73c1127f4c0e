//! A request's line in JSON, from which CloudWatch makes metrics: the embedded metric format.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::log::Request;
use crate::domain::time::Timestamp;

/// The capitalised members are metrics or dimensions; `_aws` tells CloudWatch which.
#[derive(Serialize)]
pub(super) struct MetricsLine<'a> {
    timestamp: String,
    level: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    method: &'a str,
    status: u16,
    dynamodb_calls: u32,
    /// The number of requests of a batch, and the worst status among their responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worst_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(rename = "Function")]
    function: &'a str,
    #[serde(rename = "Route")]
    route: &'static str,
    #[serde(rename = "Tool", skip_serializing_if = "Option::is_none")]
    tool: Option<&'static str>,
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
    metadata: Metadata,
}

impl<'a> MetricsLine<'a> {
    pub(super) fn new(
        request: &Request<'a>,
        now: Timestamp,
        function: &'a str,
        cold_start: bool,
    ) -> Self {
        let record = request.record;
        // A 503 without a cause only asks to wait.
        let failed = record.cause.is_some();
        Self {
            timestamp: now.to_string(),
            level: if failed { "ERROR" } else { "INFO" },
            request_id: request.ids.id,
            trace_id: request.ids.trace,
            method: request.method,
            status: request.status.as_u16(),
            dynamodb_calls: record.dynamodb_calls,
            parts: record.worst_status.map(|_| record.parts),
            worst_status: record.worst_status.map(|status| status.as_u16()),
            account_id: record.account.map(|id| id.to_string()),
            cause: record.cause.as_deref(),
            function,
            route: record.route.unwrap_or("none"),
            tool: record.tool,
            requests: 1,
            errors: failed.into(),
            latency: (request.latency.as_secs_f64() * 1e6).round() / 1e3,
            consumed_units: record.units,
            failed_logins: record.failed_logins,
            cold_starts: cold_start.into(),
            metadata: Metadata {
                timestamp: now.as_millis(),
                cloud_watch_metrics: match record.tool {
                    Some(_) => &TOOL_DIRECTIVES_JSON,
                    None => &DIRECTIVES_JSON,
                },
            },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
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

/// Serialised once, because it is the same in every line.
static DIRECTIVES_JSON: LazyLock<Box<RawValue>> =
    LazyLock::new(|| to_raw_value(&DIRECTIVES).expect("constants are JSON"));

/// The same for a call of an MCP tool: each dimension that they name has to be in the line.
static TOOL_DIRECTIVES_JSON: LazyLock<Box<RawValue>> =
    LazyLock::new(|| to_raw_value(&TOOL_DIRECTIVES).expect("constants are JSON"));

const DIRECTIVES: [MetricDirective; 2] = directives(&[&["Function"], &["Function", "Route"]]);
const TOOL_DIRECTIVES: [MetricDirective; 2] = directives(&[
    &["Function"],
    &["Function", "Route"],
    &["Function", "Route", "Tool"],
]);

/// Kept for each of the dimensions.
const PER_ROUTE: [Metric; 2] = [
    metric("Requests", "Count"),
    metric("Latency", "Milliseconds"),
];

/// Kept for the function alone.
const PER_FUNCTION: [Metric; 4] = [
    metric("Errors", "Count"),
    metric("ConsumedUnits", "Count"),
    metric("FailedLogins", "Count"),
    metric("ColdStarts", "Count"),
];

const fn directives(dimensions: &'static [&'static [&'static str]]) -> [MetricDirective; 2] {
    [
        directive(dimensions, &PER_ROUTE),
        directive(&[&["Function"]], &PER_FUNCTION),
    ]
}

const fn directive(
    dimensions: &'static [&'static [&'static str]],
    metrics: &'static [Metric],
) -> MetricDirective {
    MetricDirective {
        namespace: "TodoApi",
        dimensions,
        metrics,
    }
}
