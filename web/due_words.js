// Dates and times as people type them, read from the beginning of some words.
//
// Each match says whether it is `clear`: whether it can hardly mean anything else, wherever it stands.
// What is not clear (`sat`, `may 5`, `9:30`) counts only at the end of a text or beside something clear.

import { MONTHS, addDays, addMonths, isDate, makeDate, makeTime, partsOf, weekdayFrom, weekdayOf } from "./dates.js";
import { firstDay } from "./recurrence.js";
import { countNamed, frequencyNamed, matchRepeat, ordinalNamed, weekdayNamed } from "./repeat_words.js";

/**
 * @typedef {object} Word
 * @property {string} word in lower case, without the punctuation after it
 * @property {string} raw in lower case, as typed
 */

/** Days that are words of their own, too. */
const WORDLIKE_DAYS = new Set(["mon", "wed", "sat", "sun"]);

/** Months that are first names or words of their own. */
const WORDLIKE_MONTHS = new Set([1, 3, 4, 5, 6, 8]);

/** When a part of the day begins, for `tomorrow evening`. */
const PARTS_OF_DAY = { morning: "09:00", noon: "12:00", afternoon: "15:00", evening: "18:00", night: "21:00" };

/** A year that is given is one of so many from this one on. A date is never in the past. */
const YEARS = 100;

const NEAR = { today: 0, tomorrow: 1, tmrw: 1, tmr: 1 };

/** The names of months and their first three letters, in lower case. */
const MONTH_NUMBERS = new Map([["sept", 9]]);
for (const [index, name] of MONTHS.entries()) {
  for (const typed of [name, name.slice(0, 3)]) MONTH_NUMBERS.set(typed.toLowerCase(), index + 1);
}

/** 1 to 12, or null. */
const monthNamed = (word) => MONTH_NUMBERS.get(word) ?? null;

/**
 * Reads a date: `tomorrow`, `on fri`, `next week`, `24 dec`, `in 3 days`, `2026-12-24`.
 * @param {Word[]} words
 * @param {string} today `YYYY-MM-DD`
 * @param {boolean} begins whether a repetition is right before, so that `from tomorrow` is a date, too
 * @returns {{kind: "date", value: string, length: number, clear: boolean} | null}
 */
export function matchDate(words, today, begins = false) {
  let at = words[0]?.word === "due" ? 1 : 0;
  const preposition = words[at]?.word;
  if (["on", "by", ...(begins ? ["from", "starting"] : [])].includes(preposition)) at += 1;
  const isLed = at > 0;
  if (["on", "by"].includes(preposition) && words[at]?.word === "the") at += 1;
  const rest = words.slice(at);
  const day =
    nearDay(rest, today) ??
    weekday(rest, today, isLed) ??
    inSoMany(rest, today) ??
    calendarDay(rest, today, isLed) ??
    (words[at - 1]?.word === "the" ? dayOfMonth(rest, today) : null);
  return day?.value ? { kind: "date", ...day, length: at + day.length } : null;
}

const match = (value, length, clear) => ({ value, length, clear });

/** `today`, `tomorrow`, `next week`: the first day of the next week, month or year. */
function nearDay(words, today) {
  const [first, second] = words;
  if (first && Object.hasOwn(NEAR, first.word)) return match(addDays(today, NEAR[first.word]), 1, true);
  const the = first?.word === "the" ? 1 : 0;
  if (["day", "after", "tomorrow"].every((word, index) => words[the + index]?.word === word)) {
    return match(addDays(today, 2), the + 3, true);
  }
  if (first?.word !== "next") return null;
  const [year, month] = partsOf(today);
  const starts = {
    week: () => addDays(today, 7 - weekdayOf(today)),
    month: () => addMonths(makeDate(year, month, 1), 1),
    year: () => makeDate(year + 1, 1, 1),
  };
  return second && Object.hasOwn(starts, second.word) ? match(starts[second.word](), 2, true) : null;
}

/**
 * `fri` is the next one after today, `this fri` may be today, `next fri` is in the week after this one.
 * `fri 24 dec` is a date when that is a Friday.
 */
function weekday(words, today, isLed) {
  const which = ["next", "this"].includes(words[0]?.word) ? words[0].word : null;
  const at = which ? 1 : 0;
  const name = words[at]?.word;
  const wanted = weekdayNamed(name);
  if (wanted === null) return null;
  if (!which) {
    const day = calendarDay(words.slice(1), today, true);
    if (day?.value && weekdayOf(day.value) === wanted) return match(day.value, day.length + 1, true);
  }
  const from = { next: addDays(today, 7 - weekdayOf(today)), this: today }[which] ?? addDays(today, 1);
  const value = from && weekdayFrom(from, wanted);
  return match(value, at + 1, (isLed || which !== null) && !WORDLIKE_DAYS.has(name));
}

/**
 * `in 3 days`, `in two weeks`, `in a month`; `in 2 weeks on friday` is the Friday of that week. `in a day`
 * and `in a year` are mostly something else.
 */
