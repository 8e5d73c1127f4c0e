//! What is known of each attempt that the SDK makes of an operation.

use std::cell::Cell;

use aws_sdk_dynamodb::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

use crate::telemetry;

tokio::task_local! {
    static RESPONSE_LOST: Cell<bool>;
}

/// Runs one operation. `true` when an attempt of it may have been applied although its response does
/// not say so: there was none, or it was a server error.
pub async fn detect_lost_response<T>(operation: impl Future<Output = T>) -> (T, bool) {
    RESPONSE_LOST
        .scope(Cell::new(false), async {
            let output = operation.await;
            (output, RESPONSE_LOST.with(Cell::get))
        })
        .await
}

/// Counts every request that is sent, retries included, for the request's log line, and notices
/// lost responses.
#[derive(Debug)]
pub struct ObserveAttempts;

impl Intercept for ObserveAttempts {
    fn name(&self) -> &'static str {
        "ObserveAttempts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        telemetry::dynamodb_call();
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if response.is_none_or(|response| response.status().is_server_error()) {
            // Only writes are watched.
            let _ = RESPONSE_LOST.try_with(|lost| lost.set(true));
        }
        Ok(())
    }
}
