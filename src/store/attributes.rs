//! Items as DynamoDB sends them, and typed access to their attributes.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;

use super::error::StoreError;

pub type Item = HashMap<String, AttributeValue>;

/// An item of the given attributes.
pub fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

/// A string value.
pub fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number value.
pub fn n(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A string attribute; `None` when it is absent or not a string.
pub fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A number attribute; `None` when it is absent or not such a number.
pub fn number<T: FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// A boolean attribute; an absent one is `false`.
pub fn flag(item: &Item, name: &str) -> bool {
    item.get(name) == Some(&AttributeValue::Bool(true))
}

/// The error of an item without a readable attribute `name`, which the service never writes.
pub fn unreadable(item: &Item, name: &str) -> StoreError {
    let sort_key = text(item, "sk").unwrap_or_default();
    StoreError::Internal(format!("item {sort_key} has no readable {name}").into())
}

pub fn required_text(item: &Item, name: &str) -> Result<String, StoreError> {
    let value = text(item, name).map(str::to_owned);
    value.ok_or_else(|| unreadable(item, name))
}

pub fn required_number<T: FromStr>(item: &Item, name: &str) -> Result<T, StoreError> {
    number(item, name).ok_or_else(|| unreadable(item, name))
}
