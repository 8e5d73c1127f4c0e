//! The service over an engine of its own, and its clients.

mod call;
mod user;

use std::collections::HashMap;
use std::io::Write;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Builder, Credentials};
use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Body;
use axum::extract::Request;
use http::{HeaderValue, Method};
use serde_json::Value;
use todo_api::api::state::AppState;
use todo_api::auth::PasswordHasher;
use todo_api::config::Config;
use todo_api::domain::account::Username;
use todo_api::domain::password::Password;
use todo_api::domain::time::Timestamp;
use todo_api::lambda::Function;
use todo_api::local;
use todo_api::store::Store;
use todo_api::store::client::tls;
use todo_api::telemetry::{Log, RequestIds};

use crate::wire::Wire;

pub use call::{Call, TestResponse};
pub use user::{User, basic};

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
