//! What a model reads.

use std::fmt::Write;

use serde_json::value::RawValue;

use super::arguments;
use crate::api::error::ApiError;
use crate::api::uris::BaseUri;
use crate::domain::task::Task;
use crate::telemetry;

/// Why one thing could not be done.
pub struct Refusal {
    pub error: String,
    pub field: Option<String>,
}

impl Refusal {
    /// The words for an error; the error itself where it is one of the credentials, which the whole
    /// request fails with. The cause of a failure goes to the log only.
    pub fn of(error: ApiError) -> Result<Self, ApiError> {
        let words = match &error {
            ApiError::Unauthorized | ApiError::StaleCredentials(_) => return Err(error),
            ApiError::NotFound => "there is no such task".into(),
            ApiError::Internal(cause) => {
                telemetry::cause(error.status(), cause.as_ref());
                "the service failed; nothing about the request is wrong".into()
            }
            ApiError::Unavailable(cause) => {
                telemetry::cause(error.status(), cause.as_ref());
                "the service is busy; try again in a second".into()
            }
            other => other.detail().unwrap_or_else(|| other.words().into()),
        };
        Ok(Self {
            error: words.into_owned(),
            field: error.field().map(str::to_owned),
        })
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

/// A task in one line: what a person would say of it, and its URI.
pub fn line(base: &BaseUri, task: &Task) -> String {
    let content = &task.content;
    let mark = if content.done { 'x' } else { ' ' };
    let mut line = format!("[{mark}] {}", content.title.as_str());
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
    let _ = write!(line, " | {}", base.task(task.id).as_str());
    line
}

/// Today, by UTC.
pub fn today() -> String {
    let now = crate::domain::time::Timestamp::now().to_string();
    now.split('T').next().unwrap_or_default().to_owned()
}
