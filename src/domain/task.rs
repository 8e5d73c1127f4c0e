//! A task: what it says, how it is read, and what may be changed about it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::due::{Day, Due};
use super::list::ListId;
use super::macros::{json_string, members};
use super::order::OrderChoice;
use super::priority::Priority;
use super::recurrence::{MonthDay, Recurrence};
use super::steps::Steps;
use super::tags::Tags;
use super::text::{NOT_BLANK, TextError, check_length, check_line};
use super::time::Timestamp;
use super::version::Version;

/// A task's number within its account: 1 to 12 decimal digits, no leading zero. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(u64);

impl TaskId {
    const MAX: u64 = 999_999_999_999;

    /// `None` for zero and for numbers of more than 12 digits.
    pub fn new(number: u64) -> Option<Self> {
        (1..=Self::MAX).contains(&number).then_some(Self(number))
    }

    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not the id of any possible task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskIdError;

impl FromStr for TaskId {
    type Err = TaskIdError;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let digits = !raw.starts_with('0') && raw.bytes().all(|byte| byte.is_ascii_digit());
        let number = raw.parse().ok().filter(|_| digits);
        number.and_then(Self::new).ok_or(TaskIdError)
    }
}

/// A task's short text: 1 to 500 code points, not all white space, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Title(String);

json_string! {
    Title;
    "1 to 500 code points, not all white space, no control characters.",
    "Read a book",
    {"minLength": 1, "maxLength": Title::MAX_CHARS, "pattern": NOT_BLANK}
}

impl Title {
    pub const MAX_CHARS: usize = 500;

    /// A title as it was stored, even if today's rules would refuse it.
    pub fn from_store(raw: String) -> Self {
        Self(raw)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Title {
    type Error = TextError;

    fn try_from(raw: String) -> Result<Self, TextError> {
        check_line(&raw, Self::MAX_CHARS)?;
        Ok(Self(raw))
    }
}

/// A task's long text: up to 4,000 code points; of the control characters, only line breaks and tabs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Description(String);

json_string! {
    Description, absent: Description::default();
    "Up to 4,000 code points; of the control characters, only line breaks and tabs. `\"\"` by default.",
    "Need to find a good Python tutorial on the web",
    {
        "maxLength": Description::MAX_CHARS,
        "pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$",
    }
}

impl Description {
    pub const MAX_CHARS: usize = 4_000;

    /// A description as it was stored, even if today's rules would refuse it.
    pub fn from_store(raw: String) -> Self {
        Self(raw)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Description {
    type Error = TextError;

    fn try_from(raw: String) -> Result<Self, TextError> {
        check_length(&raw, Self::MAX_CHARS)?;
        if raw.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(raw))
    }
}

members! {
    /// The members of a task that its owner sets.
    TaskContent;
    /// What an update changes of a task. A member that is `None` stays as it is.
    TaskChanges;

    // A response shows it as a URI.
    #[serde(skip_serializing)]
    list: ListId,
    title: Title,
    description: Description,
    /// Strictly a boolean.
    done: bool,
    due: Option<Due>,
    repeat: Option<Recurrence>,
    priority: Option<Priority>,
    tags: Tags,
    steps: Steps,
    order: OrderChoice,
}

impl TaskContent {
    /// Whether it repeats without a due date to repeat from.
    pub fn lacks_due(&self) -> bool {
        self.repeat.is_some() && self.due.is_none()
    }
}

impl TaskChanges {
    /// Clearing `due` clears `repeat` too. `None` when another `repeat` is set beside it.
    pub fn with_cleared_repeat(self) -> Option<Self> {
        match (self.due, self.repeat) {
            (Some(None), Some(Some(_))) => None,
            (Some(None), _) => Some(Self {
                repeat: Some(None),
                ..self
            }),
            _ => Some(self),
        }
    }
}

/// A task as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub id: TaskId,
    pub content: TaskContent,
    /// The day of the month to which the series returns, when a month that is too short has moved
    /// `due` to its last day.
    pub repeat_day: Option<MonthDay>,
    pub version: Version,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When `done` last became true; `None` while it is false.
    pub completed_at: Option<Timestamp>,
}

impl Task {
    /// A task right after its creation. It is not done, whatever `content` says: the article's rule.
    pub fn new(id: TaskId, content: TaskContent, created_at: Timestamp) -> Self {
        Self {
            id,
            repeat_day: None,
            content: TaskContent {
                done: false,
                order: OrderChoice(Some(content.order.or(id))),
                ..content
            },
            version: Version(1),
            created_at,
            updated_at: created_at,
            completed_at: None,
        }
    }

    /// When the task is due that follows this one; `None` when it does not repeat, or no further day is
    /// in the calendar.
    pub fn next_due(&self, today: Day) -> Option<Due> {
        let (repeat, due) = self.content.repeat.zip(self.content.due)?;
        repeat.next_due(due, self.repeat_day, today)
    }

    /// The task that follows this one when it is completed.
    pub fn successor(&self, id: TaskId, due: Due, created_at: Timestamp) -> Self {
        let content = TaskContent {
            due: Some(due),
            steps: self.content.steps.undone(),
            ..self.content.clone()
        };
        let rule = self.content.repeat.zip(self.content.due);
        Self {
            repeat_day: rule.and_then(|(rule, old)| rule.repeat_day(old, self.repeat_day, due)),
            ..Self::new(id, content, created_at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_to_twelve_digits_without_a_leading_zero() {
        for (raw, number) in [("1", 1), ("42", 42), ("999999999999", 999_999_999_999)] {
            assert_eq!(raw.parse::<TaskId>().map(TaskId::number), Ok(number));
        }
        let bad = [
            "",
            "0",
            "01",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "0x1",
            "1000000000000",
            "99999999999999999999999",
            "abc",
            "١",
            "1/2",
            "..",
        ];
        for raw in bad {
            assert_eq!(raw.parse::<TaskId>(), Err(TaskIdError), "{raw:?}");
        }
    }

    #[test]
    fn a_title_is_counted_in_code_points() {
        assert!(Title::try_from("é".repeat(500)).is_ok());
        assert_eq!(
            Title::try_from("é".repeat(501)),
            Err(TextError::TooLong(500))
        );
        assert!(Title::try_from("🛒".repeat(500)).is_ok());
    }

    #[test]
    fn a_title_is_kept_exactly_as_sent() {
        let raw = "  Buy milk\u{301} ";
        assert_eq!(
            Title::try_from(raw.to_owned()).map(|title| title.0),
            Ok(raw.to_owned())
        );
    }

    #[test]
    fn a_title_must_say_something() {
        for raw in ["", " ", "\u{3000}\u{a0}"] {
            assert_eq!(
                Title::try_from(raw.to_owned()),
                Err(TextError::Blank),
                "{raw:?}"
            );
        }
    }

    #[test]
    fn a_title_has_no_control_characters() {
        for raw in ["a\nb", "a\0", "\u{7f}x", "x\u{85}y", "a\tb"] {
            assert_eq!(
                Title::try_from(raw.to_owned()),
                Err(TextError::ControlCharacter),
                "{raw:?}"
            );
        }
    }

    #[test]
    fn a_description_may_have_lines_and_tabs_but_no_other_control_characters() {
        assert!(Description::try_from("a\r\n\tb".to_owned()).is_ok());
        assert!(Description::try_from(String::new()).is_ok());
        assert_eq!(
            Description::try_from("a\0b".to_owned()),
            Err(TextError::ControlCharacter)
        );
        assert_eq!(
            Description::try_from("x".repeat(4_001)),
            Err(TextError::TooLong(4_000))
        );
    }
}