function inSoMany(words, today) {
  if (words[0]?.word !== "in") return null;
  const frequency = frequencyNamed(words[2]?.word);
  const isOne = words[1]?.word === "a" && ["week", "month"].includes(words[2]?.word);
  const count = isOne ? 1 : countNamed(words[1]?.word);
  if (!frequency || count === null) return null;
  const days = { DAILY: count, WEEKLY: 7 * count }[frequency];
  const value = days ? addDays(today, days) : addMonths(today, frequency === "YEARLY" ? 12 * count : count);
  const on = words[3]?.word === "on" ? 4 : 3;
  const day = frequency === "WEEKLY" ? weekdayNamed(words[on]?.word) : null;
  if (day !== null && value) return match(addDays(value, day - weekdayOf(value)), on + 1, true);
  return match(value, 3, !isOne);
}

/** The next `24th`, after `on the` or `by the`. In the middle of a text it may be that of anything. */
function dayOfMonth([first], today) {
  const monthDay = ordinalNamed(first?.word);
  return monthDay !== null && monthDay <= 31 ? match(firstDay({ days: [], monthDay }, today), 1, false) : null;
}

/** `2026-12-24`, `24.12.`, `24.12.2026`, `24 dec`, `24th of december`, `dec 24, 2026`. */
function calendarDay(words, today, isLed) {
  const [first, second, third] = words;
  if (!first) return null;
  if (isDate(first.word)) return first.word >= today ? match(first.word, 1, true) : null;
  const dotted = /^(\d\d?)\.(\d\d?)\.(\d{4})?[,;.]?$/.exec(first.raw);
  if (dotted) {
    const [day, month, year] = dotted.slice(1).map((digits) => (digits ? Number(digits) : null));
    return match(dateIn(year, month, day, today), 1, isLed || year !== null);
  }
  const dayFirst = dayNamed(first.word);
  const of = second?.word === "of" ? 1 : 0;
  if (dayFirst && monthNamed(words[1 + of]?.word)) {
    return withYear(words, 2 + of, monthNamed(words[1 + of].word), dayFirst, today, isLed);
  }
  const [month, day] = [monthNamed(first.word), dayNamed(second?.word)];
  return month && day ? withYear([first, second, third], 2, month, day, today, isLed) : null;
}

/** The day of a month: `1`, `01`, `24`, `24th`. */
const dayNamed = (word = "") => (/^(0?[1-9]|[12]\d|3[01])$/.test(word) ? Number(word) : ordinalNamed(word));

function withYear(words, at, month, day, today, isLed) {
  const isYear = /^(19|20|21)\d\d$/.test(words[at]?.word ?? "");
  const value = dateIn(isYear ? Number(words[at].word) : null, month, day, today);
  return match(value, isYear ? at + 1 : at, isLed || isYear || !WORDLIKE_MONTHS.has(month));
}

/** That day of that year, or the next such day when no year is given; null when it is past or none. */
function dateIn(year, month, day, today) {
  const thisYear = partsOf(today)[0];
  if (year !== null) {
    const date = makeDate(year, month, day);
    return date >= today && year <= thisYear + YEARS ? date : null;
  }
  // 29 February comes after eight years at most.
  for (let ahead = 0; ahead <= 8; ahead += 1) {
    const date = makeDate(thisYear + ahead, month, day);
    if (date && date >= today) return date;
  }
  return null;
}

/**
 * Reads a time: `9:30`, `9am`, `9:30 pm`, `at 14:00`. Minutes have two digits.
 * @param {Word[]} words
 * @returns {{kind: "time", value: string, length: number, clear: boolean} | null}
 */
export function matchTime(words) {
  const at = ["at", "by", "@"].includes(words[0]?.word) ? 1 : 0;
  const found = /^(\d\d?)(?::(\d\d))?(?:([ap])\.?m)?$/.exec(words[at]?.word ?? "");
  if (!found) return null;
  const apart = !found[3] && /^([ap])\.?m$/.exec(words[at + 1]?.word ?? "");
  const half = found[3] ?? (apart ? apart[1] : null);
  // `9:30 pm?` is no time, least of all half past nine in the morning.
  if (!half && (!found[2] || /^[ap]\.?m\b/.test(words[at + 1]?.word ?? ""))) return null;
  const value = clock(Number(found[1]), Number(found[2] ?? 0), half);
  return value && { kind: "time", value, length: at + (apart ? 2 : 1), clear: at > 0 };
}

function clock(hour, minute, half) {
  if (half === null) return makeTime(hour, minute);
  if (hour < 1 || hour > 12) return null;
  return makeTime((hour % 12) + (half === "p" ? 12 : 0), minute);
}

/** Reads `morning` to `night`, which are times only right after a date. */
export function matchPartOfDay([first]) {
  if (!first || !Object.hasOwn(PARTS_OF_DAY, first.word)) return null;
  return { kind: "time", value: PARTS_OF_DAY[first.word], length: 1, clear: false, isPart: true };
}

/**
 * Reads a repetition, also `every 24 dec`, which has its first day with it (`from`).
 * @param {Word[]} words
 * @returns {{kind: "repeat", value: string, length: number, clear: boolean, rule?: object, from?: string} | null}
 */
export function matchEvery(words, today) {
  const repeat = matchRepeat(words.map(({ word }) => word));
  if (repeat) return { kind: "repeat", ...repeat };
  if (words[0]?.word !== "every") return null;
  const day = calendarDay(words.slice(1), today, false);
  const isYearly = day?.value && !/\d{4}/.test(words[day.length].word);
  if (!isYearly) return null;
  return { kind: "repeat", value: "FREQ=YEARLY", length: day.length + 1, clear: day.clear, from: day.value };
}
