//! How a collection of tasks is read: the one place that picks the index.
//!
//! The sort order picks it, because DynamoDB sorts by keys alone. Filters that the index's sort key
//! can express become the range that is read. All other filters are applied to what was read: a
//! filter expression would save neither reads nor money, and cannot fold case.

use super::query::Range;
use super::schema::{
    self, BY_DUE, BY_LIST, BY_STATUS, BY_TITLE, Index, MAX_SORT_KEY_BYTES, TITLE_KEY_CHARS,
};
use crate::domain::list::ListId;
use crate::domain::page::{Filter, SortKey, TaskQuery};
use crate::domain::task::TaskId;

/// Which range of which index is read, and in which direction.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// `None` is the table itself.
    pub index: Option<Index>,
    pub range: Range,
    pub descending: bool,
    /// Every task in the range matches the filter, unless it is in the trash.
    pub exact: bool,
}

impl Plan {
    pub fn new(query: &TaskQuery) -> Self {
        let (filter, sort) = (&query.filter, query.effective_sort());
        let (index, range, applied) = match sort.key {
            SortKey::Id => by_id(filter),
            SortKey::Title => by_title(filter),
            SortKey::Due => by_due(filter),
            SortKey::Order => by_list(query.list, filter),
        };
        let is_of_list = query.list.is_none() || sort.key == SortKey::Order;
        Self {
            index,
            range,
            descending: sort.descending,
            exact: is_of_list && applied == *filter,
        }
    }

    /// Whether deleted tasks are among those that are read. Of the indexes that lists read, only the
    /// parts without the trash are read.
    pub fn includes_trash(&self) -> bool {
        self.index.is_none()
    }

    pub fn sort_attribute(&self) -> &'static str {
        self.index.map_or("sk", |index| index.sort_attribute)
    }

    /// The task with this index key; `None` when the plan cannot come across such a key.
    pub fn task_at(&self, index_key: &str) -> Option<TaskId> {
        let is_possible = self.range.contains(index_key) && index_key.len() <= MAX_SORT_KEY_BYTES;
        schema::task_id_of(index_key).filter(|_| is_possible)
    }
}

/// The index and the range to read, and the part of the filter that the range already applies.
type Choice = (Option<Index>, Range, Filter);

/// The table, or `by_status` when `done` is given.
fn by_id(filter: &Filter) -> Choice {
    let Some(done) = filter.done else {
        let tasks = Range::Prefix(schema::TASK_PREFIX.to_owned());
        return (None, tasks, Filter::default());
    };
    let status = Range::Prefix(schema::status_prefix(done).to_owned());
    let applied = Filter {
        done: Some(done),
        ..Filter::default()
    };
    (Some(BY_STATUS), status, applied)
}

/// `by_title`, with as much of the title prefix as the key holds.
fn by_title(filter: &Filter) -> Choice {
    let prefix = filter.title_prefix.as_ref();
    let folded = prefix.map_or("", |prefix| prefix.folded());
    let in_key: String = folded.chars().take(TITLE_KEY_CHARS).collect();
    let applied = Filter {
        title_prefix: prefix.filter(|_| in_key == folded).cloned(),
        ..Filter::default()
    };
    let range = if in_key.is_empty() {
        Range::All
    } else {
        Range::Prefix(in_key)
    };
    (Some(BY_TITLE), range, applied)
}

/// `by_due`, which tasks without a due date are not in, between the dates.
fn by_due(filter: &Filter) -> Choice {
    let (due_before, due_after) = (filter.due_before, filter.due_after);
    // In a key, a date is followed by `#` or by `T` and a time. `U` sorts after both, which excludes
    // the whole day.
    let first = due_after.map_or("0001-01-01".to_owned(), |day| format!("{day}U"));
    let last = due_before.map_or("9999-12-31U".to_owned(), |day| day.to_string());
    let range = if first <= last {
        Range::Between(first, last)
    } else {
        Range::Nothing
    };
    let applied = Filter {
        due_before,
        due_after,
        ..Filter::default()
    };
    (Some(BY_DUE), range, applied)
}

