//! What a tool is called with.

use serde_json::value::RawValue;

use crate::api::request::{MergePatch, READ_ONLY, RequestBody, TaskQueryParams};
use crate::api::tasks::NewTask;
use crate::domain::json::{self, FromJson, InvalidInput, Members, Problem};
use crate::domain::list::ListId;
use crate::domain::page::TaskQuery;
use crate::domain::task::{TaskChanges, TaskContent, TaskId};

/// How many tasks one call may be about.
pub const MAX_ITEMS: usize = 25;
/// How many tasks are found without a `limit`: a conversation is shorter than a page.
pub const DEFAULT_LIMIT: u16 = 50;

/// Reads the arguments of a call.
pub fn read<T>(
    arguments: Option<&RawValue>,
    read: impl FnOnce(&mut Members<'_>) -> Result<T, InvalidInput>,
) -> Result<T, InvalidInput> {
    read_object(arguments.map_or("{}", RawValue::get), "arguments", read)
}

fn read_object<T>(
    json: &str,
    name: &'static str,
    read: impl FnOnce(&mut Members<'_>) -> Result<T, InvalidInput>,
) -> Result<T, InvalidInput> {
    if !json.starts_with('{') {
        return Err(InvalidInput::field(name, "must be an object"));
    }
    Members::read(json.as_bytes(), read)
}

/// A list by its URI, or by its name.
pub enum ListReference {
    Uri(ListId),
    Name(String),
}

impl FromJson for ListReference {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        match ListId::from_json(json) {
            Ok(id) => Ok(Self::Uri(id)),
            Err(_) => json::typed(json, "a string").map(Self::Name),
        }
    }
}

/// A task by its URI. Of that only the end counts: the service may be reached by several hosts.
pub struct TaskReference(pub TaskId);

impl FromJson for TaskReference {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let uri: String = json::typed(json, "a string")?;
        let id = uri.rsplit_once("/tasks/").map(|(_, id)| id);
        id.and_then(|id| id.parse().ok())
            .map(Self)
            .ok_or_else(|| Problem::invalid("must be the URI of a task, as find_tasks gives it"))
    }
}

/// One entry of an array, which is judged by itself.
pub struct Entry(pub Box<RawValue>);

impl FromJson for Entry {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        Ok(Self(json.to_owned()))
    }
}

/// The entries of a call: at least one.
pub struct Entries(pub Vec<Entry>);

impl FromJson for Entries {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        match json::array(json, MAX_ITEMS)? {
            none if none.is_empty() => Err(Problem::invalid("must have at least one entry")),
            entries => Ok(Self(entries)),
        }
    }
}

/// A parameter of a query: a text, or a number or a boolean as it is written.
struct Text(String);

impl FromJson for Text {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        match json.get() {
            raw if raw.starts_with(['{', '[']) || raw == "null" => {
                Err(Problem::WrongType("a string, a number, or true or false"))
            }
            raw if raw.starts_with('"') => json::typed(json, "a string").map(Self),
            raw => Ok(Self(raw.to_owned())),
        }
    }
}

/// An idempotency key, as in the header of that name.
pub struct IdempotencyKey(pub String);

impl FromJson for IdempotencyKey {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let key: String = json::typed(json, "a string")?;
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible || !(1..=255).contains(&key.len()) {
            return Err(Problem::invalid(
                "must be 1 to 255 visible ASCII characters",
            ));
        }
        Ok(Self(key))
    }
}

/// The arguments of `find_tasks`: the parameters of a query, by their names.
pub fn query(
    members: &mut Members<'_>,
) -> Result<(Option<ListReference>, TaskQueryParams), InvalidInput> {
    let list = members.optional("list")?;
    let query = TaskQueryParams::read(|name| {
        let text = members.optional::<Text>(name)?;
        Ok(text.map(|Text(text)| text))
    })?;
    Ok((list, query))
}

/// The query in a list, or in all of them.
pub fn in_list(query: TaskQueryParams, list: Option<ListId>) -> Result<TaskQuery, InvalidInput> {
    let query = match list {
        Some(list) => query.of_list(list),
        None => query.of_all_lists()?,
    };
    let limit = query
        .limit
        .or_else(|| DEFAULT_LIMIT.to_string().parse().ok());
    Ok(TaskQuery { limit, ..query })
}

/// A task to be added, and its list.
pub fn new_task(entry: &RawValue) -> Result<(Option<ListReference>, TaskContent), InvalidInput> {
    read_object(entry.get(), "the task", |members| {
        members.ignore(READ_ONLY);
        let list = members.optional("list")?;
        Ok((list, NewTask::read(members)?.in_any_list()))
    })
}

/// A change of a task.
pub struct Change {
    pub task: TaskId,
    pub list: Option<ListReference>,
    pub changes: TaskChanges,
}

impl Change {
    /// As a merge patch: null resets a member.
    pub fn read(entry: &RawValue) -> Result<Self, InvalidInput> {
        read_object(entry.get(), "the task", |members| {
            let TaskReference(task) = members.value("uri")?;
            members.ignore(READ_ONLY);
            let list = members.optional::<Option<ListReference>>("list")?;
            let inbox = ListReference::Uri(ListId::INBOX);
            let list = list.map(|list| list.unwrap_or(inbox));
            let MergePatch(changes) = MergePatch::read(members)?;
            Ok(Self {
                task,
                list,
                changes,
            })
        })
    }
}

/// A task's URI in an array of them.
pub fn task(entry: &RawValue) -> Result<TaskId, InvalidInput> {
    TaskReference::from_json(entry)
        .map(|TaskReference(id)| id)
        .map_err(|problem| InvalidInput::field("uri", problem))
}

/// What was sent as `field` of an entry, where that is short: a model corrects what it sees.
pub fn sent<'a>(entry: &'a RawValue, field: &str) -> Option<&'a str> {
    const MAX_BYTES: usize = 80;
    let members: std::collections::HashMap<String, &RawValue> =
        serde_json::from_str(entry.get()).unwrap_or_default();
    let sent = match members.get(field) {
        Some(sent) => sent.get(),
        None if entry.get().starts_with('"') => entry.get(),
        None => return None,
    };
    (sent.len() <= MAX_BYTES).then_some(sent)
}
