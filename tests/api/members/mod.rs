//! The members of a task, beside its title and description: kept and given back, changed one at a
//! time, reset; each invalid value refused; found by filters; and the largest task that they make.

mod filters;
mod largest;
mod lists;
mod of_lists;
mod refused;

use http::Method;
use serde_json::{Value, json};

use crate::client::{BASE, LISTS, TASKS, TestApp, User};

/// A member, its value when absent from POST, and values as they are sent and as they are shown.
struct Member {
    name: &'static str,
    absent: Value,
    values: Vec<(Value, Value)>,
    /// Whether null is a value of its own. PATCH accepts null for every other one too.
    may_be_null: bool,
}

/// The members of the first task of an account that has the lists 1 and 2.
fn members() -> Vec<Member> {
    let same = |value: Value| (value.clone(), value);
    let member = |name, absent, values, may_be_null| Member {
        name,
        absent,
        values,
        may_be_null,
    };
    let fifty_steps: Value = (0..50)
        .map(|number| json!({"title": format!("Step {number}"), "done": number % 2 == 0}))
        .collect();
    let longest_step = json!([{"title": "é".repeat(200), "done": true}]);
    let ten_tags: Value = (0..10)
        .map(|number| json!(format!("tag {number}")))
        .collect();
    let dues = [
        "2026-12-31",
        "2026-12-31T00:00",
        "0001-01-01T23:59",
        "9999-12-31T17:30",
    ];
    let dues = dues.into_iter().map(|due| same(json!(due)));
    let priorities = ["low", "medium", "high"];
    let priorities = priorities.into_iter().map(|name| same(json!(name)));
    let lists = [
        (json!(list(1)), json!(list(1))),
        (
            json!("https://other.example/prod/todo/api/v1.0/lists/2"),
            json!(list(2)),
        ),
        (json!("/todo/api/v1.0/lists/inbox"), json!(inbox())),
    ];
    vec![
        member("due", json!(null), dues.collect(), true),
        member("priority", json!(null), priorities.collect(), true),
        member(
            "tags",
            json!([]),
            vec![
                same(json!(["Home", "at work", "#1", "Straße", "🛒"])),
                same(json!(["x".repeat(50)])),
                same(ten_tags),
                same(json!([])),
            ],
            false,
        ),
        member(
            "steps",
            json!([]),
            vec![
                (
                    json!([{"title": "One"}]),
                    json!([{"title": "One", "done": false}]),
                ),
                same(json!([{"title": " a ", "done": true}, {"title": " a ", "done": false}])),
                same(fifty_steps),
                same(longest_step),
                same(json!([])),
            ],
            false,
        ),
        member("list", json!(inbox()), lists.to_vec(), false),
        member(
            "order",
            json!(1),
            vec![
                same(json!(0)),
                same(json!(-1.5)),
                same(json!(0.1)),
                (json!(-0.0), json!(0)),
                (json!(7.0), json!(7)),
                same(json!(9_007_199_254_740_992_i64)),
                same(json!(-9_007_199_254_740_992_i64)),
                same(json!(5e-324)),
            ],
            false,
        ),
    ]
}

fn list(number: u32) -> String {
    format!("{BASE}{LISTS}/{number}")
}

fn inbox() -> String {
    format!("{BASE}{LISTS}/inbox")
}

fn first_task() -> String {
    format!("{BASE}{TASKS}/1")
}

/// A user with the lists 1 and 2.
async fn user_with_lists(app: &TestApp) -> User<'_> {
    let ada = app.user("ada").await;
    assert_eq!(ada.create_list("Home").await, list(1));
    assert_eq!(ada.create_list("Work").await, list(2));
    ada
}

/// A task as it is shown, and as it is stored.
async fn read(user: &User<'_>, uri: &str) -> Value {
    let read = user.get(uri).send().await;
    assert_eq!(read.status, 200, "{read:?}");
    read.json()["task"].clone()
}

/// A task that has another value than the default in every member.
fn full() -> Value {
    json!({
        "title": "Buy milk", "description": "Two bottles", "due": "2026-12-24T17:30", "priority": "high",
        "tags": ["Home"], "steps": [{"title": "Find the shop", "done": true}], "list": list(1), "order": 2.5,
    })
}

#[tokio::test]
async fn a_new_task_has_the_default_of_every_member_that_is_absent() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;

    let created = ada.post(TASKS, &json!({"title": "Buy milk"})).send().await;

    assert_eq!(created.status, 201);
    let task = created.json()["task"].clone();
    let expected = json!({"task": {
        "uri": first_task(), "list": inbox(), "title": "Buy milk", "description": "", "done": false,
        "due": null, "repeat": null, "priority": null, "tags": [], "steps": [], "order": 1,
        "created_at": task["created_at"], "updated_at": task["created_at"], "completed_at": null,
        "etag": "\"1.1\"",
    }});
    assert_eq!(created.json(), expected);
    assert_eq!(read(&ada, &first_task()).await, task);
}

#[tokio::test]
async fn a_member_of_a_new_task_is_kept_and_the_others_have_their_defaults() {
    for member in members() {
        let mut values = member.values;
        if member.may_be_null {
            values.push((json!(null), json!(null)));
        }
        let app = TestApp::start().await;
        let ada = user_with_lists(&app).await;
        for (id, (sent, shown)) in (1..).zip(values) {
            let plain = json!({"title": "x"});
            let mut body = plain.clone();
            body[member.name] = sent;
            let created = ada.create(&body).await.json;
            let mut expected = created.clone();
            for other in members() {
                expected[other.name] = other.absent;
            }
            expected["order"] = json!(id);
            expected[member.name] = shown;
            assert_eq!(created, expected, "{body}");
            let uri = created["uri"].as_str().expect("a URI");
            assert_eq!(read(&ada, uri).await, created);
        }
    }
}

