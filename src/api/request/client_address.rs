//! Where a request comes from.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::auth::ClientAddress;

/// The peer's address as API Gateway saw it, among a request's extensions. No header changes it.
#[derive(Clone, Copy)]
pub struct SourceIp(pub Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(client_address(parts))
    }
}

pub(super) fn client_address(parts: &Parts) -> ClientAddress {
    let source_ip = parts.extensions.get::<SourceIp>();
    ClientAddress::new(source_ip.and_then(|source_ip| source_ip.0))
}
