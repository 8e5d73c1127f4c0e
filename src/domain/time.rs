//! Points in time and calendar dates, as the API writes them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use jiff::fmt::strtime;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use thiserror::Error;

use super::macros::json_string;

/// A point in time, to the millisecond; written as `2026-11-22T08:00:00.000Z` (RFC 3339, UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The wall clock's time, truncated to the millisecond, so that it is equal after it was stored.
    pub fn now() -> Self {
        Self::from_millis(jiff::Timestamp::now().as_millisecond())
    }

    /// From milliseconds since the Unix epoch; the epoch itself when they are out of range.
    pub fn from_millis(millis: i64) -> Self {
        Self(jiff::Timestamp::from_millisecond(millis).unwrap_or_default())
    }

    /// The time `later` than this; this one when that would be out of range.
    pub fn after(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later).unwrap_or(self.0))
    }

    /// How long it is from this time until `later`; zero when that is not later.
    pub fn until(self, later: Self) -> Duration {
        let millis = later.as_millis() - self.as_millis();
        Duration::from_millis(millis.try_into().unwrap_or(0))
    }

    /// Whole seconds since the Unix epoch, as DynamoDB's TTL counts.
    pub fn as_seconds(self) -> i64 {
        self.0.as_second()
    }

    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339, in UTC, with milliseconds.",
            "examples": ["2026-11-22T08:00:00.000Z"],
        })
    }
}

/// A date on which a task is due: `YYYY-MM-DD`, years 0001 to 9999, no time and no zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueDate(Date);

json_string! {
    DueDate;
    "A day, 0001-01-01 to 9999-12-31; null without one.",
    "2026-12-24",
    {"format": "date", "pattern": DueDate::PATTERN}
}

impl DueDate {
    /// The JSON Schema pattern of a date.
    pub const PATTERN: &str = "^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}$";
}

impl Serialize for DueDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl TryFrom<String> for DueDate {
    type Error = DueDateError;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        raw.as_str().try_into()
    }
}

/// Not `YYYY-MM-DD`, or no day of the calendar.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be a date like 2026-12-31")]
pub struct DueDateError;

impl TryFrom<&str> for DueDate {
    type Error = DueDateError;

    fn try_from(raw: &str) -> Result<Self, Self::Error> {
        let date = strtime::parse("%Y-%m-%d", raw)
            .and_then(|parsed| parsed.to_date())
            .map_err(|_| DueDateError)?;
        // The parser accepts signs and missing zeros; a date is written in one way only.
        if date.year() < 1 || date.to_string() != raw {
            return Err(DueDateError);
        }
        Ok(Self(date))
    }
}

impl fmt::Display for DueDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_written_with_milliseconds_in_utc() {
        let timestamp = Timestamp::from_millis(1_795_334_400_000);
        assert_eq!(timestamp.to_string(), "2026-11-22T08:00:00.000Z");
    }

    #[test]
    fn the_present_survives_being_stored() {
        let now = Timestamp::now();
        assert_eq!(Timestamp::from_millis(now.as_millis()), now);
    }

    #[test]
    fn a_due_date_is_kept_as_written() {
        for raw in ["2026-12-31", "2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(
                DueDate::try_from(raw).map(|due| due.to_string()),
                Ok(raw.to_owned())
            );
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let bad = [
            "",
            "2026-02-30",
            "2025-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "0000-01-01",
            "+2026-12-31",
            "-2026-12-31",
            "12026-12-31",
            "2026-12-31 ",
            " 2026-12-31",
            "2026/12/31",
            "20261231",
            "2026-12-31T00:00:00Z",
            "２０２６-12-31",
        ];
        for raw in bad {
            assert_eq!(DueDate::try_from(raw), Err(DueDateError), "{raw:?}");
        }
    }
}
