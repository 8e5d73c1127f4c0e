//! Runs the embedded engine as a separate process, in memory, with the empty table `todo`, so that
//! several functions can share it through `AWS_ENDPOINT_URL_DYNAMODB`. Prints its URL, and exits when
//! its input ends.
//!
//! `cargo run --features local --example engine`

use std::io::{Read, Write};

use aws_sdk_dynamodb::Client;
use todo_api::local;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let url = local::start_engine(None).await?;
    local::create_table(&Client::from_conf(local::config(&url)?.build()), "todo").await?;
    writeln!(std::io::stdout(), "{url}")?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
