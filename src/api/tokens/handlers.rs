//! Requests for tokens.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::bodies::{OneToken, TokenList, TokenView};
use crate::api::error::ApiError;
use crate::api::request::credentials::{CurrentUser, PasswordUser, Writer};
use crate::api::request::{Json, PathParam};
use crate::api::response::{ResponseExt, deleted, json};
use crate::api::state::AppState;
use crate::api::uris::BaseUri;
use crate::domain::token::{TokenContent, TokenId};

/// `POST /tokens`: 201 with the token and, this once, its secret.
pub async fn create_token(
    State(app): State<AppState>,
    user: PasswordUser,
    base: BaseUri,
    Json(new): Json<TokenContent>,
) -> Result<Response, ApiError> {
    let (token, bearer) = app.store.create_token(&user.account, new).await?;
    let body = OneToken {
        token: TokenView::new(&base, &token, Some(&bearer)),
    };
    Ok(json(StatusCode::CREATED, &body).with_location(&base.token(token.id)))
}

/// `GET /tokens`: 200 with the valid tokens, in order of creation, without their secrets.
pub async fn list_tokens(
    State(app): State<AppState>,
    user: CurrentUser,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let tokens = app.store.list_tokens(&user.account).await?;
    let tokens = tokens
        .iter()
        .map(|token| TokenView::new(&base, token, None));
    let list = TokenList {
        tokens: tokens.collect(),
    };
    Ok(json(StatusCode::OK, &list))
}

/// `DELETE /tokens/{id}`: 200 with `{"result": true}`.
pub async fn delete_token(
    State(app): State<AppState>,
    user: Writer,
    PathParam(id): PathParam<TokenId>,
) -> Result<Response, ApiError> {
    let revocation = app.store.revoke_token(&user.account, id);
    app.auth.evict_after(user.account.id, revocation).await?;
    Ok(deleted())
}
