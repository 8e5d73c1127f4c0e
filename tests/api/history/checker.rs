//! Judges a record of requests: is there one order of single writes that explains every response?
//!
//! Every write sets a mark of its own, and an item's version rises by one with every write. So a
//! version that was seen names the write that made it, and the versions of an item are that order.

use std::collections::{BTreeMap, HashMap};

use super::clients::{Action, Event, Members, State};
use crate::client::{TASKS, TOKENS, USERS};

/// A task as it is in the table in the end.
#[derive(Debug)]
pub struct Stored {
    pub version: u64,
    pub is_deleted: bool,
}

/// What no order explains, of one account.
pub fn check(
    events: &[Event],
    stored: &HashMap<u64, Stored>,
    tokens: &[(String, String)],
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut items: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events {
        items.entry(&event.uri).or_default().push(event);
    }
    let failed = items.remove("").unwrap_or_default();
    for (uri, events) in &items {
        let item = Item { uri, events };
        if uri.contains(TOKENS) {
            item.check_deletion(&mut problems);
            item.check_token(tokens, &mut problems);
            continue;
        }
        let stored_item = stored.get(&item.id()).filter(|_| uri.contains(TASKS));
        item.check_chain(stored_item, &mut problems);
        item.check_order(&mut problems);
        if !uri.contains(USERS) {
            item.check_deletion(&mut problems);
            item.check_stored(stored_item, &mut problems);
        }
    }
    let tasks = items.keys().filter(|uri| uri.contains(TASKS)).count();
    // A create that ended as 503 may have been applied.
    if !(tasks..=tasks + failed.len()).contains(&stored.len()) {
        problems.push(format!(
            "{} tasks are stored, {tasks} were created, and {} may have been",
            stored.len(),
            failed.len()
        ));
    }
    problems
}

/// One item and the requests that were about it.
struct Item<'a> {
    uri: &'a str,
    events: &'a [&'a Event],
}

impl Item<'_> {
    fn writes(&self) -> impl Iterator<Item = (&Event, &Members, Option<u64>)> {
        self.events.iter().filter_map(|event| match &event.action {
            Action::Create(members) => Some((*event, members, None)),
            Action::Update(members, expected) => Some((*event, members, *expected)),
            _ => None,
        })
    }

    fn deletes(&self) -> impl Iterator<Item = &Event> {
        let deletes = self.events.iter().copied();
        deletes.filter(|event| matches!(event.action, Action::Delete(_)))
    }

    /// The last segment of a task's URI; 0 for other items.
    fn id(&self) -> u64 {
        let id = self.uri.rsplit('/').next();
        id.and_then(|id| id.parse().ok()).unwrap_or(0)
    }

    /// Each version has one state, which is that of the version before with one write applied, and
    /// no write makes two versions.
    fn check_chain(&self, stored: Option<&Stored>, problems: &mut Vec<String>) {
        let mut problem = |text: String| problems.push(format!("{}: {text}", self.uri));
        let mut states: BTreeMap<u64, &State> = BTreeMap::new();
        for state in self.events.iter().filter_map(|event| event.seen.as_ref()) {
            let known = states.entry(state.version).or_insert(state);
            if *known != state {
                problem(format!("one version, two states: {known:?}, {state:?}"));
            }
        }
        let writes: HashMap<_, _> = self
            .writes()
            .map(|(event, members, expected)| (&members.mark, (event, members, expected)))
            .collect();
        let mut versions = HashMap::new();
        // A deletion makes a version too, and changes nothing else. An update that was applied before
        // it may show it.
        let deletion = stored.filter(|stored| stored.is_deleted);
        if let Some(version) = deletion.map(|stored| stored.version) {
            let last = states.get(&(version - 1)).map(|state| &state.mark);
            let shown = states.remove(&version).map(|state| &state.mark);
            if last.is_some() && shown.is_some_and(|shown| Some(shown) != last) {
                problem(format!("{shown:?} made version {version}, the deletion"));
            }
        }
        for (version, state) in &states {
            let Some((event, members, expected)) = writes.get(&state.mark) else {
                // Of an account: what it was before the first change.
                if !(state.mark.is_empty() && *version == 1) {
                    problem(format!("nobody wrote {state:?}"));
                }
                continue;
            };
            if let Some(other) = versions.insert(&state.mark, *version) {
                problem(format!("{} made {other} and {version}", state.mark));
            }
            if !matches!(event.status, 200 | 201 | 503) {
                problem(format!("refused and applied: {event:?}"));
            }
            if expected.is_some_and(|expected| expected + 1 != *version) {
                problem(format!("made {version} from {expected:?}: {event:?}"));
            }
            if matches!(event.action, Action::Create(_)) != (*version == 1) {
                problem(format!("{} made version {version}", state.mark));
            }
            let title = members.title.as_ref().map(|title| *title == state.title);
            let done = members.done.map(|done| done == state.done);
            if title == Some(false) || done == Some(false) {
                problem(format!("{members:?} made {state:?}"));
            }
            if let Some(before) = states.get(&(version - 1)) {
                let is_merged = (title.is_some() || before.title == state.title)
                    && (done.is_some() || before.done == state.done);
                if !is_merged {
                    problem(format!("{members:?} made {state:?} of {before:?}"));
                }
            }
        }
        // An accepted write that was overtaken shows a later version than its own.
        for (event, members, _) in self.writes() {
            if let (Some(own), Some(seen)) = (versions.get(&members.mark), &event.seen)
                && *own > seen.version
            {
                problem(format!("version {own} came back as {}", seen.version));
            }
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
        if deleted.len() > 1 {
            problem(format!("deleted {} times", deleted.len()));
        }
        let end = deleted.iter().map(|event| event.end).min();
        for event in self.events {
            if event.status == 200 && end.is_some_and(|end| end < event.start) {
                problem(format!("came back: {event:?}"));
            }
            let mut deletes = self
                .deletes()
                .filter(|delete| matches!(delete.status, 200 | 503));
            if event.status == 404 && !deletes.any(|delete| delete.start < event.end) {
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
                .filter(|(event, ..)| event.status == status)
                .count() as u64
        };
        let Some(stored) = stored else {
            return problem("is not in the table".to_owned());
        };
        let least = 1 + writes(200) + deletes(200);
        let most = least + writes(503) + deletes(503);
        if !(least..=most).contains(&stored.version) {
            problem(format!(
                "{stored:?}, but {least} to {most} writes were accepted"
            ));
        }
        if stored.is_deleted != (deletes(200) > 0) && deletes(503) == 0 {
            problem(format!(
                "{stored:?}, but {} deletes were accepted",
                deletes(200)
            ));
        }
    }

    /// A token is listed once, unless it was revoked.
    fn check_token(&self, tokens: &[(String, String)], problems: &mut Vec<String>) {
        let mut problem = |text: String| problems.push(format!("{}: {text}", self.uri));
        let deletes = |status| {
            self.deletes()
                .filter(|event| event.status == status)
                .count()
        };
        let marks: Vec<_> = self.writes().map(|(_, members, _)| &members.mark).collect();
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
