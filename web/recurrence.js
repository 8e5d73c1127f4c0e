// How a task repeats: the rules of RFC 5545 that the service supports, in words and as choices of a form.

import { MONTHS, WEEKDAYS, addDays, addMonths, daysInMonth, partsOf, weekdayFrom, weekdayOf } from "./dates.js";

/**
 * @typedef {object} Rule
 * @property {"DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY"} frequency
 * @property {number} interval 1 to 999
 * @property {number[]} days of a weekly rule: 0 for Monday to 6, rising. Empty: the weekday of the due date
 * @property {number | null} monthDay of a monthly rule: 1 to 31 (a month too short is skipped), -1 for the
 *   last day, or null: the day of the due date, in a month too short the last one
 */

const CODES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/** The frequencies in the order of a form, with the words for one and for several. */
export const FREQUENCIES = [
  { frequency: "DAILY", one: "day", many: "days" },
  { frequency: "WEEKLY", one: "week", many: "weeks" },
  { frequency: "MONTHLY", one: "month", many: "months" },
  { frequency: "YEARLY", one: "year", many: "years" },
];

const WORKDAYS = [0, 1, 2, 3, 4];

/** A rule with the parts that are given; the rest as when they are absent. */
export const makeRule = (frequency, parts = {}) => ({ frequency, interval: 1, days: [], monthDay: null, ...parts });

/**
 * Reads a rule as the service accepts it: the parts in any order, each at most once.
 * @returns {Rule | null} null for anything else
 */
export function parseRule(text) {
  const parts = new Map();
  for (const part of text.split(";")) {
    const [name, value, ...rest] = part.split("=");
    if (value === undefined || rest.length > 0 || parts.has(name)) return null;
    parts.set(name, value);
  }
  const values = ["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY"].map((name) => parts.get(name));
  const [frequency, interval, byDay, monthDay] = values;
  const known = values.filter((value) => value !== undefined).length;
  if (known !== parts.size || !FREQUENCIES.some((one) => one.frequency === frequency)) return null;
  if (interval !== undefined && !/^[1-9]\d{0,2}$/.test(interval)) return null;
  if (byDay !== undefined && frequency !== "WEEKLY") return null;
  if (monthDay !== undefined && (frequency !== "MONTHLY" || !/^([1-9]|[12]\d|3[01]|-1)$/.test(monthDay))) return null;
  const days = (byDay?.split(",") ?? []).map((code) => CODES.indexOf(code)).sort();
  if (days.includes(-1) || new Set(days).size < days.length) return null;
  return makeRule(frequency, {
    interval: Number(interval ?? 1),
    days,
    monthDay: monthDay === undefined ? null : Number(monthDay),
  });
}

/** Writes a rule in the canonical form of the service. @param {Rule} rule */
export function formatRule({ frequency, interval, days, monthDay }) {
  const parts = [`FREQ=${frequency}`];
  if (interval > 1) parts.push(`INTERVAL=${interval}`);
  if (days.length > 0) parts.push(`BYDAY=${[...new Set(days)].sort().map((day) => CODES[day]).join(",")}`);
  if (monthDay !== null) parts.push(`BYMONTHDAY=${monthDay}`);
  return parts.join(";");
}

/** `1st`, `2nd`, `3rd`, `4th`, `11th`, `21st`. */
export function ordinal(number) {
  const teen = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${(!teen && { 1: "st", 2: "nd", 3: "rd" }[number % 10]) || "th"}`;
}

/** `Monday`, `Monday and Thursday`, `Monday, Tuesday and Friday`. */
function joined(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/**
 * A rule in words: `every 2 weeks on Monday and Thursday`. `ruleFromWords` reads all of them back.
 * @param {string} text a rule of the service
 * @returns {string} the text itself when it is no rule that this client knows
 */
export function ruleWords(text) {
  const rule = parseRule(text);
  if (rule === null) return text;
  const { frequency, interval, days, monthDay } = rule;
  const { one, many } = FREQUENCIES.find((unit) => unit.frequency === frequency);
  const names = joined(days.map((day) => WEEKDAYS[day]));
  if (days.length > 0 && interval === 1) return String(days) === String(WORKDAYS) ? "every weekday" : `every ${names}`;
  const every = interval === 1 ? `every ${one}` : `every ${interval} ${many}`;
  if (days.length > 0) return `${every} on ${names}`;
  if (monthDay !== null) return `${every} on the ${monthDay === -1 ? "last day" : ordinal(monthDay)}`;
  return every;
}

/**
 * The first day of a rule that is not before `date`, for a task that has no due date yet.
 * @param {Rule} rule
 * @returns {string | null} null when the calendar ends before
 */
export function firstDay({ days, monthDay }, date) {
  if (days.length > 0) {
    const next = days.map((day) => weekdayFrom(date, day)).filter((day) => day !== null);
    return next.sort()[0] ?? null;
  }
  if (monthDay === null) return date;
  // No two months in a row are too short, but the first one may be over already.
  for (let months = 0; months <= 2; months += 1) {
    const month = addMonths(`${date.slice(0, 8)}01`, months);
    if (month === null) return null;
    const last = daysInMonth(...partsOf(month));
    const day = monthDay === -1 ? last : monthDay;
    const found = addDays(month, day - 1);
    if (day <= last && found >= date) return found;
  }
  return null;
}

/**
 * What a form offers for a task with this due date. `value` is the member `repeat`.
 * @param {string} due the due date, with or without a time
 * @param {string | null} current the rule that the task has; it is always among the choices
 * @returns {{value: string | null, words: string}[]}
 */
export function repeatChoices(due, current = null) {
  const [year, month, day] = partsOf(due);
  const weekday = weekdayOf(due);
  const choices = [
    { value: null, words: "Does not repeat" },
    choice(makeRule("DAILY")),
    choice(makeRule("WEEKLY", { days: WORKDAYS }), "every weekday (Monday to Friday)"),
    choice(makeRule("WEEKLY", { days: [weekday] })),
    choice(makeRule("WEEKLY", { interval: 2, days: [weekday] })),
    // Without a day of its own the rule has that of the due date, and no month is too short for it.
    choice(makeRule("MONTHLY"), `every month on the ${ordinal(day)}${day > 28 ? " or the last day" : ""}`),
    ...(day === daysInMonth(year, month) ? [choice(makeRule("MONTHLY", { monthDay: -1 }))] : []),
    choice(makeRule("YEARLY"), `every year on ${day} ${MONTHS[month - 1]}`),
  ];
  const isThere = choices.some(({ value }) => value === current);
  return isThere ? choices : [...choices, { value: current, words: ruleWords(current) }];
}

function choice(rule, words = null) {
  const value = formatRule(rule);
  return { value, words: words ?? ruleWords(value) };
}
