//! Expressions for DynamoDB with the values they refer to. In every expression `#name` stands for
//! the attribute `name` and `:name` for a value. Attributes are never named directly, because
//! DynamoDB reserves hundreds of common words.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::attributes::{Item, n};
use crate::domain::version::Expected;

/// A condition or filter and its values.
#[derive(Clone, Default)]
pub struct Condition {
    pub text: String,
    pub values: Item,
}

impl Condition {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            values: Item::new(),
        }
    }

    /// There is no item with this key.
    pub fn no_item() -> Self {
        Self::new("attribute_not_exists(#pk)")
    }

    /// Defines the value `:name`.
    pub fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(format!(":{name}"), value);
        self
    }

    /// Both hold. An `OR` in either must be in parentheses.
    pub fn and(mut self, text: &str) -> Self {
        self.text = format!("{} AND {text}", self.text);
        self
    }

    /// The item also has one of the expected versions.
    pub fn and_version(self, expected: &Expected) -> Self {
        let Expected::OneOf(versions) = expected else {
            return self;
        };
        let mut numbers: Vec<_> = versions.iter().map(|version| version.0).collect();
        if numbers.is_empty() {
            // DynamoDB rejects an empty list of operands, and no item has version 0.
            numbers.push(0);
        }
        let names = (0..numbers.len()).map(|index| format!("version_{index}"));
        let names: Vec<_> = names.collect();
        let is_expected = format!("#version IN (:{})", names.join(", :"));
        names
            .iter()
            .zip(numbers)
            .fold(self.and(&is_expected), |condition, (name, number)| {
                condition.value(name, n(number))
            })
    }
}

