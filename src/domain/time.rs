//! Points in time, as the API writes them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::Offset;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

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

    /// The time `earlier` than this; this one when that would be out of range.
    pub fn before(self, earlier: Duration) -> Self {
        Self(self.0.saturating_sub(earlier).unwrap_or(self.0))
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

    /// The same, for an end that must not come early.
    pub fn as_seconds_rounded_up(self) -> i64 {
        (self.0.as_millisecond() + 999).div_euclid(1000)
    }

    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The calendar's date in UTC.
    pub(super) fn date(self) -> Date {
        Offset::UTC.to_datetime(self.0).date()
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
}
