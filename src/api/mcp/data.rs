//! The results of the tools as data, whose schemas the tools' definitions have.

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::lists::ListView;
use crate::api::tasks::TaskView;
use crate::api::uris::Uri;

#[derive(Serialize, JsonSchema)]
pub struct FoundTasks<'a> {
    pub tasks: Vec<TaskView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub next_cursor: Option<String>,
    /// By UTC.
    pub today: String,
}

#[derive(Serialize, JsonSchema)]
pub struct FoundLists<'a> {
    pub lists: Vec<ListView<'a>>,
}

/// One result for each task of the call, in the same order.
#[derive(Serialize, JsonSchema)]
pub struct ItemResults<'a> {
    pub results: Vec<ItemResult<'a>>,
    /// By UTC.
    pub today: String,
}

/// What became of one task: the task, or its URI when it was deleted, or an error.
#[derive(Default, Serialize, JsonSchema)]
pub struct ItemResult<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TaskView<'_>")]
    pub task: Option<TaskView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TaskView<'_>")]
    pub next_task: Option<TaskView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    pub deleted: Option<Uri>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub field: Option<&'a str>,
}
