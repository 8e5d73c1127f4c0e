//! How often something has been written, and what a write expects of that.

/// 1 when created, one more with every update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);

/// Which version a write may write over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    Anything,
    /// One of these; of none, if there are none.
    OneOf(Vec<Version>),
}
