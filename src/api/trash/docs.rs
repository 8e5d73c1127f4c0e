//! The part of the OpenAPI document about the trash.

use serde_json::{Value, json};

use super::bodies::Trash;
use crate::api::openapi::{LOGIN_ERRORS, Operation, Schemas, links, parameter_ref};
use crate::api::uris::api;

/// The schemas of this resource's bodies.
pub fn schemas(schemas: &mut Schemas) {
    schemas.response::<Trash<'_>>();
}

pub fn paths() -> Value {
    let list = Operation::new("listTrash", "trash", "List deleted tasks")
        .description("A page of the tasks deleted within 30 days, the last deleted first.")
        .parameters(&["limit", "cursor", "If-None-Match"])
        .responds(
            200,
            "A page of the trash.",
            "Trash",
            &["ETag", "Link", "Cache-Control"],
        )
        .not_modified()
        .errors(&LOGIN_ERRORS);
    let restore = Operation::new("restoreTask", "trash", "Restore a task")
        .description("Under its old URI, at its old place in its list; in the inbox when the list is gone. Takes no body.")
        .responds(200, "The task.", "OneTask", &["ETag"])
        .links(
            200,
            links(&["readTask", "updateTask", "deleteTask"], "id", "$request.path.id"),
        )
        .errors(&LOGIN_ERRORS)
        .errors(&[404, 409]);
    let purge = Operation::new("purgeTask", "trash", "Delete a task for good")
        .parameters(&["If-Match"])
        .responds(200, "It is deleted.", "Deleted", &[])
        .errors(&LOGIN_ERRORS)
        .errors(&[404, 412]);
    let empty = Operation::new("emptyTrash", "trash", "Delete all deleted tasks for good")
        .description("What does not fit the time limit is 503 with `Retry-After`; the same request again continues.")
        .responds(200, "The trash is empty.", "Deleted", &[])
        .errors(&LOGIN_ERRORS);
    json!({
        api!("/trash"): {"get": list.0, "delete": empty.0},
        api!("/trash/{id}"): {
            "parameters": [parameter_ref("taskId")],
            "post": restore.0,
            "delete": purge.0,
        },
    })
}
