//! Query strings: form-encoded, UTF-8. Unknown parameters are ignored; a known one is given once.

use std::convert::Infallible;
use std::fmt::Display;

use axum::extract::FromRequestParts;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use schemars::{Schema, json_schema};

use crate::api::error::ApiError;
use crate::api::uris::{BaseUri, Uri};
use crate::domain::due::Day;
use crate::domain::json::InvalidInput;
use crate::domain::list::ListId;
use crate::domain::page::{
    Filter, Limit, PageQuery, SearchText, Sort, SortError, SortKey, TaskQuery,
};
use crate::domain::priority::Priority;
use crate::domain::tags::Tag;
use crate::domain::text::NO_CONTROL_CHARACTERS;

/// A parameter that filters tasks: how it is read, written and described.
pub struct FilterParam {
    pub name: &'static str,
    pub description: &'static str,
    pub schema: fn() -> Schema,
    read: fn(&mut Filter, String) -> Result<(), String>,
    write: fn(&Filter) -> Option<String>,
}

/// One row per filter.
pub const FILTERS: &[FilterParam] = &[
    FilterParam {
        name: "done",
        description: "Only tasks that are, or are not, done.",
        schema: || json_schema!({"type": "boolean"}),
        read: |filter, raw| {
            filter.done = Some(raw.parse().map_err(|_| "must be true or false")?);
            Ok(())
        },
        write: |filter| filter.done.map(|done| done.to_string()),
    },
    FilterParam {
        name: "title_prefix",
        description: "Only tasks whose title begins with this text, in any case.",
        schema: search_text,
        read: |filter, raw| set(&mut filter.title_prefix, SearchText::try_from(raw)),
        write: |filter| Some(filter.title_prefix.as_ref()?.as_str().to_owned()),
    },
    FilterParam {
        name: "q",
        description: "Only tasks with this text in title, description, tags or steps, in any case.",
        schema: search_text,
        read: |filter, raw| set(&mut filter.text, SearchText::try_from(raw)),
        write: |filter| Some(filter.text.as_ref()?.as_str().to_owned()),
    },
    FilterParam {
        name: "due_before",
        description: "Only tasks due before this day.",
        schema: day,
        read: |filter, raw| set(&mut filter.due_before, Day::try_from(raw)),
        write: |filter| filter.due_before.map(|day| day.to_string()),
    },
    FilterParam {
        name: "due_after",
        description: "Only tasks due after this day.",
        schema: day,
        read: |filter, raw| set(&mut filter.due_after, Day::try_from(raw)),
        write: |filter| filter.due_after.map(|day| day.to_string()),
    },
    FilterParam {
        name: "priority",
        description: "Only tasks of this priority; several, separated by commas: of any of them.",
        schema: || {
            json_schema!({
                "type": "string",
                "pattern": "^(low|medium|high)(,(low|medium|high)){0,9}$",
            })
        },
        read: |filter, raw| set(&mut filter.priorities, parse_all(&raw, Priority::try_from)),
        write: |filter| {
            let names = filter.priorities.as_ref()?.iter().map(|one| one.as_str());
            Some(names.collect::<Vec<_>>().join(","))
        },
    },
    FilterParam {
        name: "tag",
        description: "Only tasks with this tag, in any case; several, separated by commas: with all of them.",
        schema: || json_schema!({"type": "string", "pattern": Tag::LIST_PATTERN}),
        read: |filter, raw| set(&mut filter.tags, parse_all(&raw, Tag::try_from)),
        write: |filter| {
            let tags = filter.tags.as_ref()?.iter().map(Tag::as_str);
            Some(tags.collect::<Vec<_>>().join(","))
        },
    },
];

/// The most values that a parameter may list.
const MAX_VALUES: usize = 10;

fn parse_all<T, E: Display>(
    raw: &str,
    parse: impl Fn(String) -> Result<T, E>,
) -> Result<Vec<T>, String> {
    let values = raw.split(',');
    if values.clone().count() > MAX_VALUES {
        return Err(format!("must have at most {MAX_VALUES} values"));
    }
    values
        .map(|value| parse(value.to_owned()).map_err(|problem| problem.to_string()))
        .collect()
}

fn set<T>(field: &mut Option<T>, value: Result<T, impl Display>) -> Result<(), String> {
    *field = Some(value.map_err(|problem| problem.to_string())?);
    Ok(())
}

fn search_text() -> Schema {
    json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": SearchText::MAX_CHARS,
        "pattern": NO_CONTROL_CHARACTERS,
    })
}

fn day() -> Schema {
    json_schema!({"type": "string", "format": "date", "pattern": Day::PATTERN})
}

/// The query of a collection of tasks.
pub struct TaskQueryParams(TaskQuery);

