//! Every way a request can fail. The only place that chooses a status or writes an error's body.

use std::borrow::Cow;
use std::fmt::Display;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, ALLOW, ETAG, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::openapi::members;
use crate::api::request::{entity_tag, json_response};
use crate::auth::AuthError;
use crate::domain::account::AccountId;
use crate::domain::version::Version;
use crate::store::StoreError;
use crate::telemetry;

/// What a handler or an extractor answers instead of a result.
#[derive(Debug)]
pub enum ApiError {
    /// 400: what was sent cannot be understood; says which part and why.
    BadRequest(InvalidInput),
    /// 401 (or `AUTH_FAILURE_STATUS`): one answer for every way in which credentials can be wrong.
    Unauthorized,
    /// The same 401, for cached credentials that the table has refused: they are evicted.
    StaleCredentials(AccountId),
    /// 403: right credentials that may not do this, or no leave to register.
    Forbidden(&'static str),
    /// 404: no such thing, or somebody else's.
    NotFound,
    /// 405: the path exists, for the methods named.
    MethodNotAllowed(HeaderValue),
    /// 409: what is asked for cannot stand beside what is there.
    Conflict(&'static str),
    /// 412: what was to be written over is of another version than expected: of this one.
    PreconditionFailed(Version),
    /// 413: the body is larger than any valid one.
    PayloadTooLarge,
    /// 415: the body is not JSON, or does not say so.
    UnsupportedMediaType(Method),
    /// 422: the request contradicts an earlier one.
    Unprocessable(&'static str),
    /// 429: tried too often; how long to wait.
    TooManyRequests(Duration),
    /// 500: a mistake of ours. The cause is for the log alone.
    Internal(Box<dyn std::error::Error + Send + Sync>),
    /// 503: the database throttled, failed or was too slow. The cause is for the log alone.
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
}

/// What is wrong with the input, in words for the caller. `field` names a body's member, a query's
/// parameter or a header.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidInput {
    field: Option<Cow<'static, str>>,
    detail: Cow<'static, str>,
}

impl InvalidInput {
    /// Something is wrong with the request as a whole.
    pub fn request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: None,
            detail: detail.into(),
        }
    }

    /// Something is wrong with `field`; `problem` continues the sentence that begins with its name.
    pub fn field(field: impl Into<Cow<'static, str>>, problem: impl Display) -> Self {
        let field = field.into();
        let detail = format!("{field} {problem}").into();
        Self {
            field: Some(field),
            detail,
        }
    }
}

impl From<InvalidInput> for ApiError {
    fn from(invalid: InvalidInput) -> Self {
        Self::BadRequest(invalid)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::StaleCredentials(account) => Self::StaleCredentials(account),
            StoreError::Changed(current) => Self::PreconditionFailed(current),
            StoreError::InvalidCursor => {
                InvalidInput::field("cursor", "is not one that this list gave").into()
            }
            StoreError::IdempotencyKeyReused => {
                Self::Unprocessable("the Idempotency-Key was used with another body")
            }
            StoreError::UsernameTaken => Self::Conflict("the user name is taken"),
            StoreError::TooManyTokens => Self::Conflict("there are 100 tokens already"),
            StoreError::CollectionFull => Self::Conflict("the list is full"),
            StoreError::Throttled(_) | StoreError::Unavailable(_) => {
                Self::Unavailable(error.into())
            }
            StoreError::Internal(_) => Self::Internal(error.into()),
        }
    }
}

/// What every error answers.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub struct Envelope<'a> {
    #[schema(schema_with = members::error_words)]
    error: &'static str,
    /// What is wrong, in a sentence for people.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The member, the query's parameter or the header it is about.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unauthorized => Self::Unauthorized,
            AuthError::TooManyAttempts(wait) => Self::TooManyRequests(wait),
            AuthError::Store(error) => error.into(),
            AuthError::Internal(cause) => Self::Internal(cause),
        }
    }
}

/// Marks a response to failed authentication, whose status is a setting. Holds the account whose
/// cached logins the table has refused.
#[derive(Clone, Copy)]
pub struct AuthenticationFailed(pub Option<AccountId>);

