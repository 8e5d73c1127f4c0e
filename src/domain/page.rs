//! Queries for tasks: filters, order, page size.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

use super::due::Day;
use super::list::ListId;
use super::priority::Priority;
use super::tags::Tag;
use super::task::Task;
use super::text::{TextError, check_length, fold};

/// What tasks are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum SortKey {
    /// The order of creation.
    Id,
    /// The folded title; titles alike in their first 128 code points by id.
    Title,
    /// The due date, then the id; tasks without one are left out.
    Due,
    /// Within a list: the open tasks by their order, then the done ones by id.
    Order,
}

/// A key and a direction: `title` ascending, `-title` descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sort {
    pub key: SortKey,
    pub descending: bool,
}

/// The text is no sort order. The message continues a sentence that begins with the parameter's name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be id, title or due, or one of them after a minus sign; or, in a list, order")]
pub struct SortError;

impl FromStr for Sort {
    type Err = SortError;

    fn from_str(raw: &str) -> Result<Self, SortError> {
        let (descending, key) = match raw.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, raw),
        };
        let key = match key {
            "id" => SortKey::Id,
            "title" => SortKey::Title,
            "due" => SortKey::Due,
            "order" if !descending => SortKey::Order,
            _ => return Err(SortError),
        };
        Ok(Self { key, descending })
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = match self.key {
            SortKey::Id => "id",
            SortKey::Title => "title",
            SortKey::Due => "due",
            SortKey::Order => "order",
        };
        write!(f, "{}{key}", if self.descending { "-" } else { "" })
    }
}

/// The most tasks that a page holds: 1 to 1,000, 1,000 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u16);

/// The text is no such number. The message continues a sentence that begins with the parameter's name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be a whole number from 1 to 1000")]
pub struct LimitError;

impl Limit {
    pub const MAX: Self = Self(1_000);

    /// A limit that the code chooses. Does not compile out of range.
    pub const fn of<const NUMBER: u16>() -> Self {
        const { assert!(1 <= NUMBER && NUMBER <= Self::MAX.0) };
        Self(NUMBER)
    }

    pub fn get(self) -> u16 {
        self.0
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(raw: &str) -> Result<Self, LimitError> {
        let digits = raw.bytes().all(|byte| byte.is_ascii_digit());
        let number = raw
            .parse()
            .ok()
            .filter(|number| digits && (1..=1_000).contains(number));
        number.map(Self).ok_or(LimitError)
    }
}

/// A text to search for: 1 to 500 code points, no control characters. Case is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SearchText {
    raw: String,
    #[serde(skip)]
    folded: String,
}

impl SearchText {
    pub const MAX_CHARS: usize = 500;

    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// The text as it is compared.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl TryFrom<String> for SearchText {
    type Error = TextError;

    fn try_from(raw: String) -> Result<Self, TextError> {
        check_length(&raw, Self::MAX_CHARS)?;
        if raw.is_empty() {
            return Err(TextError::Empty);
        }
        if raw.contains(char::is_control) {
            return Err(TextError::ControlCharacter);
        }
        let folded = fold(&raw);
        Ok(Self { raw, folded })
    }
}

/// Which tasks are wanted. `None` filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    pub done: Option<bool>,
    pub title_prefix: Option<SearchText>,
    /// Anywhere in the title, the description, the tags or the steps.
    pub text: Option<SearchText>,
    /// Due before this day, not on it.
    pub due_before: Option<Day>,
    /// Due after this day, not on it.
    pub due_after: Option<Day>,
    /// Of one of these priorities.
    pub priorities: Option<Vec<Priority>>,
    /// With all of these tags.
    pub tags: Option<Vec<Tag>>,
}

impl Filter {
    pub fn matches(&self, task: &Task) -> bool {
        // Without `..`, so that no filter is forgotten.
        let Self {
            done,
            title_prefix,
            text,
            due_before,
            due_after,
            priorities,
            tags,
        } = self;
        let content = &task.content;
        let due = content.due.map(|due| due.day);
        let holds = |text: &str, wanted: &SearchText| fold(text).contains(&wanted.folded);
        done.is_none_or(|done| content.done == done)
            && due_before.is_none_or(|day| due.is_some_and(|due| due < day))
            && due_after.is_none_or(|day| due.is_some_and(|due| due > day))
            && title_prefix
                .as_ref()
                .is_none_or(|prefix| fold(content.title.as_str()).starts_with(&prefix.folded))
            && text.as_ref().is_none_or(|wanted| {
                holds(content.title.as_str(), wanted)
                    || holds(content.description.as_str(), wanted)
                    || content.tags.iter().any(|tag| holds(tag.as_str(), wanted))
                    || content
                        .steps
                        .iter()
                        .any(|step| holds(step.title.as_str(), wanted))
            })
            && priorities
                .as_ref()
                .is_none_or(|any| any.iter().any(|one| content.priority == Some(*one)))
            && tags
                .as_ref()
                .is_none_or(|all| all.iter().all(|tag| content.tags.contains(tag)))
    }
}

/// Which page of a collection without filters is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageQuery {
    pub limit: Option<Limit>,
    /// Where to continue: the cursor that the page before returned.
    pub cursor: Option<String>,
}

/// A query for a page of tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskQuery {
    /// `None`: the tasks of all lists.
    pub list: Option<ListId>,
    pub filter: Filter,
    /// `None`: the default.
    pub sort: Option<Sort>,
    pub limit: Option<Limit>,
    /// Where to continue: the cursor that the page before returned.
    pub cursor: Option<String>,
}

impl TaskQuery {
    /// Whether a task is in the list and passes the filter.
    pub fn matches(&self, task: &Task) -> bool {
        let is_in_list = self.list.is_none_or(|list| task.content.list == list);
        is_in_list && self.filter.matches(task)
    }

    /// What tells the collection from all others, whichever page of it is wanted.
    pub fn identity(&self) -> impl Serialize {
        (self.list, &self.filter, self.sort)
    }

    /// The order, given or not: by due date when a due filter is given, else by title when
    /// `title_prefix` is, else by `order` in a list, else by id.
    pub fn effective_sort(&self) -> Sort {
        let filter = &self.filter;
        let default = || {
            if filter.due_before.is_some() || filter.due_after.is_some() {
                SortKey::Due
            } else if filter.title_prefix.is_some() {
                SortKey::Title
            } else if self.list.is_some() {
                SortKey::Order
            } else {
                SortKey::Id
            }
        };
        self.sort.unwrap_or_else(|| Sort {
            key: default(),
            descending: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_is_written() {
        for raw in ["id", "-id", "title", "-title", "due", "-due", "order"] {
            assert_eq!(
                raw.parse::<Sort>().map(|sort| sort.to_string()),
                Ok(raw.to_owned())
            );
        }
        for raw in ["", "-", "--id", "+id", "ID", "created_at", " id", "-order"] {
            assert_eq!(raw.parse::<Sort>(), Err(SortError), "{raw:?}");
        }
    }

    #[test]
    fn a_limit_is_1_to_1000() {
        assert_eq!("1".parse(), Ok(Limit(1)));
        assert_eq!("1000".parse(), Ok(Limit::MAX));
        for raw in [
            "",
            "0",
            "1001",
            "-1",
            "+1",
            "1.0",
            "ten",
            " 1",
            "99999999999999999999",
        ] {
            assert_eq!(raw.parse::<Limit>(), Err(LimitError), "{raw:?}");
        }
    }
}
