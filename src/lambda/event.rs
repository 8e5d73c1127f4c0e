//! API Gateway's proxy events, of HTTP APIs (format 2.0) and REST APIs (format 1.0).

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::ops::Deref;

use axum::body::Body;
use axum::extract::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::Serializer;
use http::header::HOST;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::api::error::ApiError;
use crate::api::request::DomainName;
use crate::api::request::client_address::SourceIp;
use crate::api::uris::BaseUri;
use crate::config::Config;
use crate::domain::json::InvalidInput;

/// The members that are used of either format. All are optional, so that any event can be parsed
/// and gets a response.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event<'a> {
    #[serde(borrow)]
    version: Option<Text<'a>>,
    #[serde(borrow)]
    raw_path: Option<Text<'a>>,
    #[serde(borrow)]
    raw_query_string: Option<Text<'a>>,
    #[serde(borrow)]
    http_method: Option<Text<'a>>,
    #[serde(borrow)]
    path: Option<Text<'a>>,
    #[serde(borrow)]
    query_string_parameters: Pairs<'a, Text<'a>>,
    #[serde(borrow)]
    multi_value_query_string_parameters: Pairs<'a, Vec<Text<'a>>>,
    #[serde(borrow)]
    headers: Pairs<'a, Text<'a>>,
    #[serde(borrow)]
    multi_value_headers: Pairs<'a, Vec<Text<'a>>>,
    #[serde(borrow)]
    request_context: Option<RequestContext<'a>>,
    #[serde(borrow)]
    body: Option<Text<'a>>,
    is_base64_encoded: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RequestContext<'a> {
    #[serde(borrow)]
    domain_name: Option<Text<'a>>,
    #[serde(borrow)]
    path: Option<Text<'a>>,
    #[serde(borrow)]
    http: Option<Http<'a>>,
    #[serde(borrow)]
    identity: Option<Identity<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Http<'a> {
    #[serde(borrow)]
    method: Option<Text<'a>>,
    #[serde(borrow)]
    source_ip: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(borrow)]
    source_ip: Option<Text<'a>>,
}

/// A string borrowed from the event, or an owned one when it contains escapes.
#[derive(Deserialize, PartialEq, Eq)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The entries of a JSON object, in order; null counts as an empty object.
struct Pairs<'a, V>(Vec<(Text<'a>, V)>);

impl<V> Default for Pairs<'_, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Pairs<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Pairs<'de, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or null")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Pairs::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_any(Entries(PhantomData))
    }
}

/// The 400 for an event whose `part` makes no valid request.
pub fn malformed(part: &'static str) -> ApiError {
    InvalidInput::request(format!("the request's {part} is malformed")).into()
}

impl<'a> Event<'a> {
    pub fn parse(payload: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(payload)
    }

    /// Whether a REST API sent the event. Only the version tells: `cargo lambda watch` adds an
    /// `httpMethod` to the events of HTTP APIs.
    pub fn is_rest(&self) -> bool {
        self.version.as_deref() != Some("2.0")
    }

    /// Converts the event to a request, with `BaseUri` and `SourceIp` among its extensions.
    pub fn to_request(&self, config: &Config) -> Result<Request, ApiError> {
        let headers = self.headers()?;
        let base = BaseUri(self.base(&headers, config)?.into());
        let mut request = Request::new(self.body()?);
        *request.method_mut() = self.method()?;
        *request.uri_mut() = self.uri()?;
        *request.headers_mut() = headers;
        request.extensions_mut().insert(base);
        request.extensions_mut().insert(SourceIp(self.source_ip()));
        let domain = self.domain_name().map(Into::into);
        request.extensions_mut().insert(DomainName(domain));
        Ok(request)
    }

    fn method(&self) -> Result<Method, ApiError> {
        let name = match self.is_rest() {
            true => self.http_method.as_deref(),
            false => self.http().and_then(|http| http.method.as_deref()),
        };
        let method = name.and_then(|name| name.parse().ok());
        method.ok_or_else(|| malformed("method"))
    }

    fn uri(&self) -> Result<Uri, ApiError> {
        let (path, query) = match self.is_rest() {
            true => (&self.path, Cow::Owned(self.form_encoded_query())),
            false => (
                &self.raw_path,
                Cow::Borrowed(self.raw_query_string.as_deref().unwrap_or("")),
            ),
        };
        let path = path.as_deref().unwrap_or("/");
        let mut raw = utf8_percent_encode(path, NOT_IN_A_PATH).to_string();
        if !query.is_empty() {
            raw.push('?');
            raw.extend(utf8_percent_encode(&query, NOT_IN_A_QUERY));
        }
        let path_and_query = PathAndQuery::try_from(raw)
            .ok()
            .filter(|_| path.starts_with('/'));
        path_and_query
            .map(Uri::from)
            .ok_or_else(|| malformed("path"))
    }

