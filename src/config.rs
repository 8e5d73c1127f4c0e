//! Every environment variable the service knows: read once at start, typed, its error names it.

use std::time::Duration;

use http::{HeaderValue, StatusCode, Uri};
use thiserror::Error;

/// How this process is set up. Each field names its variable and, in brackets, the default. Has no
/// `Debug`, because of the registration code.
#[derive(Clone)]
pub struct Config {
    /// `TABLE_NAME` (`todo`): the DynamoDB table.
    pub table_name: String,
    /// `PUBLIC_URL` (none): what every URI in an answer begins with, without a final slash.
    pub public_url: Option<String>,
    /// `CORS_ORIGINS` (none): whose pages may call from a browser; `*` for all.
    pub cors_origins: Origins,
    /// `REGISTRATION` (`open` with the embedded engine, else `closed`) and `REGISTRATION_CODE`.
    pub registration: Registration,
    /// `AUTH_FAILURE_STATUS` (401): 403 keeps browsers from showing their own login dialog.
    pub auth_failure_status: StatusCode,
    /// `AUTH_CACHE_SECONDS` (60): how long verified credentials are believed; 0 verifies each time.
    pub auth_cache: Duration,
    pub limits: Limits,
}

/// Who may make an account.
#[derive(Clone, PartialEq, Eq)]
pub enum Registration {
    Open,
    /// Whoever knows this code.
    Code(String),
    Closed,
}

/// How often something may be tried within a fixed window of time.
#[derive(Clone, Copy)]
pub struct Limits {
    /// `LOGIN_FAILURES_PER_USER` (10): wrong passwords for one user from one address.
    pub failures_per_user: u32,
    /// `LOGIN_FAILURES_PER_ADDRESS` (300): wrong passwords from one address.
    pub failures_per_address: u32,
    /// `LOGIN_WINDOW_SECONDS` (300): the window both are counted in.
    pub login_window: Duration,
    /// `REGISTRATIONS_PER_HOUR` (20): registrations tried from one address.
    pub registrations_per_hour: u32,
}

/// A variable whose value cannot be used. It stops the start.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{name} {problem}")]
pub struct ConfigError {
    name: &'static str,
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
            cors_origins: env.or("CORS_ORIGINS", Origins::None, Origins::parse)?,
            registration: env.registration()?,
            auth_failure_status: env.or(
                "AUTH_FAILURE_STATUS",
                StatusCode::UNAUTHORIZED,
                auth_failure_status,
            )?,
            auth_cache: env.or("AUTH_CACHE_SECONDS", Duration::from_secs(60), seconds)?,
            limits: Limits {
                failures_per_user: env.or("LOGIN_FAILURES_PER_USER", 10, count)?,
                failures_per_address: env.or("LOGIN_FAILURES_PER_ADDRESS", 300, count)?,
                login_window: env.or("LOGIN_WINDOW_SECONDS", Duration::from_secs(300), window)?,
                registrations_per_hour: env.or("REGISTRATIONS_PER_HOUR", 20, count)?,
            },
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
        parse(&value).map_err(|problem| ConfigError { name, problem })
    }

    fn registration(&self) -> Result<Registration, ConfigError> {
        let default = if cfg!(feature = "local") {
            "open"
        } else {
            "closed"
        };
        let mode = (self.0)("REGISTRATION").unwrap_or_else(|| default.to_owned());
        let code = (self.0)("REGISTRATION_CODE");
        match (mode.as_str(), code) {
            ("open", _) => Ok(Registration::Open),
            ("closed", _) => Ok(Registration::Closed),
            ("code", Some(code)) => Ok(Registration::Code(code)),
            ("code", None) => Err(ConfigError {
                name: "REGISTRATION_CODE",
                problem: "must be set when REGISTRATION is code",
            }),
            _ => Err(ConfigError {
                name: "REGISTRATION",
                problem: "must be open, code or closed",
            }),
        }
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

fn window(raw: &str) -> Result<Duration, &'static str> {
    seconds(raw)
        .ok()
        .filter(|window| !window.is_zero())
        .ok_or("must be at least one second")
}

fn count(raw: &str) -> Result<u32, &'static str> {
    raw.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or("must be a whole number above zero")
}

