//! What is known of each attempt that the SDK makes of an operation.

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

use crate::telemetry;

/// Counts every request that is sent, retries included, for the request's log line.
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
}
