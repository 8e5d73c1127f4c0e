//! The environment variables that the service reads: once at start, typed, and an error names its
//! variable.
//!
//! Three libraries read some by themselves. The AWS SDK reads the credentials
//! (`AWS_ACCESS_KEY_ID` and so on), the TLS library the certificates that `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` name, and the Lambda runtime what Lambda says about the function
//! (`AWS_LAMBDA_…`).

mod origins;
mod variables;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use http::{StatusCode, Uri};
use thiserror::Error;
use tracing_subscriber::filter::LevelFilter;

pub use origins::Origins;
use variables::Variables;

/// The settings of this process. Each field names its variable and, in brackets, the default. Has
/// no `Debug`, because of the registration code.
#[derive(Clone)]
pub struct Config {
    pub log: LogConfig,
    pub dynamodb: DynamoDbConfig,
    /// `TABLE_NAME` (`todo`): the DynamoDB table.
    pub table_name: String,
    /// `TODO_DB` (`.todo/todo.db`): the embedded engine's file.
    pub database_file: PathBuf,
    /// `AWS_LAMBDA_RUNTIME_API` (none): where the Lambda runtime fetches events. Lambda and
    /// `cargo lambda watch` set it.
    pub runtime_api: Option<String>,
    /// `PUBLIC_URL` (none): the beginning of every URI in a response, without a final slash.
    pub public_url: Option<String>,
    /// `CORS_ORIGINS` (none): the origins whose pages may call from a browser; `*` for all.
    pub cors_origins: Origins,
    /// `REGISTRATION` (`open` with the embedded engine, else `closed`) and `REGISTRATION_CODE`.
    pub registration: Registration,
    /// `AUTH_FAILURE_STATUS` (401): 403 keeps browsers from showing their own login dialog.
    pub auth_failure_status: StatusCode,
    /// `AUTH_CACHE_SECONDS` (60): how long verified credentials stay cached; 0 verifies each time.
    pub auth_cache: Duration,
    pub limits: Limits,
}

/// What is logged, and how.
#[derive(Clone)]
pub struct LogConfig {
    /// `RUST_LOG` (`warn`): the level of the libraries' messages. A value that is not a level is
    /// ignored, because a shell may hold a filter for other programs.
    pub level: LevelFilter,
    /// `LOG_FORMAT` (`text` with the embedded engine, else `json`).
    pub format: LogFormat,
    /// `AWS_LAMBDA_FUNCTION_NAME` (`todo-api`): the name under which the metrics are kept.
    pub function: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line, with CloudWatch's metrics in a request's line.
    Json,
    /// One short line for people.
    Text,
}

impl LogFormat {
    /// The format of this build when `LOG_FORMAT` is not set.
    pub const DEFAULT: Self = if cfg!(feature = "local") {
        Self::Text
    } else {
        Self::Json
    };
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            level: LevelFilter::WARN,
            format: LogFormat::DEFAULT,
            function: "todo-api".to_owned(),
        }
    }
}

/// The server that has the table.
#[derive(Clone)]
pub struct DynamoDbConfig {
    /// `AWS_REGION`, or else `AWS_DEFAULT_REGION`: has to be set, except in a local build, where it
    /// is `us-east-1` by default. The embedded engine is always there.
    pub region: String,
    /// `AWS_ENDPOINT_URL_DYNAMODB`, or else `AWS_ENDPOINT_URL` (none): a server other than AWS's.
    /// With the embedded engine only the first of them counts, and replaces that engine.
    pub endpoint: Option<String>,
    /// `SSL_CERT_FILE`, `SSL_CERT_DIR` (none): whether one of them names certificate authorities,
    /// which then apply to AWS's servers too.
    pub custom_authorities: bool,
}

/// Who may create an account.
#[derive(Clone, PartialEq, Eq)]
pub enum Registration {
    Open,
    /// Whoever knows this code.
    Code(String),
    Closed,
}

/// How often something may be attempted within a fixed window of time. Each attempt takes 12 bytes of
/// one item, so more than some 20,000 would not fit into DynamoDB's 400 KB, and each costs a write of
/// all that were counted before.
#[derive(Clone, Copy)]
pub struct Limits {
    /// `LOGIN_FAILURES_PER_USER` (10): wrong passwords for one user from one address.
    pub failures_per_user: u32,
    /// `LOGIN_FAILURES_PER_ADDRESS` (300): wrong passwords from one address.
    pub failures_per_address: u32,
    /// `LOGIN_WINDOW_SECONDS` (300): the window that both are counted in.
    pub login_window: Duration,
    /// `REGISTRATIONS_PER_HOUR` (20): registration attempts from one address.
    pub registrations_per_hour: u32,
}

