//! Lists by their names.

use super::Caller;
use super::arguments::ListReference;
use crate::api::error::ApiError;
use crate::domain::json::InvalidInput;
use crate::domain::list::{List, ListId};
use crate::domain::text::fold;

/// How many names an error lists.
const MAX_NAMES: usize = 20;

/// The list that is meant. A list's URI is only judged when it is used. One Query for all names.
pub async fn find(caller: &Caller<'_>, reference: ListReference) -> Result<ListId, ApiError> {
    let name = match reference {
        ListReference::Uri(id) => return Ok(id),
        ListReference::Name(name) => name,
    };
    let read = || caller.app.store.list_lists(caller.account);
    let all = caller.lists.get_or_try_init(read).await?;
    Ok(named(caller, all, &name)?)
}

/// The only list of this name; if there is none, the only one of this name in any case.
fn named(caller: &Caller<'_>, all: &[List], name: &str) -> Result<ListId, InvalidInput> {
    let folded = fold(name);
    let list_name = |list: &List| list.content.name.as_str().to_owned();
    let mut found: Vec<_> = all.iter().filter(|list| list_name(list) == name).collect();
    if found.is_empty() {
        let alike = |list: &&List| fold(&list_name(list)) == folded;
        found = all.iter().filter(alike).collect();
    }
    match found.as_slice() {
        [only] => Ok(only.id),
        [] => {
            let names = all.iter().take(MAX_NAMES).map(list_name);
            let names = names.collect::<Vec<_>>().join(", ");
            let more = match all.len() > MAX_NAMES {
                true => "; list_lists has the others",
                false => "",
            };
            let problem =
                format!("must be the name or the URI of a list; there are: {names}{more}");
            Err(InvalidInput::field("list", problem))
        }
        several => {
            let uris = several.iter().map(|list| caller.base.list(list.id));
            let uris: Vec<_> = uris.map(|uri| uri.as_str().to_owned()).collect();
            let problem = format!(
                "is the name of several lists; use one of the URIs {}",
                uris.join(", ")
            );
            Err(InvalidInput::field("list", problem))
        }
    }
}
