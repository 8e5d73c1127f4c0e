//! How a task repeats: a subset of the recurrence rules of RFC 5545 (section 3.3.10).

use std::fmt;

use jiff::civil::Date;
use serde::{Serialize, Serializer};
use thiserror::Error;

use super::macros::json_string;

#[cfg(test)]
mod agreement;
mod series;
#[cfg(test)]
mod tests;

/// A recurrence rule. Written as RFC 5545 has it, in one canonical form: the parts in the order
/// `FREQ`, `INTERVAL`, `BYDAY`, `BYMONTHDAY`, the days from Monday on, no `INTERVAL=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recurrence {
    frequency: Frequency,
    /// 1 to 999.
    interval: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    /// On these days; on the weekday of the due date when there are none.
    Weekly(Weekdays),
    Monthly(OnDay),
    Yearly,
}

/// The day on which a monthly rule falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnDay {
    /// The day of the due date; in a month too short, the last one.
    OfDue,
    /// This one; a month too short is skipped.
    Day(MonthDay),
    Last,
}

/// A day of the month: 1 to 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonthDay(i8);

impl MonthDay {
    /// `None` when no month has such a day.
    pub fn new(number: i8) -> Option<Self> {
        (1..=31).contains(&number).then_some(Self(number))
    }

    fn of(date: Date) -> Self {
        Self(date.day())
    }

    pub fn number(self) -> i8 {
        self.0
    }
}

/// A set of weekdays; bit 0 is Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Weekdays(u8);

impl Weekdays {
    const NAMES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

    /// `None` when a day is unknown or named twice.
    fn parse(raw: &str) -> Option<Self> {
        raw.split(',').try_fold(Self(0), |days, name| {
            let index = Self::NAMES.iter().position(|known| *known == name)?;
            (!days.has(index)).then_some(Self(days.0 | 1 << index))
        })
    }

    /// Whether the day is one of them that comes so many days after Monday.
    fn has(self, index: usize) -> bool {
        self.0 & 1 << index != 0
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }
}

json_string! {
    Recurrence;
    "A recurrence rule of RFC 5545, of which these parts are supported, each at most once: `FREQ`; \
     `INTERVAL`, 1 to 999; on `WEEKLY`, `BYDAY` with days without numbers; on `MONTHLY`, `BYMONTHDAY` \
     with one day, 1 to 31 or -1. Needs a `due`; null without one.",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
    {"pattern": PATTERN, "maxLength": MAX_CHARS}
}

/// The parts may come in any order. The two negative lookaheads reject a part or a day given twice.
const PATTERN: &str = "^(?!.*(INTERVAL|BYDAY|BYMONTHDAY)=.*\\1=)(?!.*([A-Z]{2}),([A-Z]{2},)*\\2)\
    ((INTERVAL=[1-9][0-9]{0,2};)?FREQ=(DAILY|YEARLY)(;INTERVAL=[1-9][0-9]{0,2})?\
    |((INTERVAL=[1-9][0-9]{0,2}|BYDAY=(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU)){0,6});){0,2}\
    FREQ=WEEKLY\
    (;(INTERVAL=[1-9][0-9]{0,2}|BYDAY=(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU)){0,6})){0,2}\
    |((INTERVAL=[1-9][0-9]{0,2}|BYMONTHDAY=([1-9]|[12][0-9]|3[01]|-1));){0,2}\
    FREQ=MONTHLY\
    (;(INTERVAL=[1-9][0-9]{0,2}|BYMONTHDAY=([1-9]|[12][0-9]|3[01]|-1))){0,2})$";

/// The length of the longest rule: weekly, on all days, every 999 weeks.
const MAX_CHARS: usize = 51;

/// Not one of the rules that are supported.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "must be a rule like FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH: supported are FREQ=DAILY, WEEKLY, MONTHLY or \
     YEARLY; INTERVAL=1 to 999; with WEEKLY, BYDAY=MO to SU, each once; with MONTHLY, one BYMONTHDAY=1 to \
     31 or -1"
)]
pub struct RecurrenceError;

impl TryFrom<&str> for Recurrence {
    type Error = RecurrenceError;

    fn try_from(raw: &str) -> Result<Self, RecurrenceError> {
        parse(raw).ok_or(RecurrenceError)
    }
}

impl TryFrom<String> for Recurrence {
    type Error = RecurrenceError;

    fn try_from(raw: String) -> Result<Self, RecurrenceError> {
        raw.as_str().try_into()
    }
}

fn parse(raw: &str) -> Option<Recurrence> {
    let [mut frequency, mut interval, mut by_day, mut by_month_day] = [None; 4];
    for part in raw.split(';') {
        let (name, value) = part.split_once('=')?;
        let part = match name {
            "FREQ" => &mut frequency,
            "INTERVAL" => &mut interval,
            "BYDAY" => &mut by_day,
            "BYMONTHDAY" => &mut by_month_day,
            _ => return None,
        };
        if part.replace(value).is_some() {
            return None;
        }
    }
    let frequency = match (frequency?, by_day, by_month_day) {
        ("DAILY", None, None) => Frequency::Daily,
        ("WEEKLY", None, None) => Frequency::Weekly(Weekdays(0)),
        ("WEEKLY", Some(days), None) => Frequency::Weekly(Weekdays::parse(days)?),
        ("MONTHLY", None, None) => Frequency::Monthly(OnDay::OfDue),
        ("MONTHLY", None, Some("-1")) => Frequency::Monthly(OnDay::Last),
        ("MONTHLY", None, Some(day)) => {
            let day = MonthDay::new(number(day)?.try_into().ok()?)?;
            Frequency::Monthly(OnDay::Day(day))
        }
        ("YEARLY", None, None) => Frequency::Yearly,
        _ => return None,
    };
    let interval = interval.map_or(Some(1), number)?;
    Some(Recurrence {
        frequency,
        interval,
    })
}

/// 1 to 999, written in one way: digits, without a leading zero.
fn number(raw: &str) -> Option<u16> {
    let is_canonical = !raw.starts_with('0') && raw.bytes().all(|byte| byte.is_ascii_digit());
    let number = raw.parse().ok().filter(|_| is_canonical)?;
    (1..=999).contains(&number).then_some(number)
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, part) = match self.frequency {
            Frequency::Daily => ("DAILY", String::new()),
            Frequency::Weekly(days) if days.is_empty() => ("WEEKLY", String::new()),
            Frequency::Weekly(days) => {
                let names = Weekdays::NAMES.iter().enumerate();
                let names = names.filter(|(index, _)| days.has(*index));
                let names: Vec<_> = names.map(|(_, name)| *name).collect();
                ("WEEKLY", format!(";BYDAY={}", names.join(",")))
            }
            Frequency::Monthly(OnDay::OfDue) => ("MONTHLY", String::new()),
            Frequency::Monthly(OnDay::Day(day)) => ("MONTHLY", format!(";BYMONTHDAY={}", day.0)),
            Frequency::Monthly(OnDay::Last) => ("MONTHLY", ";BYMONTHDAY=-1".to_owned()),
            Frequency::Yearly => ("YEARLY", String::new()),
        };
        write!(f, "FREQ={name}")?;
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        f.write_str(&part)
    }
}

impl Serialize for Recurrence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
