//! What a tool is called with.

use serde_json::value::RawValue;

use crate::api::request::{READ_ONLY, RequestBody, TaskQueryParams, version};
use crate::api::tasks::NewTask;
use crate::domain::json::{self, FromJson, InvalidInput, Members, Problem};
use crate::domain::list::ListId;
use crate::domain::page::{Limit, TaskQuery};
use crate::domain::task::{TaskChanges, TaskContent, TaskId};
use crate::domain::version::{Expected, Version};

/// How many tasks one call may be about.
pub const MAX_ITEMS: usize = 25;
/// How many tasks are found without a `limit`: a conversation is shorter than a page.
pub const DEFAULT_LIMIT: Limit = Limit::of::<50>();

/// Reads the arguments of a call. Many models send null for what they do not use.
pub fn read<T>(
    arguments: Option<&RawValue>,
    read: impl FnOnce(&mut Members<'_>) -> Result<T, InvalidInput>,
) -> Result<T, InvalidInput> {
    read_object(
        arguments.map_or("{}", RawValue::get),
        "arguments",
        |members| {
            members.ignore_nulls();
            read(members)
        },
    )
}

fn read_object<T>(
    json: &str,
    name: &'static str,
    read: impl FnOnce(&mut Members<'_>) -> Result<T, InvalidInput>,
) -> Result<T, InvalidInput> {
    if !json.starts_with('{') {
        return Err(InvalidInput::request(format!("{name} must be an object")));
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
            Err(_) => String::from_json(json).map(Self::Name),
        }
    }
}

/// A task by its URI. Of that only the end counts: the service may be reached by several hosts.
pub struct TaskReference(pub TaskId);

impl FromJson for TaskReference {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let uri = String::from_json(json)?;
        let id = uri.rsplit_once("/tasks/").map(|(_, id)| id);
        id.and_then(|id| id.parse().ok())
            .map(Self)
            .ok_or_else(|| Problem::invalid("must be the URI of a task, as find_tasks gives it"))
    }
}

/// The entries of a call: at least one. Each is judged by itself.
pub struct Entries(pub Vec<Box<RawValue>>);

impl FromJson for Entries {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        json::filled_array(json, MAX_ITEMS).map(Self)
    }
}

/// A parameter of a query: a text, or a number or a boolean as a query has it.
struct Text(String);

impl FromJson for Text {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        match json.get() {
            raw if raw.starts_with(['{', '[']) => Err(Problem::invalid(
                "must be one value; where several are allowed, one string has them, separated by commas",
            )),
            raw if raw.starts_with('"') => String::from_json(json).map(Self),
            raw => Ok(Self(match i64::from_json(json) {
                Ok(whole) => whole.to_string(),
                Err(_) => raw.to_owned(),
            })),
        }
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
    let limit = query.limit.or(Some(DEFAULT_LIMIT));
    Ok(TaskQuery { limit, ..query })
}

/// A task to be added, and its list.
pub fn new_task(entry: &RawValue) -> Result<(ListReference, TaskContent), InvalidInput> {
    read_object(entry.get(), "the task", |members| {
        members.ignore_nulls();
        if members.contains("uri") {
            let problem = "is only of a task that there is; update_tasks changes it";
            return Err(InvalidInput::field("uri", problem));
        }
        members.ignore(READ_ONLY);
        let list = members.optional("list")?;
        let list = list.unwrap_or(ListReference::Uri(ListId::INBOX));
        Ok((list, NewTask::read(members)?.in_any_list()))
    })
}

/// An entity tag, and the version that it stands for, if any.
struct Tag(Option<Version>);

impl FromJson for Tag {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        String::from_json(json).map(|tag| Self(version(&tag)))
    }
}

/// A change of a task.
pub struct Change {
    pub task: TaskId,
    pub list: Option<ListReference>,
    pub changes: TaskChanges,
    /// By the `etag`, if there is one.
    pub expected: Expected,
}

impl Change {
    /// As PUT: null is only for members that may be null.
    pub fn read(entry: &RawValue) -> Result<Self, InvalidInput> {
        read_object(entry.get(), "the task", |members| {
            let TaskReference(task) = members.value("uri")?;
            let etag = members.optional::<Tag>("etag")?;
            members.ignore(READ_ONLY);
            Ok(Self {
                task,
                list: members.optional("list")?,
                changes: RequestBody::read(members)?,
                expected: etag.map_or(Expected::Anything, |Tag(version)| {
                    Expected::OneOf(version.into_iter().collect())
                }),
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
