//! Users: what `/users` and `/users/{username}` read and write.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use crate::api::error::{ApiError, InvalidInput};
use crate::api::openapi::members;
use crate::api::request::credentials::{CurrentUser, DeletingUser, PasswordUser};
use crate::api::request::{
    Body, IfMatch, IfNoneMatch, Json, Members, UserPath, entity_tag, json_response,
};
use crate::api::response::{DELETED, READ_ONLY, or_not_modified, set_etag, set_location};
use crate::api::state::AppState;
use crate::api::uris::API_ROOT;
use crate::api::uris::BaseUri;
use crate::auth::ClientAddress;
use crate::config::Registration;
use crate::domain::account::{Email, Profile, Username};
use crate::domain::password::Password;
use crate::store::accounts::AccountChanges;
use crate::telemetry;

/// `POST /users`: 201 with the user and their `Location`.
pub async fn register(
    State(app): State<AppState>,
    address: ClientAddress,
    base: BaseUri,
    Json(body): Json<Register>,
) -> Result<Response, ApiError> {
    let code = body.registration_code.clone();
    let (username, password, email) = body.parse()?;
    app.auth.count_registration(address).await?;
    admit(&app.config.registration, code.as_deref())?;
    let hash = app.auth.hash(password).await?;
    let stored = app.store.create_account(&username, hash, email).await?;
    telemetry::account(stored.account.id);
    let mut response = reply(StatusCode::CREATED, &base, &stored.profile);
    set_location(&mut response, &user_uri(&base, &username))?;
    Ok(response)
}

/// `GET /users/{username}`: 200 with the user and their `ETag`.
pub async fn read_user(
    State(app): State<AppState>,
    user: CurrentUser,
    UserPath(username): UserPath,
    known: IfNoneMatch,
    base: BaseUri,
) -> Result<Response, ApiError> {
    own(&username, &user.account.username)?;
    let profile = app.store.read_profile(&user.account).await?;
    let response = reply(StatusCode::OK, &base, &profile);
    Ok(or_not_modified(
        response,
        &entity_tag(profile.version),
        &known,
    ))
}

/// `PUT /users/{username}`: 200 with the user after the change. A new password ends every token.
pub async fn update_user(
    State(app): State<AppState>,
    user: PasswordUser,
    UserPath(username): UserPath,
    IfMatch(expected): IfMatch,
    base: BaseUri,
    Json(body): Json<UpdateUser>,
) -> Result<Response, ApiError> {
    own(&username, &user.account.username)?;
    let email = body
        .email
        .map(|email| email.map(parse_email).transpose())
        .transpose()?;
    let password = body
        .password
        .map(|raw| parse_password(raw, &username))
        .transpose()?;
    let password_hash = match password {
        Some(password) => Some(app.auth.hash(password).await?),
        None => None,
    };
    let changes = AccountChanges {
        email,
        password_hash,
    };
    let updated = app.store.update_account(&user.account, changes, &expected);
    let stored = app.auth.evict_after(user.account.id, updated).await?;
    Ok(reply(StatusCode::OK, &base, &stored.profile))
}

/// `DELETE /users/{username}`: 200 when everything of the user is gone. Cut short, it is continued
/// by the same request.
pub async fn delete_user(
    State(app): State<AppState>,
    user: DeletingUser,
    UserPath(username): UserPath,
    IfMatch(expected): IfMatch,
) -> Result<Response, ApiError> {
    own(&username, &user.account.username)?;
    let deleted = app.store.delete_account(&user.account, &expected);
    app.auth.evict_after(user.account.id, deleted).await?;
    Ok(json_response(StatusCode::OK, &DELETED))
}

/// Anybody else's name looks like nobody's.
fn own(asked: &Username, own: &Username) -> Result<(), ApiError> {
    if asked == own {
        Ok(())
    } else {
        Err(ApiError::NotFound)
    }
}

fn admit(registration: &Registration, code: Option<&str>) -> Result<(), ApiError> {
    match registration {
        Registration::Open => Ok(()),
        Registration::Closed => Err(ApiError::Forbidden("registration is closed")),
        Registration::Code(right) => {
            let same = right.as_bytes().ct_eq(code.unwrap_or_default().as_bytes());
            let wrong = ApiError::Forbidden("the registration code is missing or wrong");
            if same.into() { Ok(()) } else { Err(wrong) }
        }
    }
}

/// What POST takes. Has no `Debug`, because of the password and the code.
#[derive(ToSchema)]
#[schema(as = NewUser, description = "What POST takes.")]
pub struct Register {
    #[schema(schema_with = members::username)]
    username: String,
    #[schema(schema_with = members::password)]
    password: String,
    #[schema(schema_with = members::email)]
    email: Option<String>,
    #[schema(schema_with = members::registration_code)]
    registration_code: Option<String>,
}

impl Body for Register {
    fn take_from(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        members.ignore(READ_ONLY);
        Ok(Self {
            username: members.required("username")?,
            password: members.required("password")?,
            email: members.nullable("email")?.flatten(),
            registration_code: members.optional("registration_code")?,
        })
    }
}

impl Register {
    fn parse(self) -> Result<(Username, Password, Option<Email>), InvalidInput> {
        let username = Username::try_from(self.username.as_str())
            .map_err(|error| InvalidInput::field("username", error))?;
        let password = parse_password(self.password, &username)?;
        Ok((username, password, self.email.map(parse_email).transpose()?))
    }
}

/// What PUT takes. Has no `Debug`, because of the password.
#[derive(ToSchema)]
#[schema(as = UserChanges, description = "What PUT takes.")]
pub struct UpdateUser {
    #[schema(schema_with = members::email)]
    email: Option<Option<String>>,
    #[schema(schema_with = members::password)]
    password: Option<String>,
}

impl Body for UpdateUser {
    fn take_from(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        members.ignore(READ_ONLY);
        members.ignore(&["username"]);
        Ok(Self {
            email: members.nullable("email")?,
            password: members.optional("password")?,
        })
    }
}

fn parse_email(raw: String) -> Result<Email, InvalidInput> {
    raw.try_into()
        .map_err(|error| InvalidInput::field("email", error))
}

fn parse_password(raw: String, username: &Username) -> Result<Password, InvalidInput> {
    Password::chosen(raw, username).map_err(|error| InvalidInput::field("password", error))
}

/// A user in an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserBody<'a> {
    #[schema(schema_with = members::uri)]
    uri: String,
    #[schema(schema_with = members::username)]
    username: &'a str,
    #[schema(schema_with = members::email, required)]
    email: Option<&'a str>,
    #[schema(schema_with = members::time)]
    created_at: String,
    #[schema(schema_with = members::time)]
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OneUser)]
pub struct OneUser<'a> {
    user: UserBody<'a>,
}

fn user_uri(base: &BaseUri, username: &Username) -> String {
    format!("{}{API_ROOT}/users/{}", base.0, username.as_str())
}

fn reply(status: StatusCode, base: &BaseUri, profile: &Profile) -> Response {
    let user = UserBody {
        uri: user_uri(base, &profile.username),
        username: profile.username.as_str(),
        email: profile.email.as_ref().map(Email::as_str),
        created_at: profile.created_at.to_string(),
        updated_at: profile.updated_at.to_string(),
    };
    let mut response = json_response(status, &OneUser { user });
    set_etag(&mut response, &entity_tag(profile.version));
    response
}
