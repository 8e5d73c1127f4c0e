//! Tasks: what `/tasks` and `/tasks/{id}` read and write.

use axum::extract::State;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{HeaderName, LINK};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::api::error::{ApiError, InvalidInput};
use crate::api::openapi::members;
use crate::api::request::credentials::{CurrentUser, Writer};
use crate::api::request::{
    Body, ExactJson, IdempotencyKey, IfMatch, IfNoneMatch, Json, Members, TaskPath, entity_tag,
    json_bytes, json_response,
};
use crate::api::response::{
    DELETED, READ_ONLY, cacheable, or_not_modified, set_etag, set_location,
};
use crate::api::state::AppState;
use crate::api::uris::API_ROOT;
use crate::api::uris::BaseUri;
use crate::domain::page::TaskQuery;
use crate::domain::task::{Description, NewTask, Task, TaskChanges, TaskId, Title};
use crate::domain::time::DueDate;
use crate::store::idempotency::{Created, IdempotentRequest};

/// `GET /tasks`: 200 with a page of the user's tasks, and where the next one is.
pub async fn list_tasks(
    State(app): State<AppState>,
    user: CurrentUser,
    query: TaskQuery,
    known: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let page = app.store.list_tasks(&user.account, &query).await?;
    let list = TaskList {
        tasks: page
            .tasks
            .iter()
            .map(|task| TaskBody::new(&base, task))
            .collect(),
        next: page.next.map(|cursor| next_uri(&base, &query, &cursor)),
    };
    let bytes = serde_json::to_vec(&list).map_err(|error| ApiError::Internal(error.into()))?;
    let etag = format!(
        "W/\"{}\"",
        URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..15])
    );
    let mut response = cacheable(or_not_modified(
        json_bytes(StatusCode::OK, bytes),
        &etag,
        &known,
    ));
    if let Some(next) = &list.next {
        let link = HeaderValue::try_from(format!("<{next}>; rel=\"next\""));
        response
            .headers_mut()
            .extend(link.ok().map(|link| (LINK, link)));
    }
    Ok(response)
}

