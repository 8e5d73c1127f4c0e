//! How domain types are read from a JSON object, so that every refusal names the member it is about.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

mod values;

/// What is wrong with a request, in words for its sender. `field` names a body's member, a query
/// parameter or a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidInput {
    pub field: Option<Cow<'static, str>>,
    pub detail: Cow<'static, str>,
}

impl InvalidInput {
    /// Something is wrong with the request as a whole.
    pub fn request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: None,
            detail: detail.into(),
        }
    }

    /// Something is wrong with `field`; `problem` continues the sentence that begins with its name.
    pub fn field(field: impl Into<Cow<'static, str>>, problem: impl Display) -> Self {
        let field = field.into();
        let detail = format!("{field} {problem}").into();
        Self {
            field: Some(field),
            detail,
        }
    }
}

/// A type that a member of a request body holds.
pub trait FromJson: Sized {
    fn from_json(json: &RawValue) -> Result<Self, Problem>;

    /// The value when a resource is created without this member; `None` when it is required.
    fn when_absent() -> Option<Self> {
        None
    }

    /// The value that null resets this member to in a merge patch; `None` when null is refused.
    fn when_null() -> Option<Self> {
        Self::when_absent()
    }
}

/// Why a value is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The value has another JSON type; holds the one it must have, such as `a string`.
    WrongType(&'static str),
    /// Continues a sentence that begins with the name of what is wrong: the member's, followed by the
    /// place within it, such as `[3].title`.
    Invalid { place: String, problem: String },
}

impl Problem {
    /// The value as a whole is invalid.
    pub fn invalid(problem: impl Display) -> Self {
        Self::Invalid {
            place: String::new(),
            problem: problem.to_string(),
        }
    }

    /// The problem of a part of a value; `outer` is the place of that part, such as `[3]`.
    fn within(self, outer: impl Display) -> Self {
        match self {
            Self::WrongType(_) => Self::Invalid {
                place: outer.to_string(),
                problem: self.to_string(),
            },
            Self::Invalid { place, problem } => Self::Invalid {
                place: format!("{outer}{place}"),
                problem,
            },
        }
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType(expected) => write!(f, "must be {expected}"),
            Self::Invalid { problem, .. } => f.write_str(problem),
        }
    }
}

/// Reads a JSON value of one type; `expected` names that type.
pub fn typed<'a, T: Deserialize<'a>>(
    json: &'a RawValue,
    expected: &'static str,
) -> Result<T, Problem> {
    serde_json::from_str(json.get()).map_err(|_| Problem::WrongType(expected))
}

/// Reads a type that is a string in JSON.
pub fn string<T: TryFrom<String, Error: Display>>(json: &RawValue) -> Result<T, Problem> {
    String::from_json(json)?
        .try_into()
        .map_err(Problem::invalid)
}

/// Reads an array of up to `max` entries; an error names the entry.
pub fn array<T: FromJson>(json: &RawValue, max: usize) -> Result<Vec<T>, Problem> {
    let entries: Vec<&RawValue> = typed(json, "an array")?;
    if entries.len() > max {
        return Err(Problem::invalid(format_args!(
            "must have at most {max} entries"
        )));
    }
    let entries = entries.into_iter().enumerate();
    entries
        .map(|(index, entry)| {
            T::from_json(entry).map_err(|problem| problem.within(format_args!("[{index}]")))
        })
        .collect()
}

/// Reads an array of 1 to `max` entries.
pub fn filled_array<T: FromJson>(json: &RawValue, max: usize) -> Result<Vec<T>, Problem> {
    match array(json, max)? {
        none if none.is_empty() => Err(Problem::invalid("must have at least one entry")),
        entries => Ok(entries),
    }
}

/// Reads an object within a body; an error names its member.
pub fn object<T>(
    json: &RawValue,
    read: impl FnOnce(&mut Members<'_>) -> Result<T, InvalidInput>,
) -> Result<T, Problem> {
    if !json.get().starts_with('{') {
        return Err(Problem::WrongType("an object"));
    }
    Members::read(json.get().as_bytes(), read).map_err(|invalid| match invalid.field {
        Some(field) => {
            let problem = invalid
                .detail
                .strip_prefix(&*field)
                .unwrap_or(&invalid.detail);
            Problem::invalid(problem.trim_start()).within(format_args!(".{field}"))
        }
        // It is an object, and well-formed, as a part of the body.
        None => Problem::invalid("has too many members"),
    })
}

/// More members than any body has, few enough that looking for doubles stays cheap.
const MAX_MEMBERS: usize = 64;

/// The members of a JSON object, not parsed yet. Reading one takes it out.
pub struct Members<'a> {
    all: Vec<(Cow<'a, str>, &'a RawValue)>,
    twice: Option<Cow<'a, str>>,
    too_many: bool,
}

