//! What became of the tasks of one call.

use std::fmt::Write;

use super::data::{ItemResult, ItemResults};
use super::results::ToolResult;
use super::words::{Refusal, line, today};
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

/// The result of a call: an error only when there is nothing but errors.
pub fn result(base: &BaseUri, items: &[Done]) -> ToolResult {
    let refused = |item: &&Done| matches!(item, Done::Refused(_));
    let refusals = items.iter().filter(refused).count();
    let today = today();
    let done = items.len() - refusals;
    let mut text = format!("{done} of {} done. Today is {today}.", items.len());
    for (number, item) in (1..).zip(items) {
        let _ = write!(text, "\n{number}. {}", item.words(base));
    }
    let results = items.iter().map(|item| item.data(base)).collect();
    ToolResult::new(text, &ItemResults { results, today }, done == 0)
}
