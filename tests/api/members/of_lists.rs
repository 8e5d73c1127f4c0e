//! The members of a list.

use http::Method;
use serde_json::{Value, json};

use super::{inbox, list, user_with_lists};
use crate::client::{BASE, LISTS, TestApp};

/// A value of a member, and why it is refused.
fn invalid() -> Vec<(&'static str, Value, &'static str)> {
    let range = "must be a number from -9007199254740992 to 9007199254740992";
    vec![
        ("name", json!(""), "must not be blank"),
        ("name", json!(" \u{2003}"), "must not be blank"),
        ("name", json!("a\nb"), "must not contain control characters"),
        (
            "name",
            json!("é".repeat(101)),
            "must have at most 100 characters",
        ),
        ("name", json!(5), "must be a string"),
        ("name", json!(null), "must be a string"),
        ("name", json!(["x"]), "must be a string"),
        ("order", json!("1"), "must be a number"),
        ("order", json!(true), "must be a number"),
        ("order", json!(1e16), range),
        ("title", json!("x"), "is not known here"),
        ("list", json!("x"), "is not known here"),
    ]
}

#[tokio::test]
async fn an_invalid_member_of_a_list_is_named() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let before = ada.get(LISTS).send().await.json();
    for (name, value, problem) in invalid() {
        for (method, uri) in [
            (Method::POST, LISTS.to_owned()),
            (Method::PUT, list(1)),
            (Method::PATCH, list(1)),
            (Method::PUT, inbox()),
        ] {
            let mut body = json!({"name": "x"});
            body[name] = value.clone();
            let refused = ada.request(method.clone(), &uri).json(&body).send().await;
            let detail = format!("{name} {problem}");
            let expected = json!({"error": "Bad request", "detail": detail, "field": name});
            assert_eq!(
                (refused.status, refused.json()),
                (400, expected),
                "{method} {body}"
            );
        }
    }
    for body in [json!({}), json!({"order": 1})] {
        let refused = ada.post(LISTS, &body).send().await;
        assert_eq!(refused.status, 400, "{body}");
    }
    for (method, body) in [
        (Method::POST, json!({"name": "x", "order": null})),
        (Method::PUT, json!({"order": null})),
    ] {
        let uri = if method == Method::POST {
            LISTS.to_owned()
        } else {
            list(1)
        };
        let refused = ada.request(method, &uri).json(&body).send().await;
        let expected =
            json!({"error": "Bad request", "detail": "order must be a number", "field": "order"});
        assert_eq!((refused.status, refused.json()), (400, expected), "{body}");
    }
    assert_eq!(ada.get(LISTS).send().await.json(), before);
}

#[tokio::test]
async fn a_change_of_one_member_of_a_list_changes_nothing_else() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let name = "🛒 ".repeat(50);
    for (uri, id) in [(list(1), 1), (inbox(), 0)] {
        for (method, body, shown) in [
            (Method::PUT, json!({"name": name}), json!({"name": name})),
            (
                Method::PATCH,
                json!({"name": " x "}),
                json!({"name": " x "}),
            ),
            (Method::PUT, json!({"order": -0.5}), json!({"order": -0.5})),
            (Method::PATCH, json!({"order": null}), json!({"order": id})),
            (Method::PATCH, json!({"order": 7.0}), json!({"order": 7})),
            // What a response held may be sent back, and is ignored.
            (
                Method::PUT,
                json!({"tasks": 1, "uri": 2, "etag": [], "created_at": {}, "updated_at": null}),
                json!({}),
            ),
        ] {
            let before = ada.get(&uri).send().await.json()["list"].clone();
            let changed = ada.request(method.clone(), &uri).json(&body).send().await;
            assert_eq!(changed.status, 200, "{method} {body}: {changed:?}");
            let after = changed.json()["list"].clone();
            let mut expected = before.clone();
            for (name, value) in shown.as_object().expect("an object") {
                expected[name] = value.clone();
            }
            for moved in ["etag", "updated_at"] {
                expected[moved] = after[moved].clone();
            }
            assert_eq!(after, expected, "{method} {body}");
            assert_ne!(after["etag"], before["etag"]);
            assert_eq!(changed.header("etag"), after["etag"]);
            let read = ada.get(&uri).send().await;
            assert_eq!(read.json()["list"], after);
            assert_eq!(read.header("cache-control"), "private, no-cache");
        }
    }
}

#[tokio::test]
async fn lists_come_by_order_and_then_by_id() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let created = ada
        .post(LISTS, &json!({"name": "First", "order": -1}))
        .send()
        .await;
    assert_eq!(created.status, 201);
    assert_eq!(created.header("location"), list(3));
    let list_now = created.json()["list"].clone();
    let expected = json!({
        "uri": list(3), "name": "First", "tasks": format!("{BASE}{LISTS}/3/tasks"), "order": -1,
        "created_at": list_now["created_at"], "updated_at": list_now["created_at"], "etag": "\"1.1\"",
    });
    assert_eq!(list_now, expected);
    let uris = async || {
        let lists = ada.get(LISTS).send().await.json();
        let lists = lists["lists"].as_array().expect("lists").iter();
        lists
            .map(|list| list["uri"].as_str().expect("a URI").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(uris().await, [list(3), inbox(), list(1), list(2)]);
    for (uri, order) in [(inbox(), 2), (list(3), 2)] {
        assert_eq!(
            ada.put(&uri, &json!({"order": order})).send().await.status,
            200
        );
    }
    assert_eq!(uris().await, [list(1), inbox(), list(2), list(3)]);
}
