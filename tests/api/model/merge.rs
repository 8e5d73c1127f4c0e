//! What an update makes of a task, as the contract says it.

use serde_json::{Value, json};

use super::id;
use crate::client::{BASE, LISTS};

/// The members that a body sets, and those that null resets.
pub fn merge(task: &mut Value, body: &Value) {
    for (name, value) in body.as_object().expect("an object") {
        task[name] = match value {
            Value::Null => absent(task, name),
            Value::Number(order) => number(order.as_f64().expect("a float")),
            value => value.clone(),
        };
    }
}

pub fn reset_all(task: &mut Value) {
    for name in [
        "description",
        "due",
        "repeat",
        "priority",
        "tags",
        "steps",
        "list",
        "order",
    ] {
        task[name] = absent(task, name);
    }
}

/// What a member is when it is absent.
fn absent(task: &Value, name: &str) -> Value {
    match name {
        "description" => json!(""),
        "tags" | "steps" => json!([]),
        "list" => json!(format!("{BASE}{LISTS}/inbox")),
        "order" => json!(id(task)),
        _ => json!(null),
    }
}

/// An order as it is shown.
fn number(order: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "orders are at most 2^53")]
    match order.fract() == 0.0 {
        true if order < 0.0 => json!(order as i64),
        true => json!(order as u64),
        false => json!(order),
    }
}
