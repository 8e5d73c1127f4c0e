//! The items of the table as domain types and back. Stored attributes are read more leniently than
//! requests, so that stricter rules for new data never hide existing data.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub use self::lists::{
    change_list, close_list, inbox, is_being_emptied, live_list, mark_emptied, new_list,
};
pub use self::tasks::{Position, change_task, live_task, needs_position, new_task, task};
pub use self::trash::{delete_task, kept_task, purge_task, restore_task, trashed_task};
use super::attributes::{
    Item, flag, item, n, number, required_number, required_text, s, text, unreadable,
};
use super::error::StoreError;
use super::expression::Condition;
use super::schema;
use super::write_id::{CREATED_BY, REVOKED_BY, WriteId, created};
use crate::domain::account::{Account, AccountId, Email, Profile, Username};
use crate::domain::task::TaskId;
use crate::domain::time::Timestamp;
use crate::domain::token::{
    BearerToken, Label, Scope, Token, TokenContent, TokenDuration, TokenId,
};
use crate::domain::version::Version;

mod lists;
mod repeat_day;
mod tasks;
mod trash;

/// An account and what proves it. Has no `Debug`, because of the hash.
#[derive(Clone)]
pub struct StoredAccount {
    pub account: Account,
    pub profile: Profile,
    /// A PHC string.
    pub password_hash: String,
    /// Its owner has asked for its deletion.
    pub closed: bool,
}

/// What an idempotency record says about the request that created it.
pub struct StoredRequest {
    /// Of everything that the request said.
    pub digest: String,
    pub task_id: TaskId,
    pub created_at: Timestamp,
}

/// The version of an item; `None` when it has none.
pub fn version_of(item: &Item) -> Option<Version> {
    number(item, "version").map(Version)
}

/// Whether there is no item, or one that counts as none: in the trash, or past its time, because
/// DynamoDB's TTL deletes late.
pub fn is_gone(item: &Item) -> bool {
    let ends = number::<i64>(item, "expires_at");
    let is_expired = ends.is_some_and(|ends| ends <= Timestamp::now().as_seconds());
    item.is_empty() || item.contains_key("deleted_at") || is_expired
}

/// The condition that an item exists and is not in the trash.
pub fn is_live() -> Condition {
    Condition::new("attribute_exists(#version)").and("attribute_not_exists(#deleted_at)")
}

/// The condition that an item is a task in the trash, deleted at `oldest` or later.
pub fn is_in_trash(oldest: Timestamp) -> Condition {
    Condition::new("begins_with(#status_key, :in_trash)")
        .and("#deleted_at >= :oldest")
        .value("in_trash", s(schema::TRASH_PREFIX))
        .value("oldest", n(oldest.as_millis()))
}

/// A new account.
pub fn new_account(
    username: &Username,
    id: AccountId,
    password_hash: String,
    email: Option<Email>,
    created_at: Timestamp,
    write: &WriteId,
) -> Item {
    let now = n(created_at.as_millis());
    let mut account = schema::account_key(username);
    account.extend(created(write));
    account.extend(item([
        ("account_id", s(id.to_string())),
        ("password_hash", s(password_hash)),
        ("last_task_id", n(0)),
        ("last_list_id", n(0)),
        ("allocated_at", n(0)),
        ("credential_version", n(1)),
        ("version", n(1)),
        ("created_at", now.clone()),
        ("updated_at", now),
    ]));
    if let Some(email) = email {
        account.insert("email".to_owned(), s(email.as_str()));
    }
    account
}

/// The account in an item.
pub fn account(item: &Item) -> Result<StoredAccount, StoreError> {
    let name = text(item, "pk").and_then(|key| key.strip_prefix(schema::USER_PREFIX));
    let username = name.and_then(|name| name.parse::<Username>().ok());
    let username = username.ok_or_else(|| unreadable(item, "pk"))?;
    let id = text(item, "account_id").and_then(AccountId::from_store);
    let account = Account {
        username: username.clone(),
        id: id.ok_or_else(|| unreadable(item, "account_id"))?,
        credential_version: required_number(item, "credential_version")?,
    };
    let profile = Profile {
        username,
        email: text(item, "email").map(|email| Email::from_store(email.to_owned())),
        version: Version(required_number(item, "version")?),
        created_at: required_time(item, "created_at")?,
        updated_at: required_time(item, "updated_at")?,
    };
    Ok(StoredAccount {
        account,
        profile,
        password_hash: required_text(item, "password_hash")?,
        closed: flag(item, "closed"),
    })
}

