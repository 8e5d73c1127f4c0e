//! The items of the table as domain types and back. Stored attributes are read more leniently than
//! requests, so that stricter rules for new data never hide existing data.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::attributes::{
    Item, flag, item, n, number, required_number, required_text, s, text, unreadable,
};
use super::error::StoreError;
use super::expression::Update;
use super::schema::{self, LAST_WRITE};
use crate::domain::account::{Account, AccountId, Email, Profile, Username};
use crate::domain::task::{Description, Task, TaskChanges, TaskContent, TaskId, Title};
use crate::domain::time::{DueDate, Timestamp};
use crate::domain::token::{
    BearerToken, Label, Scope, Token, TokenContent, TokenDuration, TokenId,
};
use crate::domain::version::Version;

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
    pub body_digest: String,
    pub task_id: TaskId,
    pub created_at: Timestamp,
}

/// The version of an item; `None` when it has none.
pub fn version_of(item: &Item) -> Option<Version> {
    number(item, "version").map(Version)
}

/// A new task. The write id is the id of the write that creates it.
pub fn new_task(owner: &Account, task: &Task, write_id: &str) -> Item {
    let mut update = Update::default();
    update.set("id", n(task.id.number()));
    update.set("created_at", n(task.created_at.as_millis()));
    update.set(LAST_WRITE, s(write_id));
    let content = task.content.clone().into();
    change_task(&mut update, task.id, content, task.created_at);
    update.into_item(schema::task_key(owner, task.id))
}

/// Adds to an update what the changes set and remove: the attributes themselves, the index keys
/// made of them, the version and the time.
pub fn change_task(update: &mut Update, id: TaskId, changes: TaskChanges, now: Timestamp) {
    update.set("updated_at", n(now.as_millis()));
    update.add("version", n(1));
    if let Some(title) = changes.title {
        update.set("title_key", s(schema::title_key(&title, id)));
        update.set("title", s(title.as_str()));
    }
    if let Some(description) = changes.description {
        update.set("description", s(description.as_str()));
    }
    if let Some(done) = changes.done {
        update.set("done", AttributeValue::Bool(done));
        update.set("status_key", s(schema::status_key(done, id)));
        match done {
            true => update.set_if_absent("completed_at", n(now.as_millis())),
            false => update.remove("completed_at"),
        }
    }
    match changes.due {
        Some(Some(due)) => {
            update.set("due", s(due.to_string()));
            update.set("due_key", s(schema::due_key(due, id)));
        }
        Some(None) => {
            update.remove("due");
            update.remove("due_key");
        }
        None => {}
    }
}

/// The task in an item; `None` when the item is none, such as a placeholder.
pub fn task(item: &Item) -> Result<Option<Task>, StoreError> {
    let Some(version) = version_of(item) else {
        return Ok(None);
    };
    let due = text(item, "due").map(DueDate::try_from).transpose();
    Ok(Some(Task {
        id: TaskId::new(required_number(item, "id")?).ok_or_else(|| unreadable(item, "id"))?,
        content: TaskContent {
            title: Title::from_store(required_text(item, "title")?),
            description: Description::from_store(required_text(item, "description")?),
            done: flag(item, "done"),
            due: due.map_err(|_| unreadable(item, "due"))?,
        },
        version,
        created_at: required_time(item, "created_at")?,
        updated_at: required_time(item, "updated_at")?,
        completed_at: number(item, "completed_at").map(Timestamp::from_millis),
    }))
}

/// A new account with an empty list.
pub fn new_account(
    username: &Username,
    id: AccountId,
    password_hash: String,
    email: Option<Email>,
    write_id: String,
) -> Item {
    let now = n(Timestamp::now().as_millis());
    let mut account = schema::account_key(username);
    account.extend(item([
        ("account_id", s(id.to_string())),
        ("password_hash", s(password_hash)),
        ("last_task_id", n(0)),
        ("allocated_at", n(0)),
        ("credential_version", n(1)),
        ("version", n(1)),
        (LAST_WRITE, s(write_id)),
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
pub fn new_token(owner: &Account, token: &Token, bearer: &BearerToken) -> Item {
    let scope = match token.content.scope {
        Scope::Read => "read",
        Scope::Write => "write",
    };
    let mut new = schema::token_key(&owner.username, token.id.slot);
    new.extend(item([
        ("nonce", s(nonce(token.id))),
        ("digest", s(secret_digest(bearer))),
        ("account_id", s(owner.id.to_string())),
        ("credential_version", n(owner.credential_version)),
        ("label", s(token.content.label.as_str())),
        ("scope", s(scope)),
        ("duration", n(token.content.duration.seconds())),
        ("created_at", n(token.created_at.as_millis())),
        // In seconds, for DynamoDB's TTL, which deletes late: readers check the clock themselves.
        ("expires_at", n(token.expires_at().as_seconds())),
    ]));
    new
}

/// The token in an item; `None` when it belongs to another account or to earlier credentials, or has
/// expired.
pub fn live_token(owner: &Account, item: &Item) -> Result<Option<Token>, StoreError> {
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
    let is_live = Timestamp::now() < token.expires_at();
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
        ("body", s(&stored.body_digest)),
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
        body_digest: required_text(item, "body")?,
        task_id: task_id.ok_or_else(|| unreadable(item, "task_id"))?,
        created_at: required_time(item, "created_at")?,
    })
}

fn required_time(item: &Item, name: &str) -> Result<Timestamp, StoreError> {
    required_number(item, name).map(Timestamp::from_millis)
}
