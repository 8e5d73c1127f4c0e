//! Tokens: one item each, in one of the 100 places under the user's name. Of a token's secret only
//! the digest is kept.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::{ConditionCheck, Put, ReturnConsumedCapacity, TransactWriteItem};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::accounts::{IS_CURRENT, StoredAccount, account_key, stored_account};
use super::call::LostReplies;
use super::call::record_capacity;
use super::items as item;
use super::items::Item;
use super::transaction::{Outcome, Refusal};
use super::{Store, StoreError, n, s};
use crate::domain::account::{Account, Username};
use crate::domain::time::Timestamp;
use crate::domain::token::{BearerToken, Label, Scope, Slot, Token, TokenDuration, TokenId};

pub(super) const TOKEN_PREFIX: &str = "token#";

#[derive(Deserialize, Serialize)]
struct TokenItem {
    pk: String,
    sk: String,
    nonce: String,
    digest: String,
    account_id: String,
    credential_version: u64,
    label: String,
    scope: Scope,
    lifetime: u32,
    created_at: i64,
    /// In seconds, for DynamoDB's TTL. The clock is asked before that.
    expires_at: i64,
}

impl Store {
    /// The account and the token that a bearer of `token` shows, when they belong together and are
    /// both alive. One BatchGetItem.
    pub async fn read_token(
        &self,
        token: &BearerToken,
    ) -> Result<Option<(StoredAccount, Token)>, StoreError> {
        let keys = [
            account_key(&token.username),
            token_key(&token.username, token.id.slot),
        ];
        let items = self.read_items(keys).await?;
        let (accounts, tokens): (Vec<_>, Vec<_>) = items
            .into_iter()
            .partition(|item| item.get("sk") == Some(&s(item::ACCOUNT)));
        let account = accounts
            .into_iter()
            .next()
            .map(stored_account)
            .transpose()?;
        let stored = tokens
            .into_iter()
            .next()
            .map(item::read::<TokenItem>)
            .transpose()?;
        let (Some(account), Some(stored)) = (account, stored) else {
            return Ok(None);
        };
        let same = digest(token).as_bytes().ct_eq(stored.digest.as_bytes());
        let current = live_token(&account.account, stored)?.filter(|found| found.id == token.id);
        Ok(current
            .filter(|_| same.into())
            .map(|found| (account, found)))
    }

