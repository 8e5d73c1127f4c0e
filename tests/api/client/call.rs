//! Requests, and their responses.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use todo_api::api::request::client_address::SourceIp;
use todo_api::api::uris::BaseUri;
use todo_api::telemetry::RequestRecord;

use super::{BASE, NAME, TestApp, basic};

/// A request that is about to be sent.
pub struct Call<'a> {
    pub(super) app: &'a TestApp,
    pub(super) request: Request,
    pub(super) source: IpAddr,
}

impl Call<'_> {
    pub fn header(mut self, name: impl http::header::IntoHeaderName, value: HeaderValue) -> Self {
        self.request.headers_mut().append(name, value);
        self
    }

    pub fn login(self, name: &str, password: &str) -> Self {
        self.header(AUTHORIZATION, basic(name, password))
    }

    pub fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    pub fn bytes(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = Body::from(body.into());
        self.header(CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// A body without a content type.
    pub fn unmarked(mut self, body: &'static str) -> Self {
        *self.request.body_mut() = Body::from(body);
        self
    }

    pub fn from(mut self, source: [u8; 4]) -> Self {
        self.source = source.into();
        self
    }

    pub async fn send(self) -> TestResponse {
        self.send_within(Duration::from_secs(8)).await
    }

    /// For many requests at one item: how long the last of them takes depends on the machine, and no
    /// deadline is what the test is about.
    pub async fn send_patiently(self) -> TestResponse {
        self.send_within(Duration::from_secs(120)).await
    }

    pub async fn send_within(mut self, patience: Duration) -> TestResponse {
        let extensions = self.request.extensions_mut();
        extensions.insert(BaseUri(BASE.into()));
        extensions.insert(SourceIp(Some(self.source)));
        let response = self
            .app
            .function
            .respond(NAME, Ok(self.request), patience)
            .await;
        TestResponse::read(response).await
    }
}

/// A response, read to its end.
#[derive(Debug)]
pub struct TestResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub record: RequestRecord,
}

impl TestResponse {
    async fn read(response: axum::response::Response) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status.as_u16(),
            record: parts
                .extensions
                .get::<RequestRecord>()
                .cloned()
                .expect("a record"),
            headers: parts.headers,
            bytes: to_bytes(body, usize::MAX).await.expect("a body"),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("a JSON body")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header's only value, or "".
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let value = values
            .next()
            .map_or("", |value| value.to_str().expect("ASCII"));
        assert!(values.next().is_none(), "{name} is given twice");
        value
    }
}
