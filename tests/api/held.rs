//! A request one of whose calls waits until somebody else has acted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::{TestApp, TestResponse};
use crate::wire::Fault::{Hold, Pass};
use crate::wire::Gate;

/// Awaits `request`, the call of `app` after `before` others held until `other` has run; the responses
/// to both. Without so many calls, the response to the request as an error.
pub async fn held_at(
    app: &TestApp,
    before: usize,
    request: impl Future<Output = TestResponse>,
    other: impl AsyncFnOnce() -> TestResponse,
) -> Result<(TestResponse, TestResponse), TestResponse> {
    let (gate, calls) = (Gate::closed(), AtomicUsize::new(0));
    let held = Arc::clone(&gate);
    app.wire.rule(
        move |_| match calls.fetch_add(1, Ordering::Relaxed) == before {
            true => Hold(Arc::clone(&held)),
            false => Pass,
        },
    );
    let mut request = std::pin::pin!(request);
    tokio::select! {
        biased;
        () = gate.arrived() => {}
        response = &mut request => return Err(response),
    }
    let others = other().await;
    gate.open();
    let response = request.await;
    app.wire.always(Pass);
    Ok((response, others))
}
