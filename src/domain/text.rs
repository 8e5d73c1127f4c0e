//! What all texts that people write have in common: their length, the characters refused, and when
//! two of them are alike.

use caseless::Caseless;
use thiserror::Error;

/// Why a text is refused. The message continues a sentence that begins with the member's name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TextError {
    #[error("must not be empty")]
    Empty,
    #[error("must not be blank")]
    Blank,
    #[error("must have at most {0} characters")]
    TooLong(usize),
    #[error("must have at least {0} characters")]
    TooShort(usize),
    #[error("must not contain control characters")]
    ControlCharacter,
}

/// Refuses a text of more than `limit` code points.
pub fn check_length(text: &str, limit: usize) -> Result<(), TextError> {
    // A text of n bytes has at most n code points: most texts need no count.
    if text.len() > limit && text.chars().count() > limit {
        return Err(TextError::TooLong(limit));
    }
    Ok(())
}

/// Unicode's full case folding (C+F), no normalisation: texts that fold alike differ at most in
/// case. Stable: Unicode promises never to fold an assigned character otherwise.
/// <https://www.unicode.org/policies/stability_policy.html#Case_Folding>
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().default_case_fold().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_case_fold_alike() {
        for (one, other) in [
            ("Buy MILK", "buy milk"),
            ("Straße", "STRASSE"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("İ", "i\u{307}"),
            ("ﬁsh", "FISH"),
            ("Ꭰ", "\u{ab70}"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn nothing_but_case_is_folded() {
        for (one, other) in [("é", "e\u{301}"), ("ı", "i"), ("ａ", "a"), ("Å", "A")] {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
    }
}
