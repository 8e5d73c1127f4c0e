//! Accounts: one item each, under the user's name.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use serde::{Deserialize, Serialize};

use super::item::{self, ACCOUNT};
use super::{Store, StoreError, n, s};
use crate::domain::task::TaskId;
use crate::domain::time::Timestamp;
use crate::domain::user::{Account, AccountId, Username};

/// An account and what proves it. Has no `Debug`, because of the hash.
pub struct StoredAccount {
    pub account: Account,
    /// A PHC string.
    pub password_hash: String,
    /// Its owner has asked for its deletion.
    pub closed: bool,
}

#[derive(Deserialize, Serialize)]
struct AccountItem {
    pk: String,
    sk: String,
    account_id: String,
    password_hash: String,
    last_task_id: u64,
    credential_version: u64,
    version: u64,
    created_at: i64,
    updated_at: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
}

impl Store {
    /// The account of that name, closed ones too. One GetItem.
    pub async fn read_account(
        &self,
        username: &Username,
    ) -> Result<Option<StoredAccount>, StoreError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true)
            .set_key(item::key(
                item::user_partition(username),
                ACCOUNT.to_owned(),
            ))
            .send()
            .await?;
        read.item
            .map(|item| stored_account(username, item::read(item)?))
            .transpose()
    }

    /// Makes an account with an empty list. `None` when the name is taken. One conditional PutItem.
    pub async fn create_account(
        &self,
        username: &Username,
        id: AccountId,
        password_hash: String,
    ) -> Result<Option<Account>, StoreError> {
        let now = Timestamp::now().as_millis();
        let account = AccountItem {
            pk: item::user_partition(username),
            sk: ACCOUNT.to_owned(),
            account_id: id.to_string(),
            password_hash,
            last_task_id: 0,
            credential_version: 1,
            version: 1,
            created_at: now,
            updated_at: now,
            closed: false,
        };
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::write(account)?))
            .condition_expression("attribute_not_exists(pk) OR account_id = :account_id")
            .expression_attribute_values(":account_id", s(id.to_string()))
            .send()
            .await;
        match put {
            Ok(_) => Ok(Some(Account {
                username: username.clone(),
                id,
                credential_version: 1,
            })),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(None),
                _ => Err(error.into()),
            },
        }
    }

    /// Draws the number of `owner`'s next task. A number whose reply is lost stays unused.
    /// One conditional UpdateItem.
    pub(super) async fn next_task_id(&self, owner: &Account) -> Result<TaskId, StoreError> {
        let drawn = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(item::key(item::user_partition(&owner.username), ACCOUNT.to_owned()))
            .update_expression("ADD last_task_id :one")
            .condition_expression(
                "account_id = :id AND credential_version = :version AND attribute_not_exists(closed)",
            )
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":id", s(owner.id.to_string()))
            .expression_attribute_values(":version", n(owner.credential_version))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        let drawn = drawn.map_err(|error| match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => {
                StoreError::StaleCredentials
            }
            _ => error.into(),
        })?;
        let number = drawn
            .attributes
            .as_ref()
            .and_then(|new| new.get("last_task_id"));
        let number = number
            .and_then(|value| value.as_n().ok())
            .and_then(|n| n.parse().ok());
        let number =
            number.ok_or_else(|| StoreError::Internal("the account has no last_task_id".into()))?;
        TaskId::new(number).ok_or(StoreError::ListFull)
    }
}

fn stored_account(username: &Username, item: AccountItem) -> Result<StoredAccount, StoreError> {
    let id = AccountId::from_store(&item.account_id)
        .ok_or_else(|| StoreError::Internal("unreadable account_id".into()))?;
    let credential_version = item.credential_version;
    let account = Account {
        username: username.clone(),
        id,
        credential_version,
    };
    Ok(StoredAccount {
        account,
        password_hash: item.password_hash,
        closed: item.closed,
    })
}
