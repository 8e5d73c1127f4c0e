//! The part of the OpenAPI document about lists.

use serde_json::{Value, json};

use super::bodies::{AllLists, OneList, READ_ONLY};
use crate::api::openapi::{Kind, LOGIN_ERRORS, Operation, Schemas, links, parameter_ref};
use crate::api::uris::api;
use crate::domain::list::ListContent;

/// The schemas of this resource's bodies.
pub fn schemas(schemas: &mut Schemas) {
    schemas.response::<AllLists<'_>>();
    schemas.response::<OneList<'_>>();
    let members = ListContent::members();
    for (name, kind, description) in [
        ("NewList", Kind::Create, "What POST takes."),
        ("ListChanges", Kind::Update, "What PUT takes."),
        (
            "ListPatch",
            Kind::MergePatch,
            "What PATCH takes: as PUT, and an `order` of null is the list's id.",
        ),
    ] {
        schemas.request::<ListContent>(name, kind, &members);
        schemas.describe(name, description);
        for member in READ_ONLY {
            schemas.ignore(name, member);
        }
    }
}

pub fn paths() -> Value {
    let list = Operation::new("listLists", "lists", "List all lists")
        .description("By order, then id. There are at most 200, the inbox included.")
        .parameters(&["If-None-Match"])
        .responds(200, "All of them.", "AllLists", &["ETag", "Cache-Control"])
        .not_modified()
        .errors(&LOGIN_ERRORS);
    let create = Operation::new("createList", "lists", "Create a list")
        .takes("NewList", json!({"name": "Home"}))
        .responds(201, "The list.", "OneList", &["ETag", "Location"])
        .links(
            201,
            list_links("$response.header.Location#regex:/lists/([0-9]+)$"),
        )
        .errors(&LOGIN_ERRORS)
        .errors(&[409, 413, 415]);
    let read = Operation::new("readList", "lists", "Read a list")
        .parameters(&["If-None-Match"])
        .responds(200, "The list.", "OneList", &["ETag", "Cache-Control"])
        .links(200, list_links("$request.path.id"))
        .not_modified()
        .errors(&LOGIN_ERRORS)
        .errors(&[404]);
    let update = changing("updateList", "Update a list")
        .description("Merges: members that are absent stay as they are.")
        .takes("ListChanges", json!({"name": "House"}));
    let patch = changing("patchList", "Patch a list")
        .description("A JSON merge patch (RFC 7396): as PUT, and null resets `order`.")
        .takes("ListPatch", json!({"order": 1.5}))
        .also_takes(
            "application/merge-patch+json",
            "ListPatch",
            json!({"order": null}),
        );
    let delete = Operation::new("deleteList", "lists", "Delete a list with its tasks")
        .description(
            "Its tasks go to the trash. From the first such request on, the list is 404 and nothing can be \
             added to it. What does not fit the time limit is 503 with `Retry-After`; the same request again continues. \
             The inbox cannot be deleted.",
        )
        .parameters(&["If-Match"])
        .responds(200, "It is deleted.", "Deleted", &[])
        .errors(&LOGIN_ERRORS)
        .errors(&[404, 409, 412]);
    json!({
        api!("/lists"): {"get": list.0, "post": create.0},
        api!("/lists/{id}"): {
            "parameters": [parameter_ref("listId")],
            "get": read.0,
            "put": update.0,
            "patch": patch.0,
            "delete": delete.0,
        },
    })
}

fn changing(id: &str, summary: &str) -> Operation {
    Operation::new(id, "lists", summary)
        .parameters(&["If-Match"])
        .responds(200, "The list after the change.", "OneList", &["ETag"])
        .links(200, list_links("$request.path.id"))
        .errors(&LOGIN_ERRORS)
        .errors(&[404, 409, 412, 413, 415])
}

fn list_links(id: &str) -> Value {
    let operations = ["readList", "updateList", "patchList", "deleteList"];
    links(&operations, "id", id)
}
