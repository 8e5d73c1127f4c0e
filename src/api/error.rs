//! Every way a request can fail. The only place that chooses an error's status and writes its body.

use std::borrow::Cow;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, ALLOW, ETAG, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::response::{EntityTag, json};
use crate::auth::AuthError;
use crate::config::Config;
use crate::domain::account::AccountId;
use crate::domain::json::InvalidInput;
use crate::domain::version::Version;
use crate::store::StoreError;
use crate::telemetry;

/// What a handler or an extractor returns instead of a response.
#[derive(Debug)]
pub enum ApiError {
    /// 400: the request is invalid; says which part and why.
    BadRequest(InvalidInput),
    /// 401 (or `AUTH_FAILURE_STATUS`): one response for every way in which credentials can be invalid.
    Unauthorized,
    /// The same 401, for cached credentials that the table has refused: they are evicted.
    StaleCredentials(AccountId),
    /// 403: valid credentials that are not sufficient, or registration is not allowed.
    Forbidden(&'static str),
    /// 404: no such resource, or somebody else's.
    NotFound,
    /// 405: the path has other methods, these.
    MethodNotAllowed(HeaderValue),
    /// 409: the request conflicts with what exists.
    Conflict(&'static str),
    /// 410: what the cursor stands for is no longer known.
    Gone,
    /// 412: the resource has another version than expected: this one.
    PreconditionFailed(Version),
    /// 413: the body is larger than any valid one, which has at most so many bytes.
    PayloadTooLarge(usize),
    /// 415: the body is not JSON, or its `Content-Type` does not say so.
    UnsupportedMediaType(Method),
    /// 422: the request contradicts an earlier one.
    Unprocessable(&'static str),
    /// 429: too many attempts; how long to wait.
    TooManyRequests(Duration),
    /// 500: a fault of the service. The cause goes to the log only.
    Internal(Box<dyn std::error::Error + Send + Sync>),
    /// 503: the database throttled, failed or was too slow. The cause goes to the log only.
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
    /// 503: the request has to wait for something. Nothing is wrong, so no error is logged.
    Pending(Duration),
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
            StoreError::CursorExpired => Self::Gone,
            StoreError::IdempotencyKeyReused => {
                Self::Unprocessable("the Idempotency-Key was used with another body")
            }
            StoreError::UsernameTaken => Self::Conflict("the user name is taken"),
            StoreError::TooManyTokens => Self::Conflict("there are 100 tokens already"),
            StoreError::TooManyLists => Self::Conflict("there are 200 lists already"),
            StoreError::NoSuchList => {
                InvalidInput::field("list", "must be the URI of an existing list").into()
            }
            StoreError::RepeatWithoutDue => {
                InvalidInput::field("repeat", "needs a due date").into()
            }
            StoreError::InboxUndeletable => Self::Conflict("the inbox cannot be deleted"),
            StoreError::CollectionFull => Self::Conflict("the list is full"),
            StoreError::Throttled(_) | StoreError::Unavailable(_) => {
                Self::Unavailable(error.into())
            }
            StoreError::DeletionPending(retry_after) => Self::Pending(retry_after),
            StoreError::Unfinished => Self::Pending(Self::RETRY_AFTER),
            StoreError::Internal(_) => Self::Internal(error.into()),
        }
    }
}

/// The body of every error.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub struct Envelope<'a> {
    /// What kind of error, in the words of the status.
    error: &'static str,
    /// What is wrong, in a sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "&str")]
    detail: Option<Cow<'a, str>>,
    /// The member, the query parameter or the header it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "&str")]
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

/// Gives a response to failed authentication the status that the operator has set.
pub fn apply_auth_failure_status(response: &mut Response, config: &Config) {
    if response
        .extensions()
        .get::<AuthenticationFailed>()
        .is_some()
    {
        *response.status_mut() = config.auth_failure_status;
    }
}

impl ApiError {
    /// When there is no telling how long it will take.
    const RETRY_AFTER: Duration = Duration::from_secs(1);
    const CHALLENGE: HeaderValue =
        HeaderValue::from_static(r#"Basic realm="Authentication Required", charset="UTF-8""#);

    pub fn status(&self) -> StatusCode {
        self.status_and_words().0
    }

    /// The 503 of what the deadline has ended.
    pub fn deadline_passed() -> Self {
        Self::Unavailable("the deadline passed".into())
    }

    /// Records the internal cause of a 500 or a 503 for the log: a response says nothing of it.
    pub fn record_cause(&self) {
        if let Self::Internal(cause) | Self::Unavailable(cause) = self {
            telemetry::cause(self.status(), cause.as_ref());
        }
    }

    /// What the body's `error` says.
    pub fn words(&self) -> &'static str {
        self.status_and_words().1
    }

    fn status_and_words(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "Bad request"),
            Self::Unauthorized | Self::StaleCredentials(_) => {
                (StatusCode::UNAUTHORIZED, "Unauthorized access")
            }
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "Conflict"),
            Self::Gone => (StatusCode::GONE, "Gone"),
            Self::PreconditionFailed(_) => (StatusCode::PRECONDITION_FAILED, "Precondition failed"),
            Self::Unprocessable(_) => (StatusCode::UNPROCESSABLE_ENTITY, "Unprocessable entity"),
            Self::PayloadTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "Payload too large"),
            Self::UnsupportedMediaType(_) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type")
            }
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
            Self::Unavailable(_) | Self::Pending(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "Service unavailable")
            }
        }
    }

    /// The body.
    pub fn envelope(&self) -> Envelope<'_> {
        Envelope {
            error: self.words(),
            detail: self.detail(),
            field: self.field(),
        }
    }

    /// What is wrong, in a sentence for people.
    pub fn detail(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::BadRequest(invalid) => Some(invalid.detail.as_ref().into()),
            Self::Conflict(detail) | Self::Forbidden(detail) | Self::Unprocessable(detail) => {
                Some((*detail).into())
            }
            Self::PayloadTooLarge(most) => {
                Some(format!("a body may have at most {most} bytes").into())
            }
            Self::UnsupportedMediaType(_) => {
                Some("the body must be application/json, in UTF-8".into())
            }
            Self::Unauthorized
            | Self::StaleCredentials(_)
            | Self::NotFound
            | Self::MethodNotAllowed(_)
            | Self::Gone
            | Self::PreconditionFailed(_)
            | Self::TooManyRequests(_)
            | Self::Internal(_)
            | Self::Unavailable(_)
            | Self::Pending(_) => None,
        }
    }

    /// What it is about.
    pub fn field(&self) -> Option<&str> {
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
            Self::PreconditionFailed(current) => {
                let etag = EntityTag::of_version(*current);
                let etag = HeaderValue::from_str(etag.as_str()).ok();
                etag.map(|etag| (ETAG, etag))
            }
            Self::UnsupportedMediaType(method) => Some(accepted_by(method)),
            Self::TooManyRequests(wait) | Self::Pending(wait) => {
                Some((RETRY_AFTER, whole_seconds(*wait).into()))
            }
            Self::Unavailable(_) => Some((RETRY_AFTER, whole_seconds(Self::RETRY_AFTER).into())),
            _ => None,
        }
    }
}

/// Rounded up, and at least one, so that nobody comes back too early.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// The header in which a 415 says what is accepted: `Accept-Post` (LDP 7.1), `Accept-Patch` (RFC 5789 3.1),
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
        self.record_cause();
        let mut response = json(self.status(), &self.envelope());
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
