//! Query strings: form-encoded, UTF-8. What is not known is ignored; what is known comes once.

use std::convert::Infallible;
use std::fmt::Display;

use axum::extract::FromRequestParts;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::api::error::{ApiError, InvalidInput};
use crate::domain::page::{Filter, SearchText, TaskQuery};
use crate::domain::time::DueDate;

impl<S: Send + Sync> FromRequestParts<S> for TaskQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(list_query(&Parameters(parts.uri.query().unwrap_or("")))?)
    }
}

fn list_query(parameters: &Parameters<'_>) -> Result<TaskQuery, InvalidInput> {
    let date = |raw: String| DueDate::try_from(raw.as_str());
    let filter = Filter {
        done: parameters.get("done", |raw| match raw.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false"),
        })?,
        title_prefix: parameters.get("title_prefix", SearchText::try_from)?,
        text: parameters.get("q", SearchText::try_from)?,
        due_before: parameters.get("due_before", date)?,
        due_after: parameters.get("due_after", date)?,
    };
    Ok(TaskQuery {
        filter,
        sort: parameters.get("sort", |raw| raw.parse())?,
        limit: parameters.get("limit", |raw| raw.parse())?,
        cursor: parameters.get("cursor", Ok::<_, Infallible>)?,
    })
}

struct Parameters<'a>(&'a str);

impl Parameters<'_> {
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
        Parameters(query).get("q", Ok::<_, &str>)
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
