//! Points in time and calendar dates, as the API writes them.

use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use jiff::fmt::strtime;
use thiserror::Error;

/// A point in time, to the millisecond; written as `2026-11-22T08:00:00.000Z` (RFC 3339, UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The wall clock's time, cut to the millisecond, so that it stays equal when stored and read.
    pub fn now() -> Self {
        Self::from_millis(jiff::Timestamp::now().as_millisecond())
    }

    /// The milliseconds since the Unix epoch; what no calendar can show becomes the epoch itself.
    pub fn from_millis(millis: i64) -> Self {
        Self(jiff::Timestamp::from_millisecond(millis).unwrap_or_default())
    }

    /// The time `later` than this; the end of all time at most.
    pub fn after(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later).unwrap_or(self.0))
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

/// A date on which a task is due: `YYYY-MM-DD`, years 0001 to 9999, no time and no zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueDate(Date);

/// Not `YYYY-MM-DD`, or a day that no calendar has.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be a date like 2026-12-31")]
pub struct DueDateError;

impl TryFrom<&str> for DueDate {
    type Error = DueDateError;

    fn try_from(raw: &str) -> Result<Self, Self::Error> {
        let date = strtime::parse("%Y-%m-%d", raw)
            .and_then(|parsed| parsed.to_date())
            .map_err(|_| DueDateError)?;
        // The parser is lenient about signs and zeros; the one way to write a date is the one it prints.
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