#[tokio::test]
async fn an_update_of_one_member_changes_nothing_else() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let bare = ada.create("Buy bread").await;
    let full = ada.create(&full()).await;
    let others = [
        ("title", json!("Other"), json!("Other")),
        ("description", json!("Other"), json!("Other")),
        ("done", json!(true), json!(true)),
        ("done", json!(false), json!(false)),
    ];
    let members = members().into_iter().flat_map(|member| {
        let values = member.values.into_iter();
        values.map(move |(sent, shown)| (member.name, sent, shown))
    });
    for (name, sent, shown) in others.into_iter().chain(members) {
        for task in [&bare, &full] {
            for method in [http::Method::PUT, http::Method::PATCH] {
                let before = read(&ada, &task.uri).await;
                let body = json!({name: sent});
                let request = ada.request(method.clone(), &task.uri).json(&body);
                let changed = request.send().await;
                assert_eq!(changed.status, 200, "{method} {body}: {changed:?}");
                let after = changed.json()["task"].clone();
                let mut expected = before.clone();
                for moved in ["etag", "updated_at"] {
                    expected[moved] = after[moved].clone();
                }
                expected[name] = shown.clone();
                if name == "done" {
                    let was_done = before["done"] == true && shown == true;
                    assert_eq!(after["completed_at"].is_string(), shown == true);
                    if was_done {
                        assert_eq!(after["completed_at"], before["completed_at"]);
                    }
                    expected["completed_at"] = after["completed_at"].clone();
                }
                assert_eq!(after, expected, "{method} {body}");
                assert_ne!(after["etag"], before["etag"]);
                assert_eq!(changed.header("etag"), after["etag"]);
                assert_eq!(read(&ada, &task.uri).await, after);
            }
        }
    }
}

#[tokio::test]
async fn a_done_task_keeps_its_list_and_order_and_returns_to_them() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let task = ada.create(&full()).await;
    let put = async |body: Value| {
        let changed = ada.put(&task.uri, &body).send().await;
        assert_eq!(changed.status, 200, "{changed:?}");
        changed.json()["task"].clone()
    };
    // Moved and ordered while it is done, and within the request that opens or closes it.
    for body in [
        json!({"done": true}),
        json!({"list": list(2)}),
        json!({"order": 9}),
        json!({"done": false}),
        json!({"done": true, "list": list(1), "order": -3}),
        json!({"done": false, "list": list(2)}),
        json!({"done": false, "order": 4}),
    ] {
        let before = read(&ada, &task.uri).await;
        let after = put(body.clone()).await;
        for name in ["done", "list", "order"] {
            let expected = body.get(name).unwrap_or(&before[name]);
            assert_eq!(&after[name], expected, "{body}");
        }
        for list in [list(1), list(2)] {
            let path = format!("{}/tasks", list.strip_prefix(BASE).expect("a URI"));
            let shown = ada.get(&path).send().await.json()["tasks"].clone();
            let expected = if after["list"] == json!(list) {
                json!([after])
            } else {
                json!([])
            };
            assert_eq!(shown, expected, "{body}");
        }
    }
}

#[tokio::test]
async fn null_in_a_patch_resets_a_member_to_what_it_is_when_absent() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let mut with_first_id = full();
    with_first_id["title"] = json!("x");
    let task = ada.create(&with_first_id).await;
    let description = Member {
        name: "description",
        absent: json!(""),
        values: Vec::new(),
        may_be_null: false,
    };
    for member in members().into_iter().chain([description]) {
        // Twice: what is reset may be reset again.
        for _ in 0..2 {
            let before = read(&ada, &task.uri).await;
            let reset = ada
                .patch(&task.uri, &json!({member.name: null}))
                .send()
                .await;
            assert_eq!(reset.status, 200, "{}: {reset:?}", member.name);
            let after = reset.json()["task"].clone();
            let mut expected = before;
            for moved in ["etag", "updated_at"] {
                expected[moved] = after[moved].clone();
            }
            expected[member.name] = member.absent.clone();
            assert_eq!(after, expected);
            assert_eq!(read(&ada, &task.uri).await, after);
        }
    }
}

#[tokio::test]
async fn read_only_members_are_ignored_whatever_their_value() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let task = ada.create(&full()).await;
    let read_only = [
        "uri",
        "etag",
        "created_at",
        "updated_at",
        "completed_at",
        "deleted_at",
    ];
    for name in read_only {
        let body = json!({name: {"x": [1]}});
        let changed = ada.put(&task.uri, &body).send().await;
        assert_eq!(changed.status, 200, "{body}: {changed:?}");
    }
    // All that a response held, as a client sends it back.
    let before = read(&ada, &task.uri).await;
    let back = ada.put(&task.uri, &before).send().await.json()["task"].clone();
    let mut expected = before;
    for moved in ["etag", "updated_at"] {
        expected[moved] = back[moved].clone();
    }
    assert_eq!(back, expected);
    assert_eq!(back["etag"], "\"1.8\"");
}

#[tokio::test]
async fn an_order_is_kept_to_the_last_bit() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada.create("Buy milk").await;
    // The midpoints of a task that is dragged again and again; a fast parser misses some by one bit.
    for order in ["25.062938899853158", "0.1", "-1e-300", "9007199254740991"] {
        let body = format!(r#"{{"order": {order}}}"#);
        let request = ada.request(Method::PATCH, &task.uri);
        let patched = request.bytes("application/json", body).send().await;
        let text = String::from_utf8(patched.bytes.to_vec()).expect("UTF-8");
        assert!(text.contains(&format!(r#""order":{order},"#)), "{text}");
    }
}
