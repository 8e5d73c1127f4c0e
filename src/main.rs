//! Start-up: reads the configuration, creates the clients once, then handles events until the
//! process ends. With the argument `check` it ends before the first event.

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
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [] => serve(config).await,
        [argument] if argument == "check" => to_stderr(check(config).await),
        _ => to_stderr(Err("unknown argument; `check` is the only one".into())),
    }
}

/// Handles events until the process ends.
async fn serve(config: Result<Config, ConfigError>) -> ExitCode {
    let log = config.as_ref().map(|config| config.log.clone());
    telemetry::init(&log.unwrap_or_else(|_| LogConfig::default()));
    let function = match start(config).await {
        Ok(function) => function,
        Err(error) => {
            tracing::error!("{}", cannot_start(&error));
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

fn to_stderr(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{}", cannot_start(&error));
            ExitCode::FAILURE
        }
    }
}

/// One line, whatever the error is.
fn cannot_start(error: &Error) -> String {
    let cause = telemetry::error_chain(error.as_ref());
    let cause = cause.replace(char::is_control, " ");
    format!("the service cannot start: {cause}")
}
