//! Accounts: one item each, under the user's name.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use serde::{Deserialize, Serialize};

use super::call::record_capacity;
use super::items as item;
use super::items::{ACCOUNT, Item};
use super::update::Update;
use super::{Store, StoreError, n, random_id, s, version_condition, version_of};
use crate::domain::account::{Account, AccountId, Email, Profile, Username};
use crate::domain::task::TaskId;
use crate::domain::time::Timestamp;
use crate::domain::version::{Expected, Version};

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

/// What an update changes of an account. `None` stays as it is; `email: Some(None)` clears it.
pub struct AccountChanges {
    pub email: Option<Option<Email>>,
    /// A PHC string. A new one ends what was proved with the old password.
    pub password_hash: Option<String>,
}

/// An account that has just been closed to everything but its deletion.
pub struct ClosedAccount {
    /// As of the credentials that count from now on.
    pub account: Account,
    /// The number drawn last, if it was so lately that its task may still be under way, and nothing
    /// has been done about that yet.
    pub fresh_number: Option<u64>,
}

/// The account's condition that its credentials are still those that were verified.
pub(super) const IS_CURRENT: &str =
    "account_id = :account_id AND credential_version = :verified AND attribute_not_exists(closed)";

#[derive(Deserialize, Serialize)]
struct AccountItem {
    pk: String,
    sk: String,
    account_id: String,
    password_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    last_task_id: u64,
    /// When that number was drawn.
    #[serde(default)]
    allocated_at: i64,
    credential_version: u64,
    version: u64,
    last_write: String,
    created_at: i64,
    updated_at: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
    /// No create can come through any more: see `delete_closed_account`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    fenced: bool,
}

impl Store {
    /// The account's profile. `StaleCredentials` when it is not what it was when its credentials were
    /// verified. One GetItem.
    pub async fn read_profile(&self, owner: &Account) -> Result<Profile, StoreError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true)
            .set_key(account_key(&owner.username))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await?;
        record_capacity(read.consumed_capacity());
        let stored = stored_account(read.item.ok_or(StoreError::StaleCredentials(owner.id))?)?;
        let current = stored.account.id == owner.id && !stored.closed;
        if current {
            Ok(stored.profile)
        } else {
            Err(StoreError::StaleCredentials(owner.id))
        }
    }

    /// Makes an account with an empty list. `Taken` when the name is. One conditional PutItem.
    pub async fn create_account(
        &self,
        username: &Username,
        password_hash: String,
        email: Option<Email>,
    ) -> Result<StoredAccount, StoreError> {
        let now = Timestamp::now().as_millis();
        let account_id = AccountId::random().map_err(|error| StoreError::Internal(error.into()))?;
        let account = item::write(AccountItem {
            pk: item::user_partition(username),
            sk: ACCOUNT.to_owned(),
            account_id: account_id.to_string(),
            password_hash,
            email: email.map(|email| email.as_str().to_owned()),
            last_task_id: 0,
            allocated_at: 0,
            credential_version: 1,
            version: 1,
            last_write: random_id()?,
            created_at: now,
            updated_at: now,
            closed: false,
            fenced: false,
        })?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(account.clone()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match put {
            Ok(put) => {
                record_capacity(put.consumed_capacity());
                stored_account(account)
            }
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let own = failed.item().and_then(|old| old.get("account_id"));
                    let own = own == Some(&s(account_id.to_string()));
                    if own {
                        stored_account(account)
                    } else {
                        Err(StoreError::UsernameTaken)
                    }
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Changes an account and returns it as it is then. `StaleCredentials` when it is not what it
    /// was when its credentials were verified. One conditional UpdateItem.
    pub async fn update_account(
        &self,
        owner: &Account,
        changes: AccountChanges,
        expected: &Expected,
    ) -> Result<StoredAccount, StoreError> {
        let write = random_id()?;
        let mut update = Update::default();
        update.set("updated_at", n(Timestamp::now().as_millis()));
        update.set("last_write", s(&write));
        update.add("version", n(1));
        if let Some(hash) = changes.password_hash {
            update.set("password_hash", s(hash));
            update.add("credential_version", n(1));
        }
        match changes.email {
            Some(Some(email)) => update.set("email", s(email.as_str())),
            Some(None) => update.remove("email"),
            None => {}
        }
        let updated = self.write_account(owner, update, expected).await;
        match updated {
            Err(AccountWriteError::Refused { old, .. })
                if old.get("last_write") == Some(&s(&write)) =>
            {
                stored_account(old)
            }
            other => stored_account(other?),
        }
    }

    /// Ends everything that can be done with an account but its deletion. `StaleCredentials` as
    /// above. One conditional UpdateItem.
    pub async fn close_account(
        &self,
        owner: &Account,
        expected: &Expected,
    ) -> Result<ClosedAccount, StoreError> {
        let mut update = Update::default();
        update.set("closed", AttributeValue::Bool(true));
        update.add("credential_version", n(1));
        let closed = match self.write_account(owner, update, expected).await {
            // An earlier attempt of this call, or of another request for the same, closed it.
            Err(AccountWriteError::Refused { old, .. })
                if old.contains_key("closed")
                    && old.get("account_id") == Some(&s(owner.id.to_string())) =>
            {
                old
            }
            other => other?,
        };
        let closed: AccountItem = item::read(closed)?;
        let drawn = Timestamp::from_millis(closed.allocated_at);
        let lately = !closed.fenced
            && drawn.after(super::delete_account::LONGEST_REQUEST) > Timestamp::now();
        Ok(ClosedAccount {
            account: Account {
                credential_version: closed.credential_version,
                ..owner.clone()
            },
            fresh_number: lately.then_some(closed.last_task_id),
        })
    }

    /// Draws the number of `owner`'s next task. A number whose reply is lost stays unused.
    /// One conditional UpdateItem.
    pub(super) async fn allocate_task_id(&self, owner: &Account) -> Result<TaskId, StoreError> {
        let mut update = Update::default();
        update.add("last_task_id", n(1));
        update.set("allocated_at", n(Timestamp::now().as_millis()));
        let drawn = self
            .write_account(owner, update, &Expected::Anything)
            .await?;
        let number = drawn
            .get("last_task_id")
            .and_then(|value| value.as_n().ok());
        let number = number
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| StoreError::Internal("the account has no last_task_id".into()))?;
        TaskId::new(number).ok_or(StoreError::CollectionFull)
    }

    /// Writes to an account, provided its credentials are still those that were verified.
    async fn write_account(
        &self,
        owner: &Account,
        mut update: Update,
        expected: &Expected,
    ) -> Result<Item, AccountWriteError> {
        let condition = IS_CURRENT.to_owned() + &version_condition(expected, &mut update.values);
        let updated = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(account_key(&owner.username))
            .update_expression(update.expression())
            .condition_expression(condition)
            .set_expression_attribute_values(Some(update.values))
            .expression_attribute_values(":account_id", s(owner.id.to_string()))
            .expression_attribute_values(":verified", n(owner.credential_version))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match updated {
            Ok(updated) => {
                record_capacity(updated.consumed_capacity());
                Ok(updated.attributes.unwrap_or_default())
            }
            Err(error) => Err(match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    AccountWriteError::Refused {
                        owner: owner.id,
                        changed: version_of(failed.item())
                            .filter(|_| is_current(owner, failed.item())),
                        old: failed.item.clone().unwrap_or_default(),
                    }
                }
                _ => AccountWriteError::Failed(error.into()),
            }),
        }
    }
}

