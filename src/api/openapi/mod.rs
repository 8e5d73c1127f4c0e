//! The contract as OpenAPI 3.1, out of the code: the bodies' own types give the schemas, `ApiError`
//! the errors, `operations` says which route takes and answers which. A test compares the
//! document's paths with the router's table, another one the committed `openapi.json` with this.

pub mod members;
mod operations;

use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use crate::api::error::{ApiError, Envelope};
use crate::api::response::{Deleted, READ_ONLY};
use crate::api::service::handlers as site;
use crate::api::tasks::handlers as tasks;
use crate::api::tokens::handlers as tokens;
use crate::api::users::handlers as users;
use crate::domain::password::COMMONEST;

/// The whole document. What is served is the committed copy of it.
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "todo-api",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A to-do list.",
            "description": INTRODUCTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        // The folder this document is in, so that a stage or base path in front of it counts.
        "servers": [{"url": "."}],
        "security": [{"basic": []}, {"bearer": []}],
        "tags": [
            {"name": "tasks", "description": "One's own list."},
            {"name": "users", "description": "One's own account; anybody else's looks like none."},
            {"name": "tokens", "description": "Logins without the password, for a while."},
            {"name": "service", "description": "Open to anybody."},
        ],
        "paths": operations::paths(),
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic",
                    "description": "User name and password; or a token as the user name, with any password."},
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token from `POST /tokens`."},
            },
            "schemas": schemas(),
            "parameters": operations::parameters(),
            "headers": operations::headers(),
            "responses": errors(),
        },
    })
}

const INTRODUCTION: &str = "A to-do list, after the article *Designing a RESTful API with Python and Flask*.\n\n\
    Bodies are JSON in UTF-8. Every error is `{\"error\": …}`, with `detail` and `field` where they help. \
    A method that a path does not have is 405 with `Allow`; GET routes answer HEAD alike; OPTIONS says `Allow`. \
    Members that an answer held and that cannot be set may come back and are ignored; other unknown \
    members are refused. Unknown query parameters are ignored; a known one given twice is refused. \
    `AUTH_FAILURE_STATUS=403` turns the status of every 401 into 403.";

/// What a request's body type allows, without the members that are merely ignored.
fn body<T: PartialSchema>(ignored: &[&str]) -> Value {
    let mut schema = answer::<T>();
    for name in ignored {
        schema["properties"][name] =
            json!({"description": "May come back from an answer; ignored."});
    }
    schema["additionalProperties"] = false.into();
    schema
}

fn answer<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap_or_default()
}

fn schemas() -> Value {
    let ignored_for_user = [READ_ONLY, &["username"]].concat();
    let mut new_task = body::<tasks::NewTaskBody>(READ_ONLY);
    new_task["properties"]["done"] = answer_of(members::done(), "Ignored: a new task is not done.");
    let mut changes = body::<tasks::UpdateTask>(READ_ONLY);
    changes["minProperties"] = 1.into();
    let mut patch = changes.clone();
    patch["description"] =
        "What PATCH takes: as PUT, and a `description` of null is the empty one.".into();
    patch["properties"]["description"]["type"] = json!(["string", "null"]);
    let mut user_changes = body::<users::UpdateUser>(&ignored_for_user);
    user_changes["minProperties"] = 1.into();
    let mut new_user = body::<users::Register>(READ_ONLY);
    for schema in [&mut user_changes, &mut new_user] {
        schema["properties"]["password"]["not"] = json!({"enum": COMMONEST.as_slice()});
    }
    let mut error = answer::<Envelope<'_>>();
    error["properties"]["error"]["enum"] = ApiError::samples()
        .iter()
        .map(|(error, _)| error.sample().1["error"].clone())
        .collect();
    json!({
        "NewTask": new_task,
        "TaskChanges": changes,
        "TaskPatch": patch,
        "Task": answer::<tasks::TaskBody<'_>>(),
        "OneTask": answer::<tasks::OneTask<'_>>(),
        "TaskList": answer::<tasks::TaskList<'_>>(),
        "NewUser": new_user,
        "UserChanges": user_changes,
        "User": answer::<users::UserBody<'_>>(),
        "OneUser": answer::<users::OneUser<'_>>(),
        "NewToken": body::<tokens::CreateToken>(READ_ONLY),
        "Token": answer::<tokens::TokenBody<'_>>(),
        "OneToken": answer::<tokens::OneToken<'_>>(),
        "TokenList": answer::<tokens::TokenList<'_>>(),
        "Deleted": answer::<Deleted>(),
        "Health": answer::<site::Health>(),
        "Index": answer::<site::Index>(),
        "Error": error,
    })
}

fn answer_of(schema: utoipa::openapi::schema::Object, description: &str) -> Value {
    let mut schema = serde_json::to_value(schema).unwrap_or_default();
    schema["description"] = description.into();
    schema
}

/// One response per kind of error, named by its status.
fn errors() -> Value {
    let mut responses = Map::new();
    for (error, description) in ApiError::samples() {
        let (status, example, names) = error.sample();
        let mut headers = operations::header_refs(&["X-Request-Id"]);
        for name in names {
            headers[name] = json!({"$ref": format!("#/components/headers/{name}")});
        }
        let response = json!({
            "description": description,
            "headers": headers,
            "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "example": example,
            }},
        });
        responses.insert(operations::error_name(status), response);
    }
    responses.into()
}
