//! Judges a record of requests: is there one order of single writes that explains every response?
//!
//! Every write sets a mark of its own, and an item's version rises by one with every write. So a
//! version that was seen names the write that made it, and the versions of an item are that order.

use std::collections::{BTreeMap, HashMap};

use super::events::{Action, Event, Members, State, Stored, end_of};
use crate::client::{LISTS, TASKS, TOKENS, USERS};

/// What no order explains, of one account.
pub fn check(
    events: &[Event],
    stored: &HashMap<String, Stored>,
    tokens: &[(String, String)],
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut items: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events {
        items.entry(&event.uri).or_default().push(event);
    }
    let failed = items.remove("").unwrap_or_default();
    let writes = events.iter().filter_map(|event| {
        let members = event.members()?;
        let is_create = matches!(event.action, Action::Create(_));
        Some(((members.mark.as_str(), is_create), (event, members)))
    });
    let writes = writes.collect();
    let list_deletes = |event: &&Event| event.uri.contains(LISTS) && event.may_have_deleted();
    let list_deletes: Vec<_> = events.iter().filter(list_deletes).collect();
    for (uri, events) in &items {
        let item = Item {
            uri,
            events,
            all_writes: &writes,
            list_deletes: &list_deletes,
        };
        if uri.contains(TOKENS) {
            item.check_deletion(&mut problems);
            item.check_token(tokens, &mut problems);
            continue;
        }
        let stored_item = stored.get(end_of(uri));
        item.check_chain(stored_item, &mut problems);
        item.check_order(&mut problems);
        if !uri.contains(USERS) {
            item.check_deletion(&mut problems);
            item.check_stored(stored_item, &mut problems);
        }
        if uri.contains(TASKS) {
            item.check_list(stored_item, &mut problems);
        }
    }
    // Only a list that is gone is refused: as a member, or as the path of a create.
    for event in events {
        let is_create = matches!(event.action, Action::Create(_));
        let is_refused = event.status == 400 || (event.status == 404 && is_create);
        let list = event.members().and_then(|members| members.list.as_deref());
        let list = list.map(end_of);
        let mut deletes = list_deletes
            .iter()
            .filter(|delete| list == Some(end_of(&delete.uri)));
        if is_refused && !deletes.any(|delete| delete.start < event.end) {
            problems.push(format!("refused, but nobody deleted the list: {event:?}"));
        }
    }
    // A create that ended as 503 may have been applied.
    let failed = failed.iter().filter(|event| event.status == 503);
    let completions = events.iter().filter(|event| event.may_have_completed());
    let failed = failed.count() + completions.count();
    for (name, path) in [("tasks", TASKS), ("lists", LISTS)] {
        let created = events.iter().filter(|event| event.status == 201);
        let created = created.filter(|event| event.uri.contains(path)).count();
        let kept = stored
            .keys()
            .filter(|end| end.starts_with(name) && *end != "lists/0");
        let kept = kept.count();
        if !(created..=created + failed).contains(&kept) {
            problems.push(format!(
                "{kept} {name} are stored, {created} were created, and {failed} may have been"
            ));
        }
    }
    problems
}

/// One item and the requests that were about it.
struct Item<'a> {
    uri: &'a str,
    events: &'a [&'a Event],
    /// The writes to all items, by their marks and whether they created the item. A task that follows
    /// another has the mark of the write that completed that one.
    all_writes: &'a HashMap<(&'a str, bool), (&'a Event, &'a Members)>,
    /// The deletions of lists that were, or may have been, applied.
    list_deletes: &'a [&'a Event],
}

