//! How often something has been written.

/// 1 when created, one more with every update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);
