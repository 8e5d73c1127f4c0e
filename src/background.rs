//! Work beside a request's own: begun at once, waited for only before the answer leaves, because a
//! Lambda environment is frozen after that.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::telemetry;

/// How long an answer is held back for it: less than Lambda leaves after the deadline.
const PATIENCE: Duration = Duration::from_millis(500);

tokio::task_local! {
    static BESIDE: RefCell<Vec<JoinHandle<()>>>;
}

/// Does `work` beside the request that this is called in.
pub fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    let handle = tokio::spawn(telemetry::on_behalf_of_this_request(work));
    // Outside of a request nobody waits for it.
    let _ = BESIDE.try_with(|all| all.borrow_mut().push(handle));
}

/// Answers a request, and waits for what was begun beside it.
pub async fn with_background_work<T>(answer: impl Future<Output = T>) -> T {
    let answer = async {
        let answer = answer.await;
        (answer, BESIDE.with(RefCell::take))
    };
    let (answer, beside) = BESIDE.scope(RefCell::default(), answer).await;
    // What fails there has been dealt with there, and what takes too long is given up.
    let _ = timeout(PATIENCE, join_all(beside)).await;
    answer
}
