//! What all texts that people write have in common: their length, the characters refused, and case
//! folding.

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

/// The JSON Schema pattern of a text without control characters.
pub const NO_CONTROL_CHARACTERS: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// The same, with something in it that is not white space (Unicode's White_Space).
pub const NOT_BLANK: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\u0000-\u001f\u007f-\u009f]*$";

/// Refuses a text of more than `limit` code points.
pub fn check_length(text: &str, limit: usize) -> Result<(), TextError> {
    // A text of n bytes has at most n code points: most texts need no count.
    if text.len() > limit && text.chars().count() > limit {
        return Err(TextError::TooLong(limit));
    }
    Ok(())
}

/// Refuses a text that is longer than `limit` code points, blank, or has control characters.
pub fn check_line(text: &str, limit: usize) -> Result<(), TextError> {
    check_length(text, limit)?;
    if text.trim().is_empty() {
        return Err(TextError::Blank);
    }
    if text.contains(char::is_control) {
        return Err(TextError::ControlCharacter);
    }
    Ok(())
}

/// Unicode's full case folding (C+F), without normalisation: texts with the same result differ at most
/// in case. Stable: Unicode never changes the folding of an assigned character.
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
