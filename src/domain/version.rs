//! Versions: how often a resource was written, and which version a write expects.

/// 1 when created, one more with every update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);

/// Which version a write may replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    Anything,
    /// One of these; none at all when the list is empty.
    OneOf(Vec<Version>),
}

impl Expected {
    pub fn accepts(&self, version: Version) -> bool {
        match self {
            Self::Anything => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
