//! The tools: few, and each takes several tasks, because a description costs every conversation.

use std::sync::LazyLock;

use serde_json::value::RawValue;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    FindTasks,
    ListLists,
    AddTasks,
    UpdateTasks,
    CompleteTasks,
    DeleteTasks,
    RestoreTasks,
}

/// What a tool may do, as its annotations say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Reads,
    /// Changes nothing that is there, and does it again when called again.
    Adds,
    /// Nothing gets lost, and a second call has no further effect.
    Marks,
    /// Replaces or removes something; a second call has no further effect.
    Replaces,
}

impl Tool {
    pub const ALL: [Self; 7] = [
        Self::FindTasks,
        Self::ListLists,
        Self::AddTasks,
        Self::UpdateTasks,
        Self::CompleteTasks,
        Self::DeleteTasks,
        Self::RestoreTasks,
    ];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::FindTasks => "find_tasks",
            Self::ListLists => "list_lists",
            Self::AddTasks => "add_tasks",
            Self::UpdateTasks => "update_tasks",
            Self::CompleteTasks => "complete_tasks",
            Self::DeleteTasks => "delete_tasks",
            Self::RestoreTasks => "restore_tasks",
        }
    }

    pub fn effect(self) -> Effect {
        match self {
            Self::FindTasks | Self::ListLists => Effect::Reads,
            Self::AddTasks => Effect::Adds,
            Self::CompleteTasks | Self::RestoreTasks => Effect::Marks,
            Self::UpdateTasks | Self::DeleteTasks => Effect::Replaces,
        }
    }

    /// Whether credentials that may only read, or may write too, allow it.
    pub fn is_allowed(self, may_write: bool) -> bool {
        may_write || self.effect() == Effect::Reads
    }

    /// What the model is told: what the schema does not say.
    pub fn description(self) -> &'static str {
        match self {
            Self::FindTasks => {
                "Find tasks, done ones too unless `done` is false. For more of them, send the same \
                 arguments again with the `next_cursor` as `cursor`."
            }
            Self::ListLists => "All lists with their names and URIs.",
            Self::AddTasks => "Add tasks, none of them done.",
            Self::UpdateTasks => {
                "Change the given members of tasks; the others stay. `tags` and `steps` are replaced \
                 as a whole; null empties a member. Members are as in add_tasks."
            }
            Self::CompleteTasks => {
                "Mark tasks as done. A repeating task then comes again as `next_task`."
            }
            Self::DeleteTasks => "Move tasks to the trash.",
            Self::RestoreTasks => "Bring deleted tasks back from the trash.",
        }
    }
}

/// The definitions of the tools, one in a line, in the order of [`Tool::ALL`]. A test compares the file
/// with [`super::definitions`]: the code that makes it is not deployed.
const DEFINITIONS: &str = include_str!("tools.json");

/// The definitions that a client gets, parsed once.
static ALL: LazyLock<Vec<&'static RawValue>> =
    LazyLock::new(|| serde_json::from_str(DEFINITIONS).expect("a committed file of JSON"));

/// The definitions of those tools that the credentials allow.
pub fn definitions(may_write: bool) -> Vec<&'static RawValue> {
    let all = Tool::ALL.into_iter().zip(ALL.iter());
    all.filter(|(tool, _)| tool.is_allowed(may_write))
        .map(|(_, definition)| *definition)
        .collect()
}
