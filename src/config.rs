//! Every environment variable the service knows: read once at start, typed, its error names it.

use std::time::Duration;

use http::{StatusCode, Uri};
use thiserror::Error;

/// How this process is set up. `docs` of each field name the variable and its default.
#[derive(Clone, Debug)]
pub struct Config {
    /// `TABLE_NAME` (`todo`): the DynamoDB table.
    pub table_name: String,
    /// `PUBLIC_URL` (none): what every URI in an answer begins with, without a final slash.
    pub public_url: Option<String>,
    /// `AUTH_FAILURE_STATUS` (401): 403 keeps browsers from showing their own login dialog.
    pub auth_failure_status: StatusCode,
    /// `AUTH_CACHE_SECONDS` (60): how long verified credentials are believed; 0 verifies each time.
    pub auth_cache: Duration,
}

/// A variable whose value cannot be used. It stops the start.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{name}={value:?} {problem}")]
pub struct ConfigError {
    name: &'static str,
    value: String,
    problem: &'static str,
}

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads variables through `lookup`; an empty value counts as not set.
    pub fn read(lookup: impl Fn(&'static str) -> Option<String>) -> Result<Self, ConfigError> {
        let env = Variables(|name| lookup(name).filter(|value| !value.is_empty()));
        Ok(Self {
            table_name: env.or("TABLE_NAME", "todo".to_owned(), |raw| Ok(raw.to_owned()))?,
            public_url: env.or("PUBLIC_URL", None, |raw| public_url(raw).map(Some))?,
            auth_failure_status: env.or(
                "AUTH_FAILURE_STATUS",
                StatusCode::UNAUTHORIZED,
                auth_failure_status,
            )?,
            auth_cache: env.or("AUTH_CACHE_SECONDS", Duration::from_secs(60), seconds)?,
        })
    }
}

struct Variables<F>(F);

impl<F: Fn(&'static str) -> Option<String>> Variables<F> {
    /// The parsed variable, or `default` when it is not set.
    fn or<T>(
        &self,
        name: &'static str,
        default: T,
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<T, ConfigError> {
        let Some(value) = (self.0)(name) else {
            return Ok(default);
        };
        parse(&value).map_err(|problem| ConfigError {
            name,
            value,
            problem,
        })
    }
}

fn public_url(raw: &str) -> Result<String, &'static str> {
    let problem = "must be an absolute http or https URL without a query";
    let uri: Uri = raw.parse().map_err(|_| problem)?;
    let http = matches!(uri.scheme_str(), Some("http" | "https"));
    if !http || uri.host().is_none_or(str::is_empty) || uri.query().is_some() || raw.contains('#') {
        return Err(problem);
    }
    Ok(raw.trim_end_matches('/').to_owned())
}

fn auth_failure_status(raw: &str) -> Result<StatusCode, &'static str> {
    match raw {
        "401" => Ok(StatusCode::UNAUTHORIZED),
        "403" => Ok(StatusCode::FORBIDDEN),
        _ => Err("must be 401 or 403"),
    }
}

fn seconds(raw: &str) -> Result<Duration, &'static str> {
    let seconds: u32 = raw
        .parse()
        .map_err(|_| "must be a whole number of seconds")?;
    Ok(Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &'static str, value: &str) -> Result<Config, String> {
        Config::read(|asked| (asked == name).then(|| value.to_owned())).map_err(|e| e.to_string())
    }

    #[test]
    fn without_variables_the_defaults_hold() {
        let config = Config::read(|_| None).expect("defaults");
        assert_eq!(config.table_name, "todo");
        assert_eq!(config.public_url, None);
        assert_eq!(config.auth_failure_status, StatusCode::UNAUTHORIZED);
        assert_eq!(config.auth_cache, Duration::from_secs(60));
    }

    #[test]
    fn a_public_url_may_have_a_path_and_loses_its_final_slash() {
        let config = read("PUBLIC_URL", "https://todo.example.com/base/").expect("a URL");
        assert_eq!(
            config.public_url.as_deref(),
            Some("https://todo.example.com/base")
        );
    }

    #[test]
    fn a_value_that_cannot_be_used_is_named() {
        let bad = [
            ("PUBLIC_URL", "todo.example.com"),
            ("PUBLIC_URL", "ftp://todo.example.com"),
            ("PUBLIC_URL", "https://todo.example.com/?x=1"),
            ("AUTH_FAILURE_STATUS", "404"),
            ("AUTH_CACHE_SECONDS", "-1"),
            ("AUTH_CACHE_SECONDS", "1m"),
        ];
        for (name, value) in bad {
            let message = read(name, value).expect_err(value);
            assert!(
                message.starts_with(&format!("{name}={value:?} must be ")),
                "{message}"
            );
        }
    }

    #[test]
    fn an_empty_value_counts_as_not_set() {
        assert_eq!(
            read("PUBLIC_URL", "").map(|config| config.public_url),
            Ok(None)
        );
    }
}
