//! When a task is due: a calendar day, with or without a local time.

use std::fmt;

use jiff::civil::{Date, Time};
use jiff::fmt::strtime;
use serde::{Serialize, Serializer};
use thiserror::Error;

use super::macros::json_string;
use super::time::Timestamp;

/// A calendar day: `YYYY-MM-DD`, years 0001 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub(super) Date);

/// Not `YYYY-MM-DD`, or no day of the calendar.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be a date like 2026-12-31")]
pub struct DayError;

impl Day {
    /// The JSON Schema pattern of a day.
    pub const PATTERN: &str = "^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}$";

    /// The day that it is in UTC at this time.
    pub fn of(time: Timestamp) -> Self {
        Self(time.date().max(jiff::civil::date(1, 1, 1)))
    }
}

impl TryFrom<&str> for Day {
    type Error = DayError;

    fn try_from(raw: &str) -> Result<Self, DayError> {
        let date = strtime::parse("%Y-%m-%d", raw)
            .and_then(|parsed| parsed.to_date())
            .map_err(|_| DayError)?;
        // The parser accepts signs and missing zeros; a date is written in one way only.
        if date.year() < 1 || date.to_string() != raw {
            return Err(DayError);
        }
        Ok(Self(date))
    }
}

impl TryFrom<String> for Day {
    type Error = DayError;

    fn try_from(raw: String) -> Result<Self, DayError> {
        raw.as_str().try_into()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A day, or a local time without a zone on a day: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM`. A day sorts
/// before its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    pub day: Day,
    time: Option<Time>,
}

json_string! {
    Due;
    "A day (0001-01-01 to 9999-12-31), or a local time on a day without a zone; null without one.",
    "2026-12-24T17:30",
    {"pattern": "^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9])?$"}
}

/// The whole day.
impl From<Day> for Due {
    fn from(day: Day) -> Self {
        Self { day, time: None }
    }
}

impl Due {
    /// The same time of day, if any, on another day.
    pub fn on(self, day: Day) -> Self {
        Self { day, ..self }
    }
}

/// Neither `YYYY-MM-DD` nor `YYYY-MM-DDTHH:MM`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be a date like 2026-12-31 or a local time like 2026-12-31T17:30")]
pub struct DueError;

impl TryFrom<&str> for Due {
    type Error = DueError;

    fn try_from(raw: &str) -> Result<Self, DueError> {
        let (day, time) = match raw.split_once('T') {
            Some((day, time)) => (day, Some(parse_time(time).ok_or(DueError)?)),
            None => (raw, None),
        };
        let day = Day::try_from(day).map_err(|_| DueError)?;
        Ok(Self { day, time })
    }
}

/// `HH:MM`, from 00:00 to 23:59.
fn parse_time(raw: &str) -> Option<Time> {
    let time = strtime::parse("%H:%M", raw).and_then(|parsed| parsed.to_time());
    time.ok()
        .filter(|time| time.strftime("%H:%M").to_string() == raw)
}

impl TryFrom<String> for Due {
    type Error = DueError;

    fn try_from(raw: String) -> Result<Self, DueError> {
        raw.as_str().try_into()
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            Some(time) => write!(f, "{}T{}", self.day, time.strftime("%H:%M")),
            None => self.day.fmt(f),
        }
    }
}

impl Serialize for Due {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_date_is_kept_as_written() {
        for raw in [
            "2026-12-31",
            "2024-02-29",
            "0001-01-01",
            "9999-12-31",
            "2026-12-31T00:00",
            "2026-12-31T23:59",
        ] {
            let due = Due::try_from(raw).map(|due| due.to_string());
            assert_eq!(due, Ok(raw.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_no_due_date() {
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
            "2026-12-31T00:00:00",
            "2026-12-31T24:00",
            "2026-12-31T7:05",
            "2026-12-31T07:60",
            "2026-12-31T",
            "2026-12-31t07:05",
            "2026-12-31 07:05",
            "T07:05",
            "２０２６-12-31",
        ];
        for raw in bad {
            assert_eq!(Due::try_from(raw), Err(DueError), "{raw:?}");
            assert_eq!(Day::try_from(raw), Err(DayError), "{raw:?}");
        }
    }

    #[test]
    fn a_day_sorts_before_its_times() {
        let due = |raw| Due::try_from(raw).expect("a due date");
        assert!(due("2026-12-31") < due("2026-12-31T00:00"));
        assert!(due("2026-12-31T00:00") < due("2026-12-31T17:30"));
        assert!(due("2026-12-31T17:30") < due("2027-01-01"));
    }
}
