//! Steps: the parts of a task that are done one by one.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::json::{self, FromJson, Problem};
use super::macros::json_string;
use super::text::{NOT_BLANK, TextError, check_line};

/// A step's text: 1 to 200 code points, not all white space, no control characters.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct StepTitle(String);

json_string! {
    StepTitle;
    "1 to 200 code points, not all white space, no control characters.",
    "Find the recipe",
    {"minLength": 1, "maxLength": StepTitle::MAX_CHARS, "pattern": NOT_BLANK}
}

impl StepTitle {
    const MAX_CHARS: usize = 200;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for StepTitle {
    type Error = TextError;

    fn try_from(raw: String) -> Result<Self, TextError> {
        check_line(&raw, Self::MAX_CHARS)?;
        Ok(Self(raw))
    }
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub struct Step {
    pub title: StepTitle,
    #[serde(default)]
    pub done: bool,
}

impl FromJson for Step {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        json::object(json, |members| {
            Ok(Self {
                title: members.value("title")?,
                done: members.value("done")?,
            })
        })
    }
}

/// A task's steps: up to 50, in the order in which they are done.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Steps(Vec<Step>);

impl Steps {
    const MAX: usize = 50;

    pub fn iter(&self) -> impl Iterator<Item = &Step> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same steps, none of them done.
    pub fn undone(&self) -> Self {
        let steps = self.0.iter().cloned();
        Self(
            steps
                .map(|step| Step {
                    done: false,
                    ..step
                })
                .collect(),
        )
    }
}

impl FromJson for Steps {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        json::array(json, Self::MAX).map(Self)
    }

    fn when_absent() -> Option<Self> {
        Some(Self::default())
    }
}

impl JsonSchema for Steps {
    fn schema_name() -> Cow<'static, str> {
        "Steps".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut step = Step::json_schema(generator);
        step.insert("additionalProperties".to_owned(), false.into());
        json_schema!({
            "type": "array",
            "description": "Up to 50, in order.",
            "maxItems": Self::MAX,
            "items": step,
            "examples": [[{"title": "Find the recipe", "done": true}]],
        })
    }
}
