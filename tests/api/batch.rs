//! `POST /batch`: each of its requests is answered as if it had come alone.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderValue, Method};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use todo_api::lambda::LambdaResponse;

use crate::client::{BASE, LISTS, PASSWORD, TASKS, TestApp, TestResponse, USERS, User, basic};
use crate::wire::Fault::{Hold, Pass, Refuse};
use crate::wire::Gate;

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

/// 50 requests, of which each kind of error has at least one. The first seven make tasks 1 to 7.
fn of_every_kind() -> Vec<Part> {
    let milk = r#"{"title": "Buy milk"}"#;
    let mut parts: Vec<_> = (1..=6).map(|_| part("POST", TASKS, milk)).collect();
    parts.extend([
        // With a key, its replay, and the same key with other bytes.
        part("POST", TASKS, r#"{ "title":"Ж \ud83d\ude00", "tags": [] }"#)
            .with("Idempotency-Key", "k1"),
        part("POST", TASKS, r#"{ "title":"Ж \ud83d\ude00", "tags": [] }"#)
            .with("Idempotency-Key", "k1"),
        part("POST", TASKS, r#"{"title":"Ж \ud83d\ude00","tags":[]}"#)
            .with("Idempotency-Key", "k1"),
        part("POST", TASKS, milk).with("Idempotency-Key", ""),
        // Bodies that are refused.
        part("POST", TASKS, ""),
        part("POST", TASKS, "[]"),
        part("POST", TASKS, "null"),
        part("POST", TASKS, "{}"),
        part("POST", TASKS, r#"{"title": "x", "title": "y"}"#),
        part("POST", TASKS, r#"{"title": " "}"#),
        part("POST", TASKS, r#"{"title": "x", "don": true}"#),
        part("POST", TASKS, r#"{"title": "x", "steps": [{"title": ""}]}"#),
        part(
            "POST",
            TASKS,
            &format!(r#"{{"title": "{}"}}"#, "x".repeat(262_144)),
        ),
        // In lists.
        part("POST", format!("{LISTS}/inbox/tasks"), milk),
        part("POST", format!("{LISTS}/77/tasks"), milk),
        part("POST", format!("{LISTS}/abc/tasks"), milk),
        part("POST", TASKS, r#"{"title": "x", "list": "/lists/77"}"#),
        // Changes, with and without conditions.
        part("PUT", task(1), r#"{"done": true}"#),
        part("PUT", task(1), r#"{"title": "x"}"#).with("If-Match", "\"1.1\""),
        part("PUT", task(1), r#"{"title": "x"}"#).with("if-match", "\"1.2\""),
        part("PUT", task(1), r#"{"title": null}"#),
        part("PUT", task(1), r#"{"title": "x"}"#).with("If-Match", "1.2"),
        part(
            "PATCH",
            task(2),
            r#"{"due": "2026-12-24", "priority": null}"#,
        ),
        part("PATCH", task(2), r#"{"due": "2026-13-24"}"#),
        part("PATCH", task(2), r#"{"description": null}"#).with("If-Match", "*"),
        part(
            "PATCH",
            format!("{BASE}{}?x=y", task(2)),
            r#"{"done": false}"#,
        ),
        // Nothing there.
        part("PUT", task(77), r#"{"done": true}"#),
        part("PATCH", task(77), r#"{"done": true}"#).with("If-Match", "\"1.1\""),
        part("DELETE", task(77), ""),
        part("DELETE", format!("{TASKS}/abc"), ""),
        part("PUT", format!("{TASKS}/01"), r#"{"done": true}"#),
        // DynamoDB's own: see `prepared`.
        part("PUT", task(3), r#"{"title": "x"}"#),
        part("PUT", task(4), r#"{"title": "x"}"#),
        part("PUT", task(5), r#"{"title": "x"}"#),
        part("PUT", task(3), r#"{"title": "x"}"#),
        // Deletions.
        part("DELETE", task(1), "").with("If-Match", "\"1.1\""),
        part("DELETE", task(1), ""),
        part("DELETE", task(1), ""),
        part("PUT", task(1), r#"{"done": true}"#),
        part("DELETE", task(2), r#"{"ignored": true}"#),
        part("POST", TASKS, milk),
        part(
            "POST",
            TASKS,
            r#"{"title": "z", "done": true, "uri": "x", "order": -0.5}"#,
        ),
        part("DELETE", format!("{TASKS}/%31"), ""),
        part(
            "PUT",
            task(6),
            r#"{"steps": [{"title": "a"}], "tags": ["b"], "description": "c\nd"}"#,
        ),
    ]);
    parts
}

const KINDS: [u16; 11] = [200, 201, 400, 404, 409, 412, 413, 422, 500, 503, 201];

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

#[tokio::test]
async fn fifty_requests_are_answered_as_each_alone_and_cost_the_same_calls() {
    let parts = of_every_kind();
    assert_eq!(parts.len(), 50);
    let (alone, together) = (prepared().await, prepared().await);
    let login = basic("ada", PASSWORD);
    let mut expected = Vec::new();
    let mut units = 0.0;
    for part in &parts {
        let response = part.send(&alone.holder(login.clone())).await;
        units += response.record.units;
        expected.push(as_part(&response));
    }
    let batch = send(&together.holder(login), &parts).await;

    let found = responses(&batch);
    for ((part, found), expected) in parts.iter().zip(&found).zip(&expected) {
        assert_eq!(in_batch(found), *expected, "{} {}", part.method, part.uri);
    }
    assert_eq!(found.len(), expected.len());
    for kind in KINDS {
        assert!(found.iter().any(|part| part.status == kind), "{kind}");
    }
    let calls = together.wire.take_targets();
    assert_eq!(batch.record.dynamodb_calls as usize, calls.len());
    // How often a call is retried within a time is chance.
    let of_others = |calls: Vec<String>| -> Vec<String> {
        calls
            .into_iter()
            .filter(|call| !call.ends_with("task#000000000004"))
            .collect()
    };
    assert_eq!(of_others(calls), of_others(alone.wire.take_targets()));
    assert_eq!(batch.record.units, units);
}

#[tokio::test]
async fn a_batch_is_one_line_in_the_log() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.lines.take();
    let parts = [
        part("POST", TASKS, r#"{"title": "Buy milk"}"#),
        part("PUT", task(77), r#"{"done": true}"#),
        part("DELETE", task(1), ""),
    ];
    let batch = send(&ada, &parts).await;

    assert_eq!(statuses(&batch), [201, 404, 200]);
    let lines = app.lines.take();
    assert_eq!(lines.lines().count(), 1);
    let line: Value = serde_json::from_str(&lines).expect("JSON");
    let logged = [
        "Route",
        "method",
        "status",
        "parts",
        "worst_status",
        "dynamodb_calls",
        "level",
    ];
    let logged = logged.map(|name| line[name].clone());
    let expected = json!([BATCH, "POST", 200, 3, 404, 4, "INFO"]);
    assert_eq!(json!(logged), expected);
    ada.get(TASKS).send().await;
    let line: Value = serde_json::from_str(&app.lines.take()).expect("JSON");
    assert!(line.get("parts").is_none() && line.get("worst_status").is_none());
}

#[tokio::test]
async fn the_log_of_a_batch_has_the_cause_of_its_first_500_whatever_fails_with_503() {
    let app = prepared().await;
    let ada = app.holder(basic("ada", PASSWORD));
    app.wire.rule(|call| match call {
        "UpdateItem task#000000000003" => Refuse(400, "ResourceNotFoundException"),
        "UpdateItem task#000000000004" => Refuse(400, "ProvisionedThroughputExceededException"),
        "UpdateItem task#000000000006" => Refuse(400, "ValidationException"),
        _ => Pass,
    });
    app.lines.take();
    let tick = |id| part("PUT", task(id), r#"{"done": true}"#);
    for (ids, expected, worst, cause) in [
        (
            &[3, 4][..],
            &[500, 503][..],
            500,
            "ResourceNotFoundException",
        ),
        (
            &[4, 3, 6, 4],
            &[503, 500, 500, 503],
            500,
            "ResourceNotFoundException",
        ),
        (&[6, 3], &[500, 500], 500, "ValidationException"),
        (
            &[77, 4],
            &[404, 503],
            503,
            "ProvisionedThroughputExceededException",
        ),
    ] {
        let parts: Vec<_> = ids.iter().copied().map(tick).collect();
        let batch = send(&ada, &parts).await;
        assert_eq!(statuses(&batch), expected);
        let line: Value = serde_json::from_str(&app.lines.take()).expect("JSON");
        let logged = ["worst_status", "level", "Errors"].map(|name| line[name].clone());
        assert_eq!(json!(logged), json!([worst, "ERROR", 1]));
        let logged = line["cause"].as_str().expect("a cause");
        assert!(logged.contains(cause), "{logged}");
    }
}

#[tokio::test]
async fn a_wrong_envelope_is_refused_as_a_whole() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let good = json!({"method": "POST", "uri": TASKS, "body": {"title": "x"}});
    let in_third = |name: &str, value: Value| {
        let mut bad = good.clone();
        bad[name] = value;
        json!({"requests": [good, good, bad]})
    };
    let uri = "must be the URI, or its path, of something that a batch may change";
    let headers =
        "must be an object with If-Match, Idempotency-Key, or both, each once and a string";
    let mut without_uri = in_third("x", json!(1));
    without_uri["requests"][2] = json!({"method": "POST"});
    let methods = "must be POST for this URI";
    for (body, field, problem) in [
        (json!({"x": 1}), "requests", "is missing"),
        (json!({"requests": {}}), "requests", "must be an array"),
        (
            json!({"requests": []}),
            "requests",
            "must have at least one entry",
        ),
        (
            json!({"requests": vec![good.clone(); 51]}),
            "requests",
            "must have at most 50 entries",
        ),
        (
            json!({"requests": [good], "atomic": true}),
            "atomic",
            "is not known here",
        ),
        (
            json!({"requests": [good, 7]}),
            "requests[1]",
            "must be an object",
        ),
        (
            in_third("x", json!(1)),
            "requests[2].x",
            "is not known here",
        ),
        (without_uri, "requests[2].uri", "is missing"),
        (
            in_third("uri", json!(7)),
            "requests[2].uri",
            "must be a string",
        ),
        (in_third("uri", json!("")), "requests[2].uri", uri),
        (in_third("uri", json!("tasks")), "requests[2].uri", uri),
        (in_third("uri", json!("/tasks")), "requests[2].uri", uri),
        (
            in_third("uri", json!(format!("{TASKS}/"))),
            "requests[2].uri",
            uri,
        ),
        (in_third("uri", json!(BATCH)), "requests[2].uri", uri),
        (in_third("uri", json!(LISTS)), "requests[2].uri", uri),
        (
            in_third("uri", json!(format!("{USERS}/ada"))),
            "requests[2].uri",
            uri,
        ),
        (
            in_third("uri", json!(format!("http://example.com{TASKS}"))),
            "requests[2].uri",
            uri,
        ),
        (
            in_third("uri", json!(format!("{BASE}.example.com{TASKS}"))),
            "requests[2].uri",
            uri,
        ),
        (
            in_third("uri", json!(format!("{TASKS}/../users"))),
            "requests[2].uri",
            uri,
        ),
        (
            in_third("method", json!(null)),
            "requests[2].method",
            "must be a string",
        ),
        (
            in_third("method", json!("post")),
            "requests[2].method",
            methods,
        ),
        (
            in_third("method", json!("GET")),
            "requests[2].method",
            methods,
        ),
        (
            in_third("method", json!("PUT")),
            "requests[2].method",
            methods,
        ),
        (
            in_third("method", json!("OPTIONS")),
            "requests[2].method",
            methods,
        ),
        (
            in_third("headers", json!(null)),
            "requests[2].headers",
            headers,
        ),
        (
            in_third("headers", json!({"Authorization": "Basic x"})),
            "requests[2].headers",
            headers,
        ),
        (
            in_third("headers", json!({"If-Match": ["*"]})),
            "requests[2].headers",
            headers,
        ),
        (
            in_third("headers", json!({"If-Match": "*", "if-match": "*"})),
            "requests[2].headers",
            headers,
        ),
        (
            in_third("headers", json!({"If-Match": "*\r\nX: y"})),
            "requests[2].headers",
            headers,
        ),
    ] {
        let refused = ada.post(BATCH, &body).send().await;
        let detail = format!("{field} {problem}");
        let expected = json!({"error": "Bad request", "field": field, "detail": detail});
        assert_eq!((refused.status, refused.json()), (400, expected), "{body}");
    }
    let twice = r#"{"requests": [{"method": "DELETE", "method": "PUT", "uri": "/"}]}"#;
    let twice = ada
        .request(Method::POST, BATCH)
        .bytes("application/json", twice)
        .send()
        .await;
    let expected = json!({
        "error": "Bad request", "field": "requests[0].method", "detail": "requests[0].method is given twice",
    });
    assert_eq!((twice.status, twice.json()), (400, expected));
    assert_eq!(ada.list().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_batch_may_have_one_mebibyte_and_each_body_what_it_may_have_alone() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let title = |bytes: usize| format!(r#"{{"title": "{}"}}"#, "x".repeat(bytes - 13));
    let body = body_of(&vec![part("POST", TASKS, &title(262_144)); 4]);
    let padded = |bytes: usize| {
        let rest = " ".repeat(bytes - title(200_000).len() * 5 - 500);
        let whole = body_of(&vec![part("POST", TASKS, &title(200_000)); 5]);
        whole + &rest
    };
    assert!(body.len() > 1_048_576);
    let too_large = ada
        .request(Method::POST, BATCH)
        .bytes("application/json", body)
        .send()
        .await;
    let expected =
        json!({"error": "Payload too large", "detail": "a body may have at most 1048576 bytes"});
    assert_eq!((too_large.status, too_large.json()), (413, expected));

    let largest = padded(1_048_576);
    assert!(
        (1_048_000..=1_048_576).contains(&largest.len()),
        "{}",
        largest.len()
    );
    let read = ada
        .request(Method::POST, BATCH)
        .bytes("application/json", largest)
        .send()
        .await;
    assert_eq!(statuses(&read), [400; 5]);

    let own = send(
        &ada,
        &[
            part("POST", TASKS, &title(262_145)),
            part("POST", TASKS, &title(262_144)),
        ],
    )
    .await;
    let own = responses(&own);
    let expected =
        r#"{"error":"Payload too large","detail":"a body may have at most 262144 bytes"}"#;
    assert_eq!(own[0].body.as_ref().map(|body| body.get()), Some(expected));
    assert_eq!([own[0].status, own[1].status], [413, 400]);
}

#[tokio::test]
async fn what_the_deadline_cuts_off_is_503_and_what_came_before_stands() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("Buy milk").await;
    app.wire
        .fail("UpdateItem task#000000000001", Hold(Gate::closed()));
    let parts = [
        part("POST", TASKS, r#"{"title": "In time"}"#),
        part("PUT", task(1), r#"{"done": true}"#),
        part("POST", TASKS, r#"{"title": "Too late"}"#),
        part("DELETE", task(1), ""),
    ];
    app.wire.take_calls();
    let call = ada
        .request(Method::POST, BATCH)
        .bytes("application/json", body_of(&parts));
    let batch = call.send_within(Duration::from_secs(1)).await;

    let found = responses(&batch);
    assert_eq!(statuses(&batch), [201, 503, 503, 503]);
    for late in &found[1..] {
        let body = late.body.as_ref().map(|body| body.get());
        assert_eq!(body, Some(r#"{"error":"Service unavailable"}"#));
        assert_eq!(
            late.headers.get("Retry-After").map(String::as_str),
            Some("1")
        );
    }
    assert_eq!(
        app.wire.take_calls(),
        ["UpdateItem", "PutItem", "UpdateItem"]
    );
    assert_eq!(batch.record.cause.as_deref(), Some("the deadline passed"));
    let titles: Vec<_> = ada
        .list()
        .await
        .iter()
        .map(|task| task["title"].clone())
        .collect();
    assert_eq!(titles, ["Buy milk", "In time"]);
}

#[tokio::test]
async fn the_scope_of_the_credentials_holds_for_each_request() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (_, reader) = ada.token(&json!({"scope": "read"})).await;
    let (_, writer) = ada.token(&json!({})).await;
    let parts = [
        part("POST", TASKS, r#"{"title": "x"}"#),
        part("DELETE", task(77), ""),
    ];
    let read = send(&reader, &parts).await;
    let forbidden = Some(r#"{"error":"Forbidden","detail":"this token may only read"}"#);
    for part in responses(&read) {
        assert_eq!(
            (part.status, part.body.as_ref().map(|body| body.get())),
            (403, forbidden)
        );
    }
    assert_eq!(statuses(&send(&writer, &parts).await), [201, 404]);
    // The credentials were verified once each.
    app.wire.take_calls();
    let (_, fresh) = ada.token(&json!({})).await;
    app.wire.take_calls();
    assert_eq!(statuses(&send(&fresh, &parts).await), [201, 404]);
    assert_eq!(
        app.wire.take_calls(),
        ["BatchGetItem", "UpdateItem", "PutItem", "UpdateItem"]
    );
    let nobody = app
        .request(Method::POST, BATCH)
        .json(&json!({"requests": []}))
        .send()
        .await;
    assert_eq!(nobody.status, 401);
}

#[tokio::test]
async fn credentials_that_the_table_refuses_are_refused_from_then_on() {
    let parts = [
        part("PUT", task(77), r#"{"done": true}"#),
        part("POST", TASKS, r#"{"title": "x"}"#),
        part("PUT", task(77), r#"{"done": true}"#),
        part("POST", TASKS, r#"{"title": "x"}"#),
    ];
    let mut all = Vec::new();
    for batch in [false, true] {
        let app = TestApp::with_settings(&[("AUTH_FAILURE_STATUS", "403")]).await;
        let ada = app.user("ada").await;
        ada.get(TASKS).send().await;
        let twin = app.twin().await;
        let elsewhere = twin.holder(ada.authorization.clone());
        let changed = elsewhere.put(
            &format!("{USERS}/ada"),
            &json!({"password": "another horse"}),
        );
        assert_eq!(changed.send().await.status, 200);
        if batch {
            all.push(
                responses(&send(&ada, &parts).await)
                    .iter()
                    .map(in_batch)
                    .collect::<Vec<_>>(),
            );
        } else {
            let mut alone = Vec::new();
            for part in &parts {
                alone.push(as_part(&part.send(&ada).await));
            }
            all.push(alone);
        }
    }
    assert_eq!(all[0], all[1]);
    let statuses: Vec<_> = all[1].iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [404, 403, 403, 403]);
}

#[tokio::test]
async fn another_users_tasks_look_to_a_batch_as_if_they_did_not_exist() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.create("Buy milk").await;
    let uris = |id: u32| {
        [
            part("PUT", task(id), r#"{"done": true}"#),
            part("PATCH", task(id), r#"{"done": true}"#).with("If-Match", "\"1.1\""),
            part("DELETE", task(id), ""),
        ]
    };
    let parts = [uris(1), uris(77)].concat();
    let found = responses(&send(&bob, &parts).await);
    let found: Vec<_> = found.iter().map(in_batch).collect();
    assert_eq!(found[..3], found[3..]);
    assert!(found.iter().all(|(status, ..)| *status == 404));
    assert_eq!(ada.list().await[0]["etag"], "\"1.1\"");
}

#[tokio::test]
async fn a_batch_is_only_posted() {
    let app = TestApp::start().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let other = app.request(method, BATCH).send().await;
        assert_eq!(
            (other.status, other.header("allow")),
            (405, "POST, OPTIONS")
        );
    }
}

/// A task as large as they get, of one character.
fn largest(character: char) -> Value {
    let text = |length: usize| character.to_string().repeat(length);
    let tags = (0..10).map(|tag| format!("{}{tag}", text(49)));
    let steps = (0..50).map(|_| json!({"title": text(200)}));
    json!({
        "title": text(500),
        "due": "2028-01-01",
        "repeat": "FREQ=DAILY",
        "description": text(4_000),
        "tags": tags.collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

/// What Lambda sends for a response, in bytes.
async fn sent_bytes(response: &TestResponse) -> usize {
    let mut sent = axum::response::Response::new(response.bytes.clone().into());
    *sent.headers_mut() = response.headers.clone();
    let sent = LambdaResponse::new(false, sent).await;
    serde_json::to_vec(&sent).expect("JSON").len()
}

const LAMBDA_MAX_BYTES: usize = 6_291_456;

#[tokio::test]
async fn the_largest_responses_are_fewer_bytes_than_lambda_sends() {
    // A quotation mark is escaped in the body, and both of its bytes once more in Lambda's response.
    // A response about a repeating task that is completed has the next one too.
    let (low, done) = (r#"{"priority": "low"}"#, r#"{"done": true}"#);
    for (character, change, shown) in [('"', low, 50), ('\u{1f600}', low, 41), ('"', done, 40)] {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let task = largest(character);
        for _ in 0..50 {
            ada.create(&task).await;
        }
        let changes: Vec<_> = (1..=50)
            .map(|id| part("PUT", self::task(id), change))
            .collect();

        let call = ada.request(Method::POST, BATCH);
        let call = call.bytes("application/json", body_of(&changes));
        let batch = call.send_within(Duration::from_secs(120)).await;

        let bytes = sent_bytes(&batch).await;
        assert!((2_500_000..LAMBDA_MAX_BYTES).contains(&bytes), "{bytes}");
        let batch = batch.json();
        let responses = batch["responses"].as_array().expect("responses");
        assert_eq!(responses.len(), 50);
        for (index, response) in responses.iter().enumerate() {
            assert_eq!(response["status"], 200);
            assert_eq!(response["headers"], json!({"ETag": "\"1.2\""}));
            assert_eq!(response["body"].is_null(), index >= shown, "{index}");
        }
        assert!(bytes > 4_900_000 || change == low, "{bytes}");
    }
}