/// The origins whose pages may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    #[default]
    None,
    /// `*`: every page there is.
    Any,
    /// These, byte for byte.
    These(Vec<String>),
}

impl Origins {
    /// Reads origins as browsers write them, separated by commas; or `*`.
    pub fn parse(raw: &str) -> Result<Self, &'static str> {
        if raw.trim() == "*" {
            return Ok(Self::Any);
        }
        let origins = raw.split(',').map(str::trim);
        let origins: Option<Vec<_>> = origins
            .map(|origin| is_origin(origin).then(|| origin.to_owned()))
            .collect();
        origins
            .map(Self::These)
            .ok_or("must be * or origins like https://example.com, separated by commas")
    }

    /// What to allow to a page of this origin.
    pub fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::These(origins) => origins
                .iter()
                .any(|known| known.as_bytes() == origin.as_bytes())
                .then(|| origin.clone()),
        }
    }
}

/// As a browser serialises one: lower case, no path, no default port.
fn is_origin(raw: &str) -> bool {
    let Ok(uri) = raw.parse::<Uri>() else {
        return false;
    };
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority())
    else {
        return false;
    };
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    raw == format!("{scheme}://{authority}")
        && raw == raw.to_ascii_lowercase()
        && !raw.contains('@')
        && !authority.host().is_empty()
        && !raw.ends_with(default_port)
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
        assert_eq!(config.cors_origins, Origins::None);
        assert_eq!(config.auth_failure_status, StatusCode::UNAUTHORIZED);
        assert_eq!(config.auth_cache, Duration::from_secs(60));
        assert_eq!(config.limits.failures_per_user, 10);
        assert_eq!(config.limits.failures_per_address, 300);
        assert_eq!(config.limits.login_window, Duration::from_secs(300));
        assert_eq!(config.limits.registrations_per_hour, 20);
        let open = config.registration == Registration::Open;
        assert_eq!(open, cfg!(feature = "local"));
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
    fn origins_are_a_list_or_all() {
        let origins = |raw| read("CORS_ORIGINS", raw).map(|config| config.cors_origins);
        let two = ["https://example.com", "http://localhost:5173"].map(str::to_owned);
        assert_eq!(
            origins("https://example.com, http://localhost:5173"),
            Ok(Origins::These(two.to_vec()))
        );
        assert_eq!(origins("*"), Ok(Origins::Any));
    }

    #[test]
    fn registration_by_code_needs_the_code() {
        let missing = read("REGISTRATION", "code").err();
        let expected = "REGISTRATION_CODE must be set when REGISTRATION is code";
        assert_eq!(missing.as_deref(), Some(expected));
        let both = |name| match name {
            "REGISTRATION" => Some("code".to_owned()),
            "REGISTRATION_CODE" => Some("sesame".to_owned()),
            _ => None,
        };
        let config = Config::read(both).expect("a code");
        assert!(config.registration == Registration::Code("sesame".to_owned()));
    }

    #[test]
    fn a_value_that_cannot_be_used_is_named() {
        let bad = [
            ("PUBLIC_URL", "todo.example.com"),
            ("PUBLIC_URL", "ftp://todo.example.com"),
            ("PUBLIC_URL", "https://todo.example.com/?x=1"),
            ("CORS_ORIGINS", "example.com"),
            ("CORS_ORIGINS", "https://example.com/"),
            ("CORS_ORIGINS", "https://Example.com"),
            ("CORS_ORIGINS", "https://example.com:443"),
            ("CORS_ORIGINS", "https://ada@example.com"),
            ("CORS_ORIGINS", "https://example.com,"),
            ("CORS_ORIGINS", "https://example.com, *"),
            ("CORS_ORIGINS", "null"),
            ("REGISTRATION", "maybe"),
            ("AUTH_FAILURE_STATUS", "404"),
            ("AUTH_CACHE_SECONDS", "-1"),
            ("AUTH_CACHE_SECONDS", "1m"),
            ("LOGIN_FAILURES_PER_USER", "0"),
            ("LOGIN_FAILURES_PER_ADDRESS", "many"),
            ("LOGIN_WINDOW_SECONDS", "0"),
            ("REGISTRATIONS_PER_HOUR", "-5"),
        ];
        for (name, value) in bad {
            let message = read(name, value).err().expect(value);
            assert!(
                message.starts_with(&format!("{name} must be ")),
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
