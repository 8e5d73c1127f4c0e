//! Start-up: the configuration, the clients once, then events until the environment ends.

use std::process::ExitCode;

use aws_sdk_dynamodb::Client;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;
use todo_api::api::state::AppState;
use todo_api::config::Config;
use todo_api::lambda::Function;
use todo_api::store::Store;
use todo_api::telemetry::{self, Log};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A request makes about a thousand small allocations: with the system's allocator it takes an
/// eighth more processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    telemetry::init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the service cannot go on: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let config = Config::from_env()?;
    let client = connect(&config).await?;
    let store = Store::new(client, config.table_name.clone());
    // Lambda gives the start more processor than it gives requests; if it fails here, they tell.
    let _ = store.warm_up().await;
    let name = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "todo-api".to_owned());
    let function = Function::new(AppState::new(config, store), Log::to_stdout(name));
    let handler = service_fn(|event: LambdaEvent<Box<RawValue>>| function.handle(event));
    Runtime::new(handler).run().await
}

#[cfg(not(feature = "local"))]
async fn connect(_: &Config) -> Result<Client, Error> {
    let config = todo_api::store::client::from_environment()?;
    Ok(Client::from_conf(config.build()))
}

/// The embedded engine, unless the environment names another one.
#[cfg(feature = "local")]
async fn connect(config: &Config) -> Result<Client, Error> {
    todo_api::local::connect(config).await
}
