//! The call budget: what each operation costs in calls to DynamoDB, once the login is cached.

use http::Method;
use serde_json::{Value, json};

use crate::client::{CHANGES, TASKS, TRASH, TestApp, USERS};

const LISTS: &str = "/todo/api/v1.0/lists";

#[tokio::test]
async fn every_operation_keeps_to_its_budget() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("Buy milk").await;
    app.wire.take_calls();
    let task = format!("{TASKS}/1");
    let body = json!({"title": "Buy bread"});
    let dated = json!({"title": "Buy bread", "due": "2026-12-31"});
    let (done, open) = (json!({"done": true}), json!({"done": false}));
    // In capacity units: a strong read of up to 4 KB is 1, a write of up to 1 KB is 1 for the item
    // and 1 for each of its index entries, 2 where an entry moves.
    type Operation<'a> = (Method, &'a str, &'a Value, u16, &'a [&'a str], f64);
    let budget: [Operation<'_>; 12] = [
        (Method::GET, TASKS, &body, 200, &["Query"], 1.0),
        (Method::HEAD, TASKS, &body, 200, &["Query"], 1.0),
        (
            Method::POST,
            TASKS,
            &body,
            201,
            &["UpdateItem", "PutItem"],
            6.0,
        ),
        (
            Method::POST,
            TASKS,
            &dated,
            201,
            &["UpdateItem", "PutItem"],
            7.0,
        ),
        (Method::GET, &task, &body, 200, &["GetItem"], 1.0),
        (
            Method::PUT,
            &task,
            &json!({"description": "x"}),
            200,
            &["UpdateItem"],
            6.0,
        ),
        (Method::PUT, &task, &body, 200, &["UpdateItem"], 7.0),
        (Method::PATCH, &task, &done, 200, &["UpdateItem"], 8.0),
        (
            Method::PUT,
            &task,
            &open,
            200,
            &["GetItem", "UpdateItem"],
            9.0,
        ),
        (Method::PATCH, &task, &dated, 200, &["UpdateItem"], 7.0),
        (Method::DELETE, &task, &body, 200, &["UpdateItem"], 8.0),
        (Method::DELETE, &task, &body, 404, &["UpdateItem"], 0.0),
    ];
    for (method, path, body, status, calls, units) in budget {
        let response = ada.request(method.clone(), path).json(body).send().await;
        assert_eq!(response.status, status, "{method} {path}");
        assert_eq!(app.wire.take_calls(), calls, "{method} {path}");
        assert_eq!(response.record.dynamodb_calls as usize, calls.len());
        assert_eq!(response.record.units, units, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn lists_and_moves_keep_to_their_budget() {
    const HOME: &str = "/todo/api/v1.0/lists/1";
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create("Buy milk").await;
    app.wire.take_calls();
    let (task, tasks) = (format!("{TASKS}/1"), format!("{HOME}/tasks"));
    let (name, title) = (json!({"name": "Home"}), json!({"title": "Mop"}));
    let (order, back) = (json!({"order": 7}), json!({"order": null}));
    let (home, inbox) = (json!({"list": HOME}), json!({"list": null}));
    let (done, open) = (json!({"done": true}), json!({"done": false}));
    let create = ["Query", "UpdateItem", "PutItem"];
    let (write, checked) = (["GetItem", "UpdateItem"], ["GetItem", "TransactWriteItems"]);
    let delete = [
        "UpdateItem",
        "Query",
        "UpdateItem",
        "Query",
        "Query",
        "UpdateItem",
    ];
    let (get, put, patch, post) = (Method::GET, Method::PUT, Method::PATCH, Method::POST);
    // The embedded engine counts what a transaction writes or checks as two, and index entries as
    // one; DynamoDB's are two as well.
    type Operation<'a> = (&'a Method, &'a str, &'a Value, u16, &'a [&'a str], f64);
    let budget: [Operation<'_>; 16] = [
        (&post, LISTS, &name, 201, &create, 5.0),
        (&get, LISTS, &name, 200, &["Query"], 1.0),
        (&get, HOME, &name, 200, &["GetItem"], 1.0),
        (&put, HOME, &name, 200, &["UpdateItem"], 4.0),
        (&put, &task, &order, 200, &write, 8.0),
        (&put, &task, &home, 200, &checked, 11.0),
        (&patch, &task, &back, 200, &checked, 11.0),
        (&put, &task, &done, 200, &["UpdateItem"], 8.0),
        (&put, &task, &order, 200, &write, 7.0),
        (&put, &task, &open, 200, &checked, 12.0),
        (&patch, &task, &inbox, 200, &write, 8.0),
        (
            &post,
            &tasks,
            &title,
            201,
            &["UpdateItem", "TransactWriteItems"],
            9.0,
        ),
        (&get, &tasks, &title, 200, &["GetItem", "Query"], 2.0),
        (
            &get,
            "/todo/api/v1.0/lists/inbox/tasks",
            &title,
            200,
            &["Query"],
            1.0,
        ),
        (&Method::DELETE, HOME, &name, 200, &delete, 16.0),
        (&Method::DELETE, HOME, &name, 404, &["UpdateItem"], 0.0),
    ];
    for (method, path, body, status, calls, units) in budget {
        let response = ada.request(method.clone(), path).json(body).send().await;
        assert_eq!(response.status, status, "{method} {path} {body}");
        let mut made = app.wire.take_calls();
        if method == Method::GET {
            // The list and its tasks are read at once.
            made.sort();
        }
        assert_eq!(made, calls, "{method} {path} {body}");
        assert_eq!(response.record.units, units, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn repeating_tasks_keep_to_their_budget() {
    const HOME: &str = "/todo/api/v1.0/lists/1";
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    let daily = "FREQ=DAILY";
    let (done, rule) = (json!({"done": true}), json!({"repeat": daily}));
    let both = json!({"done": true, "repeat": daily});
    let moved = json!({"done": true, "list": HOME});
    let refused = ["UpdateItem", "UpdateItem", "TransactWriteItems"];
    let read = ["GetItem", "UpdateItem", "TransactWriteItems"];
    // In the inbox, and in a list. The embedded engine counts index entries in a transaction as one.
    type Operation<'a> = (&'a Value, &'a [&'a str], [f64; 2]);
    let budget: [Operation<'_>; 5] = [
        (&rule, &["UpdateItem"], [7.0, 7.0]),
        (&done, &refused, [18.0, 20.0]),
        (&both, &read, [19.0, 21.0]),
        (&moved, &read, [21.0, 21.0]),
        (
            &json!({"done": true, "repeat": null}),
            &["UpdateItem"],
            [9.0, 9.0],
        ),
    ];
    for (body, calls, units) in budget {
        for (list, units) in ["/todo/api/v1.0/lists/inbox", HOME].into_iter().zip(units) {
            let new = json!({"title": "Mop", "due": "2126-01-31", "repeat": daily, "list": list});
            let task = ada.create(&new).await;
            app.wire.take_calls();
            let response = ada.put(&task.uri, body).send().await;
            assert_eq!(response.status, 200, "{body}");
            assert_eq!(app.wire.take_calls(), calls, "{body}");
            assert_eq!(response.record.units, units, "{body} {list}");
        }
    }
}

#[tokio::test]
async fn the_trash_and_the_changes_keep_to_their_budget() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create_list("Home").await;
    for list in ["inbox", "inbox", "1"] {
        let body = json!({"title": "Buy milk", "list": format!("{LISTS}/{list}")});
        let task = ada.create(&body).await;
        ada.delete(&task.uri).send().await;
    }
    app.wire.take_calls();
    let (get, post, delete) = (Method::GET, Method::POST, Method::DELETE);
    let restore = ["GetItem", "UpdateItem"];
    let checked = ["GetItem", "TransactWriteItems"];
    let into_inbox = ["GetItem", "TransactWriteItems", "UpdateItem"];
    let empty = ["Query", "UpdateItem", "Query"];
    type Operation<'a> = (&'a Method, &'a str, u16, &'a [&'a str], f64);
    let budget: [Operation<'_>; 13] = [
        (&get, TRASH, 200, &["Query"], 1.0),
        (&get, CHANGES, 200, &["Query"], 1.0),
        (&post, "/todo/api/v1.0/trash/1", 200, &restore, 8.0),
        (&post, "/todo/api/v1.0/trash/1", 404, &["GetItem"], 1.0),
        // The embedded engine counts index entries once in a transaction, and DynamoDB twice.
        (&post, "/todo/api/v1.0/trash/3", 200, &checked, 11.0),
        (&delete, "/todo/api/v1.0/tasks/3", 200, &["UpdateItem"], 7.0),
        (&delete, "/todo/api/v1.0/trash/2", 200, &["UpdateItem"], 4.0),
        (&delete, "/todo/api/v1.0/trash/2", 404, &["UpdateItem"], 0.0),
        (
            &delete,
            "/todo/api/v1.0/lists/1",
            200,
            &["UpdateItem", "Query", "Query", "UpdateItem"],
            8.0,
        ),
        (&post, "/todo/api/v1.0/trash/3", 200, &into_inbox, 8.0),
        (&delete, "/todo/api/v1.0/tasks/3", 200, &["UpdateItem"], 7.0),
        (&delete, TRASH, 200, &empty, 6.0),
        (&delete, TRASH, 200, &["Query"], 1.0),
    ];
    for (method, path, status, calls, units) in budget {
        let response = ada.request(method.clone(), path).send().await;
        assert_eq!(response.status, status, "{method} {path}");
        assert_eq!(app.wire.take_calls(), calls, "{method} {path}");
        assert_eq!(response.record.units, units, "{method} {path}");
    }
}

#[tokio::test]
async fn the_deletion_of_an_account_is_metered() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.take_calls();

    let deleted = ada.delete(&format!("{USERS}/ada")).send().await;

    assert_eq!(deleted.status, 200);
    let calls = app.wire.take_calls();
    // Verifying the password once more, and closing the account, come first.
    let expected = ["Query", "BatchWriteItem", "Query", "DeleteItem"];
    assert!(calls.ends_with(&expected.map(str::to_owned)), "{calls:?}");
    // The inbox has two index entries, the account's item none.
    assert_eq!(deleted.record.units, 11.0);
}

#[tokio::test]
async fn a_refused_request_costs_no_call() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.take_calls();
    for (method, path, body, status) in [
        (Method::POST, TASKS, json!({"title": ""}), 400),
        (Method::GET, "/todo/api/v1.0/tasks/x", json!({}), 404),
        (Method::DELETE, "/todo/api/v1.0/tasks/x", json!({}), 404),
        (Method::PUT, "/todo/api/v1.0/tasks/1", json!({}), 400),
        (Method::PATCH, TASKS, json!({}), 405),
    ] {
        assert_eq!(
            ada.request(method, path).json(&body).send().await.status,
            status
        );
        assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
    }
}

#[tokio::test]
async fn a_call_carries_the_headers_that_dynamodb_needs_and_no_others() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    let headers = app.wire.headers();
    let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "authorization",
            "content-length",
            "content-type",
            "x-amz-date",
            "x-amz-target"
        ]
    );
    let signed =
        "SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-target, Signature=";
    assert!(headers[0].1.contains(signed), "{}", headers[0].1);
}
