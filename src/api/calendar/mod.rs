//! `/calendar/{file}`: the due tasks as an iCalendar feed (RFC 5545).

mod content_lines;
mod docs;
mod event;
mod feed;
mod handlers;

pub use docs::paths;
pub use handlers::read_calendar;
