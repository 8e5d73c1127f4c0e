//! What happens on the wire to DynamoDB: how often it is called, and whether an answer was lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::ConsumedCapacity;

use super::StoreError;
use crate::telemetry;

/// Counts what is really sent, retries included, for the request's log line.
#[derive(Debug)]
pub struct CountCalls;

impl Intercept for CountCalls {
    fn name(&self) -> &'static str {
        "CountCalls"
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

/// Notices when an attempt of one operation may have been done without anybody having been told: no
/// answer came, or one that says nothing (a 500 "may have been applied").
#[derive(Clone, Debug, Default)]
pub struct LostReplies(Arc<AtomicBool>);

impl LostReplies {
    /// What a DELETE that finds nothing has come to: an earlier attempt of it may have deleted it.
    pub fn not_found(&self) -> Result<(), StoreError> {
        if self.0.load(Ordering::Relaxed) {
            Ok(())
        } else {
            Err(StoreError::NotFound)
        }
    }
}

impl Intercept for LostReplies {
    fn name(&self) -> &'static str {
        "LostReplies"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context
            .response()
            .is_none_or(|response| response.status().is_server_error())
        {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Adds the capacity units that a call consumed to the current request's record.
pub(super) fn record_capacity<'a>(capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    let units = capacity
        .into_iter()
        .filter_map(ConsumedCapacity::capacity_units);
    telemetry::consumed(units.sum());
}
