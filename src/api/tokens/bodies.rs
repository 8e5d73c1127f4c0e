//! The bodies of requests and responses about tokens.

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::request::RequestBody;
use crate::api::uris::{BaseUri, Uri};
use crate::domain::json::{InvalidInput, Members};
use crate::domain::macros::json_schema;
use crate::domain::time::Timestamp;
use crate::domain::token::{BearerToken, FeedName, Scope, Token, TokenContent};

impl RequestBody for TokenContent {
    const MAY_BE_EMPTY: bool = true;

    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        Self::read(members)
    }
}

/// A token's secret as its owner gets it.
#[derive(Serialize)]
pub struct Secret(String);

json_schema! {
    Secret; "string",
    "The secret, for `Authorization: Bearer …`. Shown this once.",
    "tdo_YWRh.52-_JU1xe9HsJY.XyZ0123456789abcdefghijklmnopqrstuvwxyzABCDE",
    {"pattern": r"^tdo_[A-Za-z0-9_-]+\.[0-9]{2}-[A-Za-z0-9_-]{11}\.[A-Za-z0-9_-]{43}$"}
}

/// A token in a response.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Token")]
pub struct TokenView<'a> {
    uri: Uri,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Secret")]
    token: Option<Secret>,
    /// The URI of the calendar, which opens it without any other credentials. Only with `token`, and
    /// with the scope `calendar`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uri")]
    feed: Option<Uri>,
    #[serde(flatten)]
    content: &'a TokenContent,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl<'a> TokenView<'a> {
    pub fn new(base: &BaseUri, token: &'a Token, secret: Option<&BearerToken>) -> Self {
        let feed = secret.filter(|_| token.content.scope == Scope::Calendar);
        Self {
            feed: feed.map(|bearer| base.feed(&FeedName(bearer.clone()))),
            uri: base.token(token.id),
            token: secret.map(|bearer| Secret(bearer.to_text())),
            content: &token.content,
            created_at: token.created_at,
            expires_at: token.expires_at(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub struct OneToken<'a> {
    pub token: TokenView<'a>,
}

#[derive(Serialize, JsonSchema)]
pub struct TokenList<'a> {
    pub tokens: Vec<TokenView<'a>>,
}
