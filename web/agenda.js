// The views by day: which tasks they show, in which order, under which headings.

import { addDays, dayWords, shortDate } from "./dates.js";
import { idOf } from "./order.js";

const PRIORITIES = ["high", "medium", "low", null];

/** The order within the views by day: when it is due, what matters most, then as in the list. */
export function compareByDue(a, b) {
  if (a.due !== b.due) return a.due < b.due ? -1 : 1;
  const byPriority = PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority);
  return byPriority || a.order - b.order || idOf(a) - idOf(b);
}

const dueDay = (task) => task.due.slice(0, 10);

/** The open tasks with a due date, in order. */
const scheduled = (tasks) => tasks.filter((task) => !task.done && task.due !== null).sort(compareByDue);

/**
 * The view Today: what is late from days before, then what is due today.
 * @param {object[]} tasks any tasks of the service, in any order
 * @param {string} today `YYYY-MM-DD`
 * @returns {{key: string, heading: string, tasks: object[]}[]} without empty groups. A time of today that
 *   has passed stays under Today; `dueWords` marks it.
 */
export function todayView(tasks, today) {
  const open = scheduled(tasks);
  const groups = [
    { key: "overdue", heading: "Overdue", tasks: open.filter((task) => dueDay(task) < today) },
    { key: today, heading: "Today", tasks: open.filter((task) => dueDay(task) === today) },
  ];
  return groups.filter((group) => group.tasks.length > 0);
}

/**
 * The view Upcoming: the days from `today` on that have tasks. What is late is in the view Today.
 * @param {number} days how many days it shows; all of them unless given
 * @returns {{key: string, heading: string, tasks: object[]}[]} `key` is the date
 */
export function upcomingView(tasks, today, days = Infinity) {
  const end = days === Infinity ? null : addDays(today, days);
  const groups = new Map();
  for (const task of scheduled(tasks)) {
    const day = dueDay(task);
    if (day < today || (end !== null && day >= end)) continue;
    if (!groups.has(day)) groups.set(day, { key: day, heading: heading(day, today), tasks: [] });
    groups.get(day).tasks.push(task);
  }
  return [...groups.values()];
}

/** `Today, Wed 25 Nov`, `Tomorrow, Thu 26 Nov`, `Fri 27 Nov`. */
function heading(day, today) {
  const [words, date] = [dayWords(day, today), shortDate(day, today)];
  return words === date ? date : `${words}, ${date}`;
}
