//! The service over an engine of its own, and its clients.

use std::collections::HashMap;
use std::io::Write;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Builder, Credentials};
use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use todo_api::api::request::client_address::SourceIp;
use todo_api::api::state::AppState;
use todo_api::api::uris::BaseUri;
use todo_api::auth::PasswordHasher;
use todo_api::config::Config;
use todo_api::domain::account::Username;
use todo_api::domain::password::Password;
use todo_api::domain::time::Timestamp;
use todo_api::lambda::Function;
use todo_api::local;
use todo_api::store::Store;
use todo_api::store::client::tls;
use todo_api::telemetry::{Log, RequestIds, RequestRecord};

use crate::wire::Wire;

/// The beginning of every URI in the responses.
pub const BASE: &str = "http://todo.test";
pub const TASKS: &str = "/todo/api/v1.0/tasks";
pub const LISTS: &str = "/todo/api/v1.0/lists";
pub const CHANGES: &str = "/todo/api/v1.0/changes";
pub const TRASH: &str = "/todo/api/v1.0/trash";
const NAME: RequestIds<'_> = RequestIds {
    id: "request-1",
    trace: Some("1-trace"),
};
pub const TOKENS: &str = "/todo/api/v1.0/tokens";
pub const USERS: &str = "/todo/api/v1.0/users";
pub const PASSWORD: &str = "correct horse";

/// The service over an engine that nobody else uses.
pub struct TestApp {
    pub function: Function,
    pub store: Store,
    pub wire: Wire,
    pub lines: Lines,
    pub clock: Clock,
    /// The way to the table past the service.
    pub table: Client,
    /// See [`start_engine`].
    engine: String,
    settings: Vec<(&'static str, &'static str)>,
    creation_window: Duration,
}

/// The clock of an environment's store: the wall clock, so many milliseconds ahead.
#[derive(Clone, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn set_ahead(&self, millis: i64) {
        self.0.store(millis, Ordering::Relaxed);
    }

    pub fn set_back(&self, millis: i64) {
        self.0.fetch_sub(millis, Ordering::Relaxed);
    }

    fn now(&self) -> Timestamp {
        let ahead = self.0.load(Ordering::Relaxed);
        Timestamp::from_millis(Timestamp::now().as_millis() + ahead)
    }
}

/// An engine that nobody else uses, as its URL: the embedded one, or one account of the server that
/// `EXTERNAL_ENGINE` names, an emulator in which an access key of twelve digits is an account. The
/// account stands after a `#`.
async fn start_engine() -> String {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    match std::env::var("EXTERNAL_ENGINE") {
        Ok(url) => {
            let number = STARTED.fetch_add(1, Ordering::Relaxed);
            format!("{url}#{:07}{number:05}", std::process::id())
        }
        Err(_) => local::start_engine(None).await.expect("an engine"),
    }
}

/// The URL and the client's configuration of what [`start_engine`] returned.
fn connection(engine: &str) -> (&str, Builder) {
    let Some((url, account)) = engine.split_once('#') else {
        return (engine, local::config(engine).expect("a configuration"));
    };
    let secret = std::env::var("AWS_SECRET_ACCESS_KEY").expect("the emulator's secret");
    let credentials = Credentials::new(account, secret, None, None, "account");
    // The tests count calls, so a slow emulator must not cause retries.
    let patience = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(60));
    let config = local::config(url).expect("a configuration");
    let config = config.timeout_config(patience.build());
    (url, config.credentials_provider(credentials))
}

/// The log lines written so far.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().expect("lines"));
        String::from_utf8(bytes).expect("UTF-8")
    }
}

