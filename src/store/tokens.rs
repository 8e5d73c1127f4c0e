//! Tokens: one item each, in one of the 100 slots under the user's name.

use subtle::ConstantTimeEq;

use super::accounts::credentials_are_current;
use super::attributes::{Item, n, s, text};
use super::expression::{Condition, Update};
use super::items::StoredAccount;
use super::query::{Query, Range};
use super::register::{Outcome, outcome};
use super::transaction::Committed;
use super::write_id::{CREATED_BY, REVOKED_BY, WriteId, holds};
use super::{Store, StoreError, items, random, schema};
use crate::domain::account::Account;
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
        let token = items::live_token(&account.account, item, self.now())?
            .filter(|token| token.id == bearer.id && is_secret_right.into());
        Ok(token.map(|token| (account, token)))
    }

    /// The live tokens of `owner`, in order of creation. One Query.
    pub async fn list_tokens(&self, owner: &Account) -> Result<Vec<Token>, StoreError> {
        let mut tokens = Vec::new();
        for item in self.token_items(owner).await? {
            tokens.extend(items::live_token(owner, &item, self.now())?);
        }
        tokens.sort_by_key(|token| (token.created_at, token.id.slot));
        Ok(tokens)
    }

    /// What is in the slots, live or not. One Query.
    async fn token_items(&self, owner: &Account) -> Result<Vec<Item>, StoreError> {
        let partition = schema::user_partition(&owner.username);
        let range = Range::Prefix(schema::TOKEN_PREFIX.to_owned());
        Ok(self.query(Query::new(partition, range)).await?.items)
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
        let (write, created_at) = (WriteId::random()?, self.now());
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
            if self.put_token(owner, &token, &bearer, &write).await? {
                return Ok((token, bearer));
            }
        }
        Err(StoreError::TooManyTokens)
    }

    /// The free slots, rotated at random, so that concurrent requests try different ones first.
    /// Empty ones come before those of dead tokens: a revocation whose response was lost has to find
    /// its own trace there.
    async fn free_slots(&self, owner: &Account, random: u8) -> Result<Vec<Slot>, StoreError> {
        let (mut empty, mut dead): (Vec<_>, Vec<_>) = (Slot::all().collect(), Vec::new());
        for item in self.token_items(owner).await? {
            let sort_key = text(&item, "sk").unwrap_or_default();
            let slot = empty
                .iter()
                .position(|slot| schema::token_sort_key(*slot) == sort_key)
                .map(|index| empty.remove(index));
            if items::live_token(owner, &item, self.now())?.is_none() {
                dead.extend(slot);
            }
        }
        for slots in [&mut empty, &mut dead] {
            let first = usize::from(random) % slots.len().max(1);
            slots.rotate_left(first);
        }
        Ok([empty, dead].concat())
    }

    /// `false` when the token's slot holds another live one. One transaction.
    async fn put_token(
        &self,
        owner: &Account,
        token: &Token,
        bearer: &BearerToken,
        write: &WriteId,
    ) -> Result<bool, StoreError> {
        // A slot with this write's own token is not free, even when that has been revoked since.
        let is_free = format!(
            "attribute_not_exists(#pk) OR #{CREATED_BY} <> :created_by \
             AND (#expires_at <= :now OR attribute_exists(#{REVOKED_BY}) \
             OR #account_id <> :account_id OR #credential_version <> :verified)"
        );
        let is_free = Condition::new(&is_free)
            .value(CREATED_BY, write.value())
            .value("now", n(self.now().as_seconds()))
            .value("account_id", s(owner.id.to_string()))
            .value("verified", n(owner.credential_version));
        let account = schema::account_key(&owner.username);
        let writes = vec![
            self.transact_check(account, credentials_are_current(owner))?,
            self.transact_put(items::new_token(owner, token, bearer, write), is_free)?,
        ];
        match self.transact(writes).await? {
            Committed::Done => Ok(true),
            Committed::Refused(refused) => match refused.as_slice() {
                [_, Some(old)] if holds(old, write) => Ok(true),
                [None, Some(_)] => Ok(false),
                _ => Err(StoreError::StaleCredentials(owner.id)),
            },
        }
    }

    /// Revokes a live token of `owner`. `NotFound` when there is none. One conditional UpdateItem.
    pub async fn revoke_token(&self, owner: &Account, id: TokenId) -> Result<(), StoreError> {
        let write = WriteId::random()?;
        let mut update = Update::default();
        update.set(REVOKED_BY, write.value());
        let is_live = Condition::new("#nonce = :nonce")
            .and("attribute_not_exists(#revoked_by)")
            .and("#expires_at > :now")
            .and("#account_id = :account_id")
            .and("#credential_version = :verified")
            .value("nonce", s(items::nonce(id)))
            .value("now", n(self.now().as_seconds()))
            .value("account_id", s(owner.id.to_string()))
            .value("verified", n(owner.credential_version));
        let key = schema::token_key(&owner.username, id.slot);
        match outcome(self.update(key, update, is_live).await?, &write) {
            Outcome::Applied(_) => Ok(()),
            Outcome::Changed(_) | Outcome::Gone => Err(StoreError::NotFound),
        }
    }
}
