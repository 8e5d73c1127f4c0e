//! The bodies of responses about changes.

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::lists::ListView;
use crate::api::tasks::TaskView;
use crate::api::uris::{BaseUri, Uri};
use crate::domain::change::Change;

/// A task or a list as it is now, or the URI of one that was deleted.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Change")]
#[serde(rename_all = "lowercase")]
pub enum ChangeView<'a> {
    Task(TaskView<'a>),
    List(ListView<'a>),
    Deleted(Uri),
}

impl<'a> ChangeView<'a> {
    pub fn new(base: &BaseUri, change: &'a Change) -> Self {
        match change {
            Change::Task(task) => Self::Task(TaskView::new(base, task)),
            Change::List(list) => Self::List(ListView::new(base, list)),
            Change::DeletedTask(id) => Self::Deleted(base.task(*id)),
            Change::DeletedList(id) => Self::Deleted(base.list(*id)),
        }
    }
}

const NEXT: &str = "http://localhost:9000/todo/api/v1.0/changes?cursor=g_qRzyYS";

#[derive(Serialize, JsonSchema)]
pub struct Changes<'a> {
    pub changes: Vec<ChangeView<'a>>,
    /// The URI of what follows.
    #[schemars(extend("examples" = [NEXT]))]
    pub next: Uri,
    /// Whether something follows already.
    pub more: bool,
}
