//! What the libraries log with `tracing`.

use std::fmt;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::log::time_of_day;
use crate::config::{LogConfig, LogFormat};
use crate::domain::time::Timestamp;

/// Sends what is logged with `tracing` to standard output. Whatever the configured level is,
/// libraries log no more than INFO, because below that they print whole requests, secrets included.
pub fn init(config: &LogConfig) {
    let filter = Targets::new()
        .with_default(config.level.min(LevelFilter::INFO))
        .with_target(env!("CARGO_CRATE_NAME"), config.level)
        // It warns that `cargo lambda watch` sets the concurrency, although to the default.
        .with_target("lambda_runtime::runtime", LevelFilter::ERROR)
        // The embedded engine warns of every failed condition, and of a table that exists already.
        .with_target("dynoxide::server", LevelFilter::ERROR);
    let lines = tracing_subscriber::fmt::layer();
    let lines = match config.format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines.with_timer(TimeOfDay).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .init();
}

/// The time as in a request's line of text.
struct TimeOfDay;

impl FormatTime for TimeOfDay {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        writer.write_str(&time_of_day(Timestamp::now()))
    }
}
