//! What each tool does.

use std::fmt::Write;

use serde_json::value::RawValue;
use tokio::time::{Instant, timeout_at};

use super::Caller;
use super::arguments::{self, Change, Entries, Entry, IdempotencyKey};
use super::data::{FoundLists, FoundTasks};
use super::items::{self, Done};
use super::lists::Lists;
use super::results::ToolResult;
use super::tools::Tool;
use super::words::{Refusal, counted, line, today};
use crate::api::error::ApiError;
use crate::api::lists::ListView;
use crate::api::tasks::TaskView;
use crate::domain::task::TaskChanges;
use crate::domain::version::Expected;
use crate::store::idempotency::{Created, IdempotentRequest};

/// Calls a tool. What it cannot do is part of the result; an error is one of the credentials.
pub async fn call(
    caller: &Caller<'_>,
    tool: Tool,
    arguments: Option<&RawValue>,
) -> Result<ToolResult, ApiError> {
    let result = match tool {
        Tool::FindTasks => find_tasks(caller, arguments).await,
        Tool::ListLists => list_lists(caller, arguments).await,
        Tool::AddTasks => add_tasks(caller, arguments).await,
        Tool::UpdateTasks | Tool::CompleteTasks | Tool::DeleteTasks | Tool::RestoreTasks => {
            each_task(caller, tool, arguments).await
        }
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

/// The DynamoDB calls of one list; with a list's name, one Query more.
async fn find_tasks(
    caller: &Caller<'_>,
    arguments: Option<&RawValue>,
) -> Result<ToolResult, ApiError> {
    let (list, query) = arguments::read(arguments, arguments::query)?;
    let list = match list {
        Some(list) => Some(Lists::default().find(caller, list).await?),
        None => None,
    };
    let query = arguments::in_list(query, list)?;
    let page = caller.app.store.list_tasks(caller.account, &query).await;
    let page = page.map_err(|error| no_such_list(error.into()))?;
    let today = today();
    let mut text = format!("{} Today is {today}.", counted(page.tasks.len(), "task"));
    for task in &page.tasks {
        let _ = write!(text, "\n- {}", line(caller.base, task));
    }
    if let Some(cursor) = &page.next {
        let _ = write!(
            text,
            "\nThere may be more: call again with the cursor {cursor}"
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

/// Of a query, a list is what may be missing.
fn no_such_list(error: ApiError) -> ApiError {
    match error {
        ApiError::NotFound => crate::store::StoreError::NoSuchList.into(),
        other => other,
    }
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
        let _ = write!(
            text,
            "\n- {} | {}",
            list.content.name.as_str(),
            uri.as_str()
        );
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
        let key = members.optional::<IdempotencyKey>("idempotency_key")?;
        Ok((members.value("tasks")?, key))
    })?;
    let mut lists = Lists::default();
    let mut done = Vec::with_capacity(entries.len());
    for (number, Entry(entry)) in entries.iter().enumerate() {
        // No header can hold a line break, so no other request has such a key.
        let key = key
            .as_ref()
            .map(|IdempotencyKey(key)| format!("{key}\n{number}"));
        let added = add_task(caller, &mut lists, entry, key);
        done.push(in_time(caller, entry, added).await?);
    }
    Ok(items::result(caller.base, &done))
}

async fn add_task(
    caller: &Caller<'_>,
    lists: &mut Lists,
    entry: &RawValue,
    key: Option<String>,
) -> Result<Done, ApiError> {
    let (list, mut content) = arguments::new_task(entry)?;
    if let Some(list) = list {
        content.list = lists.find(caller, list).await?;
    }
    let (store, account) = (&caller.app.store, caller.account);
    let Some(key) = key else {
        return Ok(store.create_task(account, content).await?.into());
    };
    let request = IdempotentRequest::new(&key, content.list, entry.get().as_bytes());
    let created = store.create_task_idempotently(account, content, &request);
    match created.await? {
        Created::First(task) | Created::Again(task) => Ok(task.into()),
    }
}

/// A tool that does something with each of some tasks that are there.
async fn each_task(
    caller: &Caller<'_>,
    tool: Tool,
    arguments: Option<&RawValue>,
) -> Result<ToolResult, ApiError> {
    let name = match tool {
        Tool::UpdateTasks => "tasks",
        _ => "uris",
    };
    let Entries(entries) = arguments::read(arguments, |members| members.value(name))?;
    let mut lists = Lists::default();
    let mut done = Vec::with_capacity(entries.len());
    for Entry(entry) in &entries {
        let item = async {
            match tool {
                Tool::UpdateTasks => update_task(caller, &mut lists, entry).await,
                Tool::CompleteTasks => complete_task(caller, entry).await,
                Tool::RestoreTasks => restore_task(caller, entry).await,
                _ => delete_task(caller, entry).await,
            }
        };
        done.push(in_time(caller, entry, item).await?);
    }
    Ok(items::result(caller.base, &done))
}

async fn update_task(
    caller: &Caller<'_>,
    lists: &mut Lists,
    entry: &RawValue,
) -> Result<Done, ApiError> {
    let Change {
        task,
        list,
        mut changes,
    } = Change::read(entry)?;
    if let Some(list) = list {
        changes.list = Some(lists.find(caller, list).await?);
    }
    let store = &caller.app.store;
    let updated = store.update_task(caller.account, task, changes, &Expected::Anything);
    Ok(updated.await?.into())
}

async fn complete_task(caller: &Caller<'_>, entry: &RawValue) -> Result<Done, ApiError> {
    let id = arguments::task(entry)?;
    let changes = TaskChanges {
        done: Some(true),
        ..TaskChanges::default()
    };
    let store = &caller.app.store;
    let updated = store.update_task(caller.account, id, changes, &Expected::Anything);
    Ok(updated.await?.into())
}

async fn delete_task(caller: &Caller<'_>, entry: &RawValue) -> Result<Done, ApiError> {
    let id = arguments::task(entry)?;
    let store = &caller.app.store;
    store
        .delete_task(caller.account, id, &Expected::Anything)
        .await?;
    Ok(Done::Deleted(caller.base.task(id)))
}

async fn restore_task(caller: &Caller<'_>, entry: &RawValue) -> Result<Done, ApiError> {
    let id = arguments::task(entry)?;
    let restored = caller.app.store.restore_task(caller.account, id).await?;
    Ok(restored.into())
}

/// What becomes of one task until the deadline. An error does not stop the others, unless it is one of
/// the credentials.
async fn in_time(
    caller: &Caller<'_>,
    entry: &RawValue,
    work: impl Future<Output = Result<Done, ApiError>>,
) -> Result<Done, ApiError> {
    // A timeout would let the work begin.
    let done = match Instant::now() < caller.deadline {
        true => timeout_at(caller.deadline, work).await,
        false => Ok(Err(ApiError::deadline_passed())),
    };
    let done = done.unwrap_or_else(|_| Err(ApiError::deadline_passed()));
    done.or_else(|error| Ok(Done::Refused(Refusal::of(error)?.with_sent(entry))))
}
