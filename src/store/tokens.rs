//! Tokens: one item each, in one of the 100 slots under the user's name.

use subtle::ConstantTimeEq;

use super::accounts::credentials_are_current;
use super::attributes::{n, s, text};
use super::call::Written;
use super::expression::Condition;
use super::items::StoredAccount;
use super::query::{Query, Range};
use super::transaction::Committed;
use super::{Store, StoreError, items, random, schema};
use crate::domain::account::Account;
use crate::domain::time::Timestamp;
use crate::domain::token::{BearerToken, Slot, Token, TokenContent, TokenId};

impl Store {
    /// The account and the token that a bearer token names, when its secret is right and both are
    /// live and belong together. One BatchGetItem.
    pub async fn read_token(
        &self,
        bearer: &BearerToken,
    ) -> Result<Option<(StoredAccount, Token)>, StoreError> {
        let keys = vec![
            schema::account_key(&bearer.username),
            schema::token_key(&bearer.username, bearer.id.slot),
        ];
        let found = self.get_items(keys).await?;
        let (accounts, tokens): (Vec<_>, Vec<_>) = found
            .iter()
            .partition(|item| text(item, "sk") == Some(schema::ACCOUNT_SORT_KEY));
        let (Some(account), Some(item)) = (accounts.first(), tokens.first()) else {
            return Ok(None);
        };
        let account = items::account(account)?;
        let stored = text(item, "digest").unwrap_or_default();
        let is_secret_right = items::secret_digest(bearer)
            .as_bytes()
            .ct_eq(stored.as_bytes());
        let token = items::live_token(&account.account, item)?
            .filter(|token| token.id == bearer.id && is_secret_right.into());
        Ok(token.map(|token| (account, token)))
    }

    /// The live tokens of `owner`, in order of creation. One Query.
    pub async fn list_tokens(&self, owner: &Account) -> Result<Vec<Token>, StoreError> {
        let partition = schema::user_partition(&owner.username);
        let range = Range::Prefix(schema::TOKEN_PREFIX.to_owned());
        let page = self.query(Query::new(partition, range)).await?;
        let mut tokens = Vec::new();
        for item in page.items {
            tokens.extend(items::live_token(owner, &item)?);
        }
        tokens.sort_by_key(|token| (token.created_at, token.id.slot));
        Ok(tokens)
    }

    /// Creates a token for `owner` in a free slot. `TooManyTokens` when there is none,
    /// `StaleCredentials` when the credentials are no longer those that were verified. One Query and
    /// one transaction, another one for each slot that a concurrent request takes first.
    pub async fn create_token(
        &self,
        owner: &Account,
        content: TokenContent,
    ) -> Result<(Token, BearerToken), StoreError> {
        let (secret, nonce) = (random::bytes()?, random::bytes()?);
        let created_at = Timestamp::now();
        for slot in self.free_slots(owner, nonce[0]).await? {
            let id = TokenId { slot, nonce };
            let token = Token {
                id,
                content: content.clone(),
                created_at,
            };
            let bearer = BearerToken {
                username: owner.username.clone(),
                id,
                secret,
            };
            if self.put_token(owner, &token, &bearer).await? {
                return Ok((token, bearer));
            }
        }
        Err(StoreError::TooManyTokens)
    }

    /// The free slots, rotated at random, so that concurrent requests try different ones first.
    async fn free_slots(&self, owner: &Account, random: u8) -> Result<Vec<Slot>, StoreError> {
        let live = self.list_tokens(owner).await?;
        let mut free: Vec<_> = Slot::all()
            .filter(|slot| live.iter().all(|token| token.id.slot != *slot))
            .collect();
        let first = usize::from(random) % free.len().max(1);
        free.rotate_left(first);
        Ok(free)
    }

    /// `false` when the token's slot holds another live one. One transaction.
    async fn put_token(
        &self,
        owner: &Account,
        token: &Token,
        bearer: &BearerToken,
    ) -> Result<bool, StoreError> {
        let is_free = "attribute_not_exists(#pk) OR #expires_at <= :now \
                       OR #account_id <> :account_id OR #credential_version <> :verified";
        let is_free = Condition::new(is_free)
            .value("now", n(Timestamp::now().as_seconds()))
            .value("account_id", s(owner.id.to_string()))
            .value("verified", n(owner.credential_version));
        let account = schema::account_key(&owner.username);
        let writes = vec![
            self.transact_check(account, credentials_are_current(owner))?,
            self.transact_put(items::new_token(owner, token, bearer), is_free)?,
        ];
        match self.transact(writes).await? {
            Committed::Done => Ok(true),
            Committed::Refused(refused) => match refused.as_slice() {
                [None, Some(_)] => Ok(false),
                _ => Err(StoreError::StaleCredentials(owner.id)),
            },
        }
    }

    /// Deletes a live token of `owner`. `NotFound` when there is none. One conditional DeleteItem.
    pub async fn delete_token(&self, owner: &Account, id: TokenId) -> Result<(), StoreError> {
        let is_live = Condition::new("#nonce = :nonce")
            .and("#expires_at > :now")
            .and("#account_id = :account_id")
            .and("#credential_version = :verified")
            .value("nonce", s(items::nonce(id)))
            .value("now", n(Timestamp::now().as_seconds()))
            .value("account_id", s(owner.id.to_string()))
            .value("verified", n(owner.credential_version));
        let key = schema::token_key(&owner.username, id.slot);
        match self.delete(key, is_live).await? {
            Written::Done(_) => Ok(()),
            // The attempt whose response was lost may have deleted it.
            Written::Refused {
                response_lost: true,
                ..
            } => Ok(()),
            Written::Refused { .. } => Err(StoreError::NotFound),
        }
    }
}
