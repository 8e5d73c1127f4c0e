//! JSON bodies.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Method};
use mime::Mime;

use crate::api::error::ApiError;
use crate::domain::json::{InvalidInput, Members};

/// The largest body that is read of most requests, in bytes: every valid task fits, however it is
/// escaped.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// Members that responses hold and that requests may send back. They are ignored.
pub const READ_ONLY: &[&str] = &[
    "uri",
    "etag",
    "created_at",
    "updated_at",
    "completed_at",
    "deleted_at",
];

/// A body that is read from the members of a JSON object.
pub trait RequestBody: Sized {
    /// Whether `{}` is a valid body.
    const MAY_BE_EMPTY: bool = false;

    /// The largest body that is read, in bytes.
    const MAX_BYTES: usize = MAX_BODY_BYTES;

    /// Reads the members it knows; one that it leaves is refused as unknown.
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput>;
}

/// A request's body, parsed.
pub struct Json<T>(pub T);

/// A request's body, parsed, and the bytes it was parsed from.
pub struct JsonWithBytes<T> {
    pub body: T,
    pub bytes: Bytes,
}

/// A body that is announced as JSON, not parsed yet.
pub struct JsonBytes(pub Bytes);

/// An update in which null resets a member (RFC 7396).
pub struct MergePatch<T>(pub T);

impl<S: Send + Sync, T: RequestBody> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let JsonWithBytes { body, .. } = JsonWithBytes::from_request(request, state).await?;
        Ok(Self(body))
    }
}

impl<S: Send + Sync, T: RequestBody> FromRequest<S> for JsonWithBytes<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = read_json(request, T::MAX_BYTES).await?;
        Ok(Self {
            body: parse(&bytes)?,
            bytes,
        })
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read_json(request, MAX_BODY_BYTES).await.map(Self)
    }
}

/// Reads a body that its headers announce as JSON.
async fn read_json(request: Request, max_bytes: usize) -> Result<Bytes, ApiError> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, max_bytes).await;
    if bytes.as_ref().is_ok_and(Bytes::is_empty) {
        return Err(InvalidInput::request("there is no body").into());
    }
    if !is_json(&parts.headers, &parts.method) {
        return Err(ApiError::UnsupportedMediaType(parts.method));
    }
    bytes.map_err(|_| ApiError::PayloadTooLarge(max_bytes))
}

/// Whether the headers announce JSON in UTF-8, without any further encoding.
fn is_json(headers: &HeaderMap, method: &Method) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return false;
    };
    let Some(mime) = only.to_str().ok().and_then(|raw| raw.parse::<Mime>().ok()) else {
        return false;
    };
    let known = match mime.essence_str() {
        "application/json" => true,
        "application/merge-patch+json" => *method == Method::PATCH,
        _ => false,
    };
    let utf8 = mime
        .params()
        .all(|(name, value)| name == mime::CHARSET && value == mime::UTF_8);
    known && utf8 && !headers.contains_key(CONTENT_ENCODING)
}

fn parse<T: RequestBody>(bytes: &[u8]) -> Result<T, InvalidInput> {
    Members::read(bytes, |members| {
        if members.is_empty() && !T::MAY_BE_EMPTY {
            return Err(InvalidInput::request(
                "the body must have at least one member",
            ));
        }
        members.ignore(READ_ONLY);
        T::read(members)
    })
}