impl TaskQueryParams {
    /// Reads the parameters, of which `value` has the values.
    pub fn read(
        mut value: impl FnMut(&'static str) -> Result<Option<String>, InvalidInput>,
    ) -> Result<Self, InvalidInput> {
        let mut filter = Filter::default();
        for param in FILTERS {
            parsed(param.name, &mut value, |raw| (param.read)(&mut filter, raw))?;
        }
        Ok(Self(TaskQuery {
            list: None,
            filter,
            sort: parsed("sort", &mut value, |raw| raw.parse())?,
            limit: parsed("limit", &mut value, |raw| raw.parse())?,
            cursor: value("cursor")?,
        }))
    }

    /// As a query of the tasks of all lists, which have no common order.
    pub fn of_all_lists(self) -> Result<TaskQuery, InvalidInput> {
        match self.0.sort {
            Some(Sort {
                key: SortKey::Order,
                ..
            }) => Err(InvalidInput::field("sort", SortError)),
            _ => Ok(self.0),
        }
    }

    /// As a query of one list's tasks.
    pub fn of_list(self, list: ListId) -> TaskQuery {
        TaskQuery {
            list: Some(list),
            ..self.0
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TaskQueryParams {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = Query(parts.uri.query().unwrap_or(""));
        Ok(Self::read(|name| query.get(name, Ok::<_, Infallible>))?)
    }
}

/// The query of a collection without filters.
pub struct PageParams(pub PageQuery);

impl<S: Send + Sync> FromRequestParts<S> for PageParams {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = Query(parts.uri.query().unwrap_or(""));
        Ok(Self(PageQuery {
            limit: query.get("limit", |raw| raw.parse())?,
            cursor: query.get("cursor", Ok::<_, Infallible>)?,
        }))
    }
}

/// The URI of the page of `collection` that begins at `cursor`, no larger than `query` asked for.
pub fn next_of(base: &BaseUri, collection: &str, query: &PageQuery, cursor: &str) -> Uri {
    let limit = query.limit.map(|limit| ("limit", limit.get().to_string()));
    let parameters = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(limit)
        .append_pair("cursor", cursor)
        .finish();
    base.api(format_args!("{collection}?{parameters}"))
}

/// A parameter's parsed value; an error names the parameter.
fn parsed<T, E: Display>(
    name: &'static str,
    value: &mut impl FnMut(&'static str) -> Result<Option<String>, InvalidInput>,
    parse: impl FnOnce(String) -> Result<T, E>,
) -> Result<Option<T>, InvalidInput> {
    let parsed = value(name)?.map(parse).transpose();
    parsed.map_err(|problem| InvalidInput::field(name, problem))
}

/// The URI of the page after that of `query`, which ended at `cursor`.
pub fn next_page(base: &BaseUri, query: &TaskQuery, cursor: &str) -> Uri {
    let filters = FILTERS
        .iter()
        .filter_map(|param| Some((param.name, (param.write)(&query.filter)?)));
    let sort = query.sort.map(|sort| ("sort", sort.to_string()));
    let limit = query
        .limit
        .map(|limit| ("limit", Limit::get(limit).to_string()));
    let parameters = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(filters)
        .extend_pairs(sort)
        .extend_pairs(limit)
        .append_pair("cursor", cursor)
        .finish();
    match query.list {
        Some(list) => base.api(format_args!("lists/{list}/tasks?{parameters}")),
        None => base.api(format_args!("tasks?{parameters}")),
    }
}

struct Query<'a>(&'a str);

impl Query<'_> {
    /// The parsed value of a parameter; an error names it.
    fn get<T, E: Display>(
        &self,
        name: &'static str,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Result<Option<T>, InvalidInput> {
        let pairs = self
            .0
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut values = pairs.filter(|(key, _)| decode(key).as_deref() == Some(name));
        let Some((_, raw)) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(InvalidInput::field(name, "is given twice"));
        }
        let value = decode(raw).ok_or_else(|| InvalidInput::field(name, "must be UTF-8"))?;
        parse(value)
            .map(Some)
            .map_err(|problem| InvalidInput::field(name, problem))
    }
}

fn decode(raw: &str) -> Option<String> {
    let spaced = raw.replace('+', " ");
    Some(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(query: &str) -> Result<Option<String>, InvalidInput> {
        Query(query).get("q", Ok::<_, &str>)
    }

    #[test]
    fn every_filter_has_a_parameter() {
        let mut filter = Filter::default();
        for param in FILTERS {
            let value = ["true", "2026-12-24", "low,high"]
                .into_iter()
                .find(|value| (param.read)(&mut filter, (*value).to_owned()).is_ok());
            let value = value.expect("a value for the filter");
            assert_eq!((param.write)(&filter).as_deref(), Some(value));
        }
        // Without `..`, so that a new filter is noticed here.
        let Filter {
            done,
            title_prefix,
            text,
            due_before,
            due_after,
            priorities,
            tags,
        } = filter;
        assert!(done.is_some() && title_prefix.is_some() && text.is_some());
        assert!(due_before.is_some() && due_after.is_some());
        assert!(priorities.is_some() && tags.is_some());
    }

    #[test]
    fn a_value_is_form_decoded() {
        for (query, expected) in [
            ("q=a+b%20c", "a b c"),
            ("x=1&q=%2B%26%3D&y=2", "+&="),
            ("q=M%C3%BCll=&", "Müll="),
            ("%71=x", "x"),
            ("q", ""),
        ] {
            assert_eq!(value(query), Ok(Some(expected.to_owned())), "{query}");
        }
        assert_eq!(value("Q=x&qq=y&&="), Ok(None));
    }

    #[test]
    fn a_value_that_is_not_utf8_or_comes_twice_is_refused() {
        assert_eq!(
            value("q=%FF"),
            Err(InvalidInput::field("q", "must be UTF-8"))
        );
        assert_eq!(
            value("q=a&q=a"),
            Err(InvalidInput::field("q", "is given twice"))
        );
        assert_eq!(value("x=%FF&x=1"), Ok(None));
    }
}
