//! Requests for tasks.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::header::HeaderName;

use super::bodies::{NewTask, OneTask, TaskList, TaskView, UpdatedTask};
use crate::api::error::ApiError;
use crate::api::request::credentials::{CurrentUser, Writer};
use crate::api::request::{
    IdempotencyKeyHeader, IfMatch, IfNoneMatch, Json, JsonWithBytes, MergePatch, PathParam,
    TaskQueryParams, next_page,
};
use crate::api::response::{EntityTag, ResponseExt, cacheable_json, deleted, json};
use crate::api::state::AppState;
use crate::api::uris::BaseUri;
use crate::domain::list::ListId;
use crate::domain::page::TaskQuery;
use crate::domain::task::{Task, TaskChanges, TaskContent, TaskId};
use crate::store::StoreError;
use crate::store::idempotency::{Created, IdempotentRequest};

/// `GET /tasks`: 200 with a page of the user's tasks, and the URI of the next one.
pub async fn list_tasks(
    State(app): State<AppState>,
    user: CurrentUser,
    query: TaskQueryParams,
    if_none_match: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    page(&app, &user, query.of_all_lists()?, &if_none_match, &base).await
}

/// `GET /lists/{id}/tasks`: as `GET /tasks`, of one list.
pub async fn list_tasks_of_list(
    State(app): State<AppState>,
    user: CurrentUser,
    PathParam(list): PathParam<ListId>,
    query: TaskQueryParams,
    if_none_match: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    page(&app, &user, query.of_list(list), &if_none_match, &base).await
}

async fn page(
    app: &AppState,
    user: &CurrentUser,
    query: TaskQuery,
    if_none_match: &IfNoneMatch,
    base: &BaseUri,
) -> Result<Response, ApiError> {
    let page = app.store.list_tasks(&user.account, &query).await?;
    let next = page.next.map(|cursor| next_page(base, &query, &cursor));
    let tasks = page.tasks.iter().map(|task| TaskView::new(base, task));
    let list = TaskList {
        tasks: tasks.collect(),
        next,
    };
    Ok(cacheable_json(&list, if_none_match).with_next(list.next.as_ref()))
}

/// `POST /tasks`: 201 with the task, its `Location` and its `ETag`.
pub async fn create_task(
    State(app): State<AppState>,
    user: Writer,
    key: IdempotencyKeyHeader,
    base: BaseUri,
    JsonWithBytes { body, bytes }: JsonWithBytes<NewTask>,
) -> Result<Response, ApiError> {
    let content = body.in_any_list();
    Ok(create(&app, &user, key, &base, content, &bytes).await?)
}

/// `POST /lists/{id}/tasks`: as `POST /tasks`, into one list.
pub async fn create_task_in_list(
    State(app): State<AppState>,
    user: Writer,
    PathParam(list): PathParam<ListId>,
    key: IdempotencyKeyHeader,
    base: BaseUri,
    JsonWithBytes { body, bytes }: JsonWithBytes<NewTask>,
) -> Result<Response, ApiError> {
    let content = body.in_list(list)?;
    match create(&app, &user, key, &base, content, &bytes).await {
        // The list is the path here, not a member.
        Err(StoreError::NoSuchList) => Err(ApiError::NotFound),
        created => Ok(created?),
    }
}

async fn create(
    app: &AppState,
    user: &Writer,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    base: &BaseUri,
    content: TaskContent,
    bytes: &[u8],
) -> Result<Response, StoreError> {
    let request = key.map(|key| IdempotentRequest::new(key.as_str(), content.list, bytes));
    let result = app.store.create(&user.account, content, request.as_ref());
    Ok(match result.await? {
        Created::First(task) => created(base, &task),
        Created::Again(task) => created(base, &task)
            .with_header(HeaderName::from_static("idempotency-replayed"), "true"),
    })
}

/// `GET /tasks/{id}`: 200 with the task and its `ETag`.
pub async fn read_task(
    State(app): State<AppState>,
    user: CurrentUser,
    PathParam(id): PathParam<TaskId>,
    if_none_match: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let task = app.store.read_task(&user.account, id).await?;
    let etag = EntityTag::of_version(task.version);
    Ok(respond(StatusCode::OK, &base, &task).or_not_modified(&etag, &if_none_match))
}

/// `PUT /tasks/{id}`: 200 with the task after the members given were merged; the others stay. When that
/// completes a task that repeats, with the one that follows too.
pub async fn update_task(
    State(app): State<AppState>,
    user: Writer,
    PathParam(id): PathParam<TaskId>,
    IfMatch(expected): IfMatch,
    base: BaseUri,
    Json(changes): Json<TaskChanges>,
) -> Result<Response, ApiError> {
    let updated = app
        .store
        .update_task(&user.account, id, changes, &expected)
        .await?;
    let next_task = updated.next_task.as_ref();
    let body = UpdatedTask {
        task: TaskView::new(&base, &updated.task),
        next_task: next_task.map(|task| TaskView::new(&base, task)),
    };
    Ok(json(StatusCode::OK, &body).with_etag(&body.task.etag))
}

/// `PATCH /tasks/{id}`: as PUT, as a JSON merge patch (RFC 7396): null resets a member.
pub async fn patch_task(
    app: State<AppState>,
    user: Writer,
    id: PathParam<TaskId>,
    if_match: IfMatch,
    base: BaseUri,
    Json(MergePatch(changes)): Json<MergePatch<TaskChanges>>,
) -> Result<Response, ApiError> {
    update_task(app, user, id, if_match, base, Json(changes)).await
}

/// `DELETE /tasks/{id}`: 200 with `{"result": true}`.
pub async fn delete_task(
    State(app): State<AppState>,
    user: Writer,
    PathParam(id): PathParam<TaskId>,
    IfMatch(expected): IfMatch,
) -> Result<Response, ApiError> {
    app.store.delete_task(&user.account, id, &expected).await?;
    Ok(deleted())
}

fn created(base: &BaseUri, task: &Task) -> Response {
    respond(StatusCode::CREATED, base, task).with_location(&base.task(task.id))
}

pub(in crate::api) fn respond(status: StatusCode, base: &BaseUri, task: &Task) -> Response {
    let body = OneTask {
        task: TaskView::new(base, task),
    };
    json(status, &body).with_etag(&body.task.etag)
}
