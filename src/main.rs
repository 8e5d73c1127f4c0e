//! Start-up: the configuration, the clients once, then events until the environment ends.

use std::process::ExitCode;

use aws_sdk_dynamodb::Client;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;
use todo_api::api::state::AppState;
use todo_api::config::{Config, ConfigError};
use todo_api::lambda::Function;
use todo_api::store::Store;
use todo_api::telemetry::{self, Log};
use tracing_subscriber::filter::LevelFilter;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A request makes about a thousand small allocations: with the system's allocator it takes an
/// eighth more processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config = Config::from_env();
    telemetry::init(
        config
            .as_ref()
            .map_or(LevelFilter::WARN, |config| config.log.level),
    );
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the service cannot go on: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Result<Config, ConfigError>) -> Result<(), Error> {
    let config = config?;
    let client = connect(&config).await?;
    let store = Store::new(client, config.table_name.clone());
    // Lambda gives the start more processor than it gives requests; if it fails here, they tell.
    let _ = store.warm_up().await;
    let log = Log::to_stdout(config.log.function.clone());
    let function = Function::new(AppState::new(config, store), log);
    let handler = service_fn(|event: LambdaEvent<Box<RawValue>>| function.handle(event));
    Runtime::new(handler).run().await
}

#[cfg(not(feature = "local"))]
async fn connect(config: &Config) -> Result<Client, Error> {
    todo_api::store::client::with_environment_credentials(&config.dynamodb)
}

/// The embedded engine, unless the environment names another one.
#[cfg(feature = "local")]
async fn connect(config: &Config) -> Result<Client, Error> {
    todo_api::local::connect(config).await
}
