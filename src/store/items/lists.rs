//! The items of lists.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{is_gone, required_time};
use crate::domain::account::AccountId;
use crate::domain::list::{List, ListChanges, ListContent, ListId, ListName};
use crate::domain::order::{Order, OrderChoice};
use crate::domain::time::Timestamp;
use crate::domain::version::Version;
use crate::store::attributes::{
    Item, flag, n, required_number, required_text, s, text, unreadable,
};
use crate::store::error::StoreError;
use crate::store::expression::Update;
use crate::store::schema;
use crate::store::write_id::{WriteId, created};

/// How long the tombstone of a deleted list stays: longer than any cursor of the changes is valid.
const TOMBSTONE_RETENTION: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// The list that is created with an account.
pub fn inbox(owner: AccountId, created_at: Timestamp, write: &WriteId) -> Item {
    let content = ListContent {
        name: ListName::from_store("Inbox".to_owned()),
        order: OrderChoice(Some(Order::ZERO)),
    };
    new_list(owner, ListId::INBOX, content, created_at, write)
}

/// A new list.
pub fn new_list(
    owner: AccountId,
    id: ListId,
    content: ListContent,
    created_at: Timestamp,
    write: &WriteId,
) -> Item {
    let mut update = Update::default();
    update.set("created_at", n(created_at.as_millis()));
    update.set("status_key", s(schema::list_status_key(id)));
    change_list(&mut update, id, content.into(), created_at);
    let mut item = update.applied_to(schema::list_item_key(owner, id));
    item.extend(created(write));
    item
}

/// Adds to an update what the changes set, the version and the time.
pub fn change_list(update: &mut Update, id: ListId, changes: ListChanges, now: Timestamp) {
    // Without `..`, so that no member is forgotten.
    let ListChanges { name, order } = changes;
    stamp_list(update, id, now);
    if let Some(name) = name {
        update.set("name", s(name.as_str()));
    }
    if let Some(order) = order {
        update.set("order", s(schema::order_digits(order.or(id))));
    }
}

/// Adds to an update what makes a list a tombstone: nothing can enter it any more. It does not expire
/// before it is empty.
pub fn close_list(update: &mut Update, id: ListId, now: Timestamp) {
    stamp_list(update, id, now);
    update.set("deleted_at", n(now.as_millis()));
    for attribute in ["name", "order", "status_key"] {
        update.remove(attribute);
    }
}

/// Adds to an update what says that a closed list is empty.
pub fn mark_emptied(update: &mut Update, now: Timestamp) {
    let ends = now.after(TOMBSTONE_RETENTION);
    update.set("emptied", AttributeValue::Bool(true));
    update.set("expires_at", n(ends.as_seconds()));
}

/// Whether a list is closed and may still hold tasks.
pub fn is_being_emptied(item: &Item) -> bool {
    item.contains_key("deleted_at") && !flag(item, "emptied")
}

fn stamp_list(update: &mut Update, id: ListId, now: Timestamp) {
    update.add("version", n(1));
    update.set("updated_at", n(now.as_millis()));
    update.set("change_key", s(schema::list_change_key(now, id)));
}

/// The list in an item; `None` when the item is gone.
pub fn live_list(item: &Item) -> Result<Option<List>, StoreError> {
    (!is_gone(item)).then(|| list(item)).transpose()
}

fn list(item: &Item) -> Result<List, StoreError> {
    let id = text(item, "sk").and_then(schema::list_id_of);
    let order = text(item, "order").and_then(schema::order_of);
    let order = order.ok_or_else(|| unreadable(item, "order"))?;
    Ok(List {
        id: id.ok_or_else(|| unreadable(item, "sk"))?,
        content: ListContent {
            name: ListName::from_store(required_text(item, "name")?),
            order: OrderChoice(Some(order)),
        },
        version: Version(required_number(item, "version")?),
        created_at: required_time(item, "created_at")?,
        updated_at: required_time(item, "updated_at")?,
    })
}
