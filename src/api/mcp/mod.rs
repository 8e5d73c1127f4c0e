//! The Model Context Protocol: the same to-do list for the assistants of language models, at `POST
//! /mcp`. Every request stands alone; there is no session.
//!
//! `protocol` reads a message, `rpc_error` and `results` are what it is responded to with;
//! `tools` has the tools, `calls` what they do, `definitions` how they are described.

mod adding;
mod arguments;
mod calls;
mod data;
pub mod definitions;
mod docs;
mod handlers;
mod items;
mod lists;
mod protocol;
mod results;
mod rpc_error;
mod tools;
mod words;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::domain::account::Account;
use crate::domain::list::List;

use super::state::AppState;
use super::uris::BaseUri;

/// Who calls a tool, and what it needs.
struct Caller<'a> {
    app: &'a AppState,
    account: &'a Account,
    base: &'a BaseUri,
    may_write: bool,
    /// For the tasks of a call, after which the response is written.
    deadline: Instant,
    /// The account's lists, read when a name is first to be looked up.
    lists: OnceCell<Vec<List>>,
}

pub use docs::{paths, schemas};
pub use handlers::*;
