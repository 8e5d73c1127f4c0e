//! What a model reads.

use std::fmt::Write;

use serde_json::value::RawValue;

use super::arguments;
use super::items::Attempt;
use super::tools::Tool;
use crate::api::error::ApiError;
use crate::api::uris::BaseUri;
use crate::domain::due::Day;
use crate::domain::json::InvalidInput;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::store::StoreError;

/// Why one thing could not be done.
#[derive(Default)]
pub struct Refusal {
    pub error: String,
    pub field: Option<String>,
    /// Whether it may have been done all the same.
    pub unknown: bool,
}

impl Refusal {
    fn new(error: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            ..Self::default()
        }
    }

    /// The words for an error; the error itself where it is one of the credentials, which the whole
    /// request fails with. The cause of a failure goes to the log only.
    pub fn of(error: ApiError) -> Result<Self, ApiError> {
        error.record_cause();
        let words = match &error {
            ApiError::Unauthorized | ApiError::StaleCredentials(_) => return Err(error),
            ApiError::NotFound => "there is no such task".into(),
            ApiError::PreconditionFailed(_) => {
                "the task has another etag by now; find it again".into()
            }
            ApiError::Internal(_) => {
                "the service failed; nothing about the request is wrong".into()
            }
            ApiError::Unavailable(_) => {
                "not done: the service is busy; send it again in a second".into()
            }
            other => other.detail().unwrap_or_else(|| other.words().into()),
        };
        Ok(Self {
            field: error.field().map(str::to_owned),
            ..Self::new(words)
        })
    }

    /// The words for an error of an attempt: a write that has begun may be done whatever its response.
    pub fn of_attempt(attempt: &Attempt, error: ApiError) -> Result<Self, ApiError> {
        let failed = matches!(error, ApiError::Internal(_) | ApiError::Unavailable(_));
        if failed && attempt.is_writing() {
            Self::of(error)?;
            return Ok(Self::unknown(attempt));
        }
        Ok(match (attempt.tool, error) {
            (Tool::RestoreTasks, ApiError::NotFound) => {
                Self::new("the task is not in the trash: restored already, or gone for good")
            }
            (Tool::DeleteTasks, ApiError::NotFound) => {
                Self::new("the task is not there: deleted already, or never was")
            }
            (_, error) => Self::of(error)?,
        })
    }

    /// The deadline has ended an attempt, or came before it.
    pub fn late(attempt: &Attempt) -> Self {
        let words = time_was_up();
        match attempt.is_writing() {
            true => Self::unknown(attempt),
            false => Self::new(words),
        }
    }

    fn unknown(attempt: &Attempt) -> Self {
        let then = match (attempt.tool, attempt.repeatable) {
            (_, false) => "look with find_tasks first",
            (Tool::AddTasks, true) => "send it again with the same idempotency_key",
            (_, true) => "send it again",
        };
        Self {
            unknown: true,
            ..Self::new(format!("may or may not be done; {then}"))
        }
    }

    /// The credentials are no longer valid, after something was done with them.
    pub fn unauthorized() -> Self {
        Self::new("not done: the credentials are not valid any more")
    }

    /// With what was sent in its place.
    pub fn with_sent(mut self, entry: &RawValue) -> Self {
        let field = self.field.as_deref();
        if let Some(sent) = field.and_then(|field| arguments::sent(entry, field)) {
            let _ = write!(self.error, "; you sent {sent}");
        }
        self
    }
}

/// A sentence that says how many there are.
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}.")
}

/// A task in one line: its URI, and what a person would say of it. The title comes last and in quotes,
/// so that nothing in it looks like another part.
pub fn line(base: &BaseUri, task: &Task) -> String {
    let content = &task.content;
    let mark = if content.done { 'x' } else { ' ' };
    let mut line = format!("[{mark}] {}", base.task(task.id).as_str());
    if let Some(due) = content.due {
        let _ = write!(line, " | due {due}");
    }
    if let Some(repeat) = &content.repeat {
        let _ = write!(line, " | repeats {repeat}");
    }
    if let Some(priority) = content.priority {
        let _ = write!(line, " | {}", priority.as_str());
    }
    for tag in content.tags.iter() {
        let _ = write!(line, " | #{}", tag.as_str());
    }
    let steps = content.steps.iter().count();
    if steps > 0 {
        let done = content.steps.iter().filter(|step| step.done).count();
        let _ = write!(line, " | {done} of {steps} steps");
    }
    let _ = write!(line, " | {}", quoted(content.title.as_str()));
    line
}

/// A text of the user's, as a string of JSON.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What is told of something that the deadline came before. It goes to the log too.
pub fn time_was_up() -> &'static str {
    ApiError::deadline_passed().record_cause();
    "not done: the time was up; send it again"
}

/// An error of the store, in terms of the tools' arguments.
pub fn store_error(error: StoreError) -> ApiError {
    let (field, problem) = match error {
        StoreError::NoSuchList => (
            "list",
            "must be the name or the URI of a list that there is",
        ),
        StoreError::InvalidCursor => (
            "cursor",
            "must be a next_cursor, with the arguments that it was given for",
        ),
        other => return other.into(),
    };
    InvalidInput::field(field, problem).into()
}

/// Today, by UTC.
pub fn today() -> String {
    Day::of(Timestamp::now()).to_string()
}
