//! Values that a member refuses: in POST, PUT and PATCH alike, naming the member.

use http::Method;
use serde_json::{Value, json};

use super::{full, list, read, user_with_lists};
use crate::client::{TASKS, TestApp, User};

const DUE: &str = "must be a date like 2026-12-31 or a local time like 2026-12-31T17:30";
const PRIORITY: &str = "must be \"low\", \"medium\" or \"high\"";
const CONTROL: &str = "must not contain control characters";
const ORDER: &str = "must be a number from -9007199254740992 to 9007199254740992";

fn tags(count: usize) -> Value {
    (0..count).map(|number| json!(number.to_string())).collect()
}

fn steps(count: usize) -> Value {
    (0..count)
        .map(|number| json!({"title": number.to_string()}))
        .collect()
}

/// A member, a value, and what is said: the field, when it is a place within the member, and why.
fn invalid() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let mut cases = Vec::new();
    let mut add = |name, value, place, problem| cases.push((name, value, place, problem));
    for due in [
        "",
        "2026-02-30",
        "tomorrow",
        "2026-12-31T",
        "2026-12-31T24:00",
        "2026-12-31T07:60",
        "2026-12-31T7:05",
        "2026-12-31T07:05:00",
        "2026-12-31T07:05Z",
        "2026-12-31T07:05+01:00",
        "2026-12-31t07:05",
        "2026-12-31 07:05",
        " 2026-12-31",
        "0000-01-01",
        "10000-01-01",
        "+2026-12-31T07:05",
        "T07:05",
    ] {
        add("due", json!(due), "", DUE);
    }
    for value in [json!(5), json!(true), json!([]), json!({})] {
        add("due", value.clone(), "", "must be a string or null");
        add("priority", value, "", "must be a string or null");
    }
    for value in ["", "High", "urgent", "low,high", " low"] {
        add("priority", json!(value), "", PRIORITY);
    }
    for value in [json!("home"), json!(5), json!({}), json!(true)] {
        add("tags", value.clone(), "", "must be an array");
        add("steps", value, "", "must be an array");
    }
    add("tags", tags(11), "", "must have at most 10 entries");
    add("tags", json!([""]), "[0]", "must not be empty");
    add("tags", json!(["x", 5]), "[1]", "must be a string");
    add("tags", json!(["x", null]), "[1]", "must be a string");
    add("tags", json!(["a,b"]), "[0]", "must not contain a comma");
    add("tags", json!(["a\nb"]), "[0]", CONTROL);
    add(
        "tags",
        json!([" a"]),
        "[0]",
        "must not begin or end with white space",
    );
    add(
        "tags",
        json!(["a", "b\u{3000}"]),
        "[1]",
        "must not begin or end with white space",
    );
    add(
        "tags",
        json!([" "]),
        "[0]",
        "must not begin or end with white space",
    );
    add(
        "tags",
        json!(["é".repeat(51)]),
        "[0]",
        "must have at most 50 characters",
    );
    add("tags", json!(["a", "b", "a"]), "[2]", "is given twice");
    add("tags", json!(["Home", "hOME"]), "[1]", "is given twice");
    add(
        "tags",
        json!(["x", "Straße", "STRASSE"]),
        "[2]",
        "is given twice",
    );
    add("steps", steps(51), "", "must have at most 50 entries");
    add("steps", json!(["x"]), "[0]", "must be an object");
    add(
        "steps",
        json!([{"title": "x"}, null]),
        "[1]",
        "must be an object",
    );
    add("steps", json!([[]]), "[0]", "must be an object");
    add("steps", json!([{}]), "[0].title", "is missing");
    add("steps", json!([{"done": true}]), "[0].title", "is missing");
    add(
        "steps",
        json!([{"title": null}]),
        "[0].title",
        "must be a string",
    );
    add(
        "steps",
        json!([{"title": 5}]),
        "[0].title",
        "must be a string",
    );
    add(
        "steps",
        json!([{"title": "x", "done": "yes"}]),
        "[0].done",
        "must be true or false",
    );
    add(
        "steps",
        json!([{"title": "x", "done": null}]),
        "[0].done",
        "must be true or false",
    );
    add(
        "steps",
        json!([{"title": "x", "x": 1}]),
        "[0].x",
        "is not known here",
    );
    add(
        "steps",
        json!([{"title": "x", "uri": 1}]),
        "[0].uri",
        "is not known here",
    );
    let mut fourth = steps(5);
    fourth[3]["title"] = json!("");
    add("steps", fourth.clone(), "[3].title", "must not be blank");
    fourth[3]["title"] = json!("\u{2003}");
    add("steps", fourth.clone(), "[3].title", "must not be blank");
    fourth[3]["title"] = json!("a\tb");
    add("steps", fourth.clone(), "[3].title", CONTROL);
    fourth[3]["title"] = json!("é".repeat(201));
    add(
        "steps",
        fourth,
        "[3].title",
        "must have at most 200 characters",
    );
    for value in [json!("1"), json!(true), json!([]), json!({})] {
        add("order", value, "", "must be a number");
    }
    for value in [
        json!(1e16),
        json!(-1e16),
        json!(1e308),
        json!(9_007_199_254_740_994_i64),
    ] {
        add("order", value, "", ORDER);
    }
    for value in [json!(1), json!(["x"]), json!({})] {
        add("list", value, "", "must be a string");
    }
    for value in [
        "",
        "1",
        "inbox",
        "Home",
        "/lists/",
        "/lists/01",
        "/lists/0",
        "/lists/1/",
        "/lists/1/tasks",
        "/lists/1?x",
        "/lists/Inbox",
        "/lists/1000000000000",
        "/tasks/1",
        "http://todo.test/todo/api/v1.0/lists/-1",
    ] {
        add("list", json!(value), "", "must be the URI of a list");
    }
    cases
}

