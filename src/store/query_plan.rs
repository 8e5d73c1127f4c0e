//! How a list is read: the one place that picks the index.
//!
//! The order picks it, because DynamoDB sorts by keys alone. What the index's sort key can decide
//! then becomes the range that is read; every other filter looks at what was read, for a filter
//! expression would save neither the reads nor their price, and knows no case folding.

use super::items as item;
use super::items::TITLE_KEY_CHARS;
use crate::domain::page::{Filter, Sort, SortKey};
use crate::domain::task::TaskId;

/// Which index to read, which part of it, and in which direction.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// `None` is the table itself.
    pub index: Option<&'static str>,
    /// The index's sort attribute.
    pub attribute: &'static str,
    pub range: Range,
    pub forward: bool,
    /// Whether everything in the range is wanted: no other filter has to be asked.
    pub exact: bool,
}

/// Which values of the sort attribute are read.
#[derive(Debug, PartialEq, Eq)]
pub enum Range {
    All,
    /// Those that begin so; never empty, which DynamoDB would refuse.
    Prefix(String),
    /// Those from here to there, both included.
    Between(String, String),
    /// None: nothing has to be read to know that there is nothing.
    Nothing,
}

impl Range {
    fn contains(&self, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::Prefix(prefix) => key.starts_with(prefix),
            Self::Between(first, last) => (first.as_str()..=last.as_str()).contains(&key),
            Self::Nothing => false,
        }
    }
}

impl Plan {
    pub fn new(filter: &Filter, sort: Sort) -> Self {
        let (index, attribute, range, decided) = match sort.key {
            // By creation: the table, unless `done` makes the status the better half of a key.
            SortKey::Id => match filter.done {
                None => {
                    let tasks = Range::Prefix(item::TASK_PREFIX.to_owned());
                    (None, "sk", tasks, Filter::default())
                }
                Some(done) => {
                    let status = Range::Prefix(item::status_prefix(done).to_owned());
                    let decided = Filter {
                        done: Some(done),
                        ..Filter::default()
                    };
                    (Some("by_status"), "status_key", status, decided)
                }
            },
            // By title: the prefix is a range, as far as the key holds the title.
            SortKey::Title => {
                let prefix = filter
                    .title_prefix
                    .as_ref()
                    .map_or("", |prefix| prefix.folded());
                let in_key: String = prefix.chars().take(TITLE_KEY_CHARS).collect();
                let title_prefix = filter.title_prefix.clone().filter(|_| in_key == prefix);
                let decided = Filter {
                    title_prefix,
                    ..Filter::default()
                };
                let titles = if in_key.is_empty() {
                    Range::All
                } else {
                    Range::Prefix(in_key)
                };
                (Some("by_title"), "title_key", titles, decided)
            }
            // By due date: the dates are a range, and tasks without one are not in the index.
            SortKey::Due => {
                let (due_before, due_after) = (filter.due_before, filter.due_after);
                // `#` ends the date in a key and `$` comes after it: the day itself is left out.
                let first = due_after.map_or("0001-01-01".to_owned(), |day| format!("{day}$"));
                let last = due_before.map_or("9999-12-31$".to_owned(), |day| day.to_string());
                let days = if first <= last {
                    Range::Between(first, last)
                } else {
                    Range::Nothing
                };
                let decided = Filter {
                    due_before,
                    due_after,
                    ..Filter::default()
                };
                (Some("by_due"), "due_key", days, decided)
            }
        };
        Self {
            index,
            attribute,
            range,
            forward: !sort.descending,
            exact: decided == *filter,
        }
    }

    /// The task whose key this is, if it is one that the plan could come across.
    pub fn task_at(&self, key: &str) -> Option<TaskId> {
        let (_, digits) = key.split_at_checked(key.len().checked_sub(12)?)?;
        let number = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse());
        let id = TaskId::new(number?.ok()?)?;
        (self.range.contains(key) && key.len() <= MAX_KEY_BYTES).then_some(id)
    }
}

/// What DynamoDB takes as a sort key.
const MAX_KEY_BYTES: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::page::SearchText;

    fn plan(filter: &Filter, sort: &str) -> Plan {
        Plan::new(filter, sort.parse().expect("an order"))
    }

    fn pattern(raw: &str) -> Option<SearchText> {
        Some(raw.to_owned().try_into().expect("a pattern"))
    }

    fn day(raw: &str) -> Option<crate::domain::time::DueDate> {
        Some(raw.try_into().expect("a date"))
    }

    #[test]
    fn the_order_picks_the_index() {
        let open = Filter {
            done: Some(false),
            ..Filter::default()
        };
        let titled = Filter {
            title_prefix: pattern("A"),
            ..Filter::default()
        };
        let dated = Filter {
            due_before: day("2026-12-31"),
            ..Filter::default()
        };
        let everything = Filter::default();
        for (filter, sort, index, exact) in [
            (&everything, "id", None, true),
            (&everything, "-title", Some("by_title"), true),
            (&everything, "due", Some("by_due"), true),
            (&open, "-id", Some("by_status"), true),
            (&open, "title", Some("by_title"), false),
            (&open, "due", Some("by_due"), false),
            (&titled, "title", Some("by_title"), true),
            (&titled, "id", None, false),
            (&dated, "due", Some("by_due"), true),
            (&dated, "title", Some("by_title"), false),
        ] {
            let plan = plan(filter, sort);
            assert_eq!(
                (plan.index, plan.exact),
                (index, exact),
                "{filter:?} {sort}"
            );
            assert_eq!(plan.forward, !sort.starts_with('-'));
        }
    }

    #[test]
    fn a_filter_that_the_key_knows_only_in_part_is_asked_again() {
        let long = Filter {
            title_prefix: pattern(&"x".repeat(129)),
            ..Filter::default()
        };
        let plan = plan(&long, "title");
        assert!(!plan.exact);
        assert_eq!(plan.range, Range::Prefix("x".repeat(128)));
    }

    #[test]
    fn dates_are_exclusive_and_may_leave_nothing() {
        let key = |day: &str| format!("{day}#000000000001");
        let filter = Filter {
            due_after: day("2026-01-31"),
            due_before: day("2026-02-02"),
            ..Filter::default()
        };
        let range = plan(&filter, "due").range;
        assert!(!range.contains(&key("2026-01-31")));
        assert!(range.contains(&key("2026-02-01")));
        assert!(!range.contains(&key("2026-02-02")));
        for before in ["2026-01-30", "2026-01-31"] {
            let none = Filter {
                due_before: day(before),
                ..filter.clone()
            };
            assert_eq!(plan(&none, "due").range, Range::Nothing);
        }
    }

    #[test]
    fn only_keys_within_the_plan_name_a_task() {
        let plan = plan(
            &Filter {
                done: Some(true),
                ..Filter::default()
            },
            "id",
        );
        assert_eq!(plan.task_at("done#000000000007"), TaskId::new(7));
        for key in [
            "",
            "open#000000000007",
            "done#7",
            "done#000000000000",
            "done#00000000000x",
            "ä",
        ] {
            assert_eq!(plan.task_at(key), None, "{key}");
        }
    }
}
