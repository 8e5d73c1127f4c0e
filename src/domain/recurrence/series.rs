//! The days on which a rule falls. Every series starts with a due date; it need not be a day of the
//! rule, but its day, week, month or year is the first that counts. Computed by arithmetic: a due date
//! of the year 1 takes no longer than one of today.

use jiff::Span;
use jiff::civil::Date;

use super::{Frequency, MonthDay, OnDay, Recurrence, Weekdays};
use crate::domain::due::{Day, Due};

/// In so many months of a rule is each length that they can have. An interval of whole years meets one
/// month of the year only, whose lengths repeat after 400 years; any other one meets a month of 31
/// days within a few steps. The first month may be over already.
const MONTHS_TO_TRY: usize = 401;

impl Recurrence {
    /// The due date of the task that follows one due at `old`: the rule's first day after that which is
    /// not before `today`, at the same time of day. `repeat_day` is the day of the month that the series
    /// was on before a short month moved it. `None` when the calendar, which ends with the year 9999,
    /// has no such day.
    pub fn next_due(self, old: Due, repeat_day: Option<MonthDay>, today: Day) -> Option<Due> {
        let earliest = plus_days(old.day.0, 1)?.max(today.0);
        self.first_from(old, repeat_day, earliest)
    }

    /// The day of the month to which the series returns after the task due at `next`, which follows
    /// one due at `old`; `None` unless a month that is too short has moved `next`.
    pub fn repeat_day(self, old: Due, repeat_day: Option<MonthDay>, next: Due) -> Option<MonthDay> {
        let goes_by_due = match self.frequency {
            Frequency::Monthly(day) => day == OnDay::OfDue,
            Frequency::Yearly => true,
            Frequency::Daily | Frequency::Weekly(_) => false,
        };
        let day = MonthDay(day_of_month(old.day.0, repeat_day));
        (goes_by_due && day > MonthDay::of(next.day.0)).then_some(day)
    }

    /// The rule's first day that is not before `due`: `due` itself when it is a day of the rule.
    pub fn first_due(self, due: Due, repeat_day: Option<MonthDay>) -> Option<Due> {
        self.first_from(due, repeat_day, due.day.0)
    }

    /// The rule in words that other programs, which skip months that are too short, understand alike,
    /// for a series whose first day is `due`.
    pub fn to_rfc_5545(self, due: Due, repeat_day: Option<MonthDay>) -> String {
        let day = day_of_month(due.day.0, repeat_day);
        let is_leap_day = due.day.0.month() == 2 && day >= 29;
        match self.frequency {
            Frequency::Monthly(OnDay::OfDue) if day > 28 => {
                let days: Vec<_> = (28..=day).map(|day| day.to_string()).collect();
                format!("{self};BYMONTHDAY={};BYSETPOS=-1", days.join(","))
            }
            Frequency::Yearly if is_leap_day => {
                format!("{self};BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1")
            }
            _ => self.to_string(),
        }
    }

    /// The first day, not before `earliest`, of the series that starts with `due`.
    fn first_from(self, due: Due, repeat_day: Option<MonthDay>, earliest: Date) -> Option<Due> {
        let (start, interval) = (due.day.0, i32::from(self.interval));
        let day = match self.frequency {
            Frequency::Daily => every_days(start, interval, earliest),
            Frequency::Weekly(days) if days.is_empty() => every_days(start, 7 * interval, earliest),
            Frequency::Weekly(days) => every_weeks(start, interval, days, earliest),
            Frequency::Monthly(OnDay::OfDue) => {
                every_months(start, interval, earliest, due_day(start, repeat_day))
            }
            Frequency::Monthly(OnDay::Day(day)) => {
                let day = |last| Some(day.0).filter(|day| *day <= last);
                every_months(start, interval, earliest, day)
            }
            Frequency::Monthly(OnDay::Last) => every_months(start, interval, earliest, Some),
            Frequency::Yearly => {
                every_months(start, 12 * interval, earliest, due_day(start, repeat_day))
            }
        };
        Some(due.on(Day(day?)))
    }
}

/// The day of the month that a series is on: the chosen one, if the first day is where a short month
/// has moved it; else that of the first day, which another rule may have put there.
fn day_of_month(start: Date, repeat_day: Option<MonthDay>) -> i8 {
    let was_moved = start.day() == start.days_in_month();
    let chosen = repeat_day.filter(|day| was_moved && day.0 > start.day());
    chosen.map_or(start.day(), MonthDay::number)
}

/// That day of a month with so many days, or else its last one.
fn due_day(start: Date, repeat_day: Option<MonthDay>) -> impl Fn(i8) -> Option<i8> {
    let day = day_of_month(start, repeat_day);
    move |last| Some(day.min(last))
}

fn every_days(start: Date, interval: i32, earliest: Date) -> Option<Date> {
    let days = days_between(start, earliest).max(0);
    plus_days(start, (days + interval - 1) / interval * interval)
}

/// Weeks begin on Monday, the default of RFC 5545, and are counted from that of `start`.
fn every_weeks(start: Date, interval: i32, days: Weekdays, earliest: Date) -> Option<Date> {
    let monday = plus_days(start, -i32::from(start.weekday().to_monday_zero_offset()))?;
    let period = 7 * interval;
    let week = plus_days(monday, days_between(monday, earliest) / period * period)?;
    let mut in_weeks = [Some(week), plus_days(week, period)].into_iter().flatten();
    in_weeks.find_map(|week| {
        let mut in_week = (0_u8..7).filter(|index| days.has((*index).into()));
        in_week.find_map(|index| plus_days(week, index.into()).filter(|day| *day >= earliest))
    })
}

/// `day_in` chooses the day in a month with so many days, if there is one.
fn every_months(
    start: Date,
    interval: i32,
    earliest: Date,
    day_in: impl Fn(i8) -> Option<i8>,
) -> Option<Date> {
    let first = month_number(start);
    let skipped = (month_number(earliest) - first).max(0) / interval * interval;
    let months = (0..).map(|index| first + skipped + index * interval);
    let dates = months.take(MONTHS_TO_TRY).map_while(first_of);
    dates
        .filter_map(|date| date.with().day(day_in(date.days_in_month())?).build().ok())
        .find(|date| *date >= earliest)
}

/// Counts all months from the year 0 on.
fn month_number(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// The first day of a month; `None` after the year 9999.
fn first_of(month: i32) -> Option<Date> {
    let year = (month / 12).try_into().ok()?;
    let month = (month % 12 + 1).try_into().ok()?;
    Date::new(year, month, 1).ok()
}

fn days_between(start: Date, end: Date) -> i32 {
    (end - start).get_days()
}

/// `None` after the year 9999.
fn plus_days(date: Date, days: i32) -> Option<Date> {
    let span = Span::new().try_days(days).ok()?;
    date.checked_add(span).ok()
}