impl Drop for TestApp {
    /// Whatever a test is about, every log line is JSON, and every planned fault has happened.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            for line in self.lines.take().lines() {
                let line: Value = serde_json::from_str(line).expect("a line of JSON");
                assert_eq!(line["Requests"], 1);
            }
            assert_eq!(self.wire.pending(), [] as [&str; 0]);
        }
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("lines").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with_settings(&[]).await
    }

    /// With environment variables of its own.
    pub async fn with_settings(settings: &[(&'static str, &'static str)]) -> Self {
        Self::on(start_engine().await, settings, Duration::ZERO)
            .await
            .with_table()
            .await
    }

    /// The deletion of an account waits for this long after the last create.
    pub async fn with_creation_window(window: Duration) -> Self {
        Self::on(start_engine().await, &[], window)
            .await
            .with_table()
            .await
    }

    /// On a server that the test has started and may stop.
    pub async fn on_server(url: String) -> Self {
        Self::on(url, &[], Duration::ZERO).await.with_table().await
    }

    async fn with_table(self) -> Self {
        assert!(
            local::create_table(&self.table, "todo")
                .await
                .expect("a table")
        );
        self
    }

    /// Another execution environment over the same table, with a wire of its own.
    pub async fn twin(&self) -> Self {
        self.twin_with_creation_window(self.creation_window).await
    }

    /// As [`TestApp::twin`]; see [`TestApp::with_creation_window`].
    pub async fn twin_with_creation_window(&self, window: Duration) -> Self {
        Self::on(self.engine.clone(), &self.settings, window).await
    }

    async fn on(
        engine: String,
        settings: &[(&'static str, &'static str)],
        creation_window: Duration,
    ) -> Self {
        // So long that no test sees one end, however busy the machine, unless it says so.
        let settings = [
            settings,
            &[
                ("LOGIN_WINDOW_SECONDS", "31536000"),
                ("AUTH_CACHE_SECONDS", "86400"),
            ],
        ]
        .concat();
        let lookup = |name: &str| settings.iter().find(|(known, _)| *known == name);
        let config = Config::read(|name| lookup(name).map(|(_, value)| (*value).to_owned()));
        let config = config.expect("settings");
        let wire = Wire::default();
        let (url, plain) = connection(&engine);
        let tapped = plain
            .clone()
            .http_client(wire.around(tls::http_client(&url.parse().expect("a URI"), false)));
        let store = Store::new(Client::from_conf(tapped.build()), config.table_name.clone())
            .with_creation_window(creation_window);
        let clock = Clock::default();
        let store = store.with_clock({
            let clock = clock.clone();
            move || clock.now()
        });
        // A test writes many items at once on a machine that may be busy.
        let patient = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(60));
        let table = Client::from_conf(plain.timeout_config(patient.build()).build());
        let lines = Lines::default();
        let app = AppState::new(config, store.clone());
        let function = Function::new(app, Log::to(lines.clone(), "todo-api".to_owned()));
        Self {
            function,
            store,
            wire,
            lines,
            clock,
            table,
            engine,
            settings,
            creation_window,
        }
    }

    /// Creates a user whose password is [`PASSWORD`].
    pub async fn user(&self, name: &str) -> User<'_> {
        let username = name.parse::<Username>().expect("a user name");
        let password = Password::typed(PASSWORD.to_owned()).expect("a password");
        let hash = PasswordHasher::new().hash(password).await.expect("a hash");
        let made = self.store.create_account(&username, hash, None).await;
        assert!(made.is_ok(), "a free name");
        self.wire.take_calls();
        User {
            app: self,
            authorization: basic(name, PASSWORD),
        }
    }

    /// A client with the credentials `authorization`.
    pub fn holder(&self, authorization: HeaderValue) -> User<'_> {
        User {
            app: self,
            authorization,
        }
    }

    /// Everything in the table.
    pub async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let items = self
            .table
            .scan()
            .table_name("todo")
            .into_paginator()
            .items()
            .send();
        items.collect::<Result<_, _>>().await.expect("a scan")
    }

    /// A request without credentials.
    pub fn request(&self, method: Method, uri: &str) -> Call<'_> {
        let path = uri.strip_prefix(BASE).unwrap_or(uri);
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().expect("a path");
        Call {
            app: self,
            request,
            source: [192, 0, 2, 1].into(),
        }
    }

    pub fn get(&self, uri: &str) -> Call<'_> {
        self.request(Method::GET, uri)
    }
}

