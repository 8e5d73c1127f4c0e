//! Requests for a calendar.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::event::Context;
use super::feed::Feed;
use crate::api::error::ApiError;
use crate::api::request::{IfNoneMatch, PathParam};
use crate::api::response::{EntityTag, ResponseExt, digest};
use crate::api::state::AppState;
use crate::api::uris::BaseUri;
use crate::auth::{AuthError, ClientAddress};
use crate::domain::account::Account;
use crate::domain::due::Day;
use crate::domain::time::Timestamp;
use crate::domain::token::FeedName;
use crate::store::StoreError;
use crate::telemetry;

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("text/calendar; charset=utf-8");

/// How far back a calendar goes. Reading further would cost more with every year of done tasks.
const PAST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// `GET /calendar/{file}`: 200 with the open tasks that have a due date, as a calendar. The name of the
/// file is the credentials; one that is not valid is a file that does not exist.
pub async fn read_calendar(
    State(app): State<AppState>,
    address: ClientAddress,
    PathParam(FeedName(token)): PathParam<FeedName>,
    if_none_match: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    let account = match app.auth.verify_feed(address, &token).await {
        Err(AuthError::Unauthorized) => return Err(ApiError::NotFound),
        verified => verified?,
    };
    telemetry::account(account.id);
    let calendar = calendar(&app, &account, &base).await?;
    let etag = EntityTag::of_bytes(calendar.as_bytes());
    let response = ([(CONTENT_TYPE, MEDIA_TYPE)], calendar).into_response();
    Ok(response.or_not_modified(&etag, &if_none_match))
}

async fn calendar(app: &AppState, account: &Account, base: &BaseUri) -> Result<String, StoreError> {
    let now = Timestamp::now();
    let mut feed = Feed::new(Context {
        base,
        account: digest(account.id.to_string().as_bytes()),
    });
    let (first, today) = (Day::of(now.before(PAST)), Day::of(now));
    let store = &app.store;
    let has_all = store.read_open_tasks_due_from(account, first, today, |task| feed.add(task));
    let has_all = has_all.await?;
    Ok(feed.finish(has_all, now))
}
