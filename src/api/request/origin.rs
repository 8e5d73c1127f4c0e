//! Where a request comes from, as far as a browser says: a check against DNS rebinding, with which a
//! foreign page reaches a service under a name of its own.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Uri};

use crate::api::error::ApiError;
use crate::api::state::AppState;
use crate::config::Config;

/// The event's `domainName`, the host that API Gateway was reached by. Comes among a request's
/// extensions. The `Host` header, which the client writes, is no substitute for it.
#[derive(Clone)]
pub struct DomainName(pub Option<Arc<str>>);

/// A request that no foreign page has sent: without `Origin`, or with one of the service's own or of
/// `CORS_ORIGINS`. In a local build, where everybody knows the demo user's password, the `Host` must
/// be this machine's or that of `PUBLIC_URL` too. Anything else is 403.
pub struct TrustedOrigin;

impl FromRequestParts<AppState> for TrustedOrigin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let domain = parts.extensions.get::<DomainName>();
        let domain = domain.and_then(|domain| domain.0.as_deref());
        if !is_trusted(&parts.headers, domain, &app.config) {
            return Err(ApiError::Forbidden("pages of this origin are not allowed"));
        }
        if cfg!(feature = "local") && !is_local(&parts.headers, &app.config) {
            return Err(ApiError::Forbidden(
                "this is not the host of a local service",
            ));
        }
        Ok(Self)
    }
}

fn is_trusted(headers: &HeaderMap, domain: Option<&str>, config: &Config) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return true;
    };
    let own = [
        config.public_url.as_deref().and_then(origin_of),
        domain.map(|domain| format!("https://{domain}")),
    ];
    let is = |own: &String| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes());
    let is_own = own.iter().flatten().any(is);
    origins.next().is_none() && (is_own || config.cors_origins.allowed(origin).is_some())
}

/// The origin of a URL as browsers write it, without a default port.
fn origin_of(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, host) = (uri.scheme_str()?, uri.host()?);
    let default = if scheme == "https" { 443 } else { 80 };
    Some(match uri.port_u16().filter(|port| *port != default) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// Whether the `Host` is this machine's, or that of `PUBLIC_URL`. Browsers always send one.
fn is_local(headers: &HeaderMap, config: &Config) -> bool {
    headers.get_all(HOST).iter().all(|host| {
        let host = host.to_str().ok().and_then(|raw| raw.parse().ok());
        host.is_some_and(|host: Authority| {
            let public = config.public_url.as_deref();
            let public = public.and_then(|url| url.parse::<Uri>().ok());
            let public = public.as_ref().and_then(Uri::host);
            is_loopback(host.host())
                || public.is_some_and(|public| public.eq_ignore_ascii_case(host.host()))
        })
    })
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
