//! Start-up: reads the configuration, creates the clients once, then handles events until the
//! process ends. With the argument `check` it ends before the first event, and with `set-password` it
//! does that instead.

mod set_password;

use std::io::Write;
use std::process::ExitCode;

use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;
use todo_api::api::state::AppState;
use todo_api::config::{Config, ConfigError, LogConfig};
use todo_api::lambda::Function;
use todo_api::store::Store;
use todo_api::telemetry::{self, Log};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A request makes about a thousand small allocations. With the system's allocator it takes an
/// eighth more processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config = Config::from_env();
    let arguments = std::env::args_os().skip(1);
    let arguments: Vec<_> = arguments
        .map(|word| word.to_string_lossy().into())
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => serve(config).await,
        ["check"] => to_stderr(CANNOT_START, check(config).await),
        ["set-password", name, place @ ..] if place.len() < 2 => {
            let result = set(config, name, place.first().copied()).await;
            to_stderr("the password is not set", result)
        }
        _ => {
            let unknown = "unknown argument; `check` and `set-password NAME [PLACE]` are known";
            to_stderr(CANNOT_START, Err(unknown.into()))
        }
    }
}

const CANNOT_START: &str = "the service cannot start";

async fn set(
    config: Result<Config, ConfigError>,
    name: &str,
    place: Option<&str>,
) -> Result<(), Error> {
    set_password::run(config?, name, place).await
}

/// Handles events until the process ends.
async fn serve(config: Result<Config, ConfigError>) -> ExitCode {
    let log = config.as_ref().map(|config| config.log.clone());
    telemetry::init(&log.unwrap_or_else(|_| LogConfig::default()));
    let function = match start(config).await {
        Ok(function) => function,
        Err(error) => {
            tracing::error!("{}", one_line(CANNOT_START, &error));
            return ExitCode::FAILURE;
        }
    };
    let handler = service_fn(|event: LambdaEvent<Box<RawValue>>| function.handle(event));
    match Runtime::new(handler).run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the Lambda runtime failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn start(config: Result<Config, ConfigError>) -> Result<Function, Error> {
    let config = config?;
    // `Runtime::new` panics without it.
    if config.runtime_api.is_none() {
        return Err("AWS_LAMBDA_RUNTIME_API is not set; `make run` starts the service".into());
    }
    let store = open_store(&config).await?;
    // Lambda gives the start more processor time than the requests. If this fails, so will the
    // first request, whose log line has the cause.
    let _ = store.warm_up().await;
    #[cfg(feature = "local")]
    if let Some(message) = todo_api::local::ready_message(&config) {
        let _ = writeln!(std::io::stdout(), "{message}");
    }
    let log = Log::to_stdout(&config.log);
    Ok(Function::new(AppState::new(config, store), log))
}

/// Checks that the service can start: reads the configuration and the table. For `make run`,
/// because `cargo lambda watch` outlives a function that cannot start.
async fn check(config: Result<Config, ConfigError>) -> Result<(), Error> {
    Ok(open_store(&config?).await?.warm_up().await?)
}

#[cfg(not(feature = "local"))]
async fn open_store(config: &Config) -> Result<Store, Error> {
    let client = todo_api::store::client::with_environment_credentials(&config.dynamodb)?;
    Ok(Store::new(client, config.table_name.clone()))
}

/// The embedded engine, unless the environment names another server.
#[cfg(feature = "local")]
async fn open_store(config: &Config) -> Result<Store, Error> {
    todo_api::local::open_store(config).await
}

fn to_stderr(problem: &str, result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{}", one_line(problem, &error));
            ExitCode::FAILURE
        }
    }
}

/// One line, whatever the error is.
fn one_line(problem: &str, error: &Error) -> String {
    let cause = telemetry::error_chain(error.as_ref());
    let cause = cause.replace(char::is_control, " ");
    format!("{problem}: {cause}")
}
