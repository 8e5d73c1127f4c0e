//! The day of the month to which a series returns after months that are too short.

use serde_json::{Value, json};

use super::both;
use crate::client::{TestApp, User};

fn done() -> Value {
    json!({"done": true})
}

/// The URI of a task due on 28 February, which follows one due on 31 January.
async fn in_february(user: &User<'_>) -> String {
    let body = json!({"title": "x", "due": "2127-01-31", "repeat": "FREQ=MONTHLY"});
    let task = user.create(&body).await;
    let (_, next) = both(&user.put(&task.uri, &done()).send().await);
    assert_eq!(next["due"], "2127-02-28");
    next["uri"].as_str().expect("a URI").to_owned()
}

/// When the task is due that follows one of 28 February once these changes are made.
async fn next_after(user: &User<'_>, changes: &[Value]) -> Value {
    let uri = in_february(user).await;
    for change in changes {
        both(&user.put(&uri, change).send().await);
    }
    both(&user.put(&uri, &done()).send().await).1["due"].clone()
}

#[tokio::test]
async fn the_same_date_again_keeps_the_day() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let same = json!({"title": "x", "due": "2127-02-28", "repeat": "FREQ=MONTHLY"});
    assert_eq!(next_after(&ada, &[]).await, "2127-03-31");
    assert_eq!(next_after(&ada, &[same]).await, "2127-03-31");
    let hour = json!({"due": "2127-02-28T09:30"});
    assert_eq!(next_after(&ada, &[hour]).await, "2127-03-31T09:30");
    let there_and_back = [json!({"due": "2127-02-27"}), json!({"due": "2127-02-28"})];
    assert_eq!(next_after(&ada, &there_and_back).await, "2127-03-31");
    // The completion itself may have the date as well.
    let uri = in_february(&ada).await;
    let whole = json!({"title": "x", "due": "2127-02-28", "repeat": "FREQ=MONTHLY", "done": true});
    let (_, next) = both(&ada.put(&uri, &whole).send().await);
    assert_eq!(next["due"], "2127-03-31");
}

#[tokio::test]
async fn another_date_or_rule_ends_the_day() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (change, next) in [
        (json!({"due": "2127-02-27"}), "2127-03-27"),
        (json!({"due": "2127-04-30"}), "2127-05-30"),
        (json!({"repeat": "FREQ=YEARLY"}), "2128-02-28"),
        (json!({"repeat": "FREQ=MONTHLY;INTERVAL=2"}), "2127-04-28"),
    ] {
        assert_eq!(next_after(&ada, &[change]).await, next);
    }
    let anew = [
        json!({"due": null}),
        json!({"due": "2127-02-28", "repeat": "FREQ=MONTHLY"}),
    ];
    assert_eq!(next_after(&ada, &anew).await, "2127-03-28");
    // A day that another rule has reached is the day of a later one.
    let uri = in_february(&ada).await;
    both(
        &ada.put(&uri, &json!({"due": "2127-04-29", "repeat": "FREQ=DAILY"}))
            .send()
            .await,
    );
    let (_, next) = both(&ada.put(&uri, &done()).send().await);
    let uri = next["uri"].as_str().expect("a URI");
    let monthly = json!({"done": true, "repeat": "FREQ=MONTHLY"});
    let (_, next) = both(&ada.put(uri, &monthly).send().await);
    assert_eq!(next["due"], "2127-05-30");
}

#[tokio::test]
async fn the_day_lasts_over_several_short_months() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"title": "x", "due": "2127-11-30", "repeat": "FREQ=MONTHLY;INTERVAL=3"});
    let mut uri = ada.create(&body).await.uri.clone();
    for due in [
        "2128-02-29",
        "2128-05-30",
        "2128-08-30",
        "2128-11-30",
        "2129-02-28",
        "2129-05-30",
    ] {
        let (_, next) = both(&ada.put(&uri, &done()).send().await);
        assert_eq!(next["due"], due);
        next["uri"].as_str().expect("a URI").clone_into(&mut uri);
    }
    let body = json!({"title": "x", "due": "2128-02-29", "repeat": "FREQ=YEARLY"});
    let mut uri = ada.create(&body).await.uri.clone();
    for due in ["2129-02-28", "2130-02-28", "2131-02-28", "2132-02-29"] {
        let (_, next) = both(&ada.put(&uri, &done()).send().await);
        assert_eq!(next["due"], due);
        next["uri"].as_str().expect("a URI").clone_into(&mut uri);
    }
}
