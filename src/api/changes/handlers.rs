//! Requests for changes.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::bodies::{ChangeView, Changes};
use crate::api::error::ApiError;
use crate::api::request::credentials::CurrentUser;
use crate::api::request::{PageParams, next_of};
use crate::api::response::{ResponseExt, json};
use crate::api::state::AppState;
use crate::api::uris::BaseUri;

/// `GET /changes`: 200 with the user's tasks and lists in the order in which they changed last, and the
/// URI of what follows. Has no entity tag: `next` is another one each time.
pub async fn list_changes(
    State(app): State<AppState>,
    user: CurrentUser,
    PageParams(query): PageParams,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let page = app.store.list_changes(&user.account, &query).await?;
    let views = page.changes.iter();
    let changes = Changes {
        changes: views.map(|change| ChangeView::new(&base, change)).collect(),
        next: next_of(&base, "changes", &query, &page.next),
        more: page.more,
    };
    let response = json(StatusCode::OK, &changes);
    // For a client that follows `Link` until there is none, as in every collection.
    Ok(response.with_next(changes.more.then_some(&changes.next)))
}
