//! Lists of tasks.

/// A list's number within its account: 0, the inbox, or up to 12 decimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
