//! Clients with credentials.

use std::ops::Deref;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::{Call, LISTS, TASKS, TOKENS, TestApp};

/// A client with credentials.
pub struct User<'a> {
    pub(super) app: &'a TestApp,
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

pub fn basic(name: &str, password: &str) -> HeaderValue {
    let encoded = STANDARD.encode(format!("{name}:{password}"));
    format!("Basic {encoded}").parse().expect("a header")
}
