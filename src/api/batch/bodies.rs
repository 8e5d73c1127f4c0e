//! The bodies of a batch, and of its response.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::header::{
    CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, Method, Uri};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::api::request::RequestBody;
use crate::domain::json::{self, FromJson, InvalidInput, Members, Problem};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What `POST /batch` takes.
#[derive(JsonSchema)]
pub struct Batch {
    pub requests: BatchRequests,
}

impl RequestBody for Batch {
    const MAX_BYTES: usize = 1024 * 1024;

    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        Ok(Self {
            requests: members.value("requests")?,
        })
    }
}

/// 1 to 50 requests.
pub struct BatchRequests(pub Vec<BatchRequest>);

impl BatchRequests {
    const MAX: usize = 50;
}

impl FromJson for BatchRequests {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        json::filled_array(json, Self::MAX).map(Self)
    }
}

const HEADER_VALUE: &str = r"^[^\u0000-\u0008\u000a-\u001f\u007f]*$";

impl JsonSchema for BatchRequests {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BatchRequests".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "description": "They run one after another, each as if it had come alone.",
            "minItems": 1,
            "maxItems": Self::MAX,
            "items": {
                "type": "object",
                "required": ["method", "uri"],
                "additionalProperties": false,
                "properties": {
                    "method": {
                        "type": "string",
                        "enum": ["POST", "PUT", "PATCH", "DELETE"],
                    },
                    "uri": {
                        "type": "string",
                        "description": "Below this API's root: absolute, or as a path.",
                    },
                    "headers": {
                        "type": "object",
                        "additionalProperties": false,
                        "properties": {
                            "If-Match": {"type": "string", "pattern": HEADER_VALUE},
                            "Idempotency-Key": {"type": "string", "pattern": HEADER_VALUE},
                        },
                    },
                    "body": {"description": "The request's body; its bytes are kept as they are."},
                },
            },
        })
    }
}

/// One request of a batch, its body as the bytes that were sent.
pub struct BatchRequest {
    pub method: String,
    pub uri: String,
    headers: BatchHeaders,
    body: Option<Bytes>,
}

impl FromJson for BatchRequest {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        json::object(json, |members| {
            Ok(Self {
                method: members.value("method")?,
                uri: members.value("uri")?,
                headers: members.value("headers")?,
                body: members
                    .optional::<Box<RawValue>>("body")?
                    .map(|body| Bytes::from(Box::<str>::from(body).into_string())),
            })
        })
    }
}

impl BatchRequest {
    /// The request as it would have come alone, but for its credentials.
    pub fn into_request(self, (method, uri): (Method, Uri)) -> Request {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.0;
        if let Some(body) = self.body {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            *request.body_mut() = Body::from(body);
        }
        request
    }
}

/// The headers that a request of a batch may have.
#[derive(Default)]
struct BatchHeaders(HeaderMap);

impl FromJson for BatchHeaders {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let read = json::object(json, |members| {
            let mut headers = HeaderMap::new();
            let all = members.take_all();
            let valid = all.iter().all(|(name, value)| {
                allowed_header(name, value)
                    .is_some_and(|(name, value)| headers.insert(name, value).is_none())
            });
            Ok(valid.then_some(Self(headers)))
        });
        read.ok().flatten().ok_or_else(|| {
            Problem::invalid(
                "must be an object with If-Match, Idempotency-Key, or both, each once and a string",
            )
        })
    }

    fn when_absent() -> Option<Self> {
        Some(Self::default())
    }
}

fn allowed_header(name: &str, value: &RawValue) -> Option<(HeaderName, HeaderValue)> {
    let allowed = [IF_MATCH, IDEMPOTENCY_KEY];
    let known = |allowed: &HeaderName| name.eq_ignore_ascii_case(allowed.as_str());
    let value = String::from_json(value).ok()?;
    // White space around it is not part of a header's value.
    let value = value.trim_matches([' ', '\t']).as_bytes();
    Some((
        allowed.into_iter().find(known)?,
        HeaderValue::from_bytes(value).ok()?,
    ))
}

/// What a batch responds with.
#[derive(Default, Serialize, JsonSchema)]
pub struct BatchResult {
    /// In the order of the requests.
    responses: Vec<BatchResponse>,
    #[serde(skip)]
    body_bytes: u64,
}

/// The response to one request of a batch.
#[derive(Serialize, JsonSchema)]
struct BatchResponse {
    #[schemars(range(min = 200, max = 599))]
    status: u16,
    /// Those of `ETag`, `Location`, `Retry-After`, `Idempotency-Replayed` and `WWW-Authenticate` that it has.
    headers: BTreeMap<&'static str, String>,
    /// As it would be alone; null once the batch has 2.5 MB of bodies.
    #[schemars(with = "Option<Map<String, Value>>")]
    body: Option<Box<RawValue>>,
}

/// The headers that say something about what a request did. The others of a response are about how it
/// was sent.
const SHOWN: [(HeaderName, &str); 5] = [
    (ETAG, "ETag"),
    (LOCATION, "Location"),
    (RETRY_AFTER, "Retry-After"),
    (IDEMPOTENCY_REPLAYED, "Idempotency-Replayed"),
    (WWW_AUTHENTICATE, "WWW-Authenticate"),
];

impl BatchResult {
    /// With this many bytes of bodies, further bodies are left out. Lambda sends at most 6 MB, in which
    /// escaping can double every byte.
    const ENOUGH_BYTES: u64 = 2_500_000;

    /// Adds a response of the router, whose body is in memory already.
    pub async fn add(&mut self, response: Response) {
        let (parts, body) = response.into_parts();
        let headers = SHOWN.into_iter().filter_map(|(name, shown)| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some((shown, value.to_owned()))
        });
        let body = match self.body_bytes < Self::ENOUGH_BYTES {
            true => {
                self.body_bytes += body.size_hint().lower();
                json_of(body).await
            }
            false => None,
        };
        self.responses.push(BatchResponse {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body,
        });
    }
}

async fn json_of(body: Body) -> Option<Box<RawValue>> {
    let bytes = to_bytes(body, usize::MAX).await.ok()?;
    RawValue::from_string(String::from_utf8(bytes.into()).ok()?).ok()
}
