//! The messages of the protocol: JSON-RPC 2.0 as the Model Context Protocol uses it over HTTP. Two eras
//! share one address. Since revision 2026-07-28, every request carries its version and the client's
//! capabilities in `_meta`, and headers repeat parts of the body. Before, a client began with
//! `initialize`; what it agrees on there is all that a stateless server needs to know.
//!
//! <https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http>

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::rpc_error::RpcError;

/// The revision whose requests describe themselves.
pub const MODERN: &str = "2026-07-28";
/// The revisions that a client may agree on with `initialize`, the newest first.
pub const LEGACY: [&str; 2] = ["2025-11-25", "2025-06-18"];

/// All of them, the newest first.
pub const SUPPORTED: [&str; 3] = [MODERN, LEGACY[0], LEGACY[1]];

const VERSION: &str = "mcp-protocol-version";
const METHOD: &str = "mcp-method";
const NAME: &str = "mcp-name";

/// Whether a request describes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    Modern,
    /// After an `initialize`, or that itself.
    Legacy,
}

/// A request or a notification, before its headers are compared with it.
#[derive(Deserialize)]
pub struct Message<'a> {
    #[serde(borrow)]
    jsonrpc: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub method: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
}

/// The parameters that are used of any method. Unknown ones may be there.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Params<'a> {
    #[serde(borrow)]
    pub name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    pub cursor: Option<&'a RawValue>,
    /// Of `initialize`.
    #[serde(borrow, rename = "protocolVersion")]
    pub version: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    capabilities: Option<&'a RawValue>,
}

/// A member that is there, even as null.
fn present<'de, D: Deserializer<'de>>(json: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(json).map(Some)
}

impl<'a> Message<'a> {
    /// Parses a body. An array of messages, and a response, are no message that a server takes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RpcError> {
        let json: &RawValue = serde_json::from_slice(bytes).map_err(|_| RpcError::not_json())?;
        let message = serde_json::from_str(json.get()).ok();
        let message = message.filter(|message: &Self| {
            let id = message.id.is_none_or(is_id);
            let params = message.params.is_none_or(is_object);
            json.get().starts_with('{') && message.jsonrpc == "2.0" && id && params
        });
        message.ok_or_else(RpcError::not_a_request)
    }

    /// The id to respond under; `None` for a notification.
    pub fn id(&self) -> Option<&'a RawValue> {
        self.id
    }

    /// The era and the parameters of a request whose headers agree with it.
    pub fn check(&self, headers: &HeaderMap) -> Result<(Era, Params<'a>), RpcError> {
        let params = self.params.map_or("{}", RawValue::get);
        let params: Params<'_> =
            serde_json::from_str(params).map_err(|_| RpcError::malformed_params())?;
        let version = header(headers, VERSION)?;
        let meta = params.meta.as_ref();
        let described = meta.is_some_and(|meta| meta.version.is_some());
        // Earlier revisions do not know these.
        if described || version == Some(MODERN) || self.method == "server/discover" {
            self.check_modern(headers, &params)?;
            return Ok((Era::Modern, params));
        }
        match version {
            Some(version) if LEGACY.contains(&version) => Ok((Era::Legacy, params)),
            Some(version) => Err(RpcError::unsupported_version(version)),
            // Until `initialize` has its response there is no version to name, and a client may only ping.
            None if matches!(&*self.method, "initialize" | "ping") => Ok((Era::Legacy, params)),
            // The revisions that know no such header are not supported.
            None => Err(RpcError::missing_header(VERSION)),
        }
    }

    fn check_modern(&self, headers: &HeaderMap, params: &Params<'_>) -> Result<(), RpcError> {
        let meta = params.meta.as_ref();
        let version = meta.and_then(|meta| meta.version.as_deref());
        let version = version.ok_or_else(|| RpcError::missing_meta("protocolVersion"))?;
        let mut repeated = vec![(VERSION, version), (METHOD, &*self.method)];
        if self.method == "tools/call" {
            let name = params.name.as_deref();
            let name = name.ok_or_else(|| RpcError::invalid_params("name is missing"))?;
            repeated.push((NAME, name));
        }
        for (name, value) in repeated {
            let sent = header(headers, name)?.ok_or_else(|| RpcError::missing_header(name))?;
            let matches = match name {
                NAME => decoded(sent).as_deref() == Some(value),
                _ => sent == value,
            };
            if !matches {
                return Err(RpcError::header_mismatch(name));
            }
        }
        if version != MODERN {
            return Err(RpcError::unsupported_version(version));
        }
        let capabilities = meta.and_then(|meta| meta.capabilities);
        match capabilities.is_some_and(is_object) {
            true => Ok(()),
            false => Err(RpcError::missing_meta("clientCapabilities")),
        }
    }
}

fn is_object(json: &RawValue) -> bool {
    json.get().starts_with('{')
}

/// A string or a whole number.
fn is_id(json: &RawValue) -> bool {
    let raw = json.get();
    raw.starts_with('"') || raw.parse::<i64>().is_ok() || raw.parse::<u64>().is_ok()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, RpcError> {
    let mut all = headers.get_all(name).iter();
    match (all.next().map(HeaderValue::to_str), all.next()) {
        (None, _) => Ok(None),
        (Some(Ok(only)), None) => Ok(Some(only)),
        _ => Err(RpcError::malformed_header(name)),
    }
}

/// A header's value, which is in Base64 where it would not be plain ASCII.
fn decoded(sent: &str) -> Option<Cow<'_, str>> {
    let encoded = sent
        .strip_prefix("=?base64?")
        .and_then(|sent| sent.strip_suffix("?="));
    let Some(encoded) = encoded else {
        return Some(sent.into());
    };
    let bytes = STANDARD.decode(encoded).ok()?;
    Some(String::from_utf8(bytes).ok()?.into())
}
