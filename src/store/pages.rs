//! Lists of tasks, a page at a time.

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use super::call::record_capacity;
use super::items as item;
use super::items::Item;
use super::query_plan::{Plan, Range};
use super::tasks::task;
use super::{Store, StoreError, cursor, s};
use crate::domain::account::Account;
use crate::domain::page::{Limit, TaskQuery};
use crate::domain::task::Task;

/// Some tasks of a list, and where the others begin.
pub struct Page {
    pub tasks: Vec<Task>,
    /// The cursor of the next page, if there may be more.
    pub next: Option<String>,
}

/// How often one page asks DynamoDB, each time for at most a megabyte or 1,000 tasks.
const QUERIES: usize = 4;

/// How many bytes of text a page holds before it ends: escaped twice, as Lambda's answer is, they
/// stay under its limit of 6 MB.
const PAGE_BYTES: usize = 1_000_000;

impl Store {
    /// A page of `owner`'s list. `InvalidCursor` when its cursor is of another list. One Query, up to
    /// four when filters drop what was read.
    pub async fn list_tasks(&self, owner: &Account, query: &TaskQuery) -> Result<Page, StoreError> {
        let plan = Plan::new(&query.filter, query.effective_sort());
        let limit = query.limit.unwrap_or(Limit::MAX);
        let read_at_once = if plan.exact { limit } else { Limit::MAX };
        let mut start = match &query.cursor {
            Some(cursor) => Some(start_key(owner, query, &plan, cursor)?),
            None => None,
        };
        let mut page = Page {
            tasks: Vec::new(),
            next: None,
        };
        let mut bytes = 0;
        for _ in 0..QUERIES {
            let read = self.read_range(owner, &plan, read_at_once, start).await?;
            let items = read.items.unwrap_or_default();
            let mut items = items.into_iter();
            for item in items.by_ref() {
                let key = index_key(&plan, &item)?;
                let Some(task) = task(item)?.filter(|task| query.filter.matches(task)) else {
                    continue;
                };
                bytes += text_bytes(&task);
                page.tasks.push(task);
                if page.tasks.len() == usize::from(limit.get()) || bytes >= PAGE_BYTES {
                    let more = items.len() > 0 || read.last_evaluated_key.is_some();
                    page.next = more.then(|| cursor::write(owner, query, &key));
                    return Ok(page);
                }
            }
            start = read.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        if let Some(last) = start {
            page.next = Some(cursor::write(owner, query, &index_key(&plan, &last)?));
        }
        Ok(page)
    }

    async fn read_range(
        &self,
        owner: &Account,
        plan: &Plan,
        limit: Limit,
        start: Option<Item>,
    ) -> Result<QueryOutput, StoreError> {
        let mut values = Item::from([(":pk".to_owned(), s(item::tasks_partition(owner)))]);
        let part = match &plan.range {
            Range::Nothing => return Ok(QueryOutput::builder().build()),
            Range::All => String::new(),
            Range::Prefix(prefix) => {
                values.insert(":prefix".to_owned(), s(prefix));
                format!(" AND begins_with({}, :prefix)", plan.attribute)
            }
            Range::Between(first, last) => {
                values.insert(":first".to_owned(), s(first));
                values.insert(":last".to_owned(), s(last));
                format!(" AND {} BETWEEN :first AND :last", plan.attribute)
            }
        };
        let read = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(plan.index.map(str::to_owned))
            .consistent_read(true)
            .key_condition_expression(format!("pk = :pk{part}"))
            .set_expression_attribute_values(Some(values))
            .scan_index_forward(plan.forward)
            .limit(limit.get().into())
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await?;
        record_capacity(read.consumed_capacity());
        Ok(read)
    }
}

/// Where DynamoDB goes on after `cursor`.
fn start_key(
    owner: &Account,
    query: &TaskQuery,
    plan: &Plan,
    cursor: &str,
) -> Result<Item, StoreError> {
    let key = cursor::read(owner, query, cursor).ok_or(StoreError::InvalidCursor)?;
    let id = plan.task_at(&key).ok_or(StoreError::InvalidCursor)?;
    let mut start = item::task_item_key(owner, id).unwrap_or_default();
    start.insert(plan.attribute.to_owned(), s(key));
    Ok(start)
}

fn index_key(plan: &Plan, item: &Item) -> Result<String, StoreError> {
    let key = item.get(plan.attribute).and_then(|value| value.as_s().ok());
    key.cloned()
        .ok_or_else(|| StoreError::Internal("an item without its index's key".into()))
}

fn text_bytes(task: &Task) -> usize {
    task.title.as_str().len() + task.description.as_str().len() + 300
}
