//! Whose credentials each request of a batch has, and what they allow.

use http::Method;
use serde_json::json;

use super::{BATCH, as_part, in_batch, part, responses, send, statuses, task};
use crate::client::{TASKS, TestApp, USERS};

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