/// A new token. Of its secret only the digest is stored.
pub fn new_token(owner: &Account, token: &Token, bearer: &BearerToken, write: &WriteId) -> Item {
    let mut new = schema::token_key(&owner.username, token.id.slot);
    new.extend(item([
        (CREATED_BY, write.value()),
        ("nonce", s(nonce(token.id))),
        ("digest", s(secret_digest(bearer))),
        ("account_id", s(owner.id.to_string())),
        ("credential_version", n(owner.credential_version)),
        ("label", s(token.content.label.as_str())),
        ("scope", s(token.content.scope.as_str())),
        ("duration", n(token.content.duration.seconds())),
        ("created_at", n(token.created_at.as_millis())),
        // In seconds, for DynamoDB's TTL, which deletes late: readers check the clock themselves.
        ("expires_at", n(token.expires_at().as_seconds_rounded_up())),
    ]));
    new
}

/// The token in an item; `None` when it belongs to another account or to earlier credentials, has
/// expired or was revoked.
pub fn live_token(
    owner: &Account,
    item: &Item,
    now: Timestamp,
) -> Result<Option<Token>, StoreError> {
    let slot = text(item, "sk").and_then(|key| key.strip_prefix(schema::TOKEN_PREFIX));
    let id = slot.zip(text(item, "nonce"));
    let id = id.and_then(|(slot, nonce)| format!("{slot}-{nonce}").parse().ok());
    let scope = text(item, "scope").and_then(|scope| Scope::try_from(scope.to_owned()).ok());
    let token = Token {
        id: id.ok_or_else(|| unreadable(item, "nonce"))?,
        content: TokenContent {
            label: Label::from_store(required_text(item, "label")?),
            scope: scope.ok_or_else(|| unreadable(item, "scope"))?,
            duration: TokenDuration::from_store(required_number(item, "duration")?),
        },
        created_at: required_time(item, "created_at")?,
    };
    let is_current = text(item, "account_id") == Some(&owner.id.to_string())
        && number(item, "credential_version") == Some(owner.credential_version);
    let is_live = now < token.expires_at() && !item.contains_key(REVOKED_BY);
    Ok((is_current && is_live).then_some(token))
}

/// The random part of a token id, as it is stored.
pub fn nonce(id: TokenId) -> String {
    URL_SAFE_NO_PAD.encode(id.nonce)
}

/// SHA-256 without a salt suffices for 32 random bytes: they cannot be guessed.
pub fn secret_digest(token: &BearerToken) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.secret))
}

/// The record of a request that has created a task.
pub fn new_request(
    owner: &Account,
    key_digest: &str,
    stored: &StoredRequest,
    ends: Timestamp,
) -> Item {
    let mut request = schema::request_key(owner, key_digest);
    request.extend(item([
        ("digest", s(&stored.digest)),
        ("task_id", n(stored.task_id.number())),
        ("created_at", n(stored.created_at.as_millis())),
        ("expires_at", n(ends.as_seconds())),
    ]));
    request
}

/// The idempotency record in an item.
pub fn request(item: &Item) -> Result<StoredRequest, StoreError> {
    let task_id = TaskId::new(required_number(item, "task_id")?);
    Ok(StoredRequest {
        digest: required_text(item, "digest")?,
        task_id: task_id.ok_or_else(|| unreadable(item, "task_id"))?,
        created_at: required_time(item, "created_at")?,
    })
}

fn required_time(item: &Item, name: &str) -> Result<Timestamp, StoreError> {
    required_number(item, name).map(Timestamp::from_millis)
}
