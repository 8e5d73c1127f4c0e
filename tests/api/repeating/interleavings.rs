//! The completion of a repeating task with somebody else's request before each of its calls: responses
//! and tasks are what one of the two orders gives.

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{BASE, LISTS, TASKS, TestApp, TestResponse, User};
use crate::held::held_at;
use crate::indexes::tasks_in_agreement;
use crate::model::stranger;
use crate::wire::Fault::Pass;

/// What somebody else does to the task.
fn requests() -> Vec<(Method, String, Value)> {
    let put = |body| (Method::PUT, format!("{TASKS}/1"), body);
    vec![
        put(json!({"title": "Theirs", "steps": [{"title": "One", "done": true}]})),
        put(json!({"due": "2126-05-31T10:00"})),
        put(json!({"repeat": "FREQ=MONTHLY"})),
        put(json!({"repeat": null})),
        put(json!({"due": null})),
        put(json!({"list": format!("{LISTS}/2"), "order": -1})),
        put(json!({"list": format!("{LISTS}/inbox")})),
        put(json!({"done": true})),
        put(json!({"done": true, "repeat": "FREQ=YEARLY"})),
        put(json!({"done": false})),
        (Method::DELETE, format!("{TASKS}/1"), json!({})),
        (Method::DELETE, format!("{LISTS}/1"), json!({})),
        (Method::DELETE, format!("{LISTS}/2"), json!({})),
    ]
}

/// Those that change what a completion depends on: the rule, the date, whether it is done.
fn requests_about_the_series() -> Vec<(Method, String, Value)> {
    let chosen = [2, 4, 7, 10];
    chosen.map(|index| requests().swap_remove(index)).to_vec()
}

/// Those that change where the task may stand.
fn requests_about_lists() -> Vec<(Method, String, Value)> {
    let chosen = [5, 7, 11, 12];
    chosen.map(|index| requests().swap_remove(index)).to_vec()
}

/// A user with two lists, and a repeating task in the first.
async fn fixture(app: &TestApp, number: u32) -> User<'_> {
    let user = stranger(app, number).await;
    for name in ["Home", "Work"] {
        user.create_list(name).await;
    }
    let body = json!({
        "title": "Sweep", "due": "2126-01-31", "repeat": "FREQ=DAILY", "list": format!("{LISTS}/1"),
    });
    user.create(&body).await;
    user
}

/// What does not depend on the clock, and of the id of a task that follows only that it is another one.
fn settled(value: &Value) -> Value {
    let mut value = value.clone();
    match &mut value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let first = format!("{BASE}{TASKS}/1");
                *member = match name.as_str() {
                    "created_at" | "updated_at" => json!("some time"),
                    "completed_at" if member.is_string() => json!("some time"),
                    "uri" if *member != first => json!("another"),
                    _ => settled(member),
                };
            }
        }
        Value::Array(entries) => *entries = entries.iter().map(settled).collect(),
        _ => {}
    }
    value
}

/// Both responses, and what is left of both.
async fn outcome(user: &User<'_>, mine: &TestResponse, theirs: &TestResponse) -> Value {
    let shown = |response: &TestResponse| json!([response.status, response.json()]);
    let trash = user.get(crate::client::TRASH).send().await.json();
    let mut trash: Vec<_> = trash["tasks"].as_array().expect("tasks").clone();
    for task in &mut trash {
        task["deleted_at"] = json!(null);
    }
    trash.sort_by_key(|task| task["uri"].to_string());
    settled(&json!([
        shown(mine),
        shown(theirs),
        user.list().await,
        trash
    ]))
}

async fn every_call_interrupted(
    completion: &Value,
    requests: Vec<(Method, String, Value)>,
    condition: Option<&'static str>,
) {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let mut users = 0;
    let mut next_user = || {
        users += 1;
        users
    };
    for (method, uri, body) in requests {
        let complete = async |user: &User<'_>| {
            let call = user.put(&format!("{TASKS}/1"), completion);
            match condition.map(HeaderValue::from_static) {
                Some(version) => call.header("if-match", version).send().await,
                None => call.send().await,
            }
        };
        let mut orders = Vec::new();
        for mine_first in [true, false] {
            let user = fixture(&app, next_user()).await;
            let theirs = || user.request(method.clone(), &uri).json(&body).send();
            let (mine, theirs) = match mine_first {
                true => (complete(&user).await, theirs().await),
                false => {
                    let theirs = theirs().await;
                    (complete(&user).await, theirs)
                }
            };
            orders.push(outcome(&user, &mine, &theirs).await);
        }
        for before in 0.. {
            let user = fixture(&app, next_user()).await;
            let other = elsewhere.holder(user.authorization.clone());
            for user in [&user, &other] {
                user.list().await;
            }
            let theirs = async || other.request(method.clone(), &uri).json(&body).send().await;
            let Ok((mine, theirs)) = held_at(&app, before, complete(&user), theirs).await else {
                app.wire.always(Pass);
                assert!(before >= 3, "a completion takes {before} calls only");
                break;
            };
            let outcome = outcome(&user, &mine, &theirs).await;
            assert!(
                orders.contains(&outcome),
                "{completion} with {method} {uri} {body} before call {before}:\n{outcome}\n{orders:#?}"
            );
        }
    }
    tasks_in_agreement(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_others_do_meanwhile_both_tasks_are_as_one_order_makes_them() {
    every_call_interrupted(&json!({"done": true}), requests(), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_they_are_when_the_completion_expects_a_version() {
    let (done, requests) = (json!({"done": true}), requests_about_the_series());
    every_call_interrupted(&done, requests, Some("\"1.1\"")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_they_are_when_it_changes_other_members_too() {
    let date = json!({"done": true, "title": "Mine", "due": "2126-03-01"});
    let rule = json!({"done": true, "repeat": "FREQ=WEEKLY"});
    for completion in [date, rule] {
        every_call_interrupted(&completion, requests_about_the_series(), None).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_they_are_when_it_moves_the_task_to_another_list() {
    let moved = json!({"done": true, "list": format!("{LISTS}/2")});
    every_call_interrupted(&moved, requests_about_lists(), None).await;
}
