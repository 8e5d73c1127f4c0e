//! The task that follows a completed one, in the model.

use serde_json::{Value, json};
use todo_api::domain::due::{Day, Due};
use todo_api::domain::recurrence::Recurrence;
use todo_api::domain::time::Timestamp;

/// The task that follows when this one becomes done.
pub fn successor(task: &Value) -> Option<Value> {
    let rule = Recurrence::try_from(task["repeat"].as_str()?).ok()?;
    let due = Due::try_from(task["due"].as_str()?).ok()?;
    let due = rule.next_due(due, None, Day::of(Timestamp::now()))?;
    let mut next = task.clone();
    next["due"] = json!(due);
    next["done"] = json!(false);
    for step in next["steps"].as_array_mut()? {
        step["done"] = json!(false);
    }
    Some(next)
}
