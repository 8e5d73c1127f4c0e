//! Passwords: what may be sent to log in, and what a new one must be.

use thiserror::Error;

use super::account::Username;
use super::macros::json_string;
use super::text::{NO_CONTROL_CHARACTERS, TextError, check_length};

/// A password as somebody typed it: at most 256 code points. Has no `Debug`.
#[derive(Clone)]
pub struct Password(String);

/// A password that a user chooses: 8 to 256 code points, no control characters (RFC 7617 forbids
/// them), none of the commonest, no further composition rules (NIST SP 800-63B, 3.1.1). Has no `Debug`.
pub struct NewPassword(String);

json_string! {
    NewPassword;
    "8 to 256 code points, no control characters; not the user name, and none of the commonest \
     passwords, in any case.",
    "correct horse",
    {
        "minLength": NewPassword::MIN_CHARS,
        "maxLength": Password::MAX_CHARS,
        "pattern": NO_CONTROL_CHARACTERS,
        "format": "password",
        "writeOnly": true,
        "not": {"enum": COMMONEST.as_slice()},
    }
}

/// Why a new password is refused. The message continues a sentence that begins with `password`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PasswordError {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("must not be the user name")]
    Username,
    #[error("is one of the most common ones")]
    Common,
}

impl Password {
    const MAX_CHARS: usize = 256;

    /// A password to be checked; `None` when it is longer than any can be.
    pub fn typed(raw: String) -> Option<Self> {
        check_length(&raw, Self::MAX_CHARS).ok()?;
        Some(Self(raw))
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl NewPassword {
    const MIN_CHARS: usize = 8;

    /// The password as that of `username`, which it must not equal.
    pub fn of(self, username: &Username) -> Result<Password, PasswordError> {
        if self.0.to_lowercase() == username.as_str() {
            return Err(PasswordError::Username);
        }
        Ok(Password(self.0))
    }
}

impl TryFrom<String> for NewPassword {
    type Error = PasswordError;

    fn try_from(raw: String) -> Result<Self, PasswordError> {
        check_length(&raw, Password::MAX_CHARS)?;
        if raw.chars().count() < Self::MIN_CHARS {
            return Err(TextError::TooShort(Self::MIN_CHARS).into());
        }
        if raw.contains(char::is_control) {
            return Err(TextError::ControlCharacter.into());
        }
        if COMMONEST.contains(&raw.to_lowercase().as_str()) {
            return Err(PasswordError::Common);
        }
        Ok(Self(raw))
    }
}

/// The commonest passwords of eight characters and more, in lower case.
pub const COMMONEST: [&str; 72] = [
    "00000000",
    "0123456789",
    "11111111",
    "1111111111",
    "11223344",
    "12121212",
    "12341234",
    "12345678",
    "123456789",
    "1234567890",
    "123123123",
    "1234qwer",
    "123qweasd",
    "147258369",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "1qazxsw2",
    "22222222",
    "55555555",
    "66666666",
    "77777777",
    "87654321",
    "88888888",
    "987654321",
    "9876543210",
    "99999999",
    "a1234567",
    "a12345678",
    "aa123456",
    "aaaaaaaa",
    "abc12345",
    "abcd1234",
    "abcdefgh",
    "admin123",
    "administrator",
    "asdfasdf",
    "asdfghjk",
    "asdfghjkl",
    "baseball",
    "basketball",
    "changeme",
    "charlie1",
    "computer",
    "corvette",
    "dragon123",
    "football",
    "football1",
    "iloveyou",
    "iloveyou1",
    "internet",
    "jennifer",
    "letmein1",
    "letmein123",
    "michelle",
    "monkey123",
    "passw0rd",
    "password",
    "password1",
    "password12",
    "password123",
    "p@ssw0rd",
    "princess",
    "princess1",
    "q1w2e3r4",
    "qwer1234",
    "qwerty123",
    "qwertyui",
    "qwertyuiop",
    "starwars",
    "sunshine",
    "superman",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(raw: &str) -> Result<(), PasswordError> {
        let username = "ada.lovelace".parse().expect("a user name");
        NewPassword::try_from(raw.to_owned())?
            .of(&username)
            .map(|_| ())
    }

    #[test]
    fn a_new_password_has_8_to_256_code_points_of_any_kind() {
        for raw in ["correct horse", "éééééééé", "        ", &"🔑".repeat(256)] {
            assert_eq!(chosen(raw), Ok(()), "{raw}");
        }
        assert_eq!(chosen("1234567"), Err(TextError::TooShort(8).into()));
        assert_eq!(chosen("ééééééé"), Err(TextError::TooShort(8).into()));
        assert_eq!(
            chosen(&"x".repeat(257)),
            Err(TextError::TooLong(256).into())
        );
        assert_eq!(
            chosen("with\na line"),
            Err(TextError::ControlCharacter.into())
        );
    }

    #[test]
    fn a_new_password_is_not_what_anybody_would_guess() {
        assert_eq!(chosen("Ada.Lovelace"), Err(PasswordError::Username));
        assert_eq!(chosen("PassWord123"), Err(PasswordError::Common));
    }

    #[test]
    fn a_password_to_be_checked_may_be_as_short_as_it_likes() {
        assert!(Password::typed("python".to_owned()).is_some());
        assert!(Password::typed(String::new()).is_some());
        assert!(Password::typed("x".repeat(257)).is_none());
    }
}