/// The changes that one write makes to an item. Each attribute may be named once.
#[derive(Clone, Default)]
pub struct Update {
    set: Vec<(&'static str, AttributeValue)>,
    set_if_absent: Vec<(&'static str, AttributeValue)>,
    add: Vec<(&'static str, AttributeValue)>,
    delete: Vec<(&'static str, AttributeValue)>,
    copy: Vec<(&'static str, &'static str)>,
    /// The attribute set, the one copied, and what to set when that is absent.
    copy_or: Vec<(&'static str, &'static str, AttributeValue)>,
    remove: Vec<&'static str>,
}

impl Update {
    pub fn set(&mut self, name: &'static str, value: AttributeValue) {
        self.set.push((name, value));
    }

    pub fn set_if_absent(&mut self, name: &'static str, value: AttributeValue) {
        self.set_if_absent.push((name, value));
    }

    /// Sets an attribute to what another one, which must exist, held before the update.
    pub fn copy(&mut self, name: &'static str, from: &'static str) {
        self.copy.push((name, from));
    }

    /// Sets an attribute to what another one held before the update, or else to `default`.
    pub fn copy_or(&mut self, name: &'static str, from: &'static str, default: AttributeValue) {
        self.copy_or.push((name, from, default));
    }

    /// Adds to a number or to a set; an absent one is zero or empty.
    pub fn add(&mut self, name: &'static str, value: AttributeValue) {
        self.add.push((name, value));
    }

    /// Deletes elements from a set.
    pub fn delete(&mut self, name: &'static str, elements: AttributeValue) {
        self.delete.push((name, elements));
    }

    pub fn remove(&mut self, name: &'static str) {
        self.remove.push(name);
    }

    /// The update expression, with `:name` for the value of the attribute `name`.
    pub fn expression(&self) -> String {
        let set = self
            .set
            .iter()
            .map(|(name, _)| format!("#{name} = :{name}"));
        let set_if_absent = self
            .set_if_absent
            .iter()
            .map(|(name, _)| format!("#{name} = if_not_exists(#{name}, :{name})"));
        let copy = self.copy.iter();
        let copy = copy.map(|(name, from)| format!("#{name} = #{from}"));
        let copy_or = self
            .copy_or
            .iter()
            .map(|(name, from, _)| format!("#{name} = if_not_exists(#{from}, :{name})"));
        let set = set.chain(set_if_absent).chain(copy).chain(copy_or);
        let add = self.add.iter().map(|(name, _)| format!("#{name} :{name}"));
        let delete = self
            .delete
            .iter()
            .map(|(name, _)| format!("#{name} :{name}"));
        let remove = self.remove.iter().map(|name| format!("#{name}"));
        let clauses = [
            ("SET", set.collect::<Vec<_>>()),
            ("ADD", add.collect()),
            ("DELETE", delete.collect()),
            ("REMOVE", remove.collect()),
        ];
        let used = clauses.iter().filter(|(_, actions)| !actions.is_empty());
        used.map(|(verb, actions)| format!("{verb} {}", actions.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The values that the expression refers to.
    pub fn into_values(mut self) -> Item {
        let defaults = std::mem::take(&mut self.copy_or).into_iter();
        let defaults = defaults.map(|(name, _, default)| (name, default));
        self.into_attributes()
            .chain(defaults)
            .map(|(name, value)| (format!(":{name}"), value))
            .collect()
    }

    /// What the update makes of an item, as DynamoDB would; of a key, a new item. Deletes no elements
    /// of sets.
    pub fn applied_to(self, old: Item) -> Item {
        let mut new = old.clone();
        let mut set = |name: &str, value| new.insert(name.to_owned(), value);
        for (name, value) in self.set {
            set(name, value);
        }
        for (name, value) in self.set_if_absent {
            set(name, old.get(name).cloned().unwrap_or(value));
        }
        for (name, value) in self.add {
            set(name, sum(old.get(name), value));
        }
        for (name, from, default) in self.copy_or {
            set(name, old.get(from).cloned().unwrap_or(default));
        }
        for (name, from) in self.copy {
            if let Some(value) = old.get(from) {
                set(name, value.clone());
            }
        }
        for name in self.remove {
            new.remove(name);
        }
        new
    }

    fn into_attributes(self) -> impl Iterator<Item = (&'static str, AttributeValue)> {
        self.set
            .into_iter()
            .chain(self.set_if_absent)
            .chain(self.add)
            .chain(self.delete)
    }
}

/// The sum of two numbers; the second one when there is no first.
fn sum(old: Option<&AttributeValue>, added: AttributeValue) -> AttributeValue {
    let number = |value: &AttributeValue| value.as_n().ok()?.parse::<i64>().ok();
    match old.and_then(number).zip(number(&added)) {
        Some((old, added)) => n(old + added),
        None => added,
    }
}

/// The attribute names that expressions refer to, as DynamoDB wants them: all of them, no others.
pub fn names(expressions: &[&str]) -> Option<HashMap<String, String>> {
    let mut names = HashMap::new();
    for rest in expressions.iter().flat_map(|text| text.split('#').skip(1)) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        names.insert(format!("#{}", &rest[..end]), rest[..end].to_owned());
    }
    (!names.is_empty()).then_some(names)
}

/// Values as DynamoDB wants them: an empty map is an error.
pub fn values(values: Item) -> Option<Item> {
    (!values.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::version::Version;
    use crate::store::attributes::{item, s};

    #[test]
    fn an_expression_names_each_attribute_once() {
        let mut update = Update::default();
        update.set("title", s("Buy milk"));
        update.set_if_absent("completed_at", n(7));
        update.copy("list_key", "list_key_done");
        update.copy_or("write_2", "write_1", s("-"));
        update.add("version", n(1));
        update.remove("due");
        let expression = update.expression();
        assert_eq!(
            expression,
            "SET #title = :title, #completed_at = if_not_exists(#completed_at, :completed_at), \
             #list_key = #list_key_done, #write_2 = if_not_exists(#write_1, :write_2) \
             ADD #version :version REMOVE #due"
        );
        let mut named: Vec<_> = names(&[&expression, "#due = :due"])
            .expect("names")
            .into_values()
            .collect();
        named.sort_unstable();
        let attributes = ["completed_at", "due", "list_key", "list_key_done"];
        assert_eq!(named[..4], attributes);
        assert_eq!(named[4..], ["title", "version", "write_1", "write_2"]);
        let mut values: Vec<_> = update.into_values().into_keys().collect();
        values.sort_unstable();
        assert_eq!(values, [":completed_at", ":title", ":version", ":write_2"]);
        assert_eq!(names(&[""]), None);
    }

    #[test]
    fn an_update_is_applied_as_dynamodb_applies_it() {
        let old = item([
            ("sk", s("task#1")),
            ("version", n(3)),
            ("write_1", s("a")),
            ("list_key_done", s("done")),
            ("completed_at", n(5)),
            ("due", s("2026-12-31")),
        ]);
        let mut update = Update::default();
        update.set("write_1", s("b"));
        update.set_if_absent("completed_at", n(7));
        update.set_if_absent("tags", s("new"));
        update.copy("list_key", "list_key_done");
        update.copy_or("write_2", "write_1", s("-"));
        update.copy_or("write_3", "write_2", s("-"));
        update.add("version", n(1));
        update.add("credential_version", n(1));
        update.remove("due");
        let expected = item([
            ("sk", s("task#1")),
            ("version", n(4)),
            ("credential_version", n(1)),
            ("write_1", s("b")),
            ("write_2", s("a")),
            ("write_3", s("-")),
            ("list_key", s("done")),
            ("list_key_done", s("done")),
            ("completed_at", n(5)),
            ("tags", s("new")),
        ]);
        assert_eq!(update.applied_to(old), expected);
    }

    #[test]
    fn an_expectation_that_nothing_meets_is_a_valid_condition() {
        let condition = Condition::no_item().and_version(&Expected::OneOf(Vec::new()));
        assert!(condition.text.ends_with(" AND #version IN (:version_0)"));
        assert_eq!(condition.values[":version_0"], n(0));
        let two = Expected::OneOf(vec![Version(3), Version(4)]);
        let condition = Condition::no_item().and_version(&two);
        assert!(condition.text.ends_with("IN (:version_0, :version_1)"));
        assert_eq!(condition.values[":version_1"], n(4));
    }
}
