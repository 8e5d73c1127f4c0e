//! Accounts: one item each, under the user's name.

use super::attributes::{Item, n, number, required_number, s, text};
use super::call::Written;
use super::expression::{Condition, Update};
pub use super::items::StoredAccount;
use super::register::Outcome;
use super::transaction::Committed;
use super::write_id::{WriteId, holds};
use super::{Store, StoreError, items, schema};
use crate::domain::account::{Account, AccountId, Email, Profile, Username};
use crate::domain::list::ListId;
use crate::domain::task::TaskId;
use crate::domain::version::Expected;

/// What an update changes of an account. `None` leaves a member as it is; `email: Some(None)` clears
/// it.
pub struct AccountChanges {
    pub email: Option<Option<Email>>,
    /// A PHC string. A new one invalidates all credentials that were verified before.
    pub password_hash: Option<String>,
}

impl Store {
    /// The profile of `owner`. `StaleCredentials` when the account is closed or no longer the one
    /// whose credentials were verified. One GetItem.
    pub async fn read_profile(&self, owner: &Account) -> Result<Profile, StoreError> {
        let item = self.get(schema::account_key(&owner.username)).await?;
        let stored = item.as_ref().map(items::account).transpose()?;
        stored
            .filter(|stored| stored.account.id == owner.id && !stored.closed)
            .map(|stored| stored.profile)
            .ok_or(StoreError::StaleCredentials(owner.id))
    }

    /// Creates an account with an empty inbox. `UsernameTaken` when another account has the name.
    /// One transaction.
    pub async fn create_account(
        &self,
        username: &Username,
        password_hash: String,
        email: Option<Email>,
    ) -> Result<StoredAccount, StoreError> {
        let id = AccountId::random().map_err(|error| StoreError::Internal(error.into()))?;
        let (write, now) = (WriteId::random()?, self.now());
        let item = items::new_account(username, id, password_hash, email, now, &write);
        let created = items::account(&item)?;
        let inbox = items::inbox(id, now, &write);
        let writes = vec![
            self.transact_put(item, Condition::no_item())?,
            self.transact_put(inbox, Condition::no_item())?,
        ];
        let Committed::Refused(refused) = self.transact(writes).await? else {
            return Ok(created);
        };
        // An earlier attempt created it, whatever became of it since.
        if refused.iter().flatten().any(|old| holds(old, &write)) {
            return Ok(created);
        }
        Err(StoreError::UsernameTaken)
    }

    /// Changes `owner`'s account and returns it as it is now. `StaleCredentials` when the credentials
    /// are no longer those that were verified, `Changed` when the account has another version than
    /// the expected ones. One conditional UpdateItem.
    pub async fn update_account(
        &self,
        owner: &Account,
        changes: AccountChanges,
        expected: &Expected,
    ) -> Result<StoredAccount, StoreError> {
        let write = WriteId::random()?;
        let mut update = Update::default();
        update.set("updated_at", n(self.now().as_millis()));
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
        let condition = credentials_are_current(owner).and_version(expected);
        let key = schema::account_key(&owner.username);
        match self.update_once(key, update, condition, &write).await? {
            Outcome::Applied(item) => items::account(&item),
            Outcome::Changed(old) => Err(refusal(owner, &old)),
            Outcome::Gone => Err(StoreError::StaleCredentials(owner.id)),
        }
    }

    /// Replaces the password of whoever has this user name, for an operator, and ends all tokens.
    /// `NotFound` when there is no such account, `StaleCredentials` when it is closed. One
    /// conditional UpdateItem.
    pub async fn reset_password(
        &self,
        username: &Username,
        password_hash: String,
    ) -> Result<(), StoreError> {
        let write = WriteId::random()?;
        let mut update = Update::default();
        update.set("password_hash", s(password_hash));
        update.set("updated_at", n(self.now().as_millis()));
        update.add("credential_version", n(1));
        update.add("version", n(1));
        let condition = Condition::new("attribute_exists(#account_id)");
        let condition = condition.and("attribute_not_exists(#closed)");
        let key = schema::account_key(username);
        match self.update_once(key, update, condition, &write).await? {
            Outcome::Applied(_) => Ok(()),
            Outcome::Changed(old) => {
                let account = items::account(&old)?.account;
                Err(StoreError::StaleCredentials(account.id))
            }
            Outcome::Gone => Err(StoreError::NotFound),
        }
    }

    /// Allocates the id of `owner`'s next task. An id whose response is lost stays unused.
    /// `StaleCredentials` as above, `CollectionFull` when there are no more ids. One conditional
    /// UpdateItem.
    pub(super) async fn allocate_task_id(&self, owner: &Account) -> Result<TaskId, StoreError> {
        let number = self.allocate(owner, "last_task_id").await?;
        TaskId::new(number).ok_or(StoreError::CollectionFull)
    }

    /// Allocates the id of `owner`'s next list, as that of a task is.
    pub(super) async fn allocate_list_id(&self, owner: &Account) -> Result<ListId, StoreError> {
        let number = self.allocate(owner, "last_list_id").await?;
        ListId::new(number).ok_or(StoreError::CollectionFull)
    }

    async fn allocate(&self, owner: &Account, counter: &'static str) -> Result<u64, StoreError> {
        let mut update = Update::default();
        update.add(counter, n(1));
        update.set("allocated_at", n(self.now().as_millis()));
        let key = schema::account_key(&owner.username);
        let condition = credentials_are_current(owner);
        let account = match self.update(key, update, condition).await? {
            Written::Done(account) => account,
            Written::Refused { old } => return Err(refusal(owner, &old)),
        };
        required_number(&account, counter)
    }
}

/// The condition that an account is open and its credentials are those that were verified.
pub(super) fn credentials_are_current(owner: &Account) -> Condition {
    Condition::new("#account_id = :account_id")
        .and("#credential_version = :verified")
        .and("attribute_not_exists(#closed)")
        .value("account_id", s(owner.id.to_string()))
        .value("verified", n(owner.credential_version))
}

/// Why a write to `owner`'s account was refused, by the account as it is.
pub(super) fn refusal(owner: &Account, old: &Item) -> StoreError {
    let is_current = has_id(old, owner.id)
        && number(old, "credential_version") == Some(owner.credential_version)
        && !old.contains_key("closed");
    match items::version_of(old) {
        Some(version) if is_current => StoreError::Changed(version),
        _ => StoreError::StaleCredentials(owner.id),
    }
}

/// Whether an item is the account with this id.
pub(super) fn has_id(item: &Item, id: AccountId) -> bool {
    text(item, "account_id") == Some(&id.to_string())
}
