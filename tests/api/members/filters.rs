//! Collections by the members: filters, search, order.

use serde_json::{Value, json};

use super::{list, user_with_lists};
use crate::client::{LISTS, TASKS, TestApp, User};
use crate::lists::{walk, walk_of};

async fn titles(user: &User<'_>, query: &str) -> Vec<String> {
    let tasks = walk(user, query).await;
    let titles = tasks
        .iter()
        .map(|task| task["title"].as_str().expect("a title"));
    titles.map(str::to_owned).collect()
}

async fn create_all(user: &User<'_>, tasks: &[Value]) {
    for task in tasks {
        user.create(task).await;
    }
}

#[tokio::test]
async fn tasks_are_found_by_one_or_several_priorities() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for priority in ["low", "medium", "high"] {
        ada.create(&json!({"title": priority, "priority": priority}))
            .await;
    }
    ada.create("none").await;
    for (query, expected) in [
        ("priority=high", vec!["high"]),
        ("priority=high,low", vec!["low", "high"]),
        (
            "priority=high%2Cmedium%2Clow",
            vec!["low", "medium", "high"],
        ),
        ("priority=low,low&limit=1", vec!["low"]),
        ("priority=high,low&sort=-id&limit=1", vec!["high", "low"]),
        ("priority=high&done=true", vec![]),
    ] {
        assert_eq!(titles(&ada, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn tasks_are_found_by_all_of_several_tags_in_any_case() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    create_all(
        &ada,
        &[
            json!({"title": "a", "tags": ["Home", "urgent"]}),
            json!({"title": "b", "tags": ["home"]}),
            json!({"title": "c", "tags": ["homework", "Straße"]}),
            json!({"title": "d", "tags": []}),
        ],
    )
    .await;
    for (query, expected) in [
        ("tag=home", vec!["a", "b"]),
        ("tag=HOME,Urgent", vec!["a"]),
        ("tag=home,home", vec!["a", "b"]),
        ("tag=STRASSE&limit=1", vec!["c"]),
        ("tag=home,strasse", vec![]),
        ("tag=hom", vec![]),
        ("tag=home&sort=-id", vec!["b", "a"]),
    ] {
        assert_eq!(titles(&ada, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_text_is_found_in_tags_and_steps_too() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    create_all(
        &ada,
        &[
            json!({"title": "a", "tags": ["Milk run"]}),
            json!({"title": "b", "steps": [{"title": "x"}, {"title": "Buy MILK"}]}),
            json!({"title": "c milk"}),
            json!({"title": "d", "description": "milk"}),
            json!({"title": "e", "tags": ["mil"], "steps": [{"title": "k"}]}),
            json!({"title": "f", "priority": "low", "due": "2026-12-31"}),
        ],
    )
    .await;
    assert_eq!(titles(&ada, "q=milk").await, ["a", "b", "c milk", "d"]);
    // Not in the names of members or in other values.
    for query in [
        "q=low",
        "q=2026",
        "q=title",
        "q=done",
        "q=false",
        "q=mil%2Ck",
    ] {
        assert_eq!(titles(&ada, query).await, [] as [&str; 0], "{query}");
    }
}

/// Tasks on and around the last day of 2026; the title is the due date.
async fn dated(user: &User<'_>) {
    for due in [
        "2027-01-01",
        "2026-12-31T23:59",
        "2026-12-31",
        "2026-12-30T23:59",
        "2026-12-31T00:00",
        "2027-01-01T00:00",
        "2026-12-30",
        "9999-12-31T23:59",
        "0001-01-01T00:00",
    ] {
        user.create(&json!({"title": due, "due": due})).await;
    }
    user.create(&json!({"title": "2026-12-31 again", "due": "2026-12-31"}))
        .await;
    user.create("never").await;
}

#[tokio::test]
async fn the_bounds_of_a_due_filter_exclude_whole_days_with_their_times() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    dated(&ada).await;
    for limit in ["", "&limit=1"] {
        for (query, expected) in [
            (
                "due_before=2026-12-31",
                vec!["0001-01-01T00:00", "2026-12-30", "2026-12-30T23:59"],
            ),
            (
                "due_after=2026-12-31",
                vec!["2027-01-01", "2027-01-01T00:00", "9999-12-31T23:59"],
            ),
            (
                "due_after=2026-12-30&due_before=2027-01-01",
                vec![
                    "2026-12-31",
                    "2026-12-31 again",
                    "2026-12-31T00:00",
                    "2026-12-31T23:59",
                ],
            ),
            ("due_after=2026-12-31&due_before=2026-12-31", vec![]),
            ("due_after=2026-12-31&due_before=2027-01-01", vec![]),
            ("due_after=9999-12-31", vec![]),
            ("due_before=0001-01-01", vec![]),
            (
                "due_after=2026-12-31&sort=id",
                vec!["2027-01-01", "2027-01-01T00:00", "9999-12-31T23:59"],
            ),
            (
                "due_before=2026-12-31&sort=-due",
                vec!["2026-12-30T23:59", "2026-12-30", "0001-01-01T00:00"],
            ),
        ] {
            let query = format!("{query}{limit}");
            assert_eq!(titles(&ada, &query).await, expected, "{query}");
        }
    }
}

#[tokio::test]
async fn a_page_of_a_due_filter_reads_nothing_of_the_days_that_it_excludes() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    dated(&ada).await;
    for query in ["due_after=2026-12-31", "due_before=2026-12-31&sort=-due"] {
        app.wire.take_calls();
        let page = ada.get(&format!("{TASKS}?{query}&limit=1")).send().await;
        assert_eq!(page.json()["tasks"].as_array().map(Vec::len), Some(1));
        assert_eq!(app.wire.take_calls(), ["Query"], "{query}");
    }
}

#[tokio::test]
async fn a_days_tasks_without_a_time_come_before_those_with_one() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    dated(&ada).await;
    let mut expected = vec![
        "0001-01-01T00:00",
        "2026-12-30",
        "2026-12-30T23:59",
        "2026-12-31",
        "2026-12-31 again",
        "2026-12-31T00:00",
        "2026-12-31T23:59",
        "2027-01-01",
        "2027-01-01T00:00",
        "9999-12-31T23:59",
    ];
    for limit in ["", "&limit=1", "&limit=3"] {
        assert_eq!(titles(&ada, &format!("sort=due{limit}")).await, expected);
    }
    expected.reverse();
    for limit in ["", "&limit=1", "&limit=3"] {
        assert_eq!(titles(&ada, &format!("sort=-due{limit}")).await, expected);
    }
}

#[tokio::test]
async fn a_lists_open_tasks_come_by_order_and_its_done_ones_after_them_by_id() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    for (title, order) in [
        ("c", json!(3)),
        ("a", json!(-1.5)),
        ("b", json!(2.5)),
        ("b too", json!(2.5)),
        ("z", json!(100)),
    ] {
        ada.create(&json!({"title": title, "order": order, "list": list(1)}))
            .await;
    }
    ada.create(&json!({"title": "elsewhere", "list": list(2)}))
        .await;
    for id in [5, 2] {
        ada.put(&format!("{TASKS}/{id}"), &json!({"done": true}))
            .send()
            .await;
    }
    let path = format!("{LISTS}/1/tasks");
    for limit in ["", "&limit=1", "&limit=2", "&limit=3", "&limit=4"] {
        for (query, expected) in [
            ("", vec!["b", "b too", "c", "a", "z"]),
            ("sort=order", vec!["b", "b too", "c", "a", "z"]),
            ("sort=order&done=false", vec!["b", "b too", "c"]),
            ("done=true", vec!["a", "z"]),
            ("sort=id", vec!["c", "a", "b", "b too", "z"]),
            ("sort=-title", vec!["z", "c", "b too", "b", "a"]),
            ("title_prefix=B", vec!["b", "b too"]),
            ("title_prefix=B&sort=order&done=true", vec![]),
        ] {
            let tasks = walk_of(&ada, &path, &format!("{query}{limit}")).await;
            let titles: Vec<_> = tasks.iter().map(|task| task["title"].clone()).collect();
            assert_eq!(titles, expected, "{query}{limit}");
        }
    }
}

#[tokio::test]
async fn a_bad_parameter_is_named() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    let sort = "must be id, title or due, or one of them after a minus sign; or, in a list, order";
    let priority = "must be \"low\", \"medium\" or \"high\"";
    let eleven = ["x"; 11].join(",");
    let date = "must be a date like 2026-12-31";
    for (path, query, field, problem) in [
        (TASKS, "priority=", "priority", priority),
        (TASKS, "priority=High", "priority", priority),
        (TASKS, "priority=low,", "priority", priority),
        (
            TASKS,
            "priority=low&priority=high",
            "priority",
            "is given twice",
        ),
        (TASKS, "tag=", "tag", "must not be empty"),
        (TASKS, "tag=a,,b", "tag", "must not be empty"),
        (
            TASKS,
            "tag=a,+b",
            "tag",
            "must not begin or end with white space",
        ),
        (
            TASKS,
            "tag=%00",
            "tag",
            "must not contain control characters",
        ),
        (
            TASKS,
            &format!("tag={}", "x".repeat(51)),
            "tag",
            "must have at most 50 characters",
        ),
        (
            TASKS,
            &format!("tag={eleven}"),
            "tag",
            "must have at most 10 values",
        ),
        (TASKS, "due_before=2026-12-31T17:30", "due_before", date),
        (TASKS, "due_after=2026-12-31T00:00", "due_after", date),
        (TASKS, "sort=order", "sort", sort),
        (TASKS, "sort=-order", "sort", sort),
        ("/todo/api/v1.0/lists/1/tasks", "sort=-order", "sort", sort),
        ("/todo/api/v1.0/lists/1/tasks", "sort=Order", "sort", sort),
        (
            "/todo/api/v1.0/lists/1/tasks",
            "limit=0",
            "limit",
            "must be a whole number from 1 to 1000",
        ),
    ] {
        let refused = ada.get(&format!("{path}?{query}")).send().await;
        let detail = format!("{field} {problem}");
        let expected = json!({"error": "Bad request", "detail": detail, "field": field});
        assert_eq!((refused.status, refused.json()), (400, expected), "{query}");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    let app = TestApp::start().await;
    let ada = user_with_lists(&app).await;
    for number in [1, 1, 1, 2, 2] {
        ada.create(&json!({"title": "x", "list": list(number)}))
            .await;
    }
    for query in ["", "sort=id&", "sort=title&"] {
        let page = ada
            .get(&format!("{LISTS}/1/tasks?{query}limit=1"))
            .send()
            .await
            .json();
        let next = page["next"].as_str().expect("a next page");
        assert_eq!(ada.get(next).send().await.status, 200);
        let cursor = next.split_once("cursor=").expect("a cursor").1;
        for other in [
            TASKS,
            &format!("{LISTS}/2/tasks"),
            &format!("{LISTS}/inbox/tasks"),
        ] {
            let refused = ada
                .get(&format!("{other}?{query}cursor={cursor}"))
                .send()
                .await;
            assert_eq!(
                (refused.status, &refused.json()["field"]),
                (400, &json!("cursor")),
                "{other}"
            );
        }
    }
}
