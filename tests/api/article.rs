//! The web client of the article, as its jQuery sends it: `$.ajax` with `contentType` and
//! `dataType` JSON and `cache: false`, so that every GET has `_=<ms>` and every request, with a body
//! or not, says that it is JSON.

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{BASE, PASSWORD, TASKS, TestApp, TestResponse, basic};

const JSON: &str = "application/json";

struct Page<'a> {
    app: &'a TestApp,
    login: HeaderValue,
    clock: u64,
}

impl Page<'_> {
    async fn ajax(&mut self, method: Method, uri: &str, data: Option<Value>) -> TestResponse {
        self.clock += 1;
        let uri = match method {
            Method::GET => format!("{uri}?_={}", self.clock),
            _ => uri.to_owned(),
        };
        let accept = "application/json, text/javascript, */*; q=0.01";
        let call = self
            .app
            .request(method, &uri)
            .header("authorization", self.login.clone())
            .header("accept", HeaderValue::from_static(accept))
            .header(
                "x-requested-with",
                HeaderValue::from_static("XMLHttpRequest"),
            );
        let data = data.map(|data| data.to_string()).unwrap_or_default();
        call.bytes(JSON, data).send().await
    }
}

#[tokio::test]
async fn the_articles_own_client_keeps_working() {
    let app = TestApp::with_settings(&[("AUTH_FAILURE_STATUS", "403")]).await;
    app.user("miguel").await;
    let mut page = Page {
        app: &app,
        login: basic("miguel", "not the password"),
        clock: 1_795_334_400_000,
    };

    // A wrong password: 403, for which the client shows its own dialog and not the browser's.
    let refused = page.ajax(Method::GET, TASKS, None).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json(), json!({"error": "Unauthorized access"}));
    page.login = basic("miguel", PASSWORD);

    let empty = page.ajax(Method::GET, TASKS, None).await;
    assert_eq!((empty.status, empty.json()), (200, json!({"tasks": []})));

    let new = json!({"title": "Read a book", "description": ""});
    let added = page.ajax(Method::POST, TASKS, Some(new)).await;
    assert_eq!(added.status, 201);
    let uri = added.json()["task"]["uri"]
        .as_str()
        .expect("a URI")
        .to_owned();
    assert_eq!(uri, format!("{BASE}{TASKS}/1"));

    let edit = json!({"title": "Read two books", "description": "or three", "done": false});
    let edited = page.ajax(Method::PUT, &uri, Some(edit)).await;
    assert_eq!(edited.status, 200);

    let done = page
        .ajax(Method::PUT, &uri, Some(json!({"done": true})))
        .await;
    assert_eq!(done.status, 200);
    let task = &done.json()["task"];
    assert_eq!(task["title"], "Read two books");
    assert_eq!(task["description"], "or three");
    assert_eq!(task["done"], true);

    let undone = page
        .ajax(Method::PUT, &uri, Some(json!({"done": false})))
        .await;
    assert_eq!(undone.json()["task"]["done"], false);

    let listed = page.ajax(Method::GET, TASKS, None).await;
    assert_eq!(listed.json(), json!({"tasks": [undone.json()["task"]]}));

    let removed = page.ajax(Method::DELETE, &uri, None).await;
    assert_eq!(
        (removed.status, removed.json()),
        (200, json!({"result": true}))
    );
    assert_eq!(
        page.ajax(Method::GET, TASKS, None).await.json(),
        json!({"tasks": []})
    );
}
