//! An update expression, put together attribute by attribute.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// Each attribute may be named once, and none may be a reserved word of DynamoDB's.
#[derive(Default)]
pub struct Update {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<&'static str>,
    /// The values the expression refers to: `:attribute` for each attribute.
    pub values: HashMap<String, AttributeValue>,
}

impl Update {
    pub fn set(&mut self, name: &'static str, value: AttributeValue) {
        self.set.push(format!("{name} = :{name}"));
        self.value(name, value);
    }

    pub fn set_if_absent(&mut self, name: &'static str, value: AttributeValue) {
        self.set
            .push(format!("{name} = if_not_exists({name}, :{name})"));
        self.value(name, value);
    }

    pub fn add(&mut self, name: &'static str, value: AttributeValue) {
        self.add.push(format!("{name} :{name}"));
        self.value(name, value);
    }

    pub fn remove(&mut self, name: &'static str) {
        self.remove.push(name);
    }

    pub fn expression(&self) -> String {
        let clauses = [
            ("SET", self.set.join(", ")),
            ("ADD", self.add.join(", ")),
            ("REMOVE", self.remove.join(", ")),
        ];
        let used = clauses.iter().filter(|(_, list)| !list.is_empty());
        used.map(|(verb, list)| format!("{verb} {list}"))
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn value(&mut self, name: &'static str, value: AttributeValue) {
        self.values.insert(format!(":{name}"), value);
    }
}
