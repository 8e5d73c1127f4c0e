//! Lists of tasks: ids, names, and what an update may change.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::value::RawValue;

use super::json::{FromJson, Problem};
use super::macros::{json_schema, json_string, members};
use super::order::OrderChoice;
use super::text::{NOT_BLANK, TextError, check_line};
use super::time::Timestamp;
use super::version::Version;

/// A list's number within its account: 0, the inbox, or up to 12 decimal digits. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ListId(u64);

impl ListId {
    /// The list that every account has from its registration on.
    pub const INBOX: Self = Self(0);

    const MAX: u64 = 999_999_999_999;

    /// `None` for numbers of more than 12 digits.
    pub fn new(number: u64) -> Option<Self> {
        (number <= Self::MAX).then_some(Self(number))
    }

    pub fn number(self) -> u64 {
        self.0
    }
}

/// As in a URI: `inbox`, or the number.
impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::INBOX => f.write_str("inbox"),
            Self(number) => number.fmt(f),
        }
    }
}

/// The text is not the id of any possible list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListIdError;

impl FromStr for ListId {
    type Err = ListIdError;

    fn from_str(raw: &str) -> Result<Self, ListIdError> {
        if raw == "inbox" {
            return Ok(Self::INBOX);
        }
        let is_number = !raw.starts_with('0') && raw.bytes().all(|byte| byte.is_ascii_digit());
        let number = raw.parse().ok().filter(|_| is_number);
        number.and_then(Self::new).ok_or(ListIdError)
    }
}

/// The `list` of a task is its list's URI. Of that only the end counts: the service may be reached by
/// several hosts.
impl FromJson for ListId {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let uri = String::from_json(json)?;
        let id = uri.rsplit_once("/lists/").map(|(_, id)| id);
        id.and_then(|id| id.parse().ok())
            .ok_or_else(|| Problem::invalid("must be the URI of a list"))
    }

    fn when_absent() -> Option<Self> {
        Some(Self::INBOX)
    }
}

json_schema! {
    ListId; "string",
    "The URI of the list it is in; the inbox by default.",
    "http://localhost:9000/todo/api/v1.0/lists/inbox",
    {"pattern": "/lists/(inbox|[1-9][0-9]{0,11})$"}
}

/// A list's name: 1 to 100 code points, not all white space, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListName(String);

json_string! {
    ListName;
    "1 to 100 code points, not all white space, no control characters.",
    "Home",
    {"minLength": 1, "maxLength": ListName::MAX_CHARS, "pattern": NOT_BLANK}
}

impl ListName {
    const MAX_CHARS: usize = 100;

    /// A name as it was stored, even if today's rules would refuse it.
    pub fn from_store(raw: String) -> Self {
        Self(raw)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ListName {
    type Error = TextError;

    fn try_from(raw: String) -> Result<Self, TextError> {
        check_line(&raw, Self::MAX_CHARS)?;
        Ok(Self(raw))
    }
}

members! {
    /// The members of a list that its owner sets.
    ListContent;
    /// What an update changes of a list. A member that is `None` stays as it is.
    ListChanges;

    name: ListName,
    order: OrderChoice,
}

/// A list as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    pub id: ListId,
    pub content: ListContent,
    pub version: Version,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_uri(uri: &str) -> Result<ListId, Problem> {
        let json = serde_json::value::to_raw_value(uri).expect("JSON");
        ListId::from_json(&json)
    }

    #[test]
    fn a_list_id_is_the_inbox_or_a_number() {
        assert_eq!("inbox".parse(), Ok(ListId::INBOX));
        assert_eq!("7".parse(), Ok(ListId(7)));
        assert_eq!(
            (ListId::INBOX.to_string(), ListId(7).to_string()),
            ("inbox".into(), "7".into())
        );
        for raw in ["", "0", "07", "-1", "Inbox", "1000000000000", "x", "7/"] {
            assert_eq!(raw.parse::<ListId>(), Err(ListIdError), "{raw}");
        }
    }

    #[test]
    fn a_list_is_named_by_the_end_of_its_uri() {
        for uri in [
            "http://localhost:9000/todo/api/v1.0/lists/7",
            "https://todo.example.com/prod/todo/api/v1.0/lists/7",
            "/todo/api/v1.0/lists/7",
        ] {
            assert_eq!(from_uri(uri), Ok(ListId(7)), "{uri}");
        }
        for uri in [
            "",
            "7",
            "inbox",
            "/lists/",
            "/lists/07",
            "/lists/7/tasks",
            "/lists/7?x",
        ] {
            assert!(from_uri(uri).is_err(), "{uri}");
        }
    }
}
