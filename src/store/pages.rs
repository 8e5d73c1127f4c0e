//! Collections of tasks, one page at a time.

use futures_util::future::try_join;

use super::attributes::{Item, required_text, s};
use super::query::{Query, QueryPage};
use super::query_plan::Plan;
use super::schema::Index;
use super::{Store, StoreError, cursor, items, schema};
use crate::domain::account::Account;
use crate::domain::list::ListId;
use crate::domain::page::{Limit, TaskQuery};
use crate::domain::task::Task;

/// Some tasks of a collection.
pub struct Page {
    pub tasks: Vec<Task>,
    /// The cursor of the next page; `None` when there is none.
    pub next: Option<String>,
}

/// How many Query calls one page may take, each of at most a megabyte or 1,000 tasks.
const MAX_QUERIES: usize = 4;

/// How many bytes of text end a page: escaped twice, as in Lambda's response, they stay below its
/// limit of 6 MB.
const PAGE_BYTES: usize = 1_000_000;

impl Store {
    /// A page of `owner`'s tasks, of one list or of all. `InvalidCursor` when the cursor belongs to
    /// another query, `NotFound` when there is no such list. One Query, up to four when filters or
    /// the trash drop what was read, and at the same time a GetItem for a list other than the inbox.
    pub async fn list_tasks(&self, owner: &Account, query: &TaskQuery) -> Result<Page, StoreError> {
        let plan = Plan::new(query);
        let range = range_query(owner, query, &plan)?;
        let page = self.read_page(owner, query, &plan, range);
        match query.list {
            None | Some(ListId::INBOX) => page.await,
            Some(list) => {
                let (_, page) = try_join(self.read_list(owner, list), page).await?;
                Ok(page)
            }
        }
    }

    async fn read_page(
        &self,
        owner: &Account,
        query: &TaskQuery,
        plan: &Plan,
        mut range: Query,
    ) -> Result<Page, StoreError> {
        let limit = query.limit.unwrap_or(Limit::MAX);
        let mut page = Page {
            tasks: Vec::new(),
            next: None,
        };
        let mut bytes = 0;
        for _ in 0..MAX_QUERIES {
            let read = self.query(range.clone()).await?;
            let mut items = read.items.into_iter();
            while let Some(item) = items.next() {
                let Some(task) = items::live_task(&item)?.filter(|task| query.matches(task)) else {
                    continue;
                };
                bytes += text_bytes(&task);
                page.tasks.push(task);
                if page.tasks.len() == usize::from(limit.get()) || bytes >= PAGE_BYTES {
                    if items.len() > 0 || read.last_key.is_some() {
                        page.next = Some(cursor_after(owner, query, plan, &item)?);
                    }
                    return Ok(page);
                }
            }
            // The table itself holds the trash too. Most pages are full without looking past it, so
            // only when this one is not, the rest is read in the largest steps.
            if plan.includes_trash() {
                range.limit = Some(Limit::MAX.get().into());
            }
            range.start = read.last_key;
            if range.start.is_none() {
                return Ok(page);
            }
        }
        if let Some(last_key) = &range.start {
            page.next = Some(cursor_after(owner, query, plan, last_key)?);
        }
        Ok(page)
    }
}

/// What a Query of an index returned, as far as it fits a page: `read` also says how much room an item
/// takes. Where something is left, the index key that the next page comes after.
pub(super) fn first_page<T>(
    range: &QueryPage,
    index: Index,
    read: impl Fn(&Item) -> Result<(T, usize), StoreError>,
) -> Result<(Vec<T>, Option<String>), StoreError> {
    let (mut entries, mut bytes, mut last) = (Vec::new(), 0, None);
    let mut items = range.items.iter();
    while bytes < PAGE_BYTES
        && let Some(item) = items.next()
    {
        let (entry, size) = read(item)?;
        entries.push(entry);
        bytes += size;
        last = Some(item);
    }
    let last = last.filter(|_| items.len() > 0 || range.last_key.is_some());
    let last = last.map(|item| required_text(item, index.sort_attribute));
    Ok((entries, last.transpose()?))
}

/// The Query that reads what the plan says, from the cursor on.
fn range_query(owner: &Account, query: &TaskQuery, plan: &Plan) -> Result<Query, StoreError> {
    let limit = query.limit.filter(|_| plan.exact).unwrap_or(Limit::MAX);
    let cursor = query.cursor.as_ref();
    let start = cursor.map(|cursor| start_key(owner, query, plan, cursor));
    Ok(Query {
        index: plan.index,
        descending: plan.descending,
        limit: Some(limit.get().into()),
        start: start.transpose()?,
        ..Query::new(schema::tasks_partition(owner.id), plan.range.clone())
    })
}

/// The key that a cursor stands for, in the form in which DynamoDB returns a last key.
fn start_key(
    owner: &Account,
    query: &TaskQuery,
    plan: &Plan,
    cursor: &str,
) -> Result<Item, StoreError> {
    let index_key =
        cursor::decode(owner, &query.identity(), cursor).ok_or(StoreError::InvalidCursor)?;
    let id = plan.task_at(&index_key).ok_or(StoreError::InvalidCursor)?;
    let mut start = schema::task_key(owner, id);
    start.insert(plan.sort_attribute().to_owned(), s(index_key));
    Ok(start)
}

fn cursor_after(
    owner: &Account,
    query: &TaskQuery,
    plan: &Plan,
    item: &Item,
) -> Result<String, StoreError> {
    let index_key = required_text(item, plan.sort_attribute())?;
    Ok(cursor::encode(owner, &query.identity(), &index_key))
}

/// About how much room a task takes in a response.
pub(super) fn text_bytes(task: &Task) -> usize {
    let content = &task.content;
    let tags = content.tags.iter().map(|tag| tag.as_str().len() + 3);
    let steps = content.steps.iter();
    let steps = steps.map(|step| step.title.as_str().len() + 27);
    let texts = content.title.as_str().len() + content.description.as_str().len();
    texts + tags.chain(steps).sum::<usize>() + 450
}
