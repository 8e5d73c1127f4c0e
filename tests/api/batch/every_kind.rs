//! Requests of every kind, in a batch and alone.

use super::{Part, as_part, in_batch, part, prepared, responses, send, task};
use crate::client::{BASE, LISTS, PASSWORD, TASKS, basic};

/// 50 requests, of which each kind of error has at least one. The first seven make tasks 1 to 7.
fn of_every_kind() -> Vec<Part> {
    let milk = r#"{"title": "Buy milk"}"#;
    let mut parts: Vec<_> = (1..=6).map(|_| part("POST", TASKS, milk)).collect();
    parts.extend([
        // With a key, its replay, and the same key with other bytes.
        part("POST", TASKS, r#"{ "title":"Ж \ud83d\ude00", "tags": [] }"#)
            .with("Idempotency-Key", "k1"),
        part("POST", TASKS, r#"{ "title":"Ж \ud83d\ude00", "tags": [] }"#)
            .with("Idempotency-Key", "k1"),
        part("POST", TASKS, r#"{"title":"Ж \ud83d\ude00","tags":[]}"#)
            .with("Idempotency-Key", "k1"),
        part("POST", TASKS, milk).with("Idempotency-Key", ""),
        // Bodies that are refused.
        part("POST", TASKS, ""),
        part("POST", TASKS, "[]"),
        part("POST", TASKS, "null"),
        part("POST", TASKS, "{}"),
        part("POST", TASKS, r#"{"title": "x", "title": "y"}"#),
        part("POST", TASKS, r#"{"title": " "}"#),
        part("POST", TASKS, r#"{"title": "x", "don": true}"#),
        part("POST", TASKS, r#"{"title": "x", "steps": [{"title": ""}]}"#),
        part(
            "POST",
            TASKS,
            &format!(r#"{{"title": "{}"}}"#, "x".repeat(262_144)),
        ),
        // In lists.
        part("POST", format!("{LISTS}/inbox/tasks"), milk),
        part("POST", format!("{LISTS}/77/tasks"), milk),
        part("POST", format!("{LISTS}/abc/tasks"), milk),
        part("POST", TASKS, r#"{"title": "x", "list": "/lists/77"}"#),
        // Changes, with and without conditions.
        part("PUT", task(1), r#"{"done": true}"#),
        part("PUT", task(1), r#"{"title": "x"}"#).with("If-Match", "\"1.1\""),
        part("PUT", task(1), r#"{"title": "x"}"#).with("if-match", "\"1.2\""),
        part("PUT", task(1), r#"{"title": null}"#),
        part("PUT", task(1), r#"{"title": "x"}"#).with("If-Match", "1.2"),
        part(
            "PATCH",
            task(2),
            r#"{"due": "2026-12-24", "priority": null}"#,
        ),
        part("PATCH", task(2), r#"{"due": "2026-13-24"}"#),
        part("PATCH", task(2), r#"{"description": null}"#).with("If-Match", "*"),
        part(
            "PATCH",
            format!("{BASE}{}?x=y", task(2)),
            r#"{"done": false}"#,
        ),
        // Nothing there.
        part("PUT", task(77), r#"{"done": true}"#),
        part("PATCH", task(77), r#"{"done": true}"#).with("If-Match", "\"1.1\""),
        part("DELETE", task(77), ""),
        part("DELETE", format!("{TASKS}/abc"), ""),
        part("PUT", format!("{TASKS}/01"), r#"{"done": true}"#),
        // DynamoDB's own: see `prepared`.
        part("PUT", task(3), r#"{"title": "x"}"#),
        part("PUT", task(4), r#"{"title": "x"}"#),
        part("PUT", task(5), r#"{"title": "x"}"#),
        part("PUT", task(3), r#"{"title": "x"}"#),
        // Deletions.
        part("DELETE", task(1), "").with("If-Match", "\"1.1\""),
        part("DELETE", task(1), ""),
        part("DELETE", task(1), ""),
        part("PUT", task(1), r#"{"done": true}"#),
        part("DELETE", task(2), r#"{"ignored": true}"#),
        part("POST", TASKS, milk),
        part(
            "POST",
            TASKS,
            r#"{"title": "z", "done": true, "uri": "x", "order": -0.5}"#,
        ),
        part("DELETE", format!("{TASKS}/%31"), ""),
        part(
            "PUT",
            task(6),
            r#"{"steps": [{"title": "a"}], "tags": ["b"], "description": "c\nd"}"#,
        ),
    ]);
    parts
}

const KINDS: [u16; 11] = [200, 201, 400, 404, 409, 412, 413, 422, 500, 503, 201];

#[tokio::test]
async fn fifty_requests_are_answered_as_each_alone_and_cost_the_same_calls() {
    let parts = of_every_kind();
    assert_eq!(parts.len(), 50);
    let (alone, together) = (prepared().await, prepared().await);
    let login = basic("ada", PASSWORD);
    let mut expected = Vec::new();
    let mut units = 0.0;
    for part in &parts {
        let response = part.send(&alone.holder(login.clone())).await;
        units += response.record.units;
        expected.push(as_part(&response));
    }
    let batch = send(&together.holder(login), &parts).await;

    let found = responses(&batch);
    for ((part, found), expected) in parts.iter().zip(&found).zip(&expected) {
        assert_eq!(in_batch(found), *expected, "{} {}", part.method, part.uri);
    }
    assert_eq!(found.len(), expected.len());
    for kind in KINDS {
        assert!(found.iter().any(|part| part.status == kind), "{kind}");
    }
    let calls = together.wire.take_targets();
    assert_eq!(batch.record.dynamodb_calls as usize, calls.len());
    // How often a call is retried within a time is chance.
    let of_others = |calls: Vec<String>| -> Vec<String> {
        calls
            .into_iter()
            .filter(|call| !call.ends_with("task#000000000004"))
            .collect()
    };
    assert_eq!(of_others(calls), of_others(alone.wire.take_targets()));
    assert_eq!(batch.record.units, units);
}
