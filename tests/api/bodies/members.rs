//! The members of a body.

use serde_json::json;

use super::{post, title_is_refused};

#[tokio::test]
async fn a_refusal_names_the_member_it_is_about() {
    let long = "x".repeat(501);
    let longer = "x".repeat(4_001);
    let cases = [
        (json!({"description": "x"}), "title", "is missing"),
        (json!({"title": null}), "title", "must be a string"),
        (json!({"title": 5}), "title", "must be a string"),
        (json!({"title": ["x"]}), "title", "must be a string"),
        (json!({"title": ""}), "title", "must not be blank"),
        (json!({"title": " \u{2003}"}), "title", "must not be blank"),
        (
            json!({"title": "a\nb"}),
            "title",
            "must not contain control characters",
        ),
        (
            json!({"title": "a\0b"}),
            "title",
            "must not contain control characters",
        ),
        (
            json!({"title": long}),
            "title",
            "must have at most 500 characters",
        ),
        (
            json!({"title": "x", "description": null}),
            "description",
            "must be a string",
        ),
        (
            json!({"title": "x", "description": 1}),
            "description",
            "must be a string",
        ),
        (
            json!({"title": "x", "description": "\0"}),
            "description",
            "must not contain control characters",
        ),
        (
            json!({"title": "x", "description": longer}),
            "description",
            "must have at most 4000 characters",
        ),
        (
            json!({"title": "x", "done": "yes"}),
            "done",
            "must be true or false",
        ),
        (
            json!({"title": "x", "done": 1}),
            "done",
            "must be true or false",
        ),
        (
            json!({"title": "x", "done": null}),
            "done",
            "must be true or false",
        ),
        (
            json!({"title": "x", "due": 5}),
            "due",
            "must be a string or null",
        ),
        (
            json!({"title": "x", "due": "2026-02-30"}),
            "due",
            "must be a date like 2026-12-31 or a local time like 2026-12-31T17:30",
        ),
        (
            json!({"title": "x", "due": "tomorrow"}),
            "due",
            "must be a date like 2026-12-31 or a local time like 2026-12-31T17:30",
        ),
        (
            json!({"title": "x", "don": true}),
            "don",
            "is not known here",
        ),
        (json!({"title": "x", "id": 7}), "id", "is not known here"),
        (
            json!({"title": "x", "pk": "list#x"}),
            "pk",
            "is not known here",
        ),
        (
            json!({"title": "x", "version": 7}),
            "version",
            "is not known here",
        ),
        (json!({"title": "x", "": 7}), "", "is not known here"),
    ];
    for (body, field, problem) in cases {
        let refused = post(body.to_string()).await;
        assert_eq!(refused.status, 400, "{body}");
        let detail = format!("{field} {problem}");
        let expected = json!({"error": "Bad request", "detail": detail, "field": field});
        assert_eq!(refused.json(), expected, "{body}");
    }
}

#[tokio::test]
async fn a_duplicate_member_is_refused_even_if_escaped_differently() {
    for body in [
        r#"{"title": "x", "title": "y"}"#,
        r#"{"title": "x", "\u0074itle": "y"}"#,
        r#"{"title": "x", "title": "x", "done": false}"#,
    ] {
        title_is_refused(body).await;
    }
}

#[tokio::test]
async fn the_name_of_an_unknown_member_is_shortened() {
    let refused = post(format!(r#"{{"title": "x", "{}": 1}}"#, "n".repeat(10_000))).await;
    assert_eq!(refused.json()["field"], "n".repeat(100));
}

#[tokio::test]
async fn a_body_of_very_many_members_is_refused() {
    let members: Vec<_> = (0..6_000).map(|number| format!("\"{number}\":1")).collect();
    let refused = post(format!("{{{}}}", members.join(","))).await;
    assert_eq!(refused.json()["detail"], "the body has too many members");
}
