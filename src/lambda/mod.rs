//! From a Lambda event to a request, and from a response to what API Gateway wants back.
//!
//! The conversion is our own because that of `lambda_http` panics on events that a caller can cause
//! (an odd `Host`, a space in the query, a long path). Here an odd event is served or gets a 400.

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
use tokio::time::timeout;
use tower::ServiceExt;

use crate::api::cors::CorsRequest;
use crate::api::error::ApiError;
use crate::api::headers::complete;
use crate::api::router;
use crate::api::state::AppState;
use crate::background::with_background_work;
use crate::telemetry::{self, Log, RequestIds};
use event::Event;
pub use response::LambdaResponse;

/// The whole service as one function of an event.
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

    /// Answers an event, whatever it is.
    pub async fn handle(
        &self,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<LambdaResponse, Infallible> {
        let LambdaEvent { payload, context } = event;
        let event = Event::parse(payload.get());
        let request = event.as_ref().map_err(|_| event::malformed("event"));
        let request = request.and_then(|event| event.to_request(&self.app.config));
        let name = RequestIds {
            id: &context.request_id,
            trace: context.xray_trace_id.as_deref(),
        };
        let response = self.answer(name, request, time_left(&context)).await;
        Ok(LambdaResponse::new(event.is_ok_and(|event| event.is_rest()), response).await)
    }

    /// Answers a request within `time_left`, or says why it is none.
    pub async fn answer(
        &self,
        name: RequestIds<'_>,
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
        let answer = async {
            let answered = match request {
                Ok(request) => timeout(time_left, self.router.clone().oneshot(request)).await,
                Err(error) => Ok(Ok(error.into_response())),
            };
            let response = match answered {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(_) => ApiError::Unavailable("the deadline passed".into()).into_response(),
            };
            complete(response, name.id, &cors, &self.app.config)
        };
        telemetry::observe(&self.log, name, method, with_background_work(answer)).await
    }
}

/// How long the work may take: what Lambda leaves, less what an answer needs to get out, at most
/// 8 s. A deadline in the past is no deadline: `cargo lambda watch` sends one of 1970.
fn time_left(context: &Context) -> Duration {
    const LONGEST: Duration = Duration::from_secs(8);
    const MARGIN: Duration = Duration::from_millis(500);
    match context.deadline().duration_since(SystemTime::now()) {
        Ok(left) => left.saturating_sub(MARGIN).min(LONGEST),
        Err(_) => LONGEST,
    }
}