    /// The query, encoded again: a REST API sends the parameters decoded.
    fn form_encoded_query(&self) -> String {
        let mut query = Serializer::new(String::new());
        if self.multi_value_query_string_parameters.0.is_empty() {
            query.extend_pairs(
                self.query_string_parameters
                    .0
                    .iter()
                    .map(|(k, v)| (&**k, &**v)),
            );
        }
        for (name, values) in &self.multi_value_query_string_parameters.0 {
            query.extend_pairs(values.iter().map(|value| (&**name, &**value)));
        }
        query.finish()
    }

    /// All headers. A REST API sends every value of a repeated header only in `multiValueHeaders`.
    fn headers(&self) -> Result<HeaderMap, ApiError> {
        let mut headers = HeaderMap::new();
        let mut add = |name: &str, value: &str| {
            let name = HeaderName::try_from(name).map_err(|_| malformed("headers"))?;
            // `from_str` would reject text that is not ASCII.
            let value =
                HeaderValue::from_bytes(value.as_bytes()).map_err(|_| malformed("headers"))?;
            headers
                .try_append(name, value)
                .map_err(|_| malformed("headers"))?;
            Ok::<_, ApiError>(())
        };
        if self.multi_value_headers.0.is_empty() {
            for (name, value) in &self.headers.0 {
                add(name, value)?;
            }
        }
        for (name, values) in &self.multi_value_headers.0 {
            values.iter().try_for_each(|value| add(name, value))?;
        }
        Ok(headers)
    }

    fn body(&self) -> Result<Body, ApiError> {
        let Some(body) = self.body.as_deref() else {
            return Ok(Body::empty());
        };
        if self.is_base64_encoded == Some(true) {
            let bytes = STANDARD.decode(body).map_err(|_| malformed("body"))?;
            return Ok(Body::from(bytes));
        }
        Ok(Body::from(body.to_owned()))
    }

    fn source_ip(&self) -> Option<IpAddr> {
        let context = self.request_context.as_ref()?;
        let raw = match self.is_rest() {
            true => &context.identity.as_ref()?.source_ip,
            false => &context.http.as_ref()?.source_ip,
        };
        raw.as_deref()?.parse().ok()
    }

    fn http(&self) -> Option<&Http<'a>> {
        self.request_context.as_ref()?.http.as_ref()
    }

    /// The base URI: scheme, host, and the stage or base path of a REST API.
    fn base(&self, headers: &HeaderMap, config: &Config) -> Result<String, ApiError> {
        let host = self.host(headers)?;
        if let Some(public_url) = &config.public_url {
            return Ok(public_url.clone());
        }
        let forwarded = headers.get("x-forwarded-proto").map(HeaderValue::as_bytes);
        let scheme = if forwarded == Some(b"https") {
            "https"
        } else {
            "http"
        };
        Ok(format!("{scheme}://{host}{}", self.base_path()))
    }

    /// The host that API Gateway was reached by.
    fn domain_name(&self) -> Option<&str> {
        self.request_context.as_ref()?.domain_name.as_deref()
    }

    /// The host. An invalid `Host` is a 400 (RFC 9112, section 3.2).
    fn host(&self, headers: &HeaderMap) -> Result<String, ApiError> {
        let host = match headers.get(HOST) {
            Some(host) => host.to_str().map_err(|_| malformed("host"))?,
            None => self.domain_name().unwrap_or("localhost"),
        };
        let authority: Authority = host.parse().map_err(|_| malformed("host"))?;
        let port_is_number = authority.port_u16().is_some() || !host_has_port(&authority);
        if authority.host().is_empty() || host.contains('@') || !port_is_number {
            return Err(malformed("host"));
        }
        Ok(host.to_owned())
    }

    /// What a REST API's stage or base path puts in front of the path.
    fn base_path(&self) -> &str {
        let context = self.request_context.as_ref().filter(|_| self.is_rest());
        let whole = context
            .and_then(|context| context.path.as_deref())
            .unwrap_or("");
        whole
            .strip_suffix(self.path.as_deref().unwrap_or(""))
            .unwrap_or("")
    }
}

fn host_has_port(authority: &Authority) -> bool {
    authority.as_str().len() > authority.host().len()
}

/// The characters that neither a path nor a query may contain (RFC 3986, sections 3.3 and 3.4). `%`
/// is not among them, because the client may have encoded the path itself.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
const NOT_IN_A_PATH: &AsciiSet = &NOT_IN_A_QUERY
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