impl ApiError {
    const RETRY_AFTER_SECONDS: u32 = 1;
    const CHALLENGE: HeaderValue =
        HeaderValue::from_static(r#"Basic realm="Authentication Required", charset="UTF-8""#);

    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "Bad request"),
            Self::Unauthorized | Self::StaleCredentials(_) => {
                (StatusCode::UNAUTHORIZED, "Unauthorized access")
            }
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "Conflict"),
            Self::PreconditionFailed(_) => (StatusCode::PRECONDITION_FAILED, "Precondition failed"),
            Self::Unprocessable(_) => (StatusCode::UNPROCESSABLE_ENTITY, "Unprocessable entity"),
            Self::PayloadTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Payload too large"),
            Self::UnsupportedMediaType(_) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type")
            }
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"),
        }
    }

    /// One error of each kind and when it comes, for the document that describes the API.
    pub fn samples() -> [(Self, &'static str); 13] {
        [
            (
                Self::BadRequest(InvalidInput::field("title", "is missing")),
                "Malformed, or a member, parameter or header cannot be used; `field` names it.",
            ),
            (
                Self::Unauthorized,
                "No, wrong, expired or revoked credentials. The status is a setting: 401 or 403.",
            ),
            (
                Self::Forbidden("this token may only read"),
                "Right credentials that may not do this, or no leave to register.",
            ),
            (Self::NotFound, "No such thing, or somebody else's."),
            (
                Self::MethodNotAllowed(HeaderValue::from_static("GET, HEAD, OPTIONS")),
                "The path has other methods.",
            ),
            (
                Self::Conflict("the user name is taken"),
                "The user name is taken, there are too many tokens, or the list is full.",
            ),
            (
                Self::PreconditionFailed(Version(2)),
                "`If-Match` did not match; the current `ETag` comes with it.",
            ),
            (Self::PayloadTooLarge, "The body is larger than 64 KiB."),
            (
                Self::UnsupportedMediaType(Method::POST),
                "The body is not JSON in UTF-8, or does not say so.",
            ),
            (
                Self::Unprocessable("the Idempotency-Key was used with another body"),
                "The `Idempotency-Key` was used with another body.",
            ),
            (
                Self::TooManyRequests(Duration::from_secs(300)),
                "Tried too often.",
            ),
            (Self::Internal("".into()), "A mistake of the service."),
            (
                Self::Unavailable("".into()),
                "The database throttled, failed or was too slow.",
            ),
        ]
    }

    /// The status, the body, and the headers that may come with it.
    pub fn sample(&self) -> (u16, Value, &'static [&'static str]) {
        let headers: &[_] = match self {
            Self::Unauthorized => &["WWW-Authenticate"],
            Self::MethodNotAllowed(_) => &["Allow"],
            Self::PreconditionFailed(_) => &["ETag"],
            Self::UnsupportedMediaType(_) => &["Accept-Post", "Accept-Patch", "Accept"],
            Self::TooManyRequests(_) | Self::Unavailable(_) => &["Retry-After"],
            _ => &[],
        };
        let body = serde_json::to_value(self.envelope()).unwrap_or_default();
        (self.status().0.as_u16(), body, headers)
    }

    fn envelope(&self) -> Envelope<'_> {
        Envelope {
            error: self.status().1,
            detail: self.detail(),
            field: self.field(),
        }
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::BadRequest(invalid) => Some(&invalid.detail),
            Self::Conflict(detail) | Self::Forbidden(detail) | Self::Unprocessable(detail) => {
                Some(detail)
            }
            Self::PayloadTooLarge => Some("a body may have at most 65536 bytes"),
            Self::UnsupportedMediaType(_) => Some("the body must be application/json, in UTF-8"),
            Self::Unauthorized
            | Self::StaleCredentials(_)
            | Self::NotFound
            | Self::MethodNotAllowed(_)
            | Self::PreconditionFailed(_)
            | Self::TooManyRequests(_)
            | Self::Internal(_)
            | Self::Unavailable(_) => None,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::BadRequest(invalid) => invalid.field.as_deref(),
            _ => None,
        }
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized | Self::StaleCredentials(_) => {
                Some((WWW_AUTHENTICATE, Self::CHALLENGE))
            }
            Self::MethodNotAllowed(allow) => Some((ALLOW, allow.clone())),
            Self::PreconditionFailed(current) => HeaderValue::try_from(entity_tag(*current))
                .ok()
                .map(|etag| (ETAG, etag)),
            Self::UnsupportedMediaType(method) => Some(accepted_by(method)),
            Self::TooManyRequests(wait) => Some((RETRY_AFTER, whole_seconds(*wait).into())),
            Self::Unavailable(_) => Some((RETRY_AFTER, Self::RETRY_AFTER_SECONDS.into())),
            _ => None,
        }
    }
}

/// Rounded up, and at least one: whoever waits that long has waited long enough.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// How a 415 says what it would have taken: `Accept-Post` (LDP 7.1), `Accept-Patch` (RFC 5789 3.1),
/// for PUT `Accept` (RFC 9110 15.5.16).
fn accepted_by(method: &Method) -> (HeaderName, HeaderValue) {
    let json = HeaderValue::from_static("application/json");
    let patch = HeaderValue::from_static("application/json, application/merge-patch+json");
    match *method {
        Method::POST => (HeaderName::from_static("accept-post"), json),
        Method::PATCH => (HeaderName::from_static("accept-patch"), patch),
        _ => (ACCEPT, json),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(cause) | Self::Unavailable(cause) = &self {
            telemetry::cause(cause.as_ref());
        }
        let mut response = json_response(self.status().0, &self.envelope());
        response.headers_mut().extend(self.header());
        match self {
            Self::Unauthorized => {
                response.extensions_mut().insert(AuthenticationFailed(None));
            }
            Self::StaleCredentials(account) => {
                let failed = AuthenticationFailed(Some(account));
                response.extensions_mut().insert(failed);
            }
            _ => {}
        }
        response
    }
}
