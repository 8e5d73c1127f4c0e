//! The bodies of responses about the trash.

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::tasks::TaskView;
use crate::api::uris::{BaseUri, Uri};
use crate::domain::time::Timestamp;
use crate::domain::trash::TrashedTask;

/// A task of the trash in a response.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TrashedTask")]
pub struct TrashedTaskView<'a> {
    #[serde(flatten)]
    task: TaskView<'a>,
    /// When it was deleted. It can be restored for 30 days.
    deleted_at: Timestamp,
}

impl<'a> TrashedTaskView<'a> {
    pub fn new(base: &BaseUri, trashed: &'a TrashedTask) -> Self {
        Self {
            task: TaskView::new(base, &trashed.task),
            deleted_at: trashed.deleted_at,
        }
    }
}

const NEXT: &str = "http://localhost:9000/todo/api/v1.0/trash?limit=1&cursor=g_qRzyYS";

#[derive(Serialize, JsonSchema)]
pub struct Trash<'a> {
    pub tasks: Vec<TrashedTaskView<'a>>,
    /// The URI of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri", extend("examples" = [NEXT]))]
    pub next: Option<Uri>,
}
