//! The bodies of requests and responses about accounts.

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::request::RequestBody;
use crate::api::uris::{BaseUri, Uri};
use crate::domain::account::{Email, Profile, Username};
use crate::domain::json::{InvalidInput, Members};
use crate::domain::macros::json_string;
use crate::domain::password::NewPassword;
use crate::domain::time::Timestamp;

/// What POST takes. Has no `Debug`, because of the password and the code.
#[derive(JsonSchema)]
pub struct NewUser {
    pub username: Username,
    pub password: NewPassword,
    pub email: Option<Email>,
    #[schemars(with = "RegistrationCode")]
    pub registration_code: Option<RegistrationCode>,
}

impl RequestBody for NewUser {
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        Ok(Self {
            username: members.value("username")?,
            password: members.value("password")?,
            email: members.value("email")?,
            registration_code: members.optional("registration_code")?,
        })
    }
}

/// The code that an operator gives to those who may register. Has no `Debug`.
pub struct RegistrationCode(String);

json_string! {
    RegistrationCode;
    "Required where the operator has set one, otherwise ignored.",
    "sesame",
    {}
}

impl From<String> for RegistrationCode {
    fn from(raw: String) -> Self {
        Self(raw)
    }
}

impl RegistrationCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What PUT takes. A member that is `None` stays as it is. Has no `Debug`, because of the password.
#[derive(JsonSchema)]
pub struct UserChanges {
    #[schemars(with = "Option<Email>")]
    pub email: Option<Option<Email>>,
    #[schemars(with = "NewPassword")]
    pub password: Option<NewPassword>,
}

impl RequestBody for UserChanges {
    fn read(members: &mut Members<'_>) -> Result<Self, InvalidInput> {
        members.ignore(&["username"]);
        Ok(Self {
            email: members.optional("email")?,
            password: members.optional("password")?,
        })
    }
}

/// A user in a response.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub struct UserView<'a> {
    uri: Uri,
    username: &'a Username,
    email: &'a Option<Email>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> UserView<'a> {
    pub fn new(base: &BaseUri, profile: &'a Profile) -> Self {
        Self {
            uri: base.user(&profile.username),
            username: &profile.username,
            email: &profile.email,
            created_at: profile.created_at,
            updated_at: profile.updated_at,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub struct OneUser<'a> {
    pub user: UserView<'a>,
}
