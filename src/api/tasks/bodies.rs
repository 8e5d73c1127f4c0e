//! The bodies of requests and responses about tasks.

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::request::{MergePatch, RequestBody};
use crate::api::response::EntityTag;
use crate::api::uris::{BaseUri, Uri};
use crate::domain::json::{InvalidInput, Members};
use crate::domain::task::{Task, TaskChanges, TaskContent};
use crate::domain::time::Timestamp;

impl RequestBody for TaskContent {
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        Self::read(members)
    }
}

impl RequestBody for TaskChanges {
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        Self::read(members, false)
    }
}

impl RequestBody for MergePatch<TaskChanges> {
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        TaskChanges::read(members, true).map(Self)
    }
}

/// A task in a response.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Task")]
pub struct TaskView<'a> {
    uri: Uri,
    #[serde(flatten)]
    content: &'a TaskContent,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// When `done` last became true; null while it is false.
    completed_at: Option<Timestamp>,
    pub etag: EntityTag,
}

impl<'a> TaskView<'a> {
    pub fn new(base: &BaseUri, task: &'a Task) -> Self {
        Self {
            uri: base.task(task.id),
            content: &task.content,
            created_at: task.created_at,
            updated_at: task.updated_at,
            completed_at: task.completed_at,
            etag: EntityTag::of_version(task.version),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub struct OneTask<'a> {
    pub task: TaskView<'a>,
}

const NEXT: &str = "http://localhost:9000/todo/api/v1.0/tasks?limit=1&cursor=g_qRzyYS";

#[derive(Serialize, JsonSchema)]
pub struct TaskList<'a> {
    pub tasks: Vec<TaskView<'a>>,
    /// The URI of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri", extend("examples" = [NEXT]))]
    pub next: Option<Uri>,
}
