//! A calendar as it is written, and its limits.

use super::event::{Context, events_of, notice};
use crate::domain::due::Due;
use crate::domain::task::Task;
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
    text: String,
    /// Where each event begins.
    starts: Vec<usize>,
    last: Option<(Due, Timestamp)>,
    is_full: bool,
}

impl<'a> Feed<'a> {
    const MAX_EVENTS: usize = 5_000;
    const MAX_BYTES: usize = 2_000_000;
    /// More than the last lines need, the event about what was left out among them.
    const RESERVED_BYTES: usize = 1_000;

    pub fn new(context: Context<'a>) -> Self {
        Self {
            context,
            text: BEGIN.to_owned(),
            starts: Vec::new(),
            last: None,
            is_full: false,
        }
    }

    /// Adds the events of a task, the soonest task first. `false` when there is no room for them.
    pub fn add(&mut self, task: &Task) -> bool {
        for event in events_of(task, &self.context) {
            let bytes = self.text.len() + event.len() + Self::RESERVED_BYTES;
            if self.starts.len() == Self::MAX_EVENTS || bytes > Self::MAX_BYTES {
                self.is_full = true;
                return false;
            }
            self.starts.push(self.text.len());
            self.text.push_str(&event);
        }
        self.last = task.content.due.map(|due| (due, task.updated_at));
        true
    }

    /// The calendar. When it is full, or `all_read` is false, its last event says that there is more.
    pub fn finish(mut self, all_read: bool, today: Due) -> String {
        if self.is_full || !all_read {
            if let Some(start) = self.starts.get(Self::MAX_EVENTS - 1) {
                self.text.truncate(*start);
            }
            let never_changed = (today, Timestamp::from_millis(0));
            let (due, updated_at) = self.last.unwrap_or(never_changed);
            self.text.push_str(&notice(&self.context, due, updated_at));
        } else if self.starts.is_empty() {
            self.text.push_str(NO_EVENTS);
        }
        self.text.push_str(END);
        self.text
    }
}
