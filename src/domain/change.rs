//! What has become of a task or a list.

use super::list::{List, ListId};
use super::task::{Task, TaskId};

/// A task or a list as it is now.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Task(Task),
    List(List),
    /// It is in the trash, or was deleted for good.
    DeletedTask(TaskId),
    DeletedList(ListId),
}
