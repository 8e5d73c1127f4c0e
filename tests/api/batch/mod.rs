//! `POST /batch`: each of its requests is answered as if it had come alone.

mod bounds;
mod credentials;
mod envelope;
mod every_kind;
mod logs;

use std::collections::BTreeMap;

use http::{HeaderValue, Method};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::client::{TASKS, TestApp, TestResponse, User};
use crate::wire::Fault::{Pass, Refuse};

pub const BATCH: &str = "/todo/api/v1.0/batch";

/// One request of a batch: method, URI, headers, and the body's text.
#[derive(Clone)]
struct Part {
    method: &'static str,
    uri: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Option<String>,
}

fn part(method: &'static str, uri: impl Into<String>, body: &str) -> Part {
    Part {
        method,
        uri: uri.into(),
        headers: Vec::new(),
        body: (!body.is_empty()).then(|| body.to_owned()),
    }
}

impl Part {
    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    fn to_json(&self) -> String {
        let headers = self.headers.iter().copied();
        let mut part = json!({
            "method": self.method,
            "uri": self.uri,
            "headers": headers.collect::<BTreeMap<_, _>>(),
        });
        let Some(body) = &self.body else {
            return part.to_string();
        };
        part["body"] = "BODY".into();
        // Its bytes as they are.
        part.to_string().replace("\"BODY\"", body)
    }

    async fn send(&self, user: &User<'_>) -> TestResponse {
        let method = Method::from_bytes(self.method.as_bytes()).expect("a method");
        let mut call = user.request(method, &self.uri);
        for (name, value) in &self.headers {
            call = call.header(*name, HeaderValue::from_static(value));
        }
        if let Some(body) = &self.body {
            call = call.bytes("application/json", body.clone());
        }
        call.send().await
    }
}

fn body_of(parts: &[Part]) -> String {
    let parts: Vec<_> = parts.iter().map(Part::to_json).collect();
    format!(r#"{{"requests": [{}]}}"#, parts.join(",\n"))
}

async fn send(user: &User<'_>, parts: &[Part]) -> TestResponse {
    let call = user.request(Method::POST, BATCH);
    call.bytes("application/json", body_of(parts)).send().await
}

/// A response of a batch, its body as it was written.
#[derive(Deserialize)]
struct PartResponse {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Option<Box<RawValue>>,
}

fn responses(batch: &TestResponse) -> Vec<PartResponse> {
    assert_eq!(batch.status, 200, "{batch:?}");
    #[derive(Deserialize)]
    struct Responses {
        responses: Vec<PartResponse>,
    }
    let all: Responses = serde_json::from_slice(&batch.bytes).expect("responses");
    all.responses
}

fn statuses(batch: &TestResponse) -> Vec<u16> {
    responses(batch).iter().map(|part| part.status).collect()
}

/// Without the times, which differ from run to run.
fn timeless(text: &str) -> String {
    let mut parts = text.split("_at\":\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "_at\":\"" + &part[24..])
}

/// The headers that every response has, however it came about.
const OF_EVERY_RESPONSE: [&str; 8] = [
    "cache-control",
    "content-length",
    "content-type",
    "referrer-policy",
    "strict-transport-security",
    "vary",
    "x-content-type-options",
    "x-request-id",
];

/// An alone response in the form of a batch's.
fn as_part(alone: &TestResponse) -> (u16, Vec<(String, String)>, String) {
    let headers = alone
        .headers
        .iter()
        .filter(|(name, _)| !OF_EVERY_RESPONSE.contains(&name.as_str()));
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().expect("ASCII").to_owned()));
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    let body = String::from_utf8(alone.bytes.to_vec()).expect("UTF-8");
    (alone.status, headers, timeless(&body))
}

fn in_batch(part: &PartResponse) -> (u16, Vec<(String, String)>, String) {
    let headers = part
        .headers
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.clone()));
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    (
        part.status,
        headers,
        timeless(part.body.as_ref().expect("a body").get()),
    )
}

fn task(id: u32) -> String {
    format!("{TASKS}/{id}")
}

/// A service where task 3 meets a fault of the database once, task 4 one that lasts, and task 5 no space.
async fn prepared() -> TestApp {
    let app = TestApp::start().await;
    app.user("ada").await.get(TASKS).send().await;
    app.wire.fail(
        "UpdateItem task#000000000003",
        Refuse(400, "ResourceNotFoundException"),
    );
    app.wire.rule(|call| match call {
        "UpdateItem task#000000000004" => Refuse(400, "ProvisionedThroughputExceededException"),
        "UpdateItem task#000000000005" => Refuse(400, "ItemCollectionSizeLimitExceededException"),
        _ => Pass,
    });
    app.wire.take_calls();
    app
}
