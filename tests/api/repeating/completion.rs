//! The completion of a repeating task: what becomes of it, and what the next one is like.

use http::HeaderValue;
use serde_json::{Value, json};

use super::{both, make_it, read};
use crate::client::{BASE, LISTS, TASKS, TestApp, User};
use crate::indexes::tasks_in_agreement;

fn done() -> Value {
    json!({"done": true})
}

/// The due date of the task that follows one with this due date and rule; null when none does.
async fn next_due(user: &User<'_>, due: &str, rule: &str) -> Value {
    let task = user
        .create(&json!({"title": "x", "due": due, "repeat": rule}))
        .await;
    both(&user.put(&task.uri, &done()).send().await).1["due"].clone()
}

#[tokio::test]
async fn a_completed_task_stays_and_the_next_one_appears() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let list = ada.create_list("Home").await;
    let body = json!({
        "title": "Pay the rent", "description": "In cash", "due": "2127-01-31T09:30",
        "repeat": "FREQ=MONTHLY", "priority": "high", "tags": ["Home"], "list": list, "order": 2.5,
        "steps": [{"title": "Fetch the cash", "done": true}, {"title": "Ring", "done": false}],
    });
    let task = ada.create(&body).await;

    let completed = ada.patch(&task.uri, &done()).send().await;

    let (old, next) = both(&completed);
    let mut expected = task.json.clone();
    for moved in ["updated_at", "completed_at"] {
        assert!(old[moved].is_string());
        expected[moved] = old["completed_at"].clone();
    }
    expected["done"] = json!(true);
    expected["repeat"] = json!(null);
    expected["etag"] = json!("\"1.2\"");
    assert_eq!(old, expected);
    let mut expected = task.json.clone();
    for moved in ["created_at", "updated_at"] {
        expected[moved] = old["completed_at"].clone();
    }
    expected["uri"] = json!(format!("{BASE}{TASKS}/2"));
    expected["due"] = json!("2127-02-28T09:30");
    expected["steps"][0]["done"] = json!(false);
    assert_eq!(next, expected);
    assert_eq!(completed.json(), json!({"task": old, "next_task": next}));
    assert_eq!(read(&ada, &old["uri"]).await, old);
    assert_eq!(read(&ada, &next["uri"]).await, next);
    let listed = ada.get(&format!("{list}/tasks")).send().await.json();
    assert_eq!(listed, json!({"tasks": [next, old]}));

    // After the short month, the series goes back to the day that was chosen.
    let uri = next["uri"].as_str().expect("a URI");
    let (_, third) = both(&ada.put(uri, &done()).send().await);
    assert_eq!(third["due"], "2127-03-31T09:30");
    assert_eq!(tasks_in_agreement(&app).await.len(), 3);
}

#[tokio::test]
async fn the_same_request_again_makes_no_second_one() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"title": "x", "due": "2126-01-31", "repeat": "FREQ=DAILY"});
    let task = ada.create(&body).await;
    let (first, next) = both(&ada.put(&task.uri, &done()).send().await);
    for body in [done(), json!({"done": false}), done()] {
        let again = ada.put(&task.uri, &body).send().await;
        let keys: Vec<_> = again
            .json()
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        assert_eq!(keys, ["task"]);
        let (again, _) = both(&again);
        assert_eq!(
            (&again["repeat"], &again["due"]),
            (&json!(null), &first["due"])
        );
    }
    let left = ada.list().await;
    assert_eq!((left.len(), &left[1]), (2, &next));
}

