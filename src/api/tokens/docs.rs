//! The part of the OpenAPI document about tokens.

use serde_json::{Value, json};

use super::bodies::{OneToken, TokenList};
use crate::api::openapi::{Kind, LOGIN_ERRORS, Operation, Schemas, parameter_ref};
use crate::api::uris::api;
use crate::domain::token::{Scope, TokenContent, TokenDuration};

/// The schemas of this resource's bodies.
pub fn schemas(schemas: &mut Schemas) {
    schemas.response::<OneToken<'_>>();
    schemas.response::<TokenList<'_>>();
    schemas.request::<TokenContent>("NewToken", Kind::Create, &[]);
    schemas.describe("NewToken", "What POST takes. All members may be left out.");
    let only_calendars = json!([
        {"properties": {"duration": {"maximum": TokenDuration::max_for(Scope::Write)}}},
        {"properties": {"scope": {"const": "calendar"}}, "required": ["scope"]},
    ]);
    schemas.restrict("NewToken", "/anyOf", only_calendars);
}

pub fn paths() -> Value {
    let list = Operation::new("listTokens", "tokens", "List the valid tokens")
        .description("In order of creation, without their secrets.")
        .responds(200, "All of them.", "TokenList", &[])
        .errors(&LOGIN_ERRORS);
    let create = Operation::new("createToken", "tokens", "Create a token")
        .description(
            "Needs the password; a token gets 403. All members may be left out. At most 100 valid ones. One with the \
             scope `calendar` has a `feed`.",
        )
        .password_only()
        .takes("NewToken", json!({"label": "laptop", "duration": 86_400}))
        .responds(
            201,
            "The token and, this once, its secret.",
            "OneToken",
            &["Location"],
        )
        .links(
            201,
            json!({"deleteToken": {
                "operationId": "deleteToken",
                "parameters": {"id": "$response.header.Location#regex:/tokens/(.+)$"},
            }}),
        )
        .errors(&LOGIN_ERRORS)
        .errors(&[409, 413, 415]);
    let delete = Operation::new("deleteToken", "tokens", "Revoke a token")
        .responds(200, "It is revoked.", "Deleted", &[])
        .errors(&LOGIN_ERRORS)
        .errors(&[404]);
    json!({
        api!("/tokens"): {"get": list.0, "post": create.0},
        api!("/tokens/{id}"): {
            "parameters": [parameter_ref("tokenId")],
            "delete": delete.0,
        },
    })
}