impl<'a> Members<'a> {
    /// Reads a JSON object; a member that `read` leaves is refused as unknown.
    pub fn read<T>(
        bytes: &'a [u8],
        read: impl FnOnce(&mut Self) -> Result<T, InvalidInput>,
    ) -> Result<T, InvalidInput> {
        let mut members = Self::parse(bytes)?;
        let value = read(&mut members)?;
        match members.all.first() {
            Some((unknown, _)) => Err(InvalidInput::field(shortened(unknown), "is not known here")),
            None => Ok(value),
        }
    }

    fn parse(bytes: &'a [u8]) -> Result<Self, InvalidInput> {
        let malformed = |_| InvalidInput::request("the body is not well-formed JSON");
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') {
            serde_json::from_slice::<&RawValue>(bytes).map_err(malformed)?;
            return Err(InvalidInput::request("the body must be a JSON object"));
        }
        let mut members: Self = serde_json::from_slice(bytes).map_err(malformed)?;
        if members.too_many {
            return Err(InvalidInput::request("the body has too many members"));
        }
        match members.twice.take() {
            Some(twice) => Err(InvalidInput::field(shortened(&twice), "is given twice")),
            None => Ok(members),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.all.iter().any(|(member, _)| member == name)
    }

    /// A member of a resource that is created: required, unless the type has a value for its absence.
    pub fn value<T: FromJson>(&mut self, name: &'static str) -> Result<T, InvalidInput> {
        self.optional(name)?
            .or_else(T::when_absent)
            .ok_or_else(|| InvalidInput::field(name, "is missing"))
    }

    /// A member that may be absent.
    pub fn optional<T: FromJson>(&mut self, name: &'static str) -> Result<Option<T>, InvalidInput> {
        self.take(name).map(|json| read(name, json)).transpose()
    }

    /// A member of an update; in a merge patch (RFC 7396), null resets it.
    pub fn change<T: FromJson>(
        &mut self,
        name: &'static str,
        merge_patch: bool,
    ) -> Result<Option<T>, InvalidInput> {
        let Some(json) = self.take(name) else {
            return Ok(None);
        };
        if merge_patch
            && json.get() == "null"
            && let Some(reset) = T::when_null()
        {
            return Ok(Some(reset));
        }
        read(name, json).map(Some)
    }

    /// Drops read-only members that a response held, whatever their value.
    pub fn ignore(&mut self, names: &[&str]) {
        self.all.retain(|(name, _)| !names.contains(&name.as_ref()));
    }

    /// Drops the members that are null.
    pub fn ignore_nulls(&mut self) {
        self.all.retain(|(_, value)| value.get() != "null");
    }

    /// All members that are left, whatever their names.
    pub fn take_all(&mut self) -> Vec<(Cow<'a, str>, &'a RawValue)> {
        std::mem::take(&mut self.all)
    }

    fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let index = self.all.iter().position(|(member, _)| member == name)?;
        Some(self.all.swap_remove(index).1)
    }
}

fn read<T: FromJson>(name: &'static str, json: &RawValue) -> Result<T, InvalidInput> {
    T::from_json(json).map_err(|problem| match &problem {
        Problem::Invalid { place, .. } if !place.is_empty() => {
            InvalidInput::field(format!("{name}{place}"), problem)
        }
        _ => InvalidInput::field(name, problem),
    })
}

/// A name from a request, short enough to be repeated in a response.
fn shortened(name: &str) -> String {
    name.chars().take(100).collect()
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members {
                    all: Vec::new(),
                    twice: None,
                    too_many: false,
                };
                while let Some((Name(name), value)) = map.next_entry()? {
                    if members.all.iter().any(|(seen, _)| *seen == name) {
                        members.twice.get_or_insert(name);
                    } else if members.all.len() < MAX_MEMBERS {
                        members.all.push((name, value));
                    } else {
                        members.too_many = true;
                    }
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// A member's name, borrowed unless it holds escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