/// What `IS_CURRENT` asks of an item.
fn is_current(owner: &Account, item: Option<&Item>) -> bool {
    let has = |name, value| item.and_then(|item| item.get(name)) == Some(&value);
    has("account_id", s(owner.id.to_string()))
        && has("credential_version", n(owner.credential_version))
        && item.is_some_and(|item| !item.contains_key("closed"))
}

/// Why an account was not written to.
enum AccountWriteError {
    /// It is of another version than expected, or else not what it was when its credentials were
    /// verified; this is what it is.
    Refused {
        owner: AccountId,
        changed: Option<Version>,
        old: Item,
    },
    Failed(StoreError),
}

impl From<AccountWriteError> for StoreError {
    fn from(error: AccountWriteError) -> Self {
        match error {
            AccountWriteError::Refused { owner, changed, .. } => {
                changed.map_or(Self::StaleCredentials(owner), Self::Changed)
            }
            AccountWriteError::Failed(error) => error,
        }
    }
}

pub(super) fn account_key(username: &Username) -> Option<Item> {
    item::key(item::user_partition(username), ACCOUNT.to_owned())
}

/// The account in an item. One that cannot be read is a fault of ours.
pub(super) fn stored_account(item: Item) -> Result<StoredAccount, StoreError> {
    let item: AccountItem = item::read(item)?;
    let unreadable = || StoreError::Internal("unreadable account".into());
    let name = item.pk.strip_prefix("user#").ok_or_else(unreadable)?;
    let username = Username::try_from(name).map_err(|_| unreadable())?;
    let account = Account {
        username: username.clone(),
        id: AccountId::from_store(&item.account_id).ok_or_else(unreadable)?,
        credential_version: item.credential_version,
    };
    let profile = Profile {
        username,
        email: item.email.map(Email::from_store),
        version: Version(item.version),
        created_at: Timestamp::from_millis(item.created_at),
        updated_at: Timestamp::from_millis(item.updated_at),
    };
    Ok(StoredAccount {
        account,
        profile,
        password_hash: item.password_hash,
        closed: item.closed,
    })
}
