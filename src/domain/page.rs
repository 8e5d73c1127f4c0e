//! What of a list is asked for: which tasks, in which order, how many at a time.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::task::Task;
use super::text::{TextError, check_length, fold};
use super::time::DueDate;

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The order of creation.
    Id,
    /// The folded title; titles alike in their first 128 code points by id.
    Title,
    /// The due date, then the id; tasks without one are left out.
    Due,
}

/// A key and a direction: `title`, or `-title` for the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub key: Key,
    pub descending: bool,
}

/// The text is no order there is. The message continues a sentence that begins with `sort`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be id, title or due, or one of them after a minus sign")]
pub struct SortError;

impl FromStr for Sort {
    type Err = SortError;

    fn from_str(raw: &str) -> Result<Self, SortError> {
        let (descending, key) = match raw.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, raw),
        };
        let key = match key {
            "id" => Key::Id,
            "title" => Key::Title,
            "due" => Key::Due,
            _ => return Err(SortError),
        };
        Ok(Self { key, descending })
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = match self.key {
            Key::Id => "id",
            Key::Title => "title",
            Key::Due => "due",
        };
        write!(f, "{}{key}", if self.descending { "-" } else { "" })
    }
}

/// How many tasks a page holds at most: 1 to 1,000, which is the default too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u16);

/// The text is no such number. The message continues a sentence that begins with `limit`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be a whole number from 1 to 1000")]
pub struct LimitError;

impl Limit {
    pub const MAX: Self = Self(1_000);

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

/// A text to look for: 1 to 500 code points, no control characters; its case does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText {
    raw: String,
    folded: String,
}

impl SearchText {
    const MAX_CHARS: usize = 500;

    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// What it is compared as.
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

/// Which tasks are shown. What is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub done: Option<bool>,
    pub title_prefix: Option<SearchText>,
    /// Anywhere in the title or the description.
    pub text: Option<SearchText>,
    /// Due before this day, not on it.
    pub due_before: Option<DueDate>,
    /// Due after this day, not on it.
    pub due_after: Option<DueDate>,
}

impl Filter {
    pub fn matches(&self, task: &Task) -> bool {
        self.done.is_none_or(|done| task.done == done)
            && self
                .due_before
                .is_none_or(|day| task.due.is_some_and(|due| due < day))
            && self
                .due_after
                .is_none_or(|day| task.due.is_some_and(|due| due > day))
            && self
                .title_prefix
                .as_ref()
                .is_none_or(|prefix| fold(task.title.as_str()).starts_with(&prefix.folded))
            && self.text.as_ref().is_none_or(|wanted| {
                [task.title.as_str(), task.description.as_str()]
                    .iter()
                    .any(|text| fold(text).contains(&wanted.folded))
            })
    }

    /// The order of a list that is not told any.
    pub fn natural_sort(&self) -> Sort {
        let key = if self.due_before.is_some() || self.due_after.is_some() {
            Key::Due
        } else if self.title_prefix.is_some() {
            Key::Title
        } else {
            Key::Id
        };
        Sort {
            key,
            descending: false,
        }
    }
}

/// A list as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskQuery {
    pub filter: Filter,
    /// `None`: the filter's natural one.
    pub sort: Option<Sort>,
    pub limit: Option<Limit>,
    /// Where to go on: what an earlier page of this list gave as its cursor.
    pub cursor: Option<String>,
}

impl TaskQuery {
    pub fn effective_sort(&self) -> Sort {
        self.sort.unwrap_or_else(|| self.filter.natural_sort())
    }

    /// The query's parameters but `limit` and `cursor`: what a cursor belongs to.
    pub fn selection(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let parameters = [
            ("done", filter.done.map(|done| done.to_string())),
            (
                "title_prefix",
                filter
                    .title_prefix
                    .as_ref()
                    .map(|prefix| prefix.raw.clone()),
            ),
            ("q", filter.text.as_ref().map(|text| text.raw.clone())),
            ("due_before", filter.due_before.map(|day| day.to_string())),
            ("due_after", filter.due_after.map(|day| day.to_string())),
            ("sort", self.sort.map(|sort| sort.to_string())),
        ];
        parameters
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_is_written() {
        for raw in ["id", "-id", "title", "-title", "due", "-due"] {
            assert_eq!(
                raw.parse::<Sort>().map(|sort| sort.to_string()),
                Ok(raw.to_owned())
            );
        }
        for raw in ["", "-", "--id", "+id", "ID", "created_at", " id"] {
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
