//! Batches: several writes of tasks in one request.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tokio::time::Instant;
use tower::ServiceExt;

use super::bodies::{Batch, BatchResult};
use super::routes::BatchRouter;
use crate::api::error::{ApiError, AuthenticationFailed, apply_auth_failure_status};
use crate::api::request::credentials::CurrentUser;
use crate::api::request::{Deadline, Json, Late, until};
use crate::api::response::json;
use crate::api::state::AppState;
use crate::api::uris::BaseUri;
use crate::telemetry;

/// `POST /batch`: 200 with a response to each of the requests, which run one after another, each as if
/// it had come alone. What the deadline cuts off gets a 503.
pub async fn run_batch(
    State(app): State<AppState>,
    user: CurrentUser,
    router: BatchRouter,
    deadline: Deadline,
    base: BaseUri,
    Json(batch): Json<Batch>,
) -> Result<Response, ApiError> {
    let requests = batch.requests.0;
    let targets = requests.iter().enumerate();
    let targets = targets.map(|(index, request)| router.target(index, request, &base));
    let targets = targets.collect::<Result<Vec<_>, _>>()?;
    let mut result = BatchResult::default();
    let mut refused = false;
    for (request, target) in requests.into_iter().zip(targets) {
        let mut request = request.into_request(target);
        request.extensions_mut().insert(base.clone());
        request.extensions_mut().insert(user.clone());
        let mut response = match refused {
            // The table has refused the credentials, which are not cached any more.
            true => ApiError::Unauthorized.into_response(),
            false => respond(&router, request, deadline.for_parts()).await,
        };
        refused |= response
            .extensions()
            .get::<AuthenticationFailed>()
            .is_some();
        apply_auth_failure_status(&mut response, &app.config);
        telemetry::part(response.status());
        result.add(response).await;
    }
    Ok(json(StatusCode::OK, &result))
}

async fn respond(router: &BatchRouter, request: Request, deadline: Instant) -> Response {
    match until(deadline, router.router.clone().oneshot(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(Late) => ApiError::deadline_passed().into_response(),
    }
}