impl Item<'_> {
    fn writes(&self) -> impl Iterator<Item = (&Event, &Members)> {
        let events = self.events.iter();
        events.filter_map(|event| Some((*event, event.members()?)))
    }

    fn deletes(&self) -> impl Iterator<Item = &Event> {
        let deletes = self.events.iter().copied();
        deletes.filter(|event| matches!(event.action, Action::Delete(_)))
    }

    fn is_list(&self) -> bool {
        self.uri.contains(LISTS)
    }

    /// The deletions of a list that a task was, or was to be, put into.
    fn deletes_of(&self, list: &str) -> impl Iterator<Item = &Event> {
        let deletes = self.list_deletes.iter().copied();
        deletes.filter(move |delete| end_of(&delete.uri) == end_of(list))
    }

    /// Whether a deletion of this item, or of a list that it may have been in, had begun by the end of
    /// `event`.
    fn may_be_deleted_by(&self, event: &Event) -> bool {
        let lists = self
            .writes()
            .filter_map(|(_, members)| members.list.as_ref());
        let of_lists = lists.flat_map(|list| self.deletes_of(list));
        let own = self.deletes().filter(|delete| delete.may_have_deleted());
        own.chain(of_lists).any(|delete| delete.start < event.end)
    }

    /// Each version has one state, which is that of the version before with one write applied, and
    /// no write makes two versions.
    fn check_chain(&self, stored: Option<&Stored>, problems: &mut Vec<String>) {
        let states = self.states(stored, problems);
        let mut problem = |text: String| problems.push(format!("{}: {text}", self.uri));
        let mut versions = HashMap::new();
        for (version, state) in &states {
            let before = states.get(&(version - 1)).copied();
            if let Err(text) = self.check_write(state, before) {
                problem(text);
            }
            if let Some(other) = versions.insert(&state.mark, *version) {
                problem(format!("{} made {other} and {version}", state.mark));
            }
        }
        // An accepted write that was overtaken shows a later version than its own.
        for (event, members) in self.writes() {
            if let (Some(own), Some(seen)) = (versions.get(&members.mark), &event.seen)
                && *own > seen.version
            {
                problem(format!("version {own} came back as {}", seen.version));
            }
        }
    }

    /// What was seen of each version, without the last one of a deleted item: the deletion made it
    /// and changed nothing else, and an update that was applied before may show it.
    fn states(&self, stored: Option<&Stored>, problems: &mut Vec<String>) -> BTreeMap<u64, &State> {
        let mut problem = |text: String| problems.push(format!("{}: {text}", self.uri));
        let mut states: BTreeMap<u64, &State> = BTreeMap::new();
        for state in self.events.iter().filter_map(|event| event.seen.as_ref()) {
            let known = states.entry(state.version).or_insert(state);
            if *known != state {
                problem(format!("one version, two states: {known:?}, {state:?}"));
            }
        }
        if let Some(deletion) = stored.filter(|stored| stored.is_deleted)
            && let Some(shown) = states.remove(&deletion.version)
            && let Some(last) = states.get(&(deletion.version - 1))
            && shown.mark != last.mark
        {
            problem(format!("{shown:?} is the deletion's version"));
        }
        states
    }

    /// The write that a state names was not refused, and made it out of the state before.
    fn check_write(&self, state: &State, before: Option<&State>) -> Result<(), String> {
        let (version, mark) = (state.version, state.mark.as_str());
        if mark.is_empty() && version == 1 && self.uri.contains(USERS) {
            return Ok(()); // What an account was before its first change.
        }
        let write = self.all_writes.get(&(mark, version == 1));
        let Some((event, members)) = write else {
            let completion = self.all_writes.get(&(mark, false));
            return match completion.is_some_and(|(event, _)| event.may_have_completed()) {
                true => Ok(()),
                false => Err(format!("nobody wrote {state:?}")),
            };
        };
        let is_create = matches!(event.action, Action::Create(_));
        let is_of_this = event.uri.is_empty() || event.uri == self.uri;
        // A change of a list that was deleted before its retry is 404: a tombstone shows nothing.
        let is_hidden = self.is_list() && event.status == 404;
        if !is_of_this || !(matches!(event.status, 200 | 201 | 503) || is_hidden) {
            return Err(format!("applied all the same: {event:?}"));
        }
        let expected = event.expected().map(|expected| expected + 1);
        if is_create != (version == 1) || expected.is_some_and(|expected| expected != version) {
            return Err(format!("made version {version}: {event:?}"));
        }
        if !members.make(state, before) {
            return Err(format!("{members:?} made {state:?} of {before:?}"));
        }
        let completes = before.map(|before| members.complete(before));
        match completes.is_some_and(|completes| completes != event.is_followed) {
            true if event.status == 200 => Err(format!("{event:?} followed {before:?}")),
            _ => Ok(()),
        }
    }

    /// What ended before a request began is seen by it.
    fn check_order(&self, problems: &mut Vec<String>) {
        for event in self.events {
            let Some(seen) = &event.seen else { continue };
            let ended = self.events.iter().filter(|other| other.end < event.start);
            let versions = ended.filter_map(|other| Some(other.seen.as_ref()?.version));
            let least = versions.max().unwrap_or(0) + u64::from(event.action != Action::Read);
            if seen.version < least {
                problems.push(format!("{}: older than {least}: {event:?}", self.uri));
            }
        }
    }

    /// One delete succeeds, afterwards there is nothing, and before there is something.
    fn check_deletion(&self, problems: &mut Vec<String>) {
        let mut problem = |text: String| problems.push(format!("{}: {text}", self.uri));
        let deleted: Vec<_> = self.deletes().filter(|event| event.status == 200).collect();
        // The same request continues the deletion of a list: two at once may both succeed.
        if deleted.len() > 1 && !self.is_list() {
            problem(format!("deleted {} times", deleted.len()));
        }
        let end = deleted.iter().map(|event| event.end).min();
        let mut creates = self.events.iter().filter(|event| event.status == 201);
        let created = creates.next().map(|event| event.end);
        if creates.next().is_some() {
            problem("created twice".to_owned());
        }
        for event in self.events {
            let is_late = end.is_some_and(|end| end < event.start);
            if event.status == 200 && is_late {
                problem(format!("came back: {event:?}"));
            }
            let is_created = created.is_some_and(|created| created < event.start);
            if event.status == 404 && is_created && !self.may_be_deleted_by(event) {
                problem(format!("nobody deleted it: {event:?}"));
            }
        }
    }

    /// As many writes were applied as were accepted.
    fn check_stored(&self, stored: Option<&Stored>, problems: &mut Vec<String>) {
        let mut problem = |text: String| problems.push(format!("{}: {text}", self.uri));
        let deletes = |status| {
            self.deletes()
                .filter(|event| event.status == status)
                .count() as u64
        };
        let writes = |status| {
            self.writes()
                .filter(|(event, _)| event.status == status)
                .count() as u64
        };
        let Some(stored) = stored else {
            // A client may have guessed the URI of a task that was never created.
            let accepted = self
                .events
                .iter()
                .find(|event| matches!(event.status, 200 | 201));
            return accepted
                .into_iter()
                .for_each(|event| problem(format!("not in the table: {event:?}")));
        };
        if self.is_list() {
            // One deletion, however many requests made it; changes whose item it hid.
            let deleted = u64::from(stored.is_deleted);
            let least = 1 + writes(200) + deleted;
            let most = least + writes(503) + deleted * writes(404);
            if !(least..=most).contains(&stored.version) {
                problem(format!(
                    "{stored:?}, but {least} to {most} writes were accepted"
                ));
            }
            let may_be = self.deletes().any(Event::may_have_deleted);
            if (deletes(200) > 0 && !stored.is_deleted) || (stored.is_deleted && !may_be) {
                problem(format!(
                    "{stored:?}, but {} deletes succeeded",
                    deletes(200)
                ));
            }
            return;
        }
        let list = stored.list.as_deref().unwrap_or_default();
        let with_list =
            stored.is_deleted && deletes(200) == 0 && self.deletes_of(list).next().is_some();
        let least = 1 + writes(200) + deletes(200) + u64::from(with_list && deletes(503) == 0);
        let most =
            1 + writes(200) + writes(503) + deletes(200) + deletes(503) + u64::from(with_list);
        if !(least..=most).contains(&stored.version) {
            problem(format!(
                "{stored:?}, but {least} to {most} writes were accepted"
            ));
        }
        if stored.is_deleted != (deletes(200) > 0) && deletes(503) == 0 && !with_list {
            problem(format!(
                "{stored:?}, but {} deletes were accepted",
                deletes(200)
            ));
        }
    }

    /// Nothing stands in a list that is gone.
    fn check_list(&self, stored: Option<&Stored>, problems: &mut Vec<String>) {
        let mut problem = |text: String| problems.push(format!("{}: {text}", self.uri));
        for event in self.events {
            let seen = event.seen.as_ref().filter(|_| event.status == 200);
            let gone = seen.is_some_and(|seen| {
                let mut deletes = self.deletes_of(&seen.list);
                deletes.any(|delete| delete.status == 200 && delete.end < event.start)
            });
            if gone {
                problem(format!("stands in a list that is gone: {event:?}"));
            }
        }
        let Some(stored) = stored.filter(|stored| !stored.is_deleted) else {
            return;
        };
        let mut deletes = self.deletes_of(stored.list.as_deref().unwrap_or_default());
        if deletes.any(|delete| delete.status == 200) {
            problem(format!("{stored:?} stands in a list that is gone"));
        }
    }

    /// A token is listed once, unless it was revoked.
    fn check_token(&self, tokens: &[(String, String)], problems: &mut Vec<String>) {
        let mut problem = |text: String| problems.push(format!("{}: {text}", self.uri));
        let with = |status| self.deletes().filter(move |event| event.status == status);
        let deletes = |status| with(status).count();
        let marks: Vec<_> = self.writes().map(|(_, members)| &members.mark).collect();
        let listed = tokens
            .iter()
            .filter(|(uri, mark)| uri == self.uri || marks.contains(&mark))
            .count();
        let expected = usize::from(deletes(200) == 0);
        if listed != expected && deletes(503) == 0 {
            problem(format!("listed {listed} times"));
        }
    }
}