/// A client with credentials.
pub struct User<'a> {
    app: &'a TestApp,
    pub authorization: HeaderValue,
}

impl<'a> User<'a> {
    pub fn request(&self, method: Method, uri: &str) -> Call<'a> {
        self.app
            .request(method, uri)
            .header(AUTHORIZATION, self.authorization.clone())
    }

    /// A request without the credentials, to the same environment.
    pub fn without_login(&self, method: Method, uri: &str) -> Call<'a> {
        self.app.request(method, uri)
    }

    pub fn get(&self, uri: &str) -> Call<'a> {
        self.request(Method::GET, uri)
    }

    pub fn post(&self, uri: &str, body: &Value) -> Call<'a> {
        self.request(Method::POST, uri).json(body)
    }

    pub fn put(&self, uri: &str, body: &Value) -> Call<'a> {
        self.request(Method::PUT, uri).json(body)
    }

    pub fn patch(&self, uri: &str, body: &Value) -> Call<'a> {
        self.request(Method::PATCH, uri).json(body)
    }

    pub fn delete(&self, uri: &str) -> Call<'a> {
        self.request(Method::DELETE, uri)
    }

    /// Creates a task with a title, or with a whole body.
    pub async fn create(&self, task: impl TaskBody) -> CreatedTask {
        let created = self.post(TASKS, &task.body()).send().await;
        assert_eq!(created.status, 201, "{created:?}");
        let json = created.json()["task"].clone();
        let uri = json["uri"].as_str().expect("a URI").to_owned();
        CreatedTask { uri, json }
    }

    /// Creates a token and returns it, and a client that logs in with it.
    pub async fn token(&self, body: &Value) -> (Value, User<'a>) {
        let created = self.post(TOKENS, body).send().await;
        assert_eq!(created.status, 201, "{created:?}");
        let token = created.json()["token"].clone();
        let bearer = format!("Bearer {}", token["token"].as_str().expect("a token"));
        (token, self.app.holder(bearer.parse().expect("a header")))
    }

    /// Creates a list, and returns its URI.
    pub async fn create_list(&self, name: &str) -> String {
        let created = self.post(LISTS, &json!({"name": name})).send().await;
        assert_eq!(created.status, 201, "{created:?}");
        let uri = &created.json()["list"]["uri"];
        uri.as_str().expect("a URI").to_owned()
    }

    /// All the tasks there are.
    pub async fn list(&self) -> Vec<Value> {
        let listed = self.get(TASKS).send().await;
        assert_eq!(listed.status, 200, "{listed:?}");
        listed.json()["tasks"].as_array().expect("tasks").clone()
    }
}

/// A task as the response to its creation showed it.
#[derive(Debug)]
pub struct CreatedTask {
    pub uri: String,
    pub json: Value,
}

impl Deref for CreatedTask {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.json
    }
}

impl PartialEq<CreatedTask> for Value {
    fn eq(&self, task: &CreatedTask) -> bool {
        *self == task.json
    }
}

/// What a task can be created from: `"Buy milk"` or `&json!({"title": "Buy milk", …})`.
pub trait TaskBody {
    fn body(self) -> Value;
}

impl TaskBody for &str {
    fn body(self) -> Value {
        json!({ "title": self })
    }
}

impl TaskBody for &Value {
    fn body(self) -> Value {
        self.clone()
    }
}

/// A request that is about to be sent.
pub struct Call<'a> {
    app: &'a TestApp,
    request: Request,
    source: IpAddr,
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

pub fn basic(name: &str, password: &str) -> HeaderValue {
    let encoded = STANDARD.encode(format!("{name}:{password}"));
    format!("Basic {encoded}").parse().expect("a header")
}