/// A variable whose value cannot be used. The service does not start with it. Does not show the
/// value, which may be a secret.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{name} {problem}")]
pub struct ConfigError {
    name: &'static str,
    problem: &'static str,
}

impl Config {
    /// Reads the environment of the process.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(std::env::var_os)
    }

    /// Reads variables through `lookup`; an empty value counts as not set.
    pub fn read<V: Into<OsString>>(
        lookup: impl Fn(&'static str) -> Option<V>,
    ) -> Result<Self, ConfigError> {
        let env = Variables::new(lookup);
        let table_name = env.get("TABLE_NAME")?;
        let database_file = env.get("TODO_DB")?;
        let status = StatusCode::UNAUTHORIZED;
        Ok(Self {
            log: log(&env)?,
            dynamodb: dynamodb(&env)?,
            table_name: table_name.unwrap_or_else(|| "todo".to_owned()),
            database_file: database_file.map_or_else(|| ".todo/todo.db".into(), PathBuf::from),
            runtime_api: env.get("AWS_LAMBDA_RUNTIME_API")?,
            public_url: env.parse("PUBLIC_URL", None, |raw| public_url(raw).map(Some))?,
            cors_origins: env.parse("CORS_ORIGINS", Origins::None, Origins::parse)?,
            registration: registration(&env)?,
            auth_failure_status: env.parse("AUTH_FAILURE_STATUS", status, auth_failure_status)?,
            auth_cache: env.parse("AUTH_CACHE_SECONDS", Duration::from_secs(60), seconds)?,
            limits: limits(&env)?,
        })
    }
}

fn log(env: &Variables<'_>) -> Result<LogConfig, ConfigError> {
    let default = LogConfig::default();
    let level = env.get("RUST_LOG")?.and_then(|raw| raw.parse().ok());
    Ok(LogConfig {
        level: level.unwrap_or(default.level),
        format: env.parse("LOG_FORMAT", default.format, log_format)?,
        function: env
            .get("AWS_LAMBDA_FUNCTION_NAME")?
            .unwrap_or(default.function),
    })
}

fn dynamodb(env: &Variables<'_>) -> Result<DynamoDbConfig, ConfigError> {
    let (region, endpoint) = if cfg!(feature = "local") {
        let endpoint = env.get("AWS_ENDPOINT_URL_DYNAMODB")?;
        let region = match &endpoint {
            Some(_) => env.first(["AWS_REGION", "AWS_DEFAULT_REGION"])?,
            None => None,
        };
        (region.unwrap_or_else(|| "us-east-1".to_owned()), endpoint)
    } else {
        let missing = ConfigError {
            name: "AWS_REGION",
            problem: "must be set",
        };
        let region = env.first(["AWS_REGION", "AWS_DEFAULT_REGION"])?;
        let endpoint = env.first(["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"])?;
        (region.ok_or(missing)?, endpoint)
    };
    Ok(DynamoDbConfig {
        region,
        endpoint,
        custom_authorities: env.is_set("SSL_CERT_FILE") || env.is_set("SSL_CERT_DIR"),
    })
}

fn registration(env: &Variables<'_>) -> Result<Registration, ConfigError> {
    let default = if cfg!(feature = "local") {
        "open"
    } else {
        "closed"
    };
    let mode = env.get("REGISTRATION")?;
    match mode.as_deref().unwrap_or(default) {
        "open" => Ok(Registration::Open),
        "closed" => Ok(Registration::Closed),
        "code" => {
            let code = env.get("REGISTRATION_CODE")?;
            code.map(Registration::Code).ok_or(ConfigError {
                name: "REGISTRATION_CODE",
                problem: "must be set when REGISTRATION is code",
            })
        }
        _ => Err(ConfigError {
            name: "REGISTRATION",
            problem: "must be open, code or closed",
        }),
    }
}

fn limits(env: &Variables<'_>) -> Result<Limits, ConfigError> {
    Ok(Limits {
        failures_per_user: env.parse("LOGIN_FAILURES_PER_USER", 10, count)?,
        failures_per_address: env.parse("LOGIN_FAILURES_PER_ADDRESS", 300, count)?,
        login_window: env.parse("LOGIN_WINDOW_SECONDS", Duration::from_secs(300), window)?,
        registrations_per_hour: env.parse("REGISTRATIONS_PER_HOUR", 20, count)?,
    })
}

fn log_format(raw: &str) -> Result<LogFormat, &'static str> {
    match raw {
        "json" => Ok(LogFormat::Json),
        "text" => Ok(LogFormat::Text),
        _ => Err("must be json or text"),
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

#[cfg(test)]
mod tests;