#[tokio::test]
async fn the_other_members_of_the_request_are_merged_first() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let list = ada.create_list("Home").await;
    let plain = json!({"title": "x"});
    let daily = json!({"title": "x", "due": "2126-01-31", "repeat": "FREQ=DAILY"});
    let update = json!({
        "done": true, "title": "Other", "due": "2126-01-31T08:00", "repeat": "FREQ=WEEKLY", "list": list,
        "order": -1, "tags": ["home"], "steps": [{"title": "One", "done": true}],
    });
    for body in [&plain, &daily] {
        let task = ada.create(body).await;
        let (old, next) = both(&ada.put(&task.uri, &update).send().await);
        for (name, value) in update.as_object().expect("an object") {
            let value = if name == "repeat" {
                &Value::Null
            } else {
                value
            };
            assert_eq!(&old[name], value, "{name}");
        }
        let mut expected = old.clone();
        for member in ["uri", "created_at", "updated_at", "etag"] {
            expected[member] = next[member].clone();
        }
        expected["done"] = json!(false);
        expected["completed_at"] = json!(null);
        expected["due"] = json!("2126-02-07T08:00");
        expected["repeat"] = json!("FREQ=WEEKLY");
        expected["steps"][0]["done"] = json!(false);
        assert_eq!(next, expected);
        assert_eq!(next["etag"], "\"1.1\"");
        assert_eq!(read(&ada, &next["uri"]).await, next);
    }
    // Without a rule when it becomes done, nothing follows.
    let task = ada.create(&daily).await;
    let (old, next) = both(
        &ada.put(&task.uri, &json!({"done": true, "repeat": null}))
            .send()
            .await,
    );
    assert_eq!(
        (&old["done"], &old["repeat"], next),
        (&json!(true), &json!(null), json!(null))
    );
    let order = json!({"done": true, "order": null});
    let (old, next) = both(
        &ada.patch(&ada.create(&daily).await.uri, &order)
            .send()
            .await,
    );
    assert_eq!((&old["order"], &next["order"]), (&json!(6), &json!(6)));
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn the_next_due_date_is_not_before_today() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    make_it(&app, "2100-06-15");
    for (due, rule, next) in [
        ("2100-06-10T08:00", "FREQ=DAILY", "2100-06-15T08:00"),
        ("2100-06-10", "FREQ=DAILY;INTERVAL=2", "2100-06-16"),
        ("2100-06-15", "FREQ=DAILY", "2100-06-16"),
        ("2100-06-14T23:59", "FREQ=DAILY", "2100-06-15T23:59"),
        ("0001-01-01", "FREQ=DAILY", "2100-06-15"),
        // A Tuesday, like today.
        ("2100-06-01", "FREQ=WEEKLY;BYDAY=MO,TU", "2100-06-15"),
        (
            "2100-06-01",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
            "2100-06-28",
        ),
        ("2099-12-31", "FREQ=MONTHLY", "2100-06-30"),
        ("2099-12-31", "FREQ=MONTHLY;BYMONTHDAY=31", "2100-07-31"),
        ("2096-02-29", "FREQ=YEARLY", "2101-02-28"),
        ("2200-01-01", "FREQ=YEARLY", "2201-01-01"),
    ] {
        assert_eq!(next_due(&ada, due, rule).await, next, "{due} {rule}");
    }
}

#[tokio::test]
async fn a_series_ends_with_the_calendar() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (due, rule) in [
        ("9999-12-31", "FREQ=DAILY"),
        ("9999-01-01T10:00", "FREQ=YEARLY"),
        ("2027-02-10", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30"),
    ] {
        let task = ada
            .create(&json!({"title": "x", "due": due, "repeat": rule}))
            .await;
        app.wire.take_calls();
        let completed = ada.put(&task.uri, &done()).send().await;
        let (old, next) = both(&completed);
        assert_eq!(next, Value::Null);
        assert_eq!(
            (&old["done"], &old["repeat"], &old["due"]),
            (&json!(true), &json!(null), &json!(due))
        );
        assert_eq!(app.wire.take_calls(), ["UpdateItem", "UpdateItem"]);
    }
    assert_eq!(ada.list().await.len(), 3);
}

