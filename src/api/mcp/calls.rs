//! What each tool does.

use std::fmt::Write;

use serde_json::value::RawValue;

use super::Caller;
use super::adding::{self, Keys};
use super::arguments::{self, Change, Entries};
use super::data::{FoundLists, FoundTasks};
use super::items::{Attempt, Done, Items};
use super::lists;
use super::results::ToolResult;
use super::tools::Tool;
use super::words::{self, Refusal, counted, line, store_error, today};
use crate::api::error::ApiError;
use crate::api::lists::ListView;
use crate::api::request::{Late, until};
use crate::api::tasks::TaskView;
use crate::domain::task::TaskChanges;
use crate::domain::version::Expected;
use crate::store::StoreError;

/// Calls a tool. What it cannot do is part of the result; an error is one of the credentials.
pub async fn call(
    caller: &Caller<'_>,
    tool: Tool,
    arguments: Option<&RawValue>,
) -> Result<ToolResult, ApiError> {
    let result = match tool {
        Tool::FindTasks => in_time(caller, find_tasks(caller, arguments)).await,
        Tool::ListLists => in_time(caller, list_lists(caller, arguments)).await,
        Tool::AddTasks => add_tasks(caller, arguments).await,
        Tool::UpdateTasks => for_each(caller, tool, "tasks", arguments, update_task).await,
        Tool::CompleteTasks => for_each(caller, tool, "uris", arguments, complete_task).await,
        Tool::DeleteTasks => for_each(caller, tool, "uris", arguments, delete_task).await,
        Tool::RestoreTasks => for_each(caller, tool, "uris", arguments, restore_task).await,
    };
    result.or_else(|error| {
        let refusal = Refusal::of(error)?;
        let refusal = match arguments {
            Some(arguments) => refusal.with_sent(arguments),
            None => refusal,
        };
        Ok(ToolResult::refused(refusal.error))
    })
}

/// What is found until the deadline.
async fn in_time(
    caller: &Caller<'_>,
    search: impl Future<Output = Result<ToolResult, ApiError>>,
) -> Result<ToolResult, ApiError> {
    match until(caller.deadline, search).await {
        Ok(result) => result,
        Err(Late) => Ok(ToolResult::refused(words::time_was_up().to_owned())),
    }
}

/// The DynamoDB calls of one list; with a list's name, one Query more.
async fn find_tasks(
    caller: &Caller<'_>,
    arguments: Option<&RawValue>,
) -> Result<ToolResult, ApiError> {
    let (list, query) = arguments::read(arguments, arguments::query)?;
    let list = match list {
        Some(list) => Some(lists::find(caller, list).await?),
        None => None,
    };
    let query = arguments::in_list(query, list)?;
    let page = caller.app.store.list_tasks(caller.account, &query).await;
    let page = page.map_err(|error| match error {
        // Of a query, a list is what may be missing.
        StoreError::NotFound => store_error(StoreError::NoSuchList),
        other => store_error(other),
    })?;
    let today = today();
    let found = counted(page.tasks.len(), "task");
    let mut text = format!("{found} Today is {today} (UTC).");
    for task in &page.tasks {
        let _ = write!(text, "\n- {}", line(caller.base, task));
    }
    if let Some(cursor) = &page.next {
        let _ = write!(
            text,
            "\nThere may be more: call again with the same arguments and the cursor {cursor}"
        );
    }
    let tasks = page.tasks.iter();
    let tasks = tasks.map(|task| TaskView::new(caller.base, task)).collect();
    let found = FoundTasks {
        tasks,
        next_cursor: page.next,
        today,
    };
    Ok(ToolResult::new(text, &found, false))
}

async fn list_lists(
    caller: &Caller<'_>,
    arguments: Option<&RawValue>,
) -> Result<ToolResult, ApiError> {
    arguments::read(arguments, |_| Ok(()))?;
    let lists = caller.app.store.list_lists(caller.account).await?;
    let mut text = counted(lists.len(), "list");
    for list in &lists {
        let uri = caller.base.list(list.id);
        let name = words::quoted(list.content.name.as_str());
        let _ = write!(text, "\n- {} | {name}", uri.as_str());
    }
    let views = lists.iter().map(|list| ListView::new(caller.base, list));
    let found = FoundLists {
        lists: views.collect(),
    };
    Ok(ToolResult::new(text, &found, false))
}

async fn add_tasks(
    caller: &Caller<'_>,
    arguments: Option<&RawValue>,
) -> Result<ToolResult, ApiError> {
    let (Entries(entries), key) = arguments::read(arguments, |members| {
        let key = members.optional("idempotency_key")?;
        Ok((members.value("tasks")?, key))
    })?;
    let has_key = key.is_some();
    let mut keys = Keys::of(key);
    let mut items = Items::of(caller);
    for entry in entries {
        let attempt = Attempt::new(Tool::AddTasks, entry, has_key);
        let work = adding::add_task(caller, &mut keys, &attempt);
        items.run(&attempt, work).await?;
    }
    Ok(items.result())
}

/// Does `work` with each entry of the argument `name`, for a tool that may be called again.
async fn for_each(
    caller: &Caller<'_>,
    tool: Tool,
    name: &'static str,
    arguments: Option<&RawValue>,
    work: impl AsyncFn(&Caller<'_>, &Attempt) -> Result<Done, ApiError>,
) -> Result<ToolResult, ApiError> {
    let Entries(entries) = arguments::read(arguments, |members| members.value(name))?;
    let mut items = Items::of(caller);
    for entry in entries {
        let attempt = Attempt::new(tool, entry, true);
        items.run(&attempt, work(caller, &attempt)).await?;
    }
    Ok(items.result())
}

async fn update_task(caller: &Caller<'_>, attempt: &Attempt) -> Result<Done, ApiError> {
    let mut change = Change::read(&attempt.entry)?;
    if let Some(list) = change.list {
        change.changes.list = Some(lists::find(caller, list).await?);
    }
    attempt.begin_write();
    let (store, account) = (&caller.app.store, caller.account);
    let updated = store.update_task(account, change.task, change.changes, &change.expected);
    Ok(updated.await.map_err(store_error)?.into())
}

async fn complete_task(caller: &Caller<'_>, attempt: &Attempt) -> Result<Done, ApiError> {
    let id = arguments::task(&attempt.entry)?;
    let changes = TaskChanges {
        done: Some(true),
        ..TaskChanges::default()
    };
    attempt.begin_write();
    let store = &caller.app.store;
    let updated = store.update_task(caller.account, id, changes, &Expected::Anything);
    Ok(updated.await?.into())
}

async fn delete_task(caller: &Caller<'_>, attempt: &Attempt) -> Result<Done, ApiError> {
    let id = arguments::task(&attempt.entry)?;
    attempt.begin_write();
    let store = &caller.app.store;
    let deleted = store.delete_task(caller.account, id, &Expected::Anything);
    deleted.await?;
    Ok(Done::Deleted(caller.base.task(id)))
}

async fn restore_task(caller: &Caller<'_>, attempt: &Attempt) -> Result<Done, ApiError> {
    let id = arguments::task(&attempt.entry)?;
    attempt.begin_write();
    let restored = caller.app.store.restore_task(caller.account, id).await?;
    Ok(restored.into())
}
