//! Requests for accounts.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use subtle::ConstantTimeEq;

use super::bodies::{NewUser, OneUser, RegistrationCode, UserChanges, UserView};
use crate::api::error::ApiError;
use crate::api::request::credentials::{CurrentUser, DeletingUser, PasswordUser};
use crate::api::request::{Deadline, IfMatch, IfNoneMatch, Json, PathParam};
use crate::api::response::{EntityTag, ResponseExt, deleted, json};
use crate::api::state::AppState;
use crate::api::uris::BaseUri;
use crate::auth::ClientAddress;
use crate::config::Registration;
use crate::domain::account::{Profile, Username};
use crate::domain::json::InvalidInput;
use crate::domain::password::{NewPassword, Password};
use crate::store::accounts::AccountChanges;
use crate::telemetry;

/// `POST /users`: 201 with the user and their `Location`.
pub async fn register(
    State(app): State<AppState>,
    address: ClientAddress,
    base: BaseUri,
    Json(new): Json<NewUser>,
) -> Result<Response, ApiError> {
    let password = password_of(new.password, &new.username)?;
    app.auth.count_registration(address).await?;
    let code = new.registration_code.as_ref().map(RegistrationCode::as_str);
    may_register(&app.config.registration, code)?;
    let hash = app.auth.hash(password).await?;
    let stored = app
        .store
        .create_account(&new.username, hash, new.email)
        .await?;
    telemetry::account(stored.account.id);
    let location = base.user(&stored.account.username);
    Ok(respond(StatusCode::CREATED, &base, &stored.profile).with_location(&location))
}

/// `GET /users/{username}`: 200 with the user and their `ETag`.
pub async fn read_user(
    State(app): State<AppState>,
    user: CurrentUser,
    PathParam(username): PathParam<Username>,
    if_none_match: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    must_be_own(&username, &user.account.username)?;
    let profile = app.store.read_profile(&user.account).await?;
    let etag = EntityTag::of_version(profile.version);
    Ok(respond(StatusCode::OK, &base, &profile).or_not_modified(&etag, &if_none_match))
}

/// `PUT /users/{username}`: 200 with the user after the change. A new password ends every token.
pub async fn update_user(
    State(app): State<AppState>,
    user: PasswordUser,
    PathParam(username): PathParam<Username>,
    IfMatch(expected): IfMatch,
    base: BaseUri,
    Json(changes): Json<UserChanges>,
) -> Result<Response, ApiError> {
    must_be_own(&username, &user.account.username)?;
    let password_hash = match changes.password {
        Some(password) => Some(app.auth.hash(password_of(password, &username)?).await?),
        None => None,
    };
    let changes = AccountChanges {
        email: changes.email,
        password_hash,
    };
    let update = app.store.update_account(&user.account, changes, &expected);
    let stored = app.auth.evict_after(user.account.id, update).await?;
    Ok(respond(StatusCode::OK, &base, &stored.profile))
}

/// `DELETE /users/{username}`: 200 when everything of the user is gone. The same request again
/// continues a deletion that was cut short.
pub async fn delete_user(
    State(app): State<AppState>,
    user: DeletingUser,
    PathParam(username): PathParam<Username>,
    IfMatch(expected): IfMatch,
    deadline: Deadline,
) -> Result<Response, ApiError> {
    must_be_own(&username, &user.account.username)?;
    let until = deadline.for_steps();
    let deletion = app.store.delete_account(&user.account, &expected, until);
    app.auth.evict_after(user.account.id, deletion).await?;
    Ok(deleted())
}

/// Somebody else's user name is the same 404 as one that nobody has.
fn must_be_own(requested: &Username, own: &Username) -> Result<(), ApiError> {
    match requested == own {
        true => Ok(()),
        false => Err(ApiError::NotFound),
    }
}

fn password_of(password: NewPassword, username: &Username) -> Result<Password, InvalidInput> {
    let password = password.of(username);
    password.map_err(|problem| InvalidInput::field("password", problem))
}

fn may_register(registration: &Registration, code: Option<&str>) -> Result<(), ApiError> {
    match registration {
        Registration::Open => Ok(()),
        Registration::Closed => Err(ApiError::Forbidden("registration is closed")),
        Registration::Code(expected) => {
            let code = code.unwrap_or_default().as_bytes();
            match expected.as_bytes().ct_eq(code).into() {
                true => Ok(()),
                false => Err(ApiError::Forbidden(
                    "the registration code is missing or wrong",
                )),
            }
        }
    }
}

fn respond(status: StatusCode, base: &BaseUri, profile: &Profile) -> Response {
    let body = OneUser {
        user: UserView::new(base, profile),
    };
    json(status, &body).with_etag(&EntityTag::of_version(profile.version))
}
