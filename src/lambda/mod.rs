//! Converts a Lambda event to a request, and the response to what API Gateway expects.
//!
//! The conversion is our own because that of `lambda_http` panics on events that a client can
//! cause: an invalid `Host`, a space in the query, a long path. Here such an event is handled or
//! gets a 400.

mod event;
mod response;

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::Method;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout_at};
use tower::ServiceExt;

use crate::api::cors::CorsRequest;
use crate::api::error::ApiError;
use crate::api::headers::complete;
use crate::api::request::Deadline;
use crate::api::router;
use crate::api::state::AppState;
use crate::background::with_background_work;
use crate::telemetry::{self, Log, RequestIds};
use event::Event;
pub use response::LambdaResponse;

/// The whole service: a function from an event to a response.
pub struct Function {
    router: Router,
    app: AppState,
    log: Log,
}

impl Function {
    /// `log` gets one line per request.
    pub fn new(app: AppState, log: Log) -> Self {
        Self {
            router: router::router(app.clone()),
            app,
            log,
        }
    }

    /// Responds to an event. An event that is not a valid request gets a 400.
    pub async fn handle(
        &self,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<LambdaResponse, Infallible> {
        let LambdaEvent { payload, context } = event;
        let event = Event::parse(payload.get());
        let request = event.as_ref().map_err(|_| event::malformed("event"));
        let request = request.and_then(|event| event.to_request(&self.app.config));
        let ids = RequestIds {
            id: &context.request_id,
            trace: context.xray_trace_id.as_deref(),
        };
        let response = self.respond(ids, request, time_left(&context)).await;
        Ok(LambdaResponse::new(event.is_ok_and(|event| event.is_rest()), response).await)
    }

    /// Responds to a request, or to an event that is none, within `time_left`.
    pub async fn respond(
        &self,
        ids: RequestIds<'_>,
        request: Result<Request, ApiError>,
        time_left: Duration,
    ) -> Response {
        let method = request
            .as_ref()
            .map_or(Method::GET, |request| request.method().clone());
        let cors = match &request {
            Ok(request) => CorsRequest::of(request.method(), request.headers()),
            Err(_) => CorsRequest::default(),
        };
        let handler = async {
            let deadline = Instant::now() + time_left;
            let result = match request {
                Ok(mut request) => {
                    request.extensions_mut().insert(Deadline(deadline));
                    timeout_at(deadline, self.router.clone().oneshot(request)).await
                }
                Err(error) => Ok(Ok(error.into_response())),
            };
            let response = match result {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(_) => ApiError::deadline_passed().into_response(),
            };
            complete(response, ids.id, &cors, &self.app.config)
        };
        telemetry::observe(&self.log, ids, method, with_background_work(handler)).await
    }
}

/// How long the router may take: until 500 ms before Lambda's deadline, which leaves time to send
/// the response, and 8 s at most. A deadline in the past is ignored: `cargo lambda watch` sends one
/// of 1970.
fn time_left(context: &Context) -> Duration {
    const MAX: Duration = Duration::from_secs(8);
    const MARGIN: Duration = Duration::from_millis(500);
    match context.deadline().duration_since(SystemTime::now()) {
        Ok(left) => left.saturating_sub(MARGIN).min(MAX),
        Err(_) => MAX,
    }
}
