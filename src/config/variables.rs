//! Access to environment variables, with errors that name them.

use std::ffi::OsString;

use super::ConfigError;

/// The variables of an environment. An empty one counts as not set.
pub(super) struct Variables<'a>(Box<dyn Fn(&'static str) -> Option<OsString> + 'a>);

impl<'a> Variables<'a> {
    pub(super) fn new<V: Into<OsString>>(lookup: impl Fn(&'static str) -> Option<V> + 'a) -> Self {
        Self(Box::new(move |name| {
            lookup(name)
                .map(Into::into)
                .filter(|value| !value.is_empty())
        }))
    }

    pub(super) fn is_set(&self, name: &'static str) -> bool {
        (self.0)(name).is_some()
    }

    pub(super) fn get(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        let text = (self.0)(name).map(OsString::into_string).transpose();
        text.map_err(|_| ConfigError {
            name,
            problem: "must be UTF-8",
        })
    }

    /// The first of these variables that is set.
    pub(super) fn first(&self, names: [&'static str; 2]) -> Result<Option<String>, ConfigError> {
        match self.get(names[0])? {
            Some(value) => Ok(Some(value)),
            None => self.get(names[1]),
        }
    }

    /// The parsed variable, or `default` when it is not set.
    pub(super) fn parse<T>(
        &self,
        name: &'static str,
        default: T,
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<T, ConfigError> {
        match self.get(name)? {
            Some(value) => parse(&value).map_err(|problem| ConfigError { name, problem }),
            None => Ok(default),
        }
    }
}
