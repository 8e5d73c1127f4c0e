//! Tasks that were deleted and may be restored.

use super::task::Task;
use super::time::Timestamp;

/// A task in the trash.
#[derive(Clone, Debug, PartialEq)]
pub struct TrashedTask {
    pub task: Task,
    pub deleted_at: Timestamp,
}
