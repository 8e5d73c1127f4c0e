//! From a Lambda event to a request, and from a response to what API Gateway wants back.
//!
//! The conversion is our own because that of `lambda_http` panics on events that a caller can cause
//! (an odd `Host`, a space in the query, a long path). Here an odd event is served or gets a 400.

mod event;
mod response;

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::Method;
use http::request::Parts;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::value::RawValue;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::AppState;
use crate::api::cors::Caller;
use crate::api::error::ApiError;
use crate::api::router;
use crate::background::joined;
use crate::telemetry::{self, Log, RequestName};
use event::Event;
pub use response::Reply;

/// What the function knows about a request beside the request itself.
#[derive(Clone)]
pub struct Invocation {
    /// The caller's address as the gateway saw it; no header can change it.
    pub source_ip: Option<IpAddr>,
    /// What every URI of the answer begins with, without a final slash.
    pub base: BaseUri,
}

/// What every URI in an answer begins with: scheme and host, perhaps a path, no final slash.
#[derive(Clone)]
pub struct BaseUri(pub Arc<str>);

impl<S: Send + Sync> FromRequestParts<S> for BaseUri {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let invocation = parts.extensions.get::<Invocation>();
        invocation
            .map(|invocation| invocation.base.clone())
            .ok_or_else(|| ApiError::Internal("the request came without its invocation".into()))
    }
}

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
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Reply, Infallible> {
        let LambdaEvent { payload, context } = event;
        let event = Event::parse(payload.get());
        let request = event.as_ref().map_err(|_| event::malformed("event"));
        let request = request.and_then(|event| event.to_request(&self.app.config));
        let name = RequestName {
            id: &context.request_id,
            trace: context.xray_trace_id.as_deref(),
        };
        let response = self.answer(name, request, time_left(&context)).await;
        Ok(Reply::new(event.is_ok_and(|event| event.is_rest()), response).await)
    }

    /// Answers a request within `time_left`, or says why it is none.
    pub async fn answer(
        &self,
        name: RequestName<'_>,
        request: Result<Request, ApiError>,
        time_left: Duration,
    ) -> Response {
        let method = request
            .as_ref()
            .map_or(Method::GET, |request| request.method().clone());
        let caller = match &request {
            Ok(request) => Caller::of(request.method(), request.headers()),
            Err(_) => Caller::default(),
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
            router::finish(response, name.id, &caller, &self.app.config)
        };
        telemetry::observe(&self.log, name, method, joined(answer)).await
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
