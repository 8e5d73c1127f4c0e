//! One Query: which part of a partition it reads, and in which order.

use super::attributes::{Item, s};
use super::expression::Condition;
use super::schema::Index;

/// Which values of the sort attribute are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    All,
    /// Those with this prefix. DynamoDB rejects an empty one.
    Prefix(String),
    /// Those from the first to the last, both included. DynamoDB rejects a first that is greater.
    Between(String, String),
    /// Those that are greater.
    After(String),
    /// None, so that no call is needed.
    Nothing,
}

impl Range {
    pub fn contains(&self, sort_key: &str) -> bool {
        match self {
            Self::All => true,
            Self::Prefix(prefix) => sort_key.starts_with(prefix),
            Self::Between(first, last) => (first.as_str()..=last.as_str()).contains(&sort_key),
            Self::After(key) => sort_key > key.as_str(),
            Self::Nothing => false,
        }
    }

    /// The condition that the key attribute is also in this range.
    fn and_in_range(&self, partition: Condition, attribute: &str) -> Condition {
        match self {
            Self::All | Self::Nothing => partition,
            Self::Prefix(prefix) => partition
                .and(&format!("begins_with(#{attribute}, :prefix)"))
                .value("prefix", s(prefix)),
            Self::Between(first, last) => partition
                .and(&format!("#{attribute} BETWEEN :first AND :last"))
                .value("first", s(first))
                .value("last", s(last)),
            Self::After(key) => partition
                .and(&format!("#{attribute} > :after"))
                .value("after", s(key)),
        }
    }
}

/// A strongly consistent read of a range of one partition, ascending unless said otherwise.
#[derive(Clone)]
pub struct Query {
    pub partition: String,
    pub range: Range,
    /// `None` reads the table itself.
    pub index: Option<Index>,
    pub descending: bool,
    /// Drops items after they were read and paid for.
    pub filter: Option<Condition>,
    pub keys_only: bool,
    /// How many items are read at most, before the filter.
    pub limit: Option<i32>,
    /// Reads what follows this key: the last key of an earlier page.
    pub start: Option<Item>,
}

impl Query {
    pub fn new(partition: String, range: Range) -> Self {
        Self {
            partition,
            range,
            index: None,
            descending: false,
            filter: None,
            keys_only: false,
            limit: None,
            start: None,
        }
    }

    pub fn key_condition(&self) -> Condition {
        let partition = Condition::new("#pk = :pk").value("pk", s(&self.partition));
        let attribute = self.index.map_or("sk", |index| index.sort_attribute);
        self.range.and_in_range(partition, attribute)
    }
}

/// What one Query returned.
#[derive(Default)]
pub struct QueryPage {
    pub items: Vec<Item>,
    /// Where the next Query starts; `None` at the end of the range.
    pub last_key: Option<Item>,
}