/// Sends the body in each way, and expects to be told what is wrong.
async fn refused(user: &User<'_>, task: &str, body: String, field: &str, problem: &str) {
    for (method, uri) in [
        (Method::POST, TASKS),
        (Method::POST, "/todo/api/v1.0/lists/1/tasks"),
        (Method::PUT, task),
        (Method::PATCH, task),
    ] {
        let request = user.request(method.clone(), uri);
        let response = request.bytes("application/json", body.clone()).send().await;
        let shown: String = body.chars().take(200).collect();
        let detail = format!("{field} {problem}");
        let expected = json!({"error": "Bad request", "detail": detail, "field": field});
        assert_eq!(
            (response.status, response.json()),
            (400, expected),
            "{method} {shown}"
        );
    }
}

#[tokio::test]
async fn an_invalid_value_is_refused_in_every_way_and_its_place_is_named() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let task = ada.create(&full()).await;
    for (name, value, place, problem) in invalid() {
        let body = json!({"title": "x", name: value}).to_string();
        refused(&ada, &task.uri, body, &format!("{name}{place}"), problem).await;
    }
    assert_eq!(ada.list().await, [task.json]);
}

#[tokio::test]
async fn a_number_that_is_none_of_json_is_refused() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let task = ada.create(&full()).await;
    for raw in ["NaN", "Infinity", "-Infinity", "+1", "01", ".5", "0x1"] {
        let body = format!(r#"{{"title": "x", "order": {raw}}}"#);
        let request = ada.request(Method::PUT, &task.uri);
        let response = request.bytes("application/json", body).send().await;
        let expected =
            json!({"error": "Bad request", "detail": "the body is not well-formed JSON"});
        assert_eq!((response.status, response.json()), (400, expected), "{raw}");
    }
    for raw in ["1e400", "-1e400"] {
        let body = format!(r#"{{"title": "x", "order": {raw}}}"#);
        refused(&ada, &task.uri, body, "order", "must be a number").await;
    }
    for (raw, shown) in [
        ("-0", json!(0)),
        ("-0.0", json!(0)),
        ("1e2", json!(100)),
        ("1E-400", json!(0)),
    ] {
        let request = ada.request(Method::PUT, &task.uri);
        let request = request.bytes("application/json", format!(r#"{{"order": {raw}}}"#));
        let response = request.send().await;
        assert_eq!(
            (response.status, &response.json()["task"]["order"]),
            (200, &shown),
            "{raw}"
        );
        assert!(
            !String::from_utf8_lossy(&response.bytes).contains("\"order\":-"),
            "{raw}"
        );
    }
}

#[tokio::test]
async fn a_member_of_a_step_is_given_once() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let task = ada.create(&full()).await;
    for step in [
        r#"{"title": "x", "title": "y"}"#,
        r#"{"title": "x", "\u0074itle": "y"}"#,
    ] {
        let body = format!(r#"{{"title": "x", "steps": [{{"title": "x"}}, {step}]}}"#);
        refused(&ada, &task.uri, body, "steps[1].title", "is given twice").await;
    }
    let members: Vec<_> = (0..65).map(|number| format!("\"{number}\": 1")).collect();
    let body = format!(r#"{{"title": "x", "steps": [{{{}}}]}}"#, members.join(","));
    refused(&ada, &task.uri, body, "steps[0]", "has too many members").await;
}

#[tokio::test]
async fn null_is_refused_where_the_contract_does_not_allow_it() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let task = ada.create(&full()).await;
    let cases = [
        ("title", "must be a string", true),
        ("done", "must be true or false", true),
        ("description", "must be a string", false),
        ("tags", "must be an array", false),
        ("steps", "must be an array", false),
        ("list", "must be a string", false),
        ("order", "must be a number", false),
    ];
    for (name, problem, in_patch_too) in cases {
        let mut body = json!({"title": "x"});
        body[name] = json!(null);
        let mut requests = vec![ada.post(TASKS, &body), ada.put(&task.uri, &body)];
        if in_patch_too {
            requests.push(ada.patch(&task.uri, &body));
        }
        for request in requests {
            let response = request.send().await;
            let detail = format!("{name} {problem}");
            let expected = json!({"error": "Bad request", "detail": detail, "field": name});
            assert_eq!(
                (response.status, response.json()),
                (400, expected),
                "{body}"
            );
        }
    }
    assert_eq!(read(&ada, &task.uri).await, task.json);
}

#[tokio::test]
async fn the_task_is_as_it_was_after_a_request_with_one_invalid_member_of_many() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let task = ada.create(&full()).await;
    let body = json!({"title": "Other", "priority": "low", "order": 1, "list": list(2), "tags": ["a", "A"]});
    let response = ada.put(&task.uri, &body).send().await;
    assert_eq!(
        (response.status, &response.json()["field"]),
        (400, &json!("tags[1]"))
    );
    assert_eq!(read(&ada, &task.uri).await, task.json);
}