    /// The live tokens of `owner`, in order of creation. One Query.
    pub async fn list_tokens(&self, owner: &Account) -> Result<Vec<Token>, StoreError> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :token)")
            .expression_attribute_values(":pk", s(item::user_partition(&owner.username)))
            .expression_attribute_values(":token", s(TOKEN_PREFIX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await?;
        record_capacity(page.consumed_capacity());
        let mut tokens = Vec::new();
        for item in page.items.unwrap_or_default() {
            tokens.extend(live_token(owner, item::read(item)?)?);
        }
        tokens.sort_by_key(|token| (token.created_at, token.id.slot));
        Ok(tokens)
    }

    /// Makes a token for `owner` in a slot that is free. `TooManyTokens` when none is;
    /// `StaleCredentials` when the account is not what it was when its credentials were verified.
    /// One Query, and a transaction of a condition on the account and the token's PutItem.
    pub async fn create_token(
        &self,
        owner: &Account,
        label: Label,
        scope: Scope,
        lifetime: TokenDuration,
    ) -> Result<(Token, BearerToken), StoreError> {
        let mut secret = [0; 32];
        let mut nonce = [0; 8];
        super::random(&mut secret)?;
        super::random(&mut nonce)?;
        let created_at = Timestamp::now();
        let taken = self.list_tokens(owner).await?;
        let mut free: Vec<_> = Slot::all()
            .filter(|slot| taken.iter().all(|token| token.id.slot != *slot))
            .collect();
        // Those who ask at the same time begin to look in different places.
        let begin = usize::from(nonce[0]) % free.len().max(1);
        free.rotate_left(begin);
        for slot in free {
            let id = TokenId { slot, nonce };
            let token = Token {
                id,
                label: label.clone(),
                scope,
                lifetime,
                created_at,
            };
            let bearer = BearerToken {
                username: owner.username.clone(),
                id,
                secret,
            };
            match self.put_token(owner, &token, &bearer).await? {
                Outcome::Done => return Ok((token, bearer)),
                Outcome::Refused(refusals) => match refusals.as_slice() {
                    [Refusal::Condition(_), _] => {
                        return Err(StoreError::StaleCredentials(owner.id));
                    }
                    // Somebody else was quicker to take the slot.
                    [_, Refusal::Condition(_)] => {}
                    _ => {
                        return Err(StoreError::Internal(
                            "a token was refused for nothing".into(),
                        ));
                    }
                },
            }
        }
        Err(StoreError::TooManyTokens)
    }

    async fn put_token(
        &self,
        owner: &Account,
        token: &Token,
        bearer: &BearerToken,
    ) -> Result<Outcome, StoreError> {
        let internal = |error| StoreError::Internal(Box::new(error));
        let account = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(account_key(&owner.username))
            .condition_expression(IS_CURRENT)
            .expression_attribute_values(":account_id", s(owner.id.to_string()))
            .expression_attribute_values(":verified", n(owner.credential_version))
            .build()
            .map_err(internal)?;
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::write(token_item(owner, token, bearer))?))
            .condition_expression(
                "attribute_not_exists(pk) OR expires_at <= :now OR account_id <> :account_id \
                 OR credential_version <> :verified",
            )
            .expression_attribute_values(":now", n(Timestamp::now().as_seconds()))
            .expression_attribute_values(":account_id", s(owner.id.to_string()))
            .expression_attribute_values(":verified", n(owner.credential_version))
            .build()
            .map_err(internal)?;
        let check = TransactWriteItem::builder()
            .condition_check(account)
            .build();
        self.transact(vec![check, TransactWriteItem::builder().put(put).build()])
            .await
    }

    /// Ends a live token of `owner`. `NotFound` when there is none. One conditional DeleteItem.
    pub async fn delete_token(&self, owner: &Account, id: TokenId) -> Result<(), StoreError> {
        let lost = LostReplies::default();
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(token_key(&owner.username, id.slot))
            .condition_expression(
                "nonce = :nonce AND expires_at > :now AND account_id = :account_id \
                 AND credential_version = :verified",
            )
            .expression_attribute_values(":nonce", s(nonce(id)))
            .expression_attribute_values(":now", n(Timestamp::now().as_seconds()))
            .expression_attribute_values(":account_id", s(owner.id.to_string()))
            .expression_attribute_values(":verified", n(owner.credential_version))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .customize()
            .interceptor(lost.clone())
            .send()
            .await;
        let error = match deleted {
            Ok(deleted) => {
                record_capacity(deleted.consumed_capacity());
                return Ok(());
            }
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => lost.not_found(),
            _ => Err(error.into()),
        }
    }
}

fn token_key(username: &Username, slot: Slot) -> Option<Item> {
    item::key(
        item::user_partition(username),
        format!("{TOKEN_PREFIX}{slot}"),
    )
}

fn nonce(id: TokenId) -> String {
    URL_SAFE_NO_PAD.encode(id.nonce)
}

/// SHA-256 is enough for 32 random bytes: there is nothing to guess.
fn digest(token: &BearerToken) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.secret))
}

fn token_item(owner: &Account, token: &Token, bearer: &BearerToken) -> TokenItem {
    TokenItem {
        pk: item::user_partition(&owner.username),
        sk: format!("{TOKEN_PREFIX}{}", token.id.slot),
        nonce: nonce(token.id),
        digest: digest(bearer),
        account_id: owner.id.to_string(),
        credential_version: owner.credential_version,
        label: token.label.as_str().to_owned(),
        scope: token.scope,
        lifetime: token.lifetime.seconds(),
        created_at: token.created_at.as_millis(),
        expires_at: token.expires_at().as_seconds(),
    }
}

/// The token in an item, if it is `owner`'s as of their credentials now, and has not expired.
fn live_token(owner: &Account, item: TokenItem) -> Result<Option<Token>, StoreError> {
    let unreadable = || StoreError::Internal(format!("unreadable {}", item.sk).into());
    let slot = item.sk.strip_prefix(TOKEN_PREFIX).ok_or_else(unreadable)?;
    let token = Token {
        id: format!("{slot}-{}", item.nonce)
            .parse()
            .map_err(|_| unreadable())?,
        lifetime: TokenDuration::from_store(item.lifetime),
        label: Label::from_store(item.label),
        scope: item.scope,
        created_at: Timestamp::from_millis(item.created_at),
    };
    let current = item.account_id == owner.id.to_string()
        && item.credential_version == owner.credential_version;
    let alive = Timestamp::now() < token.expires_at();
    Ok((current && alive).then_some(token))
}
