use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use proptest::test_runner::RngAlgorithm;
use rrule::RRuleSet;

use super::*;
use crate::domain::due::{Day, Due};

fn rule(raw: &str) -> Recurrence {
    raw.try_into().expect("a rule")
}

fn due(raw: &str) -> Due {
    raw.try_into().expect("a due date")
}

/// The due dates that follow one after the other when each task is completed in time.
fn series(raw: &str, first: &str, count: usize) -> Vec<String> {
    let repeat_day = MonthDay::new(due(first).day.0.day());
    let next = |old: &Due| rule(raw).next_due(*old, repeat_day, old.day);
    let dues = std::iter::successors(Some(due(first)), next);
    dues.skip(1)
        .take(count)
        .map(|due| due.to_string())
        .collect()
}

#[test]
fn a_rule_is_given_back_in_its_canonical_form() {
    let rules = [
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("FREQ=DAILY;INTERVAL=1", "FREQ=DAILY"),
        ("INTERVAL=999;FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=999"),
        ("FREQ=WEEKLY", "FREQ=WEEKLY"),
        (
            "BYDAY=SU,MO;FREQ=WEEKLY;INTERVAL=2",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU",
        ),
        (
            "BYMONTHDAY=31;FREQ=MONTHLY;INTERVAL=10",
            "FREQ=MONTHLY;INTERVAL=10;BYMONTHDAY=31",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("FREQ=YEARLY", "FREQ=YEARLY"),
    ];
    for (raw, canonical) in rules {
        assert_eq!(rule(raw).to_string(), canonical);
        assert_eq!(rule(canonical), rule(raw));
    }
    let longest = rule("FREQ=WEEKLY;INTERVAL=999;BYDAY=SU,SA,FR,TH,WE,TU,MO").to_string();
    assert_eq!(longest.len(), MAX_CHARS);
}

#[test]
fn anything_else_is_no_rule() {
    let bad = [
        "",
        "DAILY",
        "INTERVAL=2",
        "freq=daily",
        "FREQ=daily",
        "FREQ=HOURLY",
        "FREQ=DAILY;",
        ";FREQ=DAILY",
        " FREQ=DAILY",
        "FREQ=DAILY\n",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;COUNT=3",
        "FREQ=DAILY;UNTIL=20261231",
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=DAILY;BYMONTHDAY=1",
        "FREQ=DAILY;INTERVAL=",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=01",
        "FREQ=DAILY;INTERVAL=+1",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;INTERVAL=99999",
        "FREQ=DAILY;INTERVAL=2;INTERVAL=2",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=MO,",
        "FREQ=WEEKLY;BYDAY=MO,MO",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=mo",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=WEEKLY;WKST=SU",
        "FREQ=MONTHLY;BYMONTHDAY=",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
        "FREQ=MONTHLY;BYMONTHDAY=07",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=YEARLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTH=1",
    ];
    for raw in bad {
        assert_eq!(Recurrence::try_from(raw), Err(RecurrenceError), "{raw:?}");
    }
}

#[test]
fn a_short_month_moves_the_day_only_for_itself() {
    assert_eq!(
        series("FREQ=MONTHLY", "2026-12-31T09:00", 4),
        [
            "2027-01-31T09:00",
            "2027-02-28T09:00",
            "2027-03-31T09:00",
            "2027-04-30T09:00"
        ]
    );
    let leap_days = ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"];
    assert_eq!(series("FREQ=YEARLY", "2024-02-29", 4), leap_days);
    // 1900 was no leap year.
    assert_eq!(
        series("FREQ=YEARLY;INTERVAL=4", "1896-02-29", 2),
        ["1900-02-28", "1904-02-29"]
    );
}

#[test]
fn a_day_that_a_month_does_not_have_is_skipped() {
    assert_eq!(
        series("FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31", 3),
        ["2027-01-31", "2027-03-31", "2027-05-31"]
    );
    assert_eq!(
        series("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29", "1896-02-10", 3),
        ["1896-02-29", "1904-02-29", "1908-02-29"]
    );
    assert_eq!(
        series("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-01-10", 3),
        ["2027-01-31", "2027-02-28", "2027-03-31"]
    );
}

#[test]
fn weeks_begin_on_monday_and_count_from_that_of_the_due_date() {
    // A Wednesday, which is no day of the rule.
    assert_eq!(
        series("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", "2026-11-25", 4),
        ["2026-11-29", "2026-12-07", "2026-12-13", "2026-12-21"]
    );
    assert_eq!(
        series("FREQ=WEEKLY", "2026-11-25", 2),
        ["2026-12-02", "2026-12-09"]
    );
}

#[test]
fn the_next_day_is_not_before_today() {
    let next = |raw, old, today| {
        let next = rule(raw).next_due(due(old), None, due(today).day);
        next.map(|due| due.to_string())
    };
    let today = "2026-11-25";
    assert_eq!(
        next("FREQ=DAILY", "2026-11-20T08:00", today).as_deref(),
        Some("2026-11-25T08:00")
    );
    assert_eq!(
        next("FREQ=DAILY;INTERVAL=3", "2026-11-20", today).as_deref(),
        Some("2026-11-26")
    );
    assert_eq!(
        next("FREQ=WEEKLY", today, today).as_deref(),
        Some("2026-12-02")
    );
    // Completed early: the next one all the same.
    assert_eq!(
        next("FREQ=DAILY", "2030-01-01", today).as_deref(),
        Some("2030-01-02")
    );
    assert_eq!(
        next("FREQ=DAILY", "0001-01-01", today).as_deref(),
        Some(today)
    );
    assert_eq!(
        next("FREQ=MONTHLY", "0001-01-25", today).as_deref(),
        Some(today)
    );
}

#[test]
fn a_series_ends_with_the_calendar_or_when_no_day_comes_again() {
    for raw in [
        "FREQ=DAILY",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=MONTHLY",
        "FREQ=YEARLY",
    ] {
        assert_eq!(series(raw, "9999-12-31", 1), [""; 0], "{raw}");
    }
    let never = "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30";
    assert_eq!(series(never, "0001-02-10", 1), [""; 0]);
    assert_eq!(rule(never).first_due(due("0001-02-10"), None), None);
}

#[test]
fn the_chosen_day_counts_only_where_a_short_month_has_moved_it() {
    let chosen = MonthDay::new(31);
    let next = |old| rule("FREQ=MONTHLY").next_due(due(old), chosen, due(old).day);
    assert_eq!(next("2027-02-28"), Some(due("2027-03-31")));
    // A rule by days has led here before the rule was changed.
    assert_eq!(next("2027-02-05"), Some(due("2027-03-05")));
}

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

    fn next(self) -> Option<Date> {
        let start = Due::try_from(self.start.to_string().as_str()).ok()?;
        let next = self.rule.next_due(start, self.repeat_day, Day(self.today));
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
    let due = Due::try_from(start.to_string().as_str()).expect("a due date");
    let text = rule.to_rfc_5545(due, repeat_day);
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
        let next = case.next();
        prop_assert_eq!(next, by_rrule(case, earliest));
        let end = next.unwrap_or(Date::MAX).min(earliest.saturating_add(200.days()));
        let mut days = std::iter::successors(Some(earliest), |day| day.tomorrow().ok());
        let found = days.find(|day| *day >= end || falls_on(case, *day));
        prop_assert_eq!(found, Some(end));
        prop_assert!(next.is_none_or(|next| falls_on(case, next)));
    }
}
