//! JSON bodies. A request's body is taken apart member by member, so that every refusal can name the
//! member it is about.

use std::borrow::Cow;
use std::fmt;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use mime::Mime;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::api::error::{ApiError, InvalidInput};

/// The largest body that is read, in bytes: every valid task fits, however it is escaped.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// More members than any body knows, few enough that looking for doubles stays cheap.
const MAX_MEMBERS: usize = 64;

/// A request's body as the handler wants it: a JSON object of exactly the members that `T` knows.
pub struct Json<T>(pub T);

/// A body as `Json` takes it, and the very bytes it was read from.
pub struct ExactJson<T> {
    pub body: T,
    pub bytes: Bytes,
}

/// A body that can be read from the members of a JSON object.
pub trait Body: Sized {
    /// Whether `{}` says anything. Where it says nothing, it is refused.
    const MAY_BE_EMPTY: bool = false;

    /// Takes what it knows out of `members`; what it leaves there is unknown.
    fn take_from(members: &mut Members<'_>) -> Result<Self, InvalidInput>;
}

impl<S: Send + Sync, T: Body> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Ok(Self(ExactJson::from_request(request, state).await?.body))
    }
}

impl<S: Send + Sync, T: Body> FromRequest<S> for ExactJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_BODY_BYTES).await;
        if bytes.as_ref().is_ok_and(Bytes::is_empty) {
            return Err(InvalidInput::request("there is no body").into());
        }
        if !says_json(&parts.headers, &parts.method) {
            return Err(ApiError::UnsupportedMediaType(parts.method));
        }
        let bytes = bytes.map_err(|_| ApiError::PayloadTooLarge)?;
        Ok(Self {
            body: parse(&bytes)?,
            bytes,
        })
    }
}

/// Whether the headers announce JSON in UTF-8, not encoded any further.
fn says_json(headers: &HeaderMap, method: &Method) -> bool {
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

fn parse<T: Body>(bytes: &[u8]) -> Result<T, InvalidInput> {
    let malformed = |_| InvalidInput::request("the body is not well-formed JSON");
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        serde_json::from_slice::<&RawValue>(bytes).map_err(malformed)?;
        return Err(InvalidInput::request("the body must be a JSON object"));
    }
    let mut members: Members<'_> = serde_json::from_slice(bytes).map_err(malformed)?;
    if members.all.is_empty() && !T::MAY_BE_EMPTY {
        return Err(InvalidInput::request(
            "the body must have at least one member",
        ));
    }
    if members.too_many {
        return Err(InvalidInput::request("the body has too many members"));
    }
    if let Some(twice) = members.twice.take() {
        return Err(InvalidInput::field(echo(&twice), "is given twice"));
    }
    let body = T::take_from(&mut members)?;
    match members.all.first() {
        Some((unknown, _)) => Err(InvalidInput::field(echo(unknown), "is not known here")),
        None => Ok(body),
    }
}

/// A caller's own word, short enough to be repeated to them.
fn echo(name: &str) -> String {
    name.chars().take(100).collect()
}

/// The members of a JSON object, none parsed yet.
pub struct Members<'a> {
    all: Vec<(Cow<'a, str>, &'a RawValue)>,
    twice: Option<Cow<'a, str>>,
    too_many: bool,
}

/// A JSON type a member can be asked to have.
pub trait JsonType: DeserializeOwned {
    const NAME: &str;

    fn parse(raw: &str) -> Option<Self> {
        serde_json::from_str(raw).ok()
    }
}

impl JsonType for String {
    const NAME: &str = "a string";
}

impl JsonType for i64 {
    const NAME: &str = "a whole number";

    /// However it is written: to JSON Schema and to JavaScript, `600.0` and `6e2` are whole numbers.
    fn parse(raw: &str) -> Option<Self> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        serde_json::from_str(raw).ok().or_else(|| {
            let number: f64 = serde_json::from_str(raw).ok()?;
            let whole = number.fract() == 0.0 && number.abs() <= EXACT;
            // The range makes the conversion exact.
            whole.then(|| format!("{number:.0}").parse().ok())?
        })
    }
}

impl JsonType for bool {
    const NAME: &str = "true or false";
}

impl<'a> Members<'a> {
    /// A member that must be there; null will not do.
    pub fn required<T: JsonType>(&mut self, name: &'static str) -> Result<T, InvalidInput> {
        self.optional(name)?
            .ok_or_else(|| InvalidInput::field(name, "is missing"))
    }

    /// A member that may be absent; null will not do.
    pub fn optional<T: JsonType>(&mut self, name: &'static str) -> Result<Option<T>, InvalidInput> {
        self.take(name).map(|raw| typed(name, raw, "")).transpose()
    }

    /// A member that may be absent (`None`) or null (`Some(None)`).
    pub fn nullable<T: JsonType>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Option<T>>, InvalidInput> {
        match self.take(name) {
            None => Ok(None),
            Some(raw) if raw.get() == "null" => Ok(Some(None)),
            Some(raw) => typed(name, raw, " or null").map(|value| Some(Some(value))),
        }
    }

    /// Members that an answer held and that may come back, whatever they say.
    pub fn ignore(&mut self, names: &[&str]) {
        self.all.retain(|(name, _)| !names.contains(&name.as_ref()));
    }

    fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let index = self.all.iter().position(|(member, _)| member == name)?;
        Some(self.all.swap_remove(index).1)
    }
}

fn typed<T: JsonType>(name: &'static str, raw: &RawValue, or: &str) -> Result<T, InvalidInput> {
    T::parse(raw.get())
        .ok_or_else(|| InvalidInput::field(name, format_args!("must be {}{or}", T::NAME)))
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members {
                    all: Vec::new(),
                    twice: None,
                    too_many: false,
                };
                while let Some((Name(name), value)) = map.next_entry()? {
                    if members.all.iter().any(|(seen, _)| *seen == name) {
                        members.twice.get_or_insert(name);
                    } else if members.all.len() < MAX_MEMBERS {
                        members.all.push((name, value));
                    } else {
                        members.too_many = true;
                    }
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// A member's name, borrowed unless it holds escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// An answer with a JSON body.
pub fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => json_bytes(status, bytes),
        Err(error) => ApiError::Internal(error.into()).into_response(),
    }
}

/// An answer whose body is JSON already.
pub fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    (
        status,
        [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        bytes,
    )
        .into_response()
}
