// Local dates as the service has them: `YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM` with a time. They are text
// without a time zone, and all arithmetic is on whole days, so no clock change can move a date. Two of
// them compare as text, and a day without a time comes before its times.

export const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
export const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

const two = (number) => String(number).padStart(2, "0");

/** The days of a month (1 to 12). */
export function daysInMonth(year, month) {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** `YYYY-MM-DD`, or null when there is no such day or the year is not 1 to 9999. */
export function makeDate(year, month, day) {
  const exists = year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1;
  if (!exists || day > daysInMonth(year, month)) return null;
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/** `HH:MM`, or null when there is no such time. */
export function makeTime(hour, minute) {
  const exists = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
  return exists ? `${two(hour)}:${two(minute)}` : null;
}

/** The year, month (1 to 12) and day as numbers, of a date with or without a time. */
export const partsOf = (date) => date.slice(0, 10).split("-").map(Number);

/** Whether the text is a date, without a time, that the service accepts. */
export const isDate = (text) => /^\d{4}-\d\d-\d\d$/.test(text) && makeDate(...partsOf(text)) !== null;

/** A due date taken apart. `time` is null for a whole day. */
export const splitDue = (due) => ({ date: due.slice(0, 10), time: due.length > 10 ? due.slice(11, 16) : null });

/** A due date put together. */
export const joinDue = (date, time) => (time === null ? date : `${date}T${time}`);

/** Now, on the clock of the person: `YYYY-MM-DDTHH:MM`. */
export function localNow(now = new Date()) {
  const date = makeDate(now.getFullYear(), now.getMonth() + 1, now.getDate());
  return joinDue(date, makeTime(now.getHours(), now.getMinutes()));
}

// Days are counted from 1 March of the year 0, because the leap day is then the last day of a year.

function dayNumber(date) {
  const [year, month, day] = partsOf(date);
  const years = month > 2 ? year : year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays + Math.floor((((month + 9) % 12) * 153 + 2) / 5) + day - 1;
}

function dateOfNumber(number) {
  const era = Math.floor(number / 146097);
  const dayOfEra = number - era * 146097;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36524) + Math.floor(dayOfEra / 146096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const before = 365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - before;
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return makeDate(year, month, dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1);
}

/** The date so many days later; null outside the years 1 to 9999. */
export const addDays = (date, days) => dateOfNumber(dayNumber(date) + days);

/** The date so many months later: the same day of the month, or the last one of a month too short. */
export function addMonths(date, months) {
  const [year, month, day] = partsOf(date);
  const index = year * 12 + month - 1 + months;
  const [newYear, newMonth] = [Math.floor(index / 12), (index % 12) + 1];
  if (newYear < 1) return null;
  return makeDate(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)));
}

/** How many days `end` is after `start`; negative when it is before. */
export const daysBetween = (start, end) => dayNumber(end) - dayNumber(start);

/** 0 for Monday to 6 for Sunday. Day 0, 1 March of the year 0, was a Wednesday. */
export const weekdayOf = (date) => (dayNumber(date) + 2) % 7;

/** The first date with that weekday (0 to 6) that is not before `date`. */
export const weekdayFrom = (date, weekday) => addDays(date, (weekday - weekdayOf(date) + 7) % 7);

/** `Wed 25 Nov`, and the year when it is not that of `today`. */
export function shortDate(date, today) {
  const [year, month, day] = partsOf(date);
  const words = `${WEEKDAYS[weekdayOf(date)].slice(0, 3)} ${day} ${MONTHS[month - 1].slice(0, 3)}`;
  return year === partsOf(today)[0] ? words : `${words} ${year}`;
}

/** `Yesterday`, `Today`, `Tomorrow`, or the short date. */
export function dayWords(date, today) {
  return { [-1]: "Yesterday", 0: "Today", 1: "Tomorrow" }[daysBetween(today, date)] ?? shortDate(date, today);
}

/** Whether something due then is late: a day when it is over, a time when it has passed. */
export const isOverdue = (due, now) => due < (due.length > 10 ? now : now.slice(0, 10));

/**
 * A due date as text for the list: `Today`, `Tomorrow 09:30`, `Thu 24 Dec`.
 * @param {string} due of the task
 * @param {string} now see `localNow`
 * @returns {{text: string, overdue: boolean}} A colour alone is not accessible: say "Overdue" in words, too.
 */
export function dueWords(due, now, done = false) {
  const { date, time } = splitDue(due);
  const day = dayWords(date, now.slice(0, 10));
  return { text: time === null ? day : `${day} ${time}`, overdue: !done && isOverdue(due, now) };
}
