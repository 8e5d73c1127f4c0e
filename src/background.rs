//! Work that a request starts and does not need for its response. It has to be finished before the
//! response is sent, because Lambda freezes the process after that.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::telemetry;

/// How long a response waits for background work. Shorter than what Lambda leaves after the
/// deadline of the request.
const MAX_WAIT: Duration = Duration::from_millis(300);

tokio::task_local! {
    static TASKS: RefCell<Vec<JoinHandle<()>>>;
}

/// Starts `work`, which handles its own errors.
pub fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    let task = tokio::spawn(telemetry::within_current_request(work));
    // Outside of a request nothing waits for the task.
    let _ = TASKS.try_with(|tasks| tasks.borrow_mut().push(task));
}

/// Runs `handler`, then waits at most 500 ms for the work that it spawned.
pub async fn with_background_work<T>(handler: impl Future<Output = T>) -> T {
    let handler = async {
        let response = handler.await;
        (response, TASKS.with(RefCell::take))
    };
    let (response, tasks) = TASKS.scope(RefCell::default(), handler).await;
    // Neither a panic in a task nor work that takes too long changes the response.
    let _ = timeout(MAX_WAIT, join_all(tasks)).await;
    response
}
