//! The part of the OpenAPI document about batches.

use http::Method;
use serde_json::{Value, json};

use super::bodies::{Batch, BatchResult};
use crate::api::openapi::{Kind, LOGIN_ERRORS, Operation, Schemas};
use crate::api::router::{Route, routes};
use crate::api::uris::api;

pub fn schemas(schemas: &mut Schemas) {
    schemas.response::<BatchResult>();
    schemas.request::<Batch>("Batch", Kind::Create, &[("requests", true, false)]);
    let targets: Vec<_> = routes().iter().filter_map(Route::batch_route).collect();
    let targets = targets.iter().map(|target| {
        let methods: Vec<_> = target.methods.iter().map(Method::as_str).collect();
        json!({"properties": {"method": {"enum": methods}, "uri": {"pattern": pattern(target.path)}}})
    });
    schemas.restrict(
        "Batch",
        "/properties/requests/items/anyOf",
        targets.collect(),
    );
    schemas.describe(
        "Batch",
        "What POST takes: 1 to 50 requests, 1 MiB together.",
    );
}

/// A URI of this template, absolute or as a path.
fn pattern(template: &str) -> String {
    let segments = template.replace('.', "\\.");
    let segments = segments.replace("{id}", "[^/?#]+");
    format!("^(https?://[^?#]+)?{segments}([?#].*)?$")
}

pub fn paths() -> Value {
    let path = |uri: &str| format!("{}{uri}", api!(""));
    let example = json!({"requests": [
        {"method": "POST", "uri": path("/tasks"), "headers": {"Idempotency-Key": "8f14e45f"}, "body": {"title": "Read a book"}},
        {"method": "PUT", "uri": path("/tasks/2"), "headers": {"If-Match": "\"1.1\""}, "body": {"done": true}},
        {"method": "DELETE", "uri": path("/tasks/1")},
    ]});
    let response = json!({"responses": [
        {"status": 503, "headers": {"Retry-After": "1"}, "body": {"error": "Service unavailable"}},
        {"status": 412, "headers": {"ETag": "\"1.2\""}, "body": {"error": "Precondition failed"}},
        {"status": 200, "headers": {}, "body": {"result": true}},
    ]});
    let run = Operation::new("runBatch", "tasks", "Send several writes at once")
        .description(
            "Writes of tasks: POST on `/tasks` and `/lists/{id}/tasks`, PUT, PATCH and DELETE on `/tasks/{id}`, \
             POST and DELETE on `/trash/{id}`. They run one after another, each as if it had come alone with the credentials of the batch: this is no \
             transaction, and each has its own status. Once the responses have 2.5 MB of bodies, further bodies are \
             null. What the time limit cuts off is 503. A batch that is wrong as such (another route, method, host or \
             header) is 400 as a whole, and nothing of it is done; `field` is then `requests[2].uri`, `.method` or `.headers`.",
        )
        .takes("Batch", example)
        .responds(200, "A response to each request.", "BatchResult", &[])
        .example(200, response)
        .errors(&LOGIN_ERRORS)
        .errors(&[413, 415]);
    json!({api!("/batch"): {"post": run.0}})
}
