//! Changes: everything of an account, each item once, at the time of its last change.
//!
//! A client walks over all of it, and afterwards over what has changed since. The time in an item's key
//! is not that of its commit: it is taken before the write is sent and sent again, and the clocks of
//! environments differ. So an item may appear before the place that a walk has reached, and one that
//! another environment changes may even move back. Both times, though, are at most `MARGIN` apart;
//! so the next walk begins that long before the walk did, by its own clock, and comes to whatever was
//! committed while it lasted. A response shows items as they are when it is made, so of what comes
//! twice the later one counts.

use std::time::Duration;

use super::attributes::{Item, text, unreadable};
use super::pages::{first_page, text_bytes};
use super::query::{Query, Range};
use super::schema::BY_CHANGE;
use super::{Store, StoreError, cursor, items, schema};
use crate::domain::account::Account;
use crate::domain::change::Change;
use crate::domain::page::{Limit, PageQuery};
use crate::domain::time::Timestamp;

/// Longer than a write takes from its time to its commit, and two clocks differ.
const MARGIN: Duration = Duration::from_secs(30);

/// How long a cursor is valid. Tombstones stay for a day longer.
const CURSOR_VALIDITY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What tells the changes from all other collections, in their cursors.
const COLLECTION: &str = "changes";

/// The digits of the time in a cursor.
const BEGAN_DIGITS: usize = 13;

/// About how much room a list takes in a response, but for its name, and a URI.
const LIST_BYTES: usize = 400;
const URI_BYTES: usize = 100;

/// Some changes.
pub struct ChangesPage {
    pub changes: Vec<Change>,
    /// The cursor of what follows.
    pub next: String,
    /// Whether something follows already.
    pub more: bool,
}

/// A place in a walk over the changes, as a cursor holds it.
struct Place {
    /// When the walk began.
    began: Timestamp,
    /// The change key after which it goes on; `None` when it has ended.
    after: Option<String>,
}

impl Store {
    /// A page of `owner`'s changes, in the order of their times, from the beginning or from a cursor on.
    /// `InvalidCursor` when the cursor belongs to another collection, `CursorExpired` when its walk
    /// began more than 30 days ago. One Query.
    pub async fn list_changes(
        &self,
        owner: &Account,
        query: &PageQuery,
    ) -> Result<ChangesPage, StoreError> {
        let now = self.now();
        let place = query.cursor.as_ref();
        let place = place.map(|cursor| Place::read(owner, cursor, now));
        let (began, range) = match place.transpose()? {
            None => (now, Range::All),
            Some(Place { began, after }) => match after {
                Some(key) => (began, Range::After(key)),
                None => (
                    now,
                    Range::After(schema::change_keys_from(began.before(MARGIN))),
                ),
            },
        };
        let read = self.query(Query {
            index: Some(BY_CHANGE),
            limit: Some(query.limit.unwrap_or(Limit::MAX).get().into()),
            ..Query::new(schema::tasks_partition(owner.id), range)
        });
        let (changes, after) = first_page(&read.await?, BY_CHANGE, sized_change)?;
        let more = after.is_some();
        let next = Place { began, after }.cursor(owner);
        Ok(ChangesPage {
            changes,
            next,
            more,
        })
    }
}

impl Place {
    fn cursor(&self, owner: &Account) -> String {
        let after = self.after.as_deref().unwrap_or_default();
        let place = format!("{:0BEGAN_DIGITS$}{after}", self.began.as_millis());
        cursor::encode(owner, &COLLECTION, &place)
    }

    fn read(owner: &Account, cursor: &str, now: Timestamp) -> Result<Self, StoreError> {
        let place = cursor::decode(owner, &COLLECTION, cursor);
        let place = place.as_deref().and_then(Self::parse);
        let place = place.ok_or(StoreError::InvalidCursor)?;
        match now > place.began.after(CURSOR_VALIDITY) {
            true => Err(StoreError::CursorExpired),
            false => Ok(place),
        }
    }

    fn parse(place: &str) -> Option<Self> {
        let (began, after) = place.split_at_checked(BEGAN_DIGITS)?;
        let is_possible = after.is_empty() || schema::is_change_key(after);
        let began = began.parse().ok().filter(|_| is_possible)?;
        Some(Self {
            began: Timestamp::from_millis(began),
            after: (!after.is_empty()).then(|| after.to_owned()),
        })
    }
}

/// What an item of the changes says, and about how much room it takes in a response.
fn sized_change(item: &Item) -> Result<(Change, usize), StoreError> {
    let change = change(item)?;
    let size = match &change {
        Change::Task(task) => text_bytes(task),
        Change::List(list) => list.content.name.as_str().len() + LIST_BYTES,
        Change::DeletedTask(_) | Change::DeletedList(_) => URI_BYTES,
    };
    Ok((change, size))
}

fn change(item: &Item) -> Result<Change, StoreError> {
    let key = text(item, "sk").unwrap_or_default();
    if key.starts_with(schema::LIST_PREFIX) {
        let list = items::live_list(item)?.map(Change::List);
        let id = schema::list_id_of(key).ok_or_else(|| unreadable(item, "sk"))?;
        return Ok(list.unwrap_or(Change::DeletedList(id)));
    }
    let task = items::live_task(item)?.map(Change::Task);
    Ok(task.unwrap_or(Change::DeletedTask(schema::task_id_in(item)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_time_or_a_time_and_a_change_key() {
        let parsed = |place: &str| {
            let place = Place::parse(place)?;
            Some((place.began.as_millis(), place.after))
        };
        let key = "1795334400000#task#000000000007";
        assert_eq!(parsed("1795334400001"), Some((1_795_334_400_001, None)));
        assert_eq!(
            parsed(&format!("1795334400001{key}")),
            Some((1_795_334_400_001, Some(key.to_owned())))
        );
        for forged in [
            "",
            "179533440000",
            "x795334400001",
            "17953344000011",
            "1795334400001trash#",
            "17953344000011795334400000#task#00000000000x",
            "17953344000011795334400000#user#000000000007",
            "17953344000011795334400000#list#000000000007#",
            "1795334400é01",
        ] {
            assert_eq!(parsed(forged), None, "{forged}");
        }
    }
}
