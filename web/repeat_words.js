// Repetitions as people type them: `every day`, `every 2 weeks on mon and thu`, `every 15th`.

import { FREQUENCIES, formatRule, makeRule } from "./recurrence.js";

/** The names of the days, as they are typed, in lower case. */
const WEEKDAY_NAMES = [
  "monday mon",
  "tuesday tue tues",
  "wednesday wed weds",
  "thursday thu thur thurs",
  "friday fri",
  "saturday sat",
  "sunday sun",
];
const WEEKDAY_NUMBERS = new Map(WEEKDAY_NAMES.flatMap((names, day) => names.split(" ").map((name) => [name, day])));

const NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

const ADVERBS = { daily: "DAILY", weekly: "WEEKLY", monthly: "MONTHLY", yearly: "YEARLY" };

/** 0 to 6, or null when the word (in lower case) is no day's name. */
export const weekdayNamed = (word) => WEEKDAY_NUMBERS.get(word) ?? null;

/** A whole number of 1 to 999, in digits or (up to ten) as a word; or null. */
export function countNamed(word = "") {
  if (/^[1-9]\d{0,2}$/.test(word)) return Number(word);
  const index = NUMBERS.indexOf(word);
  return index < 0 ? null : index + 1;
}

/** The number of `1st`, `2nd`, `15th`; null for `1th` and for everything else. */
export function ordinalNamed(word = "") {
  const found = /^([1-9]\d?)(st|nd|rd|th)$/.exec(word);
  if (!found) return null;
  const [number, ending] = [Number(found[1]), found[2]];
  const teen = number >= 11 && number <= 13;
  const right = (!teen && { 1: "st", 2: "nd", 3: "rd" }[number % 10]) || "th";
  return ending === right ? number : null;
}

/** The frequency of `day`, `days`, `week` and so on; or null. */
export const frequencyNamed = (word) =>
  FREQUENCIES.find(({ one, many }) => word === one || word === many)?.frequency ?? null;

/**
 * Reads a repetition from the beginning of some words.
 * @param {string[]} words in lower case, without punctuation
 * @returns {{value: string, length: number, clear: boolean, rule: import("./recurrence.js").Rule} | null}
 *   `value` is the member `repeat`, `length` counts the words. Not `clear` is what often means something
 *   else in the middle of a sentence: `every 3rd`, `weekly`, `every sun`.
 */
export function matchRepeat(words) {
  if (Object.hasOwn(ADVERBS, words[0])) return found(makeRule(ADVERBS[words[0]]), 1, false);
  if (words[0] !== "every") return null;
  const interval = intervalOf(words[1], words[2]);
  const at = interval.given ? 2 : 1;
  const frequency = frequencyNamed(words[at]);
  if (frequency) return everyUnit(makeRule(frequency, { interval: interval.value }), words, at + 1);
  if (interval.given && words[1] !== "other") return null;
  return everyDay(interval.value, words, at);
}

const found = (rule, length, clear) => ({ value: formatRule(rule), length, clear, rule });

/** `2`, `two`, `other`, `2nd`: but `2nd` only before a unit, otherwise it is a day of the month. */
function intervalOf(word, unit) {
  if (word === "other") return { given: true, value: 2 };
  const nth = word === "second" ? 2 : ordinalNamed(word);
  const value = countNamed(word) ?? (frequencyNamed(unit) ? nth : null);
  return value === null ? { given: false, value: 1 } : { given: true, value };
}

/** What may follow `every 2 weeks` (days) or `every month` (one day). */
function everyUnit(rule, words, at) {
  if (words[at] === "on" && rule.frequency === "WEEKLY") {
    const { days, next } = daysFrom(words, at + 1);
    if (days.length > 0) return found({ ...rule, days }, next, true);
  }
  if (words[at] === "on" && rule.frequency === "MONTHLY") {
    const the = words[at + 1] === "the" ? at + 2 : at + 1;
    const monthDay = ordinalNamed(words[the]);
    if (words[the] === "last" && words[the + 1] === "day") return found({ ...rule, monthDay: -1 }, the + 2, true);
    if (monthDay !== null && monthDay <= 31) return found({ ...rule, monthDay }, the + 1, true);
  }
  return found(rule, at, true);
}

/** `every fri`, `every other mon`, `every weekday`, `every 15th`, `every last day of the month`. */
function everyDay(interval, words, at) {
  if (words[at] === "weekday") return found(makeRule("WEEKLY", { interval, days: [0, 1, 2, 3, 4] }), at + 1, true);
  if (words[at] === "weekend") return found(makeRule("WEEKLY", { interval, days: [5, 6] }), at + 1, true);
  const { days, next } = daysFrom(words, at);
  if (days.length > 0) return found(makeRule("WEEKLY", { interval, days }), next, words[next - 1] !== "sun");
  if (interval > 1) return null;
  const isLast = words[at] === "last" && words[at + 1] === "day";
  const monthDay = isLast ? -1 : ordinalNamed(words[at]);
  // `every 2nd saturday` has no rule here.
  if (monthDay === null || monthDay > 31 || weekdayNamed(words[at + 1]) !== null) return null;
  const end = isLast ? at + 2 : at + 1;
  const ofMonth = /^of (the|every|each) month$/.test(words.slice(end, end + 3).join(" "));
  return found(makeRule("MONTHLY", { monthDay }), ofMonth ? end + 3 : end, ofMonth);
}

/** Days, with or without `and` between them; the same one twice ends the list. */
function daysFrom(words, at) {
  const days = [];
  let next = at;
  for (;;) {
    const place = days.length > 0 && words[next] === "and" ? next + 1 : next;
    const day = weekdayNamed(words[place]);
    if (day === null || days.includes(day)) return { days: days.sort(), next };
    days.push(day);
    next = place + 1;
  }
}

/**
 * The rule for a repetition in words, with nothing before or after it.
 * @returns {string | null} the member `repeat`, or null when the words are not understood
 */
export function ruleFromWords(text) {
  const words = text.toLowerCase().replaceAll(",", " ").trim().split(/\s+/);
  const match = matchRepeat(words);
  return match?.length === words.length ? match.value : null;
}
