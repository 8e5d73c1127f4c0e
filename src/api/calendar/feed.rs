//! A calendar as it is written, and its limits.

use super::event::{Context, events_of, notice};
use crate::domain::due::Due;
use crate::domain::task::{Task, TaskId};
use crate::domain::time::Timestamp;

/// The beginning of every calendar. Without a name, programs show its URI, which is a secret.
const BEGIN: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//todo-api//todo-api//EN\r\n\
    CALSCALE:GREGORIAN\r\nNAME:Tasks\r\nX-WR-CALNAME:Tasks\r\n";

/// A calendar has at least one component (RFC 5545, section 3.6). This one is not shown.
const NO_EVENTS: &str = "BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
    TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

const END: &str = "END:VCALENDAR\r\n";

/// A calendar under construction.
pub struct Feed<'a> {
    context: Context<'a>,
    tasks: Vec<Shown>,
    events: usize,
    bytes: usize,
}

/// A task, and its events as text.
struct Shown {
    due: Due,
    id: TaskId,
    text: String,
}

impl<'a> Feed<'a> {
    const MAX_EVENTS: usize = 5_000;
    const MAX_BYTES: usize = 2_000_000;
    /// More than the first and the last lines need, the event about what was left out among them.
    const RESERVED_BYTES: usize = 1_000;

    pub fn new(context: Context<'a>) -> Self {
        Self {
            context,
            tasks: Vec::new(),
            events: 0,
            bytes: Self::RESERVED_BYTES,
        }
    }

    /// Adds the events of a task, the most important task first. `false` when there is no room for them.
    pub fn add(&mut self, task: &Task) -> bool {
        let Some(due) = task.content.due else {
            return true;
        };
        let events = events_of(task, due, &self.context);
        let text = events.concat();
        let (count, bytes) = (self.events + events.len(), self.bytes + text.len());
        if count > Self::MAX_EVENTS || bytes > Self::MAX_BYTES {
            return false;
        }
        (self.events, self.bytes) = (count, bytes);
        let id = task.id;
        self.tasks.push(Shown { due, id, text });
        true
    }

    /// The calendar, in the order of the due dates. Unless it `has_all` tasks, its last event says so.
    pub fn finish(mut self, has_all: bool, now: Timestamp) -> String {
        // That event needs the place of another.
        if !has_all && self.events == Self::MAX_EVENTS {
            self.tasks.pop();
        }
        self.tasks.sort_by_key(|task| (task.due, task.id));
        let mut text = BEGIN.to_owned();
        text.extend(self.tasks.iter().map(|task| task.text.as_str()));
        if !has_all {
            text.push_str(&notice(&self.context, now));
        } else if self.tasks.is_empty() {
            text.push_str(NO_EVENTS);
        }
        text.push_str(END);
        text
    }
}
