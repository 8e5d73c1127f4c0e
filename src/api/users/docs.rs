//! The part of the OpenAPI document about accounts.

use serde_json::{Value, json};

use super::bodies::{NewUser, OneUser, UserChanges};
use crate::api::openapi::{Kind, LOGIN_ERRORS, Operation, Schemas, links, parameter_ref};
use crate::api::uris::api;

/// The schemas of this resource's bodies.
pub fn schemas(schemas: &mut Schemas) {
    schemas.response::<OneUser<'_>>();
    let members = [("username", true, false), ("password", true, false)];
    schemas.request::<NewUser>("NewUser", Kind::Create, &members);
    schemas.describe("NewUser", "What POST takes.");
    schemas.request::<UserChanges>("UserChanges", Kind::Update, &[]);
    schemas.describe("UserChanges", "What PUT takes.");
    schemas.ignore("UserChanges", "username");
}

pub fn paths() -> Value {
    let register = Operation::new("register", "users", "Register")
        .open()
        .takes(
            "NewUser",
            json!({"username": "ada", "password": "correct horse", "email": "ada@example.com"}),
        )
        .responds(201, "The account.", "OneUser", &["ETag", "Location"])
        .links(201, user_links("$response.body#/user/username"))
        .errors(&[400, 403, 409, 413, 415, 429, 500, 503]);
    let read = Operation::new("readUser", "users", "Read one's account")
        .parameters(&["If-None-Match"])
        .responds(200, "The account.", "OneUser", &["ETag", "Cache-Control"])
        .links(200, user_links("$request.path.username"))
        .not_modified()
        .errors(&LOGIN_ERRORS)
        .errors(&[404]);
    let update = Operation::new("updateUser", "users", "Change one's email or password")
        .description("Needs the password; a token gets 403. A new password ends every token.")
        .password_only()
        .parameters(&["If-Match"])
        .takes("UserChanges", json!({"email": "ada@example.com"}))
        .responds(200, "The account after the change.", "OneUser", &["ETag"])
        .links(200, user_links("$request.path.username"))
        .errors(&LOGIN_ERRORS)
        .errors(&[404, 409, 412, 413, 415]);
    let delete = Operation::new("deleteUser", "users", "Delete one's account with all its data")
        .description(
            "Needs the password; a token gets 403. From the first such request on, every other route responds \
             with 401. What does not fit the time limit, or follows a task's creation within 30 seconds, is 503 \
             with `Retry-After`; the same request again continues.",
        )
        .password_only()
        .parameters(&["If-Match"])
        .responds(
            200,
            "The account, its tasks and its tokens are deleted.",
            "Deleted",
            &[],
        )
        .errors(&LOGIN_ERRORS)
        .errors(&[404, 412]);
    json!({
        api!("/users"): {"post": register.0},
        api!("/users/{username}"): {
            "parameters": [parameter_ref("username")],
            "get": read.0,
            "put": update.0,
            "delete": delete.0,
        },
    })
}

fn user_links(name: &str) -> Value {
    let operations = ["readUser", "updateUser", "deleteUser"];
    links(&operations, "username", name)
}
