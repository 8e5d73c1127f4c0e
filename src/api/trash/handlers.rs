//! Requests for the trash.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::bodies::{Trash, TrashedTaskView};
use crate::api::error::ApiError;
use crate::api::request::credentials::{CurrentUser, Writer};
use crate::api::request::{Deadline, IfMatch, IfNoneMatch, PageParams, PathParam, next_of};
use crate::api::response::{ResponseExt, cacheable_json, deleted};
use crate::api::state::AppState;
use crate::api::tasks;
use crate::api::uris::BaseUri;
use crate::domain::task::TaskId;

/// `GET /trash`: 200 with a page of the tasks deleted within 30 days, the last deleted first.
pub async fn list_trash(
    State(app): State<AppState>,
    user: CurrentUser,
    PageParams(query): PageParams,
    if_none_match: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let page = app.store.list_trash(&user.account, &query).await?;
    let views = page
        .tasks
        .iter()
        .map(|task| TrashedTaskView::new(&base, task));
    let next = page.next.as_ref();
    let trash = Trash {
        tasks: views.collect(),
        next: next.map(|cursor| next_of(&base, "trash", &query, cursor)),
    };
    Ok(cacheable_json(&trash, &if_none_match).with_next(trash.next.as_ref()))
}

/// `POST /trash/{id}`: 200 with the task, restored. Takes no body.
pub async fn restore_task(
    State(app): State<AppState>,
    user: Writer,
    PathParam(id): PathParam<TaskId>,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let task = app.store.restore_task(&user.account, id).await?;
    Ok(tasks::respond(StatusCode::OK, &base, &task))
}

/// `DELETE /trash/{id}`: 200 when the task is deleted for good.
pub async fn purge_task(
    State(app): State<AppState>,
    user: Writer,
    PathParam(id): PathParam<TaskId>,
    IfMatch(expected): IfMatch,
) -> Result<Response, ApiError> {
    app.store.purge_task(&user.account, id, &expected).await?;
    Ok(deleted())
}

/// `DELETE /trash`: 200 when the trash is empty; 503 when there is more to do than the time allows. The
/// same request again goes on where one was cut short.
pub async fn empty_trash(
    State(app): State<AppState>,
    user: Writer,
    deadline: Deadline,
) -> Result<Response, ApiError> {
    let until = deadline.for_steps();
    app.store.empty_trash(&user.account, until).await?;
    Ok(deleted())
}
