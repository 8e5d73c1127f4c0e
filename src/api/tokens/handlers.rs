//! Tokens: what `/tokens` and `/tokens/{id}` read and write.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::{ApiError, InvalidInput};
use crate::api::openapi::members;
use crate::api::request::credentials::{CurrentUser, PasswordUser, Writer};
use crate::api::request::{Body, Json, Members, TokenPath, json_response};
use crate::api::response::{DELETED, READ_ONLY, set_location};
use crate::api::state::AppState;
use crate::api::uris::API_ROOT;
use crate::api::uris::BaseUri;
use crate::domain::token::{Label, Scope, Token, TokenDuration, TokenId};

/// `POST /tokens`: 201 with the token and, this once, its secret.
pub async fn create_token(
    State(app): State<AppState>,
    user: PasswordUser,
    base: BaseUri,
    Json(body): Json<CreateToken>,
) -> Result<Response, ApiError> {
    let (label, scope, lifetime) = body.parse()?;
    let created = app
        .store
        .create_token(&user.account, label, scope, lifetime)
        .await?;
    let (token, bearer) = created;
    let body = TokenBody::new(&base, &token, Some(bearer.to_text()));
    let mut response = json_response(StatusCode::CREATED, &OneToken { token: body });
    set_location(&mut response, &token_uri(&base, token.id))?;
    Ok(response)
}

/// `GET /tokens`: 200 with the live tokens, in order of creation, without their secrets.
pub async fn list_tokens(
    State(app): State<AppState>,
    user: CurrentUser,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let tokens = app.store.list_tokens(&user.account).await?;
    let tokens = tokens
        .iter()
        .map(|token| TokenBody::new(&base, token, None))
        .collect();
    Ok(json_response(StatusCode::OK, &TokenList { tokens }))
}

/// `DELETE /tokens/{id}`: 200 with `{"result": true}`.
pub async fn delete_token(
    State(app): State<AppState>,
    user: Writer,
    TokenPath(id): TokenPath,
) -> Result<Response, ApiError> {
    let deleted = app.store.delete_token(&user.account, id);
    app.auth.evict_after(user.account.id, deleted).await?;
    Ok(json_response(StatusCode::OK, &DELETED))
}

/// What POST takes. All of it may be left out.
#[derive(ToSchema)]
#[schema(as = NewToken)]
pub struct CreateToken {
    #[schema(schema_with = members::label)]
    label: Option<String>,
    #[schema(schema_with = members::scope)]
    scope: Option<String>,
    #[schema(schema_with = members::duration)]
    duration: Option<i64>,
}

impl Body for CreateToken {
    const MAY_BE_EMPTY: bool = true;

    fn take_from(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        members.ignore(READ_ONLY);
        Ok(Self {
            label: members.optional("label")?,
            scope: members.optional("scope")?,
            duration: members.optional("duration")?,
        })
    }
}

impl CreateToken {
    fn parse(self) -> Result<(Label, Scope, TokenDuration), InvalidInput> {
        let label = self.label.map(Label::try_from).transpose();
        let scope = self.scope.map(|scope| scope.parse()).transpose();
        let lifetime = self.duration.map(TokenDuration::try_from).transpose();
        Ok((
            label
                .map_err(|error| InvalidInput::field("label", error))?
                .unwrap_or_default(),
            scope
                .map_err(|error| InvalidInput::field("scope", error))?
                .unwrap_or(Scope::Write),
            lifetime
                .map_err(|error| InvalidInput::field("duration", error))?
                .unwrap_or_default(),
        ))
    }
}

/// A token in an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenBody<'a> {
    #[schema(schema_with = members::uri)]
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = members::secret)]
    token: Option<String>,
    #[schema(schema_with = members::label)]
    label: &'a str,
    #[schema(schema_with = members::scope)]
    scope: Scope,
    #[schema(schema_with = members::duration)]
    duration: u32,
    #[schema(schema_with = members::time)]
    created_at: String,
    #[schema(schema_with = members::time)]
    expires_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OneToken)]
pub struct OneToken<'a> {
    token: TokenBody<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TokenList)]
pub struct TokenList<'a> {
    tokens: Vec<TokenBody<'a>>,
}

impl<'a> TokenBody<'a> {
    fn new(base: &BaseUri, token: &'a Token, secret: Option<String>) -> Self {
        Self {
            uri: token_uri(base, token.id),
            token: secret,
            label: token.label.as_str(),
            scope: token.scope,
            duration: token.lifetime.seconds(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at().to_string(),
        }
    }
}

fn token_uri(base: &BaseUri, id: TokenId) -> String {
    format!("{}{API_ROOT}/tokens/{id}", base.0)
}
