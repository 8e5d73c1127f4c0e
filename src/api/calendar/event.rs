//! The events of a task.

use super::content_lines::{add_property, escaped};
use crate::api::uris::BaseUri;
use crate::domain::due::{Day, Due};
use crate::domain::task::Task;
use crate::domain::time::Timestamp;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What all events of one calendar have in common.
pub struct Context<'a> {
    pub base: &'a BaseUri,
    /// Distinguishes this account's events from those of every other, without naming it.
    pub account: String,
}

/// The events of a task: one when it is due; where that is no day of the rule by which it repeats, also
/// one for the series, from the rule's first day on.
pub fn events_of(task: &Task, due: Due, context: &Context<'_>) -> Vec<String> {
    let series = task.content.repeat.and_then(|rule| {
        let first = rule.first_due(due, task.repeat_day)?;
        Some((first, rule.to_rfc_5545(first, task.repeat_day)))
    });
    match series {
        None => vec![event(task, context, "task", due, None)],
        Some((first, rule)) if first == due => vec![event(task, context, "task", due, Some(&rule))],
        Some((first, rule)) => vec![
            event(task, context, "task", due, None),
            event(task, context, "series", first, Some(&rule)),
        ],
    }
}

fn event(task: &Task, context: &Context<'_>, kind: &str, due: Due, rule: Option<&str>) -> String {
    let uid = format!("{kind}-{}-{}@todo-api", task.id, context.account);
    let mut lines = begin(&uid, task.updated_at);
    add_start(&mut lines, due);
    if let Some(rule) = rule {
        add_property(&mut lines, "RRULE", rule);
    }
    add_property(&mut lines, "SUMMARY", &escaped(task.content.title.as_str()));
    let description = task.content.description.as_str();
    if !description.is_empty() {
        add_property(&mut lines, "DESCRIPTION", &escaped(description));
    }
    add_property(&mut lines, "URL", context.base.task(task.id).as_str());
    end(lines)
}

/// The event that a calendar ends with when it may not have all tasks: today, where people look.
pub fn notice(context: &Context<'_>, now: Timestamp) -> String {
    let uid = format!("more-{}@todo-api", context.account);
    // The same all day long, so that the entity tag is too.
    let midnight = now.as_millis() - now.as_millis().rem_euclid(DAY_MILLIS);
    let mut lines = begin(&uid, Timestamp::from_millis(midnight));
    add_start(&mut lines, Day::of(now).into());
    let summary = "Some tasks may be missing from this calendar";
    add_property(&mut lines, "SUMMARY", summary);
    let description = "A calendar has room for a limited number of tasks: first those that are due from today on, \
                       then the latest overdue ones.";
    add_property(&mut lines, "DESCRIPTION", &escaped(description));
    end(lines)
}

/// Nothing in a task's event depends on when it is written, so that the entity tag stands for the content.
fn begin(uid: &str, updated_at: Timestamp) -> String {
    let mut lines = "BEGIN:VEVENT\r\n".to_owned();
    let stamp = utc(updated_at);
    add_property(&mut lines, "UID", uid);
    add_property(&mut lines, "DTSTAMP", &stamp);
    add_property(&mut lines, "LAST-MODIFIED", &stamp);
    lines
}

fn end(mut lines: String) -> String {
    // To be due is no appointment.
    lines.push_str("TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
    lines
}

/// The whole day, or half an hour from the time on, in whatever time zone the reader is.
fn add_start(lines: &mut String, due: Due) {
    let start = due.to_string().replace(['-', ':'], "");
    if start.contains('T') {
        add_property(lines, "DTSTART", &format!("{start}00"));
        add_property(lines, "DURATION", "PT30M");
    } else {
        add_property(lines, "DTSTART;VALUE=DATE", &start);
    }
}

/// `20261122T080000Z`.
fn utc(time: Timestamp) -> String {
    let text = time.to_string().replace(['-', ':'], "");
    format!("{}Z", text.split('.').next().unwrap_or_default())
}