/// `by_list`: all of a list, or only the open or the done ones.
fn by_list(list: Option<ListId>, filter: &Filter) -> Choice {
    // Without a list, tasks have no common order; nobody asks for one.
    let list = list.unwrap_or(ListId::INBOX);
    let range = Range::Prefix(schema::list_key_prefix(list, filter.done));
    let applied = Filter {
        done: filter.done,
        ..Filter::default()
    };
    (Some(BY_LIST), range, applied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::page::SearchText;

    fn plan(filter: &Filter, sort: &str) -> Plan {
        plan_of(None, filter, sort)
    }

    fn plan_of(list: Option<ListId>, filter: &Filter, sort: &str) -> Plan {
        Plan::new(&TaskQuery {
            list,
            filter: filter.clone(),
            sort: Some(sort.parse().expect("an order")),
            limit: None,
            cursor: None,
        })
    }

    fn search_text(raw: &str) -> Option<SearchText> {
        Some(raw.to_owned().try_into().expect("a search text"))
    }

    fn day(raw: &str) -> Option<crate::domain::due::Day> {
        Some(raw.try_into().expect("a date"))
    }

    #[test]
    fn the_order_picks_the_index() {
        let open = Filter {
            done: Some(false),
            ..Filter::default()
        };
        let titled = Filter {
            title_prefix: search_text("A"),
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
                (plan.index.map(|index| index.name), plan.exact),
                (index, exact),
                "{filter:?} {sort}"
            );
            assert_eq!(plan.descending, sort.starts_with('-'));
        }
    }

    #[test]
    fn a_prefix_longer_than_the_key_is_checked_on_the_task() {
        let long = Filter {
            title_prefix: search_text(&"x".repeat(129)),
            ..Filter::default()
        };
        let plan = plan(&long, "title");
        assert!(!plan.exact);
        assert_eq!(plan.range, Range::Prefix("x".repeat(128)));
    }

    #[test]
    fn dates_are_exclusive_and_may_exclude_everything() {
        let key = |due: &str| format!("{due}#000000000001");
        let filter = Filter {
            due_after: day("2026-01-31"),
            due_before: day("2026-02-02"),
            ..Filter::default()
        };
        let range = plan(&filter, "due").range;
        for outside in [
            "2026-01-31",
            "2026-01-31T23:59",
            "2026-02-02",
            "2026-02-02T00:00",
        ] {
            assert!(!range.contains(&key(outside)), "{outside}");
        }
        for inside in ["2026-02-01", "2026-02-01T00:00", "2026-02-01T23:59"] {
            assert!(range.contains(&key(inside)), "{inside}");
        }
        for before in ["2026-01-30", "2026-01-31"] {
            let none = Filter {
                due_before: day(before),
                ..filter.clone()
            };
            assert_eq!(plan(&none, "due").range, Range::Nothing);
        }
    }

    #[test]
    fn a_lists_order_reads_the_list_alone_and_other_orders_filter_by_it() {
        let list = ListId::new(7);
        let done = |done| Filter {
            done,
            ..Filter::default()
        };
        for (filter, prefix) in [
            (done(None), "000000000007#"),
            (done(Some(false)), "000000000007#0#"),
            (done(Some(true)), "000000000007#1#"),
        ] {
            let plan = plan_of(list, &filter, "order");
            assert_eq!(plan.index, Some(BY_LIST));
            assert_eq!(plan.range, Range::Prefix(prefix.to_owned()));
            assert!(plan.exact && !plan.includes_trash());
        }
        for sort in ["id", "title", "due"] {
            assert!(!plan_of(list, &done(None), sort).exact, "{sort}");
        }
        let titled = Filter {
            title_prefix: search_text("A"),
            ..Filter::default()
        };
        assert!(!plan_of(list, &titled, "order").exact);
    }

    #[test]
    fn only_keys_within_the_range_name_a_task() {
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
