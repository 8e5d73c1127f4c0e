//! What all texts that people write have in common: their length, and the characters refused.

use thiserror::Error;

/// Why a text is refused. The message continues a sentence that begins with the member's name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TextError {
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
