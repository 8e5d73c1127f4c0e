use super::*;
use crate::domain::due::Due;

fn rule(raw: &str) -> Recurrence {
    raw.try_into().expect("a rule")
}

fn due(raw: &str) -> Due {
    raw.try_into().expect("a due date")
}

/// The due dates that follow one after the other when each task is completed in time.
fn series(raw: &str, first: &str, count: usize) -> Vec<String> {
    let mut repeat_day = None;
    let next = |old: &Due| {
        let next = rule(raw).next_due(*old, repeat_day, old.day)?;
        repeat_day = rule(raw).repeat_day(*old, repeat_day, next);
        Some(next)
    };
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

#[test]
fn a_task_carries_the_day_of_its_series_only_where_a_short_month_has_moved_it() {
    let carried = |raw, first| {
        let (mut old, mut day) = (due(first), None);
        let mut next_one = || {
            let next = rule(raw).next_due(old, day, old.day).expect("a day");
            day = rule(raw).repeat_day(old, day, next);
            old = next;
            (next.to_string(), day.map(MonthDay::number))
        };
        [next_one(), next_one(), next_one()]
    };
    let days = |days: [(&str, Option<i8>); 3]| days.map(|(due, day)| (due.to_owned(), day));
    let expected = [
        ("2027-02-28", Some(31)),
        ("2027-03-31", None),
        ("2027-04-30", Some(31)),
    ];
    assert_eq!(carried("FREQ=MONTHLY", "2027-01-31"), days(expected));
    let expected = ["2029-02-28", "2030-02-28", "2031-02-28"].map(|due| (due, Some(29)));
    assert_eq!(carried("FREQ=YEARLY", "2028-02-29"), days(expected));
    for raw in [
        "FREQ=DAILY",
        "FREQ=WEEKLY",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=30",
    ] {
        let unmoved = carried(raw, "2027-01-31");
        assert!(unmoved.iter().all(|(_, day)| day.is_none()), "{raw}");
    }
}
