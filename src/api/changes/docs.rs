//! The part of the OpenAPI document about changes.

use serde_json::{Value, json};

use super::bodies::Changes;
use crate::api::openapi::{LOGIN_ERRORS, Operation, Schemas};
use crate::api::uris::api;

/// The schemas of this resource's bodies.
pub fn schemas(schemas: &mut Schemas) {
    schemas.response::<Changes<'_>>();
}

pub fn paths() -> Value {
    let list = Operation::new("listChanges", "changes", "Follow all changes")
        .description(
            "Every task and list in the order in which it last changed; what is in the trash or was deleted for good, \
             as `deleted`. While `more` is true, follow `next` at once; afterwards keep it, and follow it later for \
             what has changed since. Nothing is left out; what changed within 30 seconds before may come \
             again, which `etag` tells, and of two states the later one counts. A `next` is 410 when the walk \
             that gave it began more than 30 days ago, also one that is not finished: begin again without a cursor.",
        )
        .parameters(&["limit", "cursor"])
        .responds(200, "A page of the changes.", "Changes", &["Link"])
        .errors(&LOGIN_ERRORS)
        .errors(&[410]);
    json!({api!("/changes"): {"get": list.0}})
}