#[tokio::test]
async fn only_a_task_that_becomes_done_is_completed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada
        .create(&json!({"title": "x", "due": "2126-01-31"}))
        .await;
    both(&ada.put(&task.uri, &done()).send().await);
    // A done task may get a rule, which takes effect once the task is open again.
    for body in [json!({"repeat": "FREQ=DAILY"}), json!({"order": 7})] {
        let (task, next) = both(&ada.put(&task.uri, &body).send().await);
        let members = (&task["done"], &task["repeat"], next);
        assert_eq!(
            members,
            (&json!(true), &json!("FREQ=DAILY"), json!(null)),
            "{body}"
        );
    }
    let (open, next) = both(&ada.put(&task.uri, &json!({"done": false})).send().await);
    assert_eq!((&open["repeat"], next), (&json!("FREQ=DAILY"), json!(null)));
    let (_, next) = both(&ada.put(&task.uri, &done()).send().await);
    assert_eq!(next["due"], "2126-02-01");
    assert_eq!(ada.list().await.len(), 2);
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn a_request_that_ticks_a_task_always_leaves_it_without_a_rule() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let task = ada
        .create(&json!({"title": "x", "due": "2126-01-31"}))
        .await;
    let with_rule = json!({"done": true, "repeat": "FREQ=DAILY"});
    let (_, next) = both(&ada.put(&task.uri, &with_rule).send().await);
    assert_eq!(next["due"], "2126-02-01");

    // The client has not seen the response and sends the same again.
    for body in [&with_rule, &json!({"done": false}), &done()] {
        let (shown, next) = both(&ada.put(&task.uri, body).send().await);
        assert_eq!((&shown["repeat"], &next), (&Value::Null, &Value::Null));
    }
    assert_eq!(ada.list().await.len(), 2);

    let ways = [done(), json!({"done": true, "order": 7}), with_rule];
    for body in ways {
        let rule = json!({"repeat": "FREQ=WEEKLY"});
        let (shown, _) = both(&ada.put(&task.uri, &rule).send().await);
        assert_eq!(
            (&shown["done"], &shown["repeat"]),
            (&json!(true), &rule["repeat"])
        );
        let (shown, next) = both(&ada.put(&task.uri, &body).send().await);
        assert_eq!(
            (&shown["repeat"], &next),
            (&Value::Null, &Value::Null),
            "{body}"
        );
        assert_eq!(read(&ada, &shown["uri"]).await, shown);
    }
    assert_eq!(ada.list().await.len(), 2);
    tasks_in_agreement(&app).await;
}

#[tokio::test]
async fn if_match_is_judged_before_anything_is_made() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let bob = app.user("bob").await;
    let body = json!({"title": "x", "due": "2126-01-31", "repeat": "FREQ=DAILY"});
    let task = ada.create(&body).await;
    for body in [
        done(),
        json!({"done": true, "repeat": "FREQ=WEEKLY"}),
        json!({"done": true, "order": 1}),
    ] {
        let other = HeaderValue::from_static("\"1.2\"");
        let refused = ada
            .put(&task.uri, &body)
            .header("if-match", other)
            .send()
            .await;
        assert_eq!((refused.status, refused.header("etag")), (412, "\"1.1\""));
        let foreign = bob.put(&task.uri, &body).send().await;
        assert_eq!(
            (foreign.status, foreign.json()),
            (404, json!({"error": "Not found"}))
        );
    }
    assert_eq!(ada.list().await, std::slice::from_ref(&task.json));
    assert_eq!(bob.list().await, [] as [Value; 0]);
    let current = HeaderValue::from_static("\"1.1\"");
    let completed = ada
        .put(&task.uri, &done())
        .header("if-match", current)
        .send()
        .await;
    assert_eq!(both(&completed).1["uri"], format!("{BASE}{TASKS}/2"));
}

#[tokio::test]
async fn nothing_follows_in_a_list_that_is_gone() {
    let app = TestApp::start().await;
    let elsewhere = app.twin().await;
    let ada = app.user("ada").await;
    let other = elsewhere.holder(ada.authorization.clone());
    let list = ada.create_list("Home").await;
    let body = json!({"title": "x", "due": "2126-01-31", "repeat": "FREQ=DAILY", "list": list});
    let task = ada.create(&body).await;
    other.list().await;

    // Moving it to the trash is what the deletion of the list fails at.
    elsewhere
        .wire
        .rule(|call| match call.starts_with("UpdateItem task#") {
            true => crate::wire::Fault::Refuse(500, "InternalServerError"),
            false => crate::wire::Fault::Pass,
        });
    assert_eq!(other.delete(&list).send().await.status, 503);
    let completed = ada.put(&task.uri, &done()).send().await;

    assert_eq!(
        (completed.status, completed.json()),
        (404, json!({"error": "Not found"}))
    );
    assert_eq!(ada.list().await, [] as [Value; 0]);
    assert_eq!(tasks_in_agreement(&app).await.len(), 1);
    let gone = ada
        .create(&json!({"title": "x", "due": "2126-01-31", "repeat": "FREQ=DAILY"}))
        .await;
    let moved = json!({"done": true, "list": format!("{LISTS}/1")});
    let refused = ada.put(&gone.uri, &moved).send().await;
    let expected = json!({
        "error": "Bad request", "detail": "list must be the URI of an existing list", "field": "list",
    });
    assert_eq!((refused.status, refused.json()), (400, expected));
    assert_eq!(ada.list().await, [gone.json]);
}
