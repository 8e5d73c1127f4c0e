//! The bodies of requests and responses about tasks.

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::request::{MergePatch, RequestBody};
use crate::api::response::EntityTag;
use crate::api::uris::{BaseUri, Uri};
use crate::domain::json::{InvalidInput, Members};
use crate::domain::list::ListId;
use crate::domain::task::{Task, TaskChanges, TaskContent};
use crate::domain::time::Timestamp;

/// What POST takes.
pub struct NewTask {
    content: TaskContent,
    /// Whether `list` is given, rather than the inbox by default.
    names_list: bool,
}

impl RequestBody for NewTask {
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        Ok(Self {
            names_list: members.contains("list"),
            content: TaskContent::read(members)?,
        })
    }
}

impl NewTask {
    /// The content, in the list that it names.
    pub fn in_any_list(self) -> TaskContent {
        self.content
    }

    /// The content, in `list`. Naming another one is an error.
    pub fn in_list(self, list: ListId) -> Result<TaskContent, InvalidInput> {
        if self.names_list && self.content.list != list {
            return Err(InvalidInput::field("list", "must be the list of the path"));
        }
        Ok(TaskContent {
            list,
            ..self.content
        })
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
    list: Uri,
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
            list: base.list(task.content.list),
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
pub struct UpdatedTask<'a> {
    pub task: TaskView<'a>,
    /// The task that follows, when the update completed one that repeats; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TaskView<'a>")]
    pub next_task: Option<TaskView<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub struct TaskList<'a> {
    pub tasks: Vec<TaskView<'a>>,
    /// The URI of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri", extend("examples" = [NEXT]))]
    pub next: Option<Uri>,
}
