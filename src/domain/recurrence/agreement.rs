//! Random rules and dates: the next day is the one that another implementation of RFC 5545 finds, and the
//! one that a search day by day finds.

use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use proptest::test_runner::RngAlgorithm;
use rrule::RRuleSet;

use super::*;
use crate::domain::due::{Day, Due};

/// A rule, the due date that its series starts with, and the day of which the next one is asked.
#[derive(Clone, Copy, Debug)]
struct Case {
    rule: Recurrence,
    start: Date,
    repeat_day: Option<MonthDay>,
    today: Date,
}

impl Case {
    /// The first day that may be the next one.
    fn earliest(self) -> Option<Date> {
        Some(self.start.tomorrow().ok()?.max(self.today))
    }

    fn due(self) -> Due {
        Due::try_from(self.start.to_string()).expect("a due date")
    }

    fn next(self) -> Option<Date> {
        let today = Day(self.today);
        let next = self.rule.next_due(self.due(), self.repeat_day, today);
        next.map(|due| due.day.0)
    }
}

fn rules() -> impl Strategy<Value = Recurrence> {
    let weekdays = (0_u8..128).prop_map(|days| Frequency::Weekly(Weekdays(days)));
    let on_day = (1_i8..=31).prop_map(|day| Frequency::Monthly(OnDay::Day(MonthDay(day))));
    let frequency = prop_oneof![
        1 => Just(Frequency::Daily),
        3 => weekdays,
        1 => Just(Frequency::Monthly(OnDay::OfDue)),
        1 => Just(Frequency::Monthly(OnDay::Last)),
        2 => on_day,
        1 => Just(Frequency::Yearly),
    ];
    let interval = prop_oneof![8 => 1_u16..=4, 2 => 5_u16..=40, 1 => 1_u16..=999];
    (frequency, interval).prop_map(|(frequency, interval)| Recurrence {
        frequency,
        interval,
    })
}

fn days() -> impl Strategy<Value = Date> {
    let years = prop_oneof![8 => 1890_i16..=2110, 1 => 1_i16..=9999, 1 => 9990_i16..=9999];
    let days = prop_oneof![1 => 1_i8..=31, 1 => 28_i8..=31];
    (years, 1_i8..=12, days).prop_map(|(year, month, day)| {
        let first = Date::new(year, month, 1).expect("a month");
        let day = day.min(first.days_in_month());
        first.with().day(day).build().expect("a day")
    })
}

/// Today is a few intervals after the start, or before it.
fn cases() -> impl Strategy<Value = Case> {
    let repeat_day = prop::option::of((1_i8..=31).prop_map(MonthDay));
    (rules(), days(), repeat_day, -100_i64..=700).prop_map(|(rule, start, repeat_day, percent)| {
        let days = match rule.frequency {
            Frequency::Daily => 1,
            Frequency::Weekly(_) => 7,
            Frequency::Monthly(_) => 30,
            Frequency::Yearly => 365,
        };
        let later = days * i64::from(rule.interval) * percent / 100;
        let today = start
            .saturating_add(later.days())
            .max(Date::constant(1, 1, 1));
        Case {
            rule,
            start,
            repeat_day,
            today,
        }
    })
}

/// Whether a day belongs to a series, by the words of the rule alone.
fn falls_on(case: Case, day: Date) -> bool {
    let Case { rule, start, .. } = case;
    let every = |distance: i32| distance % i32::from(rule.interval) == 0;
    let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
    let monday = |date: Date| date - i64::from(date.weekday().to_monday_zero_offset()).days();
    let chosen = case.repeat_day.map_or(0, MonthDay::number);
    let is_last = start.tomorrow().is_ok_and(|next| next.day() == 1);
    let on = if is_last {
        start.day().max(chosen)
    } else {
        start.day()
    };
    let is_due_day = day.day() == on.min(day.days_in_month());
    match rule.frequency {
        Frequency::Daily => every((day - start).get_days()),
        Frequency::Weekly(days) => {
            let weekday = if days.is_empty() { start } else { day }.weekday();
            let is_named = days.is_empty() || days.has(weekday.to_monday_zero_offset() as usize);
            is_named
                && weekday == day.weekday()
                && every((monday(day) - monday(start)).get_days() / 7)
        }
        Frequency::Monthly(on_day) => {
            let is_day = match on_day {
                OnDay::OfDue => is_due_day,
                OnDay::Day(named) => day.day() == named.0,
                OnDay::Last => day.day() == day.days_in_month(),
            };
            is_day && every(months(day) - months(start))
        }
        Frequency::Yearly => {
            day.month() == start.month() && is_due_day && every((day.year() - start.year()).into())
        }
    }
}

/// What another implementation of RFC 5545 makes of the rule.
fn by_rrule(case: Case, earliest: Date) -> Option<Date> {
    let Case {
        rule,
        start,
        repeat_day,
        ..
    } = case;
    let text = rule.to_rfc_5545(case.due(), repeat_day);
    let text = format!("DTSTART:{}T000000Z\nRRULE:{text}", start.strftime("%Y%m%d"));
    let set: RRuleSet = text.parse().expect("a rule");
    let dates = set
        .into_iter()
        .map(|day| day.format("%Y-%m-%d").to_string());
    // After the year 9999, it has five digits.
    let dates = dates.map_while(|day| day.parse::<Date>().ok());
    dates.into_iter().find(|day| *day >= earliest)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_algorithm: RngAlgorithm::XorShift, ..ProptestConfig::with_cases(100_000) })]

    #[test]
    fn the_next_day_is_the_one_that_others_find(case in cases()) {
        let Some(earliest) = case.earliest() else {
            prop_assert_eq!(case.next(), None);
            return Ok(());
        };
        let first = case.rule.first_due(case.due(), case.repeat_day);
        prop_assert_eq!(first == Some(case.due()), falls_on(case, case.start));
        let next = case.next();
        prop_assert_eq!(next, by_rrule(case, earliest));
        let end = next.unwrap_or(Date::MAX).min(earliest.saturating_add(200.days()));
        let mut days = std::iter::successors(Some(earliest), |day| day.tomorrow().ok());
        let found = days.find(|day| *day >= end || falls_on(case, *day));
        prop_assert_eq!(found, Some(end));
        prop_assert!(next.is_none_or(|next| falls_on(case, next)));
    }
}
