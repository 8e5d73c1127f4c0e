//! The bodies of requests and responses about lists.

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::request::{MergePatch, RequestBody};
use crate::api::response::EntityTag;
use crate::api::uris::{BaseUri, Uri};
use crate::domain::json::{InvalidInput, Members};
use crate::domain::list::{List, ListChanges, ListContent};
use crate::domain::time::Timestamp;

/// Read-only members of a list beside those of every resource.
pub const READ_ONLY: &[&str] = &["tasks"];

impl RequestBody for ListContent {
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        members.ignore(READ_ONLY);
        Self::read(members)
    }
}

impl RequestBody for ListChanges {
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        members.ignore(READ_ONLY);
        Self::read(members, false)
    }
}

impl RequestBody for MergePatch<ListChanges> {
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        members.ignore(READ_ONLY);
        ListChanges::read(members, true).map(Self)
    }
}

/// A list in a response.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "List")]
pub struct ListView<'a> {
    uri: Uri,
    #[serde(flatten)]
    content: &'a ListContent,
    /// The URI of its tasks.
    tasks: Uri,
    created_at: Timestamp,
    updated_at: Timestamp,
    pub etag: EntityTag,
}

impl<'a> ListView<'a> {
    pub fn new(base: &BaseUri, list: &'a List) -> Self {
        Self {
            uri: base.list(list.id),
            content: &list.content,
            tasks: base.list_tasks(list.id),
            created_at: list.created_at,
            updated_at: list.updated_at,
            etag: EntityTag::of_version(list.version),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub struct OneList<'a> {
    pub list: ListView<'a>,
}

#[derive(Serialize, JsonSchema)]
pub struct AllLists<'a> {
    pub lists: Vec<ListView<'a>>,
}
