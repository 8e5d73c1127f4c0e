//! What became of the tasks of one call.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::value::RawValue;

use super::Caller;
use super::data::{ItemResult, ItemResults};
use super::results::ToolResult;
use super::tools::Tool;
use super::words::{Refusal, line, today};
use crate::api::error::ApiError;
use crate::api::request::{Late, until};
use crate::api::tasks::TaskView;
use crate::api::uris::{BaseUri, Uri};
use crate::domain::task::Task;
use crate::store::update_task::Updated;

/// What became of one of them.
pub enum Done {
    /// The task, and the one that follows a completed one that repeats.
    Task(Box<Updated>),
    Deleted(Uri),
    Refused(Refusal),
}

impl From<Updated> for Done {
    fn from(updated: Updated) -> Self {
        Self::Task(updated.into())
    }
}

impl From<Task> for Done {
    fn from(task: Task) -> Self {
        let next_task = None;
        Updated { task, next_task }.into()
    }
}

impl Done {
    fn data(&self, base: &BaseUri) -> ItemResult<'_> {
        let view = |task| TaskView::new(base, task);
        match self {
            Self::Task(updated) => ItemResult {
                task: Some(view(&updated.task)),
                next_task: updated.next_task.as_ref().map(view),
                ..ItemResult::default()
            },
            Self::Deleted(uri) => ItemResult {
                deleted: Some(uri.clone()),
                ..ItemResult::default()
            },
            Self::Refused(refusal) => ItemResult {
                error: Some(&refusal.error),
                field: refusal.field.as_deref(),
                ..ItemResult::default()
            },
        }
    }

    fn words(&self, base: &BaseUri) -> String {
        match self {
            Self::Task(updated) => {
                let mut words = line(base, &updated.task);
                if let Some(next) = &updated.next_task {
                    let _ = write!(words, "; next: {}", line(base, next));
                }
                words
            }
            Self::Deleted(uri) => format!("deleted: {}", uri.as_str()),
            Self::Refused(refusal) => format!("error: {}", refusal.error),
        }
    }
}

/// What is tried with one task.
pub struct Attempt {
    pub tool: Tool,
    pub entry: Box<RawValue>,
    /// Whether the tool may be called again without doing it twice.
    pub repeatable: bool,
    writing: AtomicBool,
}

impl Attempt {
    pub fn new(tool: Tool, entry: Box<RawValue>, repeatable: bool) -> Self {
        Self {
            tool,
            entry,
            repeatable,
            writing: AtomicBool::new(false),
        }
    }

    /// From here on, the task may have been written.
    pub fn begin_write(&self) {
        self.writing.store(true, Ordering::Relaxed);
    }

    /// Whether the task may have been written.
    pub fn is_writing(&self) -> bool {
        self.writing.load(Ordering::Relaxed)
    }
}

/// The tasks of one call, done one after another.
pub struct Items<'a> {
    caller: &'a Caller<'a>,
    done: Vec<Done>,
    /// Whether the table has refused the credentials.
    unauthorized: bool,
}

impl<'a> Items<'a> {
    pub fn of(caller: &'a Caller<'a>) -> Self {
        Self {
            caller,
            done: Vec::new(),
            unauthorized: false,
        }
    }

    /// What becomes of one task until the deadline. An error does not stop the others, unless it is one
    /// of the credentials: while nothing is done, the whole call fails with it; afterwards this task and
    /// those that follow.
    pub async fn run(
        &mut self,
        attempt: &Attempt,
        work: impl Future<Output = Result<Done, ApiError>>,
    ) -> Result<(), ApiError> {
        let done = match self.unauthorized {
            true => Done::Refused(Refusal::unauthorized()),
            false => match until(self.caller.deadline, work).await {
                Ok(Ok(done)) => done,
                Ok(Err(error)) => Done::Refused(self.refuse(attempt, error)?),
                Err(Late) => Done::Refused(Refusal::late(attempt)),
            },
        };
        self.done.push(done);
        Ok(())
    }

    /// Whether any of them may have been written.
    fn has_written(&self) -> bool {
        self.done.iter().any(|done| match done {
            Done::Task(_) | Done::Deleted(_) => true,
            Done::Refused(refusal) => refusal.unknown,
        })
    }

    fn refuse(&mut self, attempt: &Attempt, error: ApiError) -> Result<Refusal, ApiError> {
        let error = match Refusal::of_attempt(attempt, error) {
            Ok(refusal) => return Ok(refusal.with_sent(&attempt.entry)),
            Err(error) if !self.has_written() => return Err(error),
            Err(error) => error,
        };
        if let ApiError::StaleCredentials(account) = error {
            self.caller.app.auth.evict(account);
        }
        self.unauthorized = true;
        Ok(Refusal::unauthorized())
    }

    /// The result of the call: an error only when there is nothing but errors.
    pub fn result(&self) -> ToolResult {
        let (base, items) = (self.caller.base, &self.done);
        let refused = |item: &&Done| matches!(item, Done::Refused(_));
        let refusals = items.iter().filter(refused).count();
        let today = today();
        let done = items.len() - refusals;
        let mut text = format!("{done} of {} done. Today is {today} (UTC).", items.len());
        for (number, item) in (1..).zip(items) {
            let _ = write!(text, "\n{number}. {}", item.words(base));
        }
        let results = items.iter().map(|item| item.data(base)).collect();
        ToolResult::new(text, &ItemResults { results, today }, done == 0)
    }
}
