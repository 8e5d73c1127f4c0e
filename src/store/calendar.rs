//! The tasks that a calendar shows.

use super::query::{Query, Range};
use super::schema::BY_DUE;
use super::{Store, StoreError, items, schema};
use crate::domain::account::Account;
use crate::domain::due::Day;
use crate::domain::page::Limit;
use crate::domain::task::Task;

/// How many Query calls a calendar may take, each of at most a megabyte or 1,000 tasks, done ones among
/// them. Most of what is overdue by its date is done, and must not keep the upcoming tasks out.
const UPCOMING_QUERIES: usize = 8;
const OVERDUE_QUERIES: usize = 4;

/// Why reading has ended.
enum End {
    AllRead,
    OutOfQueries,
    Refused,
}

impl Store {
    /// Gives `take` the open tasks of `owner` that are due on `first` or later, until it returns `false`:
    /// those due from `today` on, the soonest first, then the overdue ones, the latest first. Whether it
    /// has got all of them: up to 8 Query calls are made for the former and 4 for the latter.
    pub async fn read_open_tasks_due_from(
        &self,
        owner: &Account,
        first: Day,
        today: Day,
        mut take: impl FnMut(&Task) -> bool + Send,
    ) -> Result<bool, StoreError> {
        let (first, today) = (first.to_string(), today.to_string());
        let query = |range, descending| Query {
            index: Some(BY_DUE),
            limit: Some(Limit::MAX.get().into()),
            descending,
            ..Query::new(schema::tasks_partition(owner.id), range)
        };
        // In a key, a date is followed by `#` or by `T`; `U` sorts after both, the end before both.
        let upcoming = query(
            Range::Between(today.clone(), "9999-12-31U".to_owned()),
            false,
        );
        let overdue = query(Range::Between(first, today), true);
        let upcoming = self
            .take_open_tasks(upcoming, UPCOMING_QUERIES, &mut take)
            .await?;
        if let End::Refused = upcoming {
            return Ok(false);
        }
        let overdue = self
            .take_open_tasks(overdue, OVERDUE_QUERIES, &mut take)
            .await?;
        Ok(matches!((upcoming, overdue), (End::AllRead, End::AllRead)))
    }

    async fn take_open_tasks(
        &self,
        mut query: Query,
        max_queries: usize,
        take: &mut (impl FnMut(&Task) -> bool + Send),
    ) -> Result<End, StoreError> {
        for _ in 0..max_queries {
            let page = self.query(query.clone()).await?;
            for item in &page.items {
                let task = items::live_task(item)?.filter(|task| !task.content.done);
                if task.is_some_and(|task| !take(&task)) {
                    return Ok(End::Refused);
                }
            }
            query.start = page.last_key;
            if query.start.is_none() {
                return Ok(End::AllRead);
            }
        }
        Ok(End::OutOfQueries)
    }
}
