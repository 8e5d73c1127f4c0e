//! How long a token is valid.

use serde::Serialize;
use thiserror::Error;

use super::Scope;
use crate::domain::macros::json_schema;

/// From a minute to a year, of a calendar's token to ten years, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TokenDuration(u32);

json_schema! {
    TokenDuration; "integer",
    "For how many seconds it is valid: a minute to a year, 600 by default; with the scope `calendar` up to ten \
     years, a year by default.",
    86_400,
    {"minimum": TokenDuration::MIN, "maximum": TokenDuration::max_for(Scope::Calendar)}
}

/// Too short or too long. The message continues a sentence that begins with `duration`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be {} to {max} seconds", TokenDuration::MIN)]
pub struct TokenDurationError {
    max: u32,
}

impl TokenDuration {
    const MIN: u32 = 60;
    const YEAR: u32 = 31_536_000;

    pub const fn max_for(scope: Scope) -> u32 {
        match scope {
            Scope::Read | Scope::Write => Self::YEAR,
            Scope::Calendar => 10 * Self::YEAR,
        }
    }

    pub fn new(seconds: i64, scope: Scope) -> Result<Self, TokenDurationError> {
        let max = Self::max_for(scope);
        match u32::try_from(seconds) {
            Ok(seconds) if (Self::MIN..=max).contains(&seconds) => Ok(Self(seconds)),
            _ => Err(TokenDurationError { max }),
        }
    }

    pub fn default_for(scope: Scope) -> Self {
        match scope {
            Scope::Read | Scope::Write => Self(600),
            Scope::Calendar => Self(Self::YEAR),
        }
    }

    /// A duration as it was stored, even if today's rules would refuse it.
    pub fn from_store(seconds: u32) -> Self {
        Self(seconds)
    }

    pub fn seconds(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_minute_to_a_year_and_a_calendars_to_ten() {
        for (scope, max) in [
            (Scope::Read, 31_536_000),
            (Scope::Write, 31_536_000),
            (Scope::Calendar, 315_360_000),
        ] {
            for seconds in [60, max] {
                let seconds = TokenDuration::new(seconds.into(), scope).map(TokenDuration::seconds);
                assert!(seconds.is_ok());
            }
            for seconds in [-1, 0, 59, i64::from(max) + 1, i64::MAX, i64::MIN] {
                let refused = TokenDuration::new(seconds, scope);
                assert_eq!(refused, Err(TokenDurationError { max }), "{seconds}");
            }
        }
    }
}
