//! Writes that are applied once. The SDK repeats a write whose response was lost; meanwhile the first
//! attempt may have been applied, and somebody else may have written to the same item.
//!
//! So every attempt of a write carries the same random id, and every item says who created it and
//! which writes were the last four. Only more than three writes of others to the item, between two
//! attempts of one write, could still hide that an attempt was applied.

use super::attributes::{Item, s};
use super::call::Written;
use super::expression::{Condition, Update};
use super::write_id::{NO_WRITE, REGISTER, WriteId, holds};
use super::{Store, StoreError, items};

/// Makes an update put `write` into the item's register, and its condition refuse an item whose
/// register holds it already.
pub fn apply_once(update: &mut Update, condition: Condition, write: &WriteId) -> Condition {
    // Without a read: the right side of a SET is the item as it was before the update.
    for pair in REGISTER.windows(2) {
        update.copy_or(pair[1], pair[0], s(NO_WRITE));
    }
    update.set(REGISTER[0], write.value());
    let register = REGISTER.join(", #");
    condition.and(&format!("NOT :{} IN (#{register})", REGISTER[0]))
}

/// The result of a write that is applied once.
pub enum Outcome {
    /// The write was applied, by this attempt or by an earlier one. This is the item as it is now,
    /// which somebody may have changed or deleted since; empty after a put.
    Applied(Item),
    /// Not applied: this item is there, and not as the condition wants it.
    Changed(Item),
    /// Not applied: there is no item, or it has been deleted.
    Gone,
}

impl Outcome {
    /// The item as it is now. `Changed` or `NotFound` when the write was not applied.
    pub fn into_item(self) -> Result<Item, StoreError> {
        match self {
            Self::Applied(item) => Ok(item),
            Self::Changed(old) => {
                Err(items::version_of(&old).map_or(StoreError::NotFound, StoreError::Changed))
            }
            Self::Gone => Err(StoreError::NotFound),
        }
    }
}

/// What a refused condition means, by the item that refused it.
pub fn judge(old: Item, write: &WriteId) -> Outcome {
    if holds(&old, write) {
        Outcome::Applied(old)
    } else if items::is_gone(&old) {
        Outcome::Gone
    } else {
        Outcome::Changed(old)
    }
}

impl Store {
    /// Creates an item under a key that nothing has. One conditional PutItem.
    pub(super) async fn create_once(
        &self,
        item: Item,
        write: &WriteId,
    ) -> Result<Outcome, StoreError> {
        let written = self.put(item, Condition::no_item()).await?;
        Ok(outcome(written, write))
    }

    /// Changes an item that has a register and meets the condition. One conditional UpdateItem.
    pub(super) async fn update_once(
        &self,
        key: Item,
        mut update: Update,
        condition: Condition,
        write: &WriteId,
    ) -> Result<Outcome, StoreError> {
        let condition = apply_once(&mut update, condition, write);
        let written = self.update(key, update, condition).await?;
        Ok(outcome(written, write))
    }
}

/// What became of a write whose every attempt carries `write`.
pub fn outcome(written: Written, write: &WriteId) -> Outcome {
    match written {
        Written::Done(item) => Outcome::Applied(item),
        Written::Refused { old } => judge(old, write),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::attributes::{item, n};
    use crate::store::write_id::{CREATED_BY, REVOKED_BY};

    #[test]
    fn an_update_moves_the_register_on_and_refuses_itself() {
        let write = WriteId::from("mine");
        let mut update = Update::default();
        update.add("version", n(1));
        let condition = apply_once(&mut update, Condition::new("#version = :v"), &write);
        assert_eq!(
            condition.text,
            "#version = :v AND NOT :write_1 IN (#write_1, #write_2, #write_3, #write_4)"
        );
        assert_eq!(
            update.expression(),
            "SET #write_1 = :write_1, #write_2 = if_not_exists(#write_1, :write_2), \
             #write_3 = if_not_exists(#write_2, :write_3), \
             #write_4 = if_not_exists(#write_3, :write_4) ADD #version :version"
        );
        let values = update.into_values();
        assert_eq!(
            (&values[":write_1"], &values[":write_4"]),
            (&s("mine"), &s("-"))
        );
    }

    #[test]
    fn a_write_is_known_by_each_trace_it_leaves_whatever_the_item_is_now() {
        let write = WriteId::from("mine");
        let deleted = || item([("deleted_at", n(1))]);
        for name in [CREATED_BY, REVOKED_BY].iter().chain(&REGISTER) {
            let mut old = deleted();
            old.insert((*name).to_owned(), write.value());
            assert!(matches!(judge(old, &write), Outcome::Applied(_)), "{name}");
        }
        let foreign = item([("created_by", s("other")), ("write_1", s("-"))]);
        assert!(matches!(judge(foreign, &write), Outcome::Changed(_)));
        assert!(matches!(judge(deleted(), &write), Outcome::Gone));
        assert!(matches!(judge(Item::new(), &write), Outcome::Gone));
        let expired = item([("expires_at", n(1))]);
        assert!(matches!(judge(expired, &write), Outcome::Gone));
    }
}
