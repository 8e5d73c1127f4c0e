//! The tasks that a calendar shows.

use super::query::{Query, Range};
use super::schema::BY_DUE;
use super::{Store, StoreError, items, schema};
use crate::domain::account::Account;
use crate::domain::due::Day;
use crate::domain::page::Limit;
use crate::domain::task::Task;

/// How many Query calls a calendar may take, each of at most a megabyte or 1,000 tasks, done ones among
/// them.
const MAX_QUERIES: usize = 16;

impl Store {
    /// Gives `take` the open tasks of `owner` that are due on `first` or later, the soonest first, until
    /// it returns `false`. Whether it has got all of them: up to 16 Query calls are made.
    pub async fn read_open_tasks_due_from(
        &self,
        owner: &Account,
        first: Day,
        mut take: impl FnMut(&Task) -> bool + Send,
    ) -> Result<bool, StoreError> {
        // In a key, a date is followed by `#` or by `T`; `U` sorts after both.
        let range = Range::Between(first.to_string(), "9999-12-31U".to_owned());
        let mut query = Query {
            index: Some(BY_DUE),
            limit: Some(Limit::MAX.get().into()),
            ..Query::new(schema::tasks_partition(owner.id), range)
        };
        for _ in 0..MAX_QUERIES {
            let page = self.query(query.clone()).await?;
            for item in &page.items {
                let task = items::live_task(item)?.filter(|task| !task.content.done);
                if task.is_some_and(|task| !take(&task)) {
                    return Ok(false);
                }
            }
            query.start = page.last_key;
            if query.start.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
