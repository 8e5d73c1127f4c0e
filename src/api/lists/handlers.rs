//! Requests for lists.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::bodies::{AllLists, ListView, OneList};
use crate::api::error::ApiError;
use crate::api::request::credentials::{CurrentUser, Writer};
use crate::api::request::{Deadline, IfMatch, IfNoneMatch, Json, MergePatch, PathParam};
use crate::api::response::{EntityTag, ResponseExt, cacheable_json, deleted, json};
use crate::api::state::AppState;
use crate::api::uris::BaseUri;
use crate::domain::list::{List, ListChanges, ListContent, ListId};

/// `GET /lists`: 200 with all of the user's lists, by order, then id.
pub async fn list_lists(
    State(app): State<AppState>,
    user: CurrentUser,
    if_none_match: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let lists = app.store.list_lists(&user.account).await?;
    let lists = lists.iter().map(|list| ListView::new(&base, list));
    let all = AllLists {
        lists: lists.collect(),
    };
    Ok(cacheable_json(&all, &if_none_match))
}

/// `POST /lists`: 201 with the list, its `Location` and its `ETag`.
pub async fn create_list(
    State(app): State<AppState>,
    user: Writer,
    base: BaseUri,
    Json(content): Json<ListContent>,
) -> Result<Response, ApiError> {
    let list = app.store.create_list(&user.account, content).await?;
    Ok(respond(StatusCode::CREATED, &base, &list).with_location(&base.list(list.id)))
}

/// `GET /lists/{id}`: 200 with the list and its `ETag`.
pub async fn read_list(
    State(app): State<AppState>,
    user: CurrentUser,
    PathParam(id): PathParam<ListId>,
    if_none_match: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let list = app.store.read_list(&user.account, id).await?;
    let etag = EntityTag::of_version(list.version);
    Ok(respond(StatusCode::OK, &base, &list).or_not_modified(&etag, &if_none_match))
}

/// `PUT /lists/{id}`: 200 with the list after the members given were merged; the others stay.
pub async fn update_list(
    State(app): State<AppState>,
    user: Writer,
    PathParam(id): PathParam<ListId>,
    IfMatch(expected): IfMatch,
    base: BaseUri,
    Json(changes): Json<ListChanges>,
) -> Result<Response, ApiError> {
    let list = app
        .store
        .update_list(&user.account, id, changes, &expected)
        .await?;
    Ok(respond(StatusCode::OK, &base, &list))
}

/// `PATCH /lists/{id}`: as PUT, as a JSON merge patch (RFC 7396): null resets a member.
pub async fn patch_list(
    app: State<AppState>,
    user: Writer,
    id: PathParam<ListId>,
    if_match: IfMatch,
    base: BaseUri,
    Json(MergePatch(changes)): Json<MergePatch<ListChanges>>,
) -> Result<Response, ApiError> {
    update_list(app, user, id, if_match, base, Json(changes)).await
}

/// `DELETE /lists/{id}`: 200 when the list is gone and its tasks are in the trash; 503 when there is more
/// to do than the time allows. The same request again continues a deletion that was cut short.
pub async fn delete_list(
    State(app): State<AppState>,
    user: Writer,
    PathParam(id): PathParam<ListId>,
    IfMatch(expected): IfMatch,
    deadline: Deadline,
) -> Result<Response, ApiError> {
    let until = deadline.for_steps();
    app.store
        .delete_list(&user.account, id, &expected, until)
        .await?;
    Ok(deleted())
}

fn respond(status: StatusCode, base: &BaseUri, list: &List) -> Response {
    let body = OneList {
        list: ListView::new(base, list),
    };
    json(status, &body).with_etag(&body.list.etag)
}
