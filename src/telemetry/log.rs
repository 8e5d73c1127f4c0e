//! The log of requests, in either format.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;

use super::metrics::MetricsLine;
use super::{RequestIds, RequestRecord};
use crate::config::{LogConfig, LogFormat};
use crate::domain::time::Timestamp;

/// A request that has been handled.
pub(super) struct Request<'a> {
    pub ids: RequestIds<'a>,
    pub method: &'a str,
    pub status: StatusCode,
    pub latency: Duration,
    pub record: &'a RequestRecord,
}

/// Writes one line per request.
pub struct Log {
    writer: Mutex<Box<dyn Write + Send>>,
    format: LogFormat,
    /// The dimension `Function` of the metrics.
    function: String,
    /// Whether this process has not handled a request yet.
    cold: AtomicBool,
}

impl Log {
    pub fn to_stdout(config: &LogConfig) -> Self {
        Self::new(std::io::stdout(), config.format, config.function.clone())
    }

    /// A log in JSON.
    pub fn to(writer: impl Write + Send + 'static, function: String) -> Self {
        Self::new(writer, LogFormat::Json, function)
    }

    fn new(writer: impl Write + Send + 'static, format: LogFormat, function: String) -> Self {
        Self {
            writer: Mutex::new(Box::new(writer)),
            format,
            function,
            cold: AtomicBool::new(true),
        }
    }

    pub(super) fn write(&self, request: &Request<'_>) {
        let now = Timestamp::now();
        let cold = self.cold.swap(false, Ordering::Relaxed);
        let mut line = match self.format {
            LogFormat::Text => text(request, now).into_bytes(),
            LogFormat::Json => {
                let line = MetricsLine::new(request, now, &self.function, cold);
                match serde_json::to_vec(&line) {
                    Ok(line) => line,
                    Err(_) => return,
                }
            }
        };
        line.push(b'\n');
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        // A request does not fail because its log line cannot be written.
        let _ = writer.write_all(&line).and_then(|()| writer.flush());
    }
}

/// `12:34:56Z GET /todo/api/v1.0/tasks/{id} 200, 3 ms, 2 DynamoDB calls`, and the cause of a
/// failure.
fn text(request: &Request<'_>, now: Timestamp) -> String {
    let record = request.record;
    let mut line = format!(
        "{} {} {}{} {}, {} ms, {} DynamoDB {}",
        time_of_day(now),
        request.method,
        record.route.unwrap_or("(no route)"),
        record.tool.map_or(String::new(), |tool| format!(" {tool}")),
        request.status.as_u16(),
        request.latency.as_millis(),
        record.dynamodb_calls,
        if record.dynamodb_calls == 1 {
            "call"
        } else {
            "calls"
        },
    );
    if let Some(worst) = record.worst_status {
        let _ = write!(line, ", {} parts, worst {}", record.parts, worst.as_u16());
    }
    if let Some(cause) = &record.cause {
        // A cause may have several lines; the log has one line per request.
        let _ = write!(line, ": {}", cause.replace(char::is_control, " "));
    }
    line
}

/// `12:34:56Z`: UTC, to the second.
pub(super) fn time_of_day(time: Timestamp) -> String {
    let text = time.to_string();
    let time = text.split('T').nth(1).unwrap_or_default();
    format!("{}Z", time.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(status: u16, latency: u64, record: &RequestRecord) -> String {
        let request = Request {
            ids: RequestIds {
                id: "request-1",
                trace: None,
            },
            method: "GET",
            status: StatusCode::from_u16(status).expect("a status"),
            latency: Duration::from_millis(latency),
            record,
        };
        text(&request, Timestamp::from_millis(45_296_789))
    }

    #[test]
    fn a_request_is_one_short_line_of_text() {
        let record = RequestRecord {
            route: Some("/todo/api/v1.0/tasks/{id}"),
            dynamodb_calls: 2,
            ..RequestRecord::default()
        };
        let expected = "12:34:56Z GET /todo/api/v1.0/tasks/{id} 200, 3 ms, 2 DynamoDB calls";
        assert_eq!(line(200, 3, &record), expected);
        let record = RequestRecord {
            route: Some("/mcp"),
            tool: Some("find_tasks"),
            ..record
        };
        let expected = "12:34:56Z GET /mcp find_tasks 200, 3 ms, 2 DynamoDB calls";
        assert_eq!(line(200, 3, &record), expected);
        let expected = "12:34:56Z GET (no route) 404, 0 ms, 0 DynamoDB calls";
        assert_eq!(line(404, 0, &RequestRecord::default()), expected);
    }

    #[test]
    fn a_failed_request_tells_its_cause_in_the_same_line() {
        let record = RequestRecord {
            route: Some("/todo/api/v1.0/tasks"),
            dynamodb_calls: 1,
            cause: Some("the store failed: first line\nsecond line".to_owned()),
            ..RequestRecord::default()
        };
        let expected = "12:34:56Z GET /todo/api/v1.0/tasks 503, 2005 ms, 1 DynamoDB call: \
            the store failed: first line second line";
        assert_eq!(line(503, 2005, &record), expected);
    }
}