/// `POST /tasks`: 201 with the task, its `Location` and its `ETag`.
pub async fn create_task(
    State(app): State<AppState>,
    user: Writer,
    key: IdempotencyKey,
    base: BaseUri,
    ExactJson { body, bytes }: ExactJson<NewTaskBody>,
) -> Result<Response, ApiError> {
    let new = body.try_into()?;
    let created = match key.0 {
        None => app
            .store
            .create_task(&user.account, new)
            .await
            .map(Created::First),
        Some(key) => {
            let request = IdempotentRequest::new(&key, &bytes);
            app.store
                .create_task_idempotently(&user.account, new, &request)
                .await
        }
    };
    let (task, replayed) = match created? {
        Created::First(task) => (task, false),
        Created::Again(task) => (task, true),
    };
    let mut response = reply(StatusCode::CREATED, &base, &task);
    set_location(&mut response, &task_uri(&base, task.id))?;
    if replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// `GET /tasks/{id}`: 200 with the task and its `ETag`.
pub async fn read_task(
    State(app): State<AppState>,
    user: CurrentUser,
    TaskPath(id): TaskPath,
    known: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let task = app.store.read_task(&user.account, id).await?;
    let response = reply(StatusCode::OK, &base, &task);
    Ok(cacheable(or_not_modified(
        response,
        &entity_tag(task.version),
        &known,
    )))
}

/// `PUT /tasks/{id}`: 200 with the task after merging the members given; the others stay.
pub async fn update_task(
    State(app): State<AppState>,
    user: Writer,
    TaskPath(id): TaskPath,
    IfMatch(expected): IfMatch,
    base: BaseUri,
    Json(body): Json<UpdateTask>,
) -> Result<Response, ApiError> {
    let task = app
        .store
        .update_task(&user.account, id, body.try_into()?, &expected)
        .await?;
    Ok(reply(StatusCode::OK, &base, &task))
}

/// `PATCH /tasks/{id}`: as PUT, as a JSON merge patch (RFC 7396): null resets what has a default.
pub async fn patch_task(
    app: State<AppState>,
    user: Writer,
    id: TaskPath,
    expected: IfMatch,
    base: BaseUri,
    Json(PatchTask(body)): Json<PatchTask>,
) -> Result<Response, ApiError> {
    update_task(app, user, id, expected, base, Json(body)).await
}

/// `DELETE /tasks/{id}`: 200 with `{"result": true}`.
pub async fn delete_task(
    State(app): State<AppState>,
    user: Writer,
    TaskPath(id): TaskPath,
    IfMatch(expected): IfMatch,
) -> Result<Response, ApiError> {
    app.store.delete_task(&user.account, id, &expected).await?;
    Ok(json_response(StatusCode::OK, &DELETED))
}

/// What POST takes. A `done` is allowed and ignored: a new task is not done.
#[derive(ToSchema)]
#[schema(as = NewTask)]
pub struct NewTaskBody {
    #[schema(schema_with = members::title)]
    title: String,
    #[schema(schema_with = members::description)]
    description: Option<String>,
    #[schema(schema_with = members::due)]
    due: Option<String>,
}

impl Body for NewTaskBody {
    fn take_from(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        members.ignore(READ_ONLY);
        members.optional::<bool>("done")?;
        Ok(Self {
            title: members.required("title")?,
            description: members.optional("description")?,
            due: members.nullable("due")?.flatten(),
        })
    }
}

impl TryFrom<NewTaskBody> for NewTask {
    type Error = InvalidInput;

    fn try_from(body: NewTaskBody) -> Result<Self, InvalidInput> {
        Ok(Self {
            title: title(body.title)?,
            description: body
                .description
                .map(description)
                .transpose()?
                .unwrap_or_default(),
            due: body.due.map(due).transpose()?,
        })
    }
}

/// What PUT takes. Only `due` may be null.
#[derive(ToSchema)]
#[schema(as = TaskChanges)]
pub struct UpdateTask {
    #[schema(schema_with = members::title)]
    title: Option<String>,
    #[schema(schema_with = members::description)]
    description: Option<String>,
    #[schema(schema_with = members::done)]
    done: Option<bool>,
    #[schema(schema_with = members::due)]
    due: Option<Option<String>>,
}

impl Body for UpdateTask {
    fn take_from(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        members.ignore(READ_ONLY);
        Ok(Self {
            title: members.optional("title")?,
            description: members.optional("description")?,
            done: members.optional("done")?,
            due: members.nullable("due")?,
        })
    }
}

impl TryFrom<UpdateTask> for TaskChanges {
    type Error = InvalidInput;

    fn try_from(body: UpdateTask) -> Result<Self, InvalidInput> {
        Ok(Self {
            title: body.title.map(title).transpose()?,
            description: body.description.map(description).transpose()?,
            done: body.done,
            due: body
                .due
                .map(|value| value.map(due).transpose())
                .transpose()?,
        })
    }
}

/// What PATCH takes: as PUT, and a `description` of null is the empty one.
pub struct PatchTask(UpdateTask);

impl Body for PatchTask {
    fn take_from(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        let description = members.nullable("description")?;
        let mut update = UpdateTask::take_from(members)?;
        update.description = description.map(Option::unwrap_or_default);
        Ok(Self(update))
    }
}

fn title(raw: String) -> Result<Title, InvalidInput> {
    raw.try_into()
        .map_err(|error| InvalidInput::field("title", error))
}

fn description(raw: String) -> Result<Description, InvalidInput> {
    raw.try_into()
        .map_err(|error| InvalidInput::field("description", error))
}

fn due(raw: String) -> Result<DueDate, InvalidInput> {
    raw.as_str()
        .try_into()
        .map_err(|error| InvalidInput::field("due", error))
}

/// A task in an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskBody<'a> {
    #[schema(schema_with = members::uri)]
    uri: String,
    #[schema(schema_with = members::title)]
    title: &'a str,
    #[schema(schema_with = members::description)]
    description: &'a str,
    #[schema(schema_with = members::done)]
    done: bool,
    #[schema(schema_with = members::due, required)]
    due: Option<String>,
    #[schema(schema_with = members::time)]
    created_at: String,
    #[schema(schema_with = members::time)]
    updated_at: String,
    #[schema(schema_with = members::time_or_null, required)]
    completed_at: Option<String>,
    #[schema(schema_with = members::etag)]
    etag: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OneTask)]
pub struct OneTask<'a> {
    task: TaskBody<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TaskList)]
pub struct TaskList<'a> {
    tasks: Vec<TaskBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = members::next)]
    next: Option<String>,
}

impl<'a> TaskBody<'a> {
    fn new(base: &BaseUri, task: &'a Task) -> Self {
        Self {
            uri: task_uri(base, task.id),
            title: task.title.as_str(),
            description: task.description.as_str(),
            done: task.done,
            due: task.due.map(|due| due.to_string()),
            created_at: task.created_at.to_string(),
            updated_at: task.updated_at.to_string(),
            completed_at: task.completed_at.map(|at| at.to_string()),
            etag: entity_tag(task.version),
        }
    }
}

fn task_uri(base: &BaseUri, id: TaskId) -> String {
    format!("{}{API_ROOT}/tasks/{id}", base.0)
}

/// The same list, from where this page ends.
fn next_uri(base: &BaseUri, query: &TaskQuery, cursor: &str) -> String {
    let limit = query.limit.map(|limit| ("limit", limit.get().to_string()));
    let parameters = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query.selection())
        .extend_pairs(limit)
        .append_pair("cursor", cursor)
        .finish();
    format!("{}{API_ROOT}/tasks?{parameters}", base.0)
}

fn reply(status: StatusCode, base: &BaseUri, task: &Task) -> Response {
    let body = OneTask {
        task: TaskBody::new(base, task),
    };
    let mut response = json_response(status, &body);
    set_etag(&mut response, &body.task.etag);
    response
}
