//! How urgent a task is.

use serde::Serialize;
use thiserror::Error;

use super::macros::json_string;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    Low,
    Medium,
    High,
}

json_string! {
    Priority;
    "How urgent it is; null without one.",
    "high",
    {"enum": ["low", "medium", "high"]}
}

#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be \"low\", \"medium\" or \"high\"")]
pub struct PriorityError;

impl Priority {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl TryFrom<String> for Priority {
    type Error = PriorityError;

    fn try_from(raw: String) -> Result<Self, PriorityError> {
        match raw.as_str() {
            "low" => Ok(Self::Low),
            "medium" => Ok(Self::Medium),
            "high" => Ok(Self::High),
            _ => Err(PriorityError),
        }
    }
}
