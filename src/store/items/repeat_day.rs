//! The attribute `repeat_day`: to which day of the month a series returns, with the date and the rule
//! for which alone it counts. So an update that changes one of them ends it without a read, and one
//! that sends them again as they are does not.

use crate::domain::recurrence::MonthDay;
use crate::domain::task::{Task, TaskContent};
use crate::store::attributes::{Item, s, text};

pub const REPEAT_DAY: &str = "repeat_day";

/// The attribute of a new task: `2027-02-28 FREQ=MONTHLY 31`.
pub fn new_repeat_day(task: &Task) -> Item {
    let day = task.repeat_day.map(MonthDay::number);
    let value = prefix(&task.content).zip(day);
    let value = value.map(|(prefix, day)| s(format!("{prefix}{day}")));
    let attribute = value.map(|value| (REPEAT_DAY.to_owned(), value));
    attribute.into_iter().collect()
}

/// The day in an item, if it counts for this content.
pub fn repeat_day(item: &Item, content: &TaskContent) -> Option<MonthDay> {
    let day = text(item, REPEAT_DAY)?.strip_prefix(&prefix(content)?)?;
    MonthDay::new(day.parse().ok()?)
}

fn prefix(content: &TaskContent) -> Option<String> {
    let (due, repeat) = content.due.zip(content.repeat)?;
    Some(format!("{} {repeat} ", due.day))
}
