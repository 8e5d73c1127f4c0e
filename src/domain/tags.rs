//! Tags: short words by which tasks are grouped across lists.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::json::{self, FromJson, Problem};
use super::macros::json_string;
use super::text::{TextError, check_length, fold};

/// 1 to 50 code points, no comma, no control characters, no white space at either end. Two tags that
/// differ only in case are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tag(String);

/// 1 to 50 characters, no comma, no control characters, the first and the last not white space.
macro_rules! tag_pattern {
    () => {
        r"[^,\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^,\u0000-\u001f\u007f-\u009f]{0,48}[^,\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?"
    };
}

json_string! {
    Tag;
    "1 to 50 code points, no comma, no control characters, no white space at either end.",
    "home",
    {"minLength": 1, "maxLength": Tag::MAX_CHARS, "pattern": Tag::PATTERN}
}

/// Why a tag is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TagError {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("must not contain a comma")]
    Comma,
    #[error("must not begin or end with white space")]
    OuterWhiteSpace,
}

impl Tag {
    const MAX_CHARS: usize = 50;

    /// The JSON Schema pattern of a tag.
    const PATTERN: &str = concat!("^", tag_pattern!(), "$");

    /// The JSON Schema pattern of one to ten tags, separated by commas.
    pub const LIST_PATTERN: &str = concat!("^", tag_pattern!(), "(,", tag_pattern!(), "){0,9}$");

    /// A tag as it was stored, even if today's rules would refuse it.
    pub fn from_store(raw: String) -> Self {
        Self(raw)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Tag {
    type Error = TagError;

    fn try_from(raw: String) -> Result<Self, TagError> {
        check_length(&raw, Self::MAX_CHARS)?;
        if raw.is_empty() {
            return Err(TextError::Empty.into());
        }
        if raw.contains(char::is_control) {
            return Err(TextError::ControlCharacter.into());
        }
        if raw.contains(',') {
            return Err(TagError::Comma);
        }
        if raw.trim() != raw {
            return Err(TagError::OuterWhiteSpace);
        }
        Ok(Self(raw))
    }
}

/// A task's tags: up to 10, no two the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tags(Vec<Tag>);

impl Tags {
    const MAX: usize = 10;

    /// Tags as they were stored, even if today's rules would refuse them.
    pub fn from_store(tags: Vec<Tag>) -> Self {
        Self(tags)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them is this tag, in any case.
    pub fn contains(&self, tag: &Tag) -> bool {
        let wanted = fold(tag.as_str());
        self.iter().any(|tag| fold(tag.as_str()) == wanted)
    }

    /// The tags, unless two are the same; names the second one's place.
    fn distinct(tags: Vec<Tag>) -> Result<Self, Problem> {
        let mut distinct = Self::default();
        for (index, tag) in tags.into_iter().enumerate() {
            if distinct.contains(&tag) {
                return Err(Problem::Invalid {
                    place: format!("[{index}]"),
                    problem: "is given twice".to_owned(),
                });
            }
            distinct.0.push(tag);
        }
        Ok(distinct)
    }
}

impl FromJson for Tags {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        Self::distinct(json::array(json, Self::MAX)?)
    }

    fn when_absent() -> Option<Self> {
        Some(Self::default())
    }
}

impl JsonSchema for Tags {
    fn schema_name() -> Cow<'static, str> {
        "Tags".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "description": "Up to 10, no two alike in any case.",
            "maxItems": Self::MAX,
            "uniqueItems": true,
            "items": Tag::json_schema(generator),
            "examples": [["home", "urgent"]],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_short_word_or_several() {
        for raw in ["home", "at work", "Straße", &"x".repeat(50), "#1"] {
            assert!(Tag::try_from((*raw).to_owned()).is_ok(), "{raw}");
        }
        for (raw, problem) in [
            ("", TextError::Empty.into()),
            (&*"x".repeat(51), TextError::TooLong(50).into()),
            ("a\nb", TextError::ControlCharacter.into()),
            ("a,b", TagError::Comma),
            (" a", TagError::OuterWhiteSpace),
            ("a\u{3000}", TagError::OuterWhiteSpace),
        ] {
            assert_eq!(Tag::try_from(raw.to_owned()), Err(problem), "{raw:?}");
        }
    }

    #[test]
    fn tags_are_compared_without_case() {
        let tag = |raw: &str| Tag::try_from(raw.to_owned()).expect("a tag");
        let tags = Tags::distinct(vec![tag("Home"), tag("straße")]).expect("two tags");
        assert!(tags.contains(&tag("HOME")) && tags.contains(&tag("STRASSE")));
        assert!(!tags.contains(&tag("hom")));
        let twice = Tags::distinct(vec![tag("Home"), tag("x"), tag("hOME")]);
        let place = "[2]".to_owned();
        let problem = "is given twice".to_owned();
        assert_eq!(twice, Err(Problem::Invalid { place, problem }));
    }
}
