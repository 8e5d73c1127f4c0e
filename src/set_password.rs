//! `todo-api set-password NAME [PLACE]`: an operator replaces the password of a user who has forgotten
//! it. PLACE is what the prompt calls the table, such as the stack that it belongs to.
//! `make set-password` calls it, and switches the terminal's echo off while it reads.

use std::io::{BufRead, Write};

use thiserror::Error;
use todo_api::auth::PasswordHasher;
use todo_api::config::Config;
use todo_api::domain::account::{Username, UsernameError};
use todo_api::domain::password::{NewPassword, Password, PasswordError};
use todo_api::store::StoreError;

use super::Error;

/// Why the password was not set. Never shows an entry.
#[derive(Debug, Error)]
enum Refusal {
    #[error("the user name {0}")]
    Username(#[from] UsernameError),
    #[error("the password {0}")]
    Password(#[from] PasswordError),
    #[error("the two entries differ")]
    Mismatch,
    #[error("no password was entered")]
    NoEntry,
    #[error("there is no user {0}")]
    NoSuchUser(String),
    #[error("the account of {0} is closed and being deleted")]
    Closed(String),
    #[error("there is no database {0} (TODO_DB); for a deployed stack, set STACK=… and REGION=…")]
    NoDatabase(String),
}

/// Reads a new password twice, and stores it as that of the user `name`, whose tokens all end.
pub async fn run(config: Config, name: &str, place: Option<&str>) -> Result<(), Error> {
    let username: Username = name.parse().map_err(Refusal::Username)?;
    // Without this, a local build would create the file that does not exist.
    let is_missing = config.dynamodb.endpoint.is_none() && !config.database_file.exists();
    if cfg!(feature = "local") && is_missing {
        let file = config.database_file.display().to_string();
        return Err(Refusal::NoDatabase(file).into());
    }
    let store = super::open_store(&config).await?;
    let place = place.map_or_else(|| place_of(&config), str::to_owned);
    let password = read_password(&username, &place)?;
    let hash = PasswordHasher::new().hash(password).await?;
    match store.reset_password(&username, hash).await {
        Ok(()) => {
            writeln!(
                std::io::stdout(),
                "The password of {name} is set, and all tokens have ended. A running service may \
                 accept the old ones for up to AUTH_CACHE_SECONDS more."
            )?;
            Ok(())
        }
        Err(StoreError::NotFound) => Err(Refusal::NoSuchUser(name.to_owned()).into()),
        Err(StoreError::StaleCredentials(_)) => Err(Refusal::Closed(name.to_owned()).into()),
        Err(error) => Err(error.into()),
    }
}

/// Where the accounts are, as the prompt says it: nobody shall change production by mistake.
fn place_of(config: &Config) -> String {
    match &config.dynamodb.endpoint {
        Some(url) => format!("the table {} at {url}", config.table_name),
        None if cfg!(feature = "local") => config.database_file.display().to_string(),
        None => format!("the table {}", config.table_name),
    }
}

fn read_password(username: &Username, place: &str) -> Result<Password, Error> {
    let question = format!("New password of {} in {place}", username.as_str());
    let first = NewPassword::try_from(ask(&question)?).map_err(Refusal::Password)?;
    let first = first.of(username).map_err(Refusal::Password)?;
    if first.as_bytes() != ask("The same again")?.as_bytes() {
        return Err(Refusal::Mismatch.into());
    }
    Ok(first)
}

/// One line of the standard input.
fn ask(question: &str) -> Result<String, Error> {
    write!(std::io::stderr(), "{question}: ")?;
    let mut line = String::new();
    let length = std::io::stdin().lock().read_line(&mut line)?;
    // The terminal shows no line break either.
    writeln!(std::io::stderr())?;
    if length == 0 {
        return Err(Refusal::NoEntry.into());
    }
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
