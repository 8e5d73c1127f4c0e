// Quick add: the text in the field for a new task, taken apart into a title and what goes with it.
//
// What a person can count on:
// 1. Only whole words count, a comma, full stop or exclamation mark after them apart. `C#`, `24/7`,
//    `tomorrow's`, `mon-fri` and `friday?` are title.
// 2. `#tag`, `!high`, `/List` count anywhere. A tag begins with a letter, a list must exist.
// 3. A date, a time or a repetition counts at the end of the text (after it, only other chips). Elsewhere
//    it counts when it can hardly be anything else: `tomorrow`, `on friday`, `24 dec`, `in 3 days`,
//    `every week`, `at 9:30`, and a day and a time together: `sat 9:30`.
// 4. What would leave a word dangling is title: `for tomorrow`, `the sun`, `until friday`, `from 9 to 9:30`.
//    `on`, `by`, `due` and `at` go with their date or time.
// 5. A name in capitals is title: `USA Today`, `Tomorrow Never Dies`, `Black Friday`.
// 6. What stands in double quotes is title, quotes included, and so is a chip that was removed.
// 7. Of two dates, times, repetitions, priorities or lists, the last one counts. Dates are never past.
// 8. A text of nothing but chips is a title.

import { addDays, dayWords, joinDue } from "./dates.js";
import { matchDate, matchEvery, matchPartOfDay, matchTime } from "./due_words.js";
import { dangles, goesOn, isName } from "./plain_words.js";
import { firstDay, ruleWords } from "./recurrence.js";
import { weekdayNamed } from "./repeat_words.js";

/** The limits of the service. */
const MAX_TAGS = 10;
const MAX_TAG = 50;
const MAX_TITLE = 500;

const MAX_TEXT = 4000;

/** No phrase has more words: `every 2 weeks on` seven days with `and` between them. */
const MAX_WORDS = 20;

const WHEN = new Set(["date", "time", "repeat"]);

const capitalized = (kind) => kind[0].toUpperCase() + kind.slice(1);

/**
 * @typedef {object} Chip
 * @property {"date" | "time" | "repeat" | "tag" | "priority" | "list"} kind
 * @property {string} text as typed: the part of the text from `start` to `end`
 * @property {string} value the date, the time, the rule, the tag, the priority, the list's URI
 * @property {string} label the value in words, for the person: `Tomorrow`, `every Friday, from Fri 27 Nov`
 * @property {number} start
 * @property {number} end
 * @property {string} key what to put into `ignored` when the person removes the chip
 */

/**
 * Takes a text apart.
 * @param {string} text as it stands in the field
 * @param {object} context
 * @param {string} context.today the local date, `YYYY-MM-DD`
 * @param {string} [context.now] the local time, `HH:MM`: a time alone that has passed means tomorrow
 * @param {{name: string, uri: string}[]} [context.lists]
 * @param {Iterable<string>} [context.ignored] the keys of the chips that were removed. Pass the `ignored`
 *   of the result to the next call. A key names the words, not their place, so it survives further typing.
 * @returns {{title: string, chips: Chip[], task: object, ignored: string[], problem: "empty" | "long" | null}}
 *   `task` is the body of POST /tasks: `title` and what the chips say; `list` is the URI of the list.
 *   `ignored` has the keys whose words are still in the text.
 */
export function parse(text, { today, now = "00:00", lists = [], ignored = [] }) {
  // A longer text was pasted. It is no title either, and need not be fast.
  const words = text.length > MAX_TEXT ? [] : wordsOf(text);
  const kept = markIgnored(words, ignored);
  const named = lists.map((list) => ({ ...list, name: listName(list.name), label: list.name }));
  const phrases = phrasesOf(words, { today, lists: named });
  let accepted = accept(phrases, words);
  let title = titleOf(text, accepted, words);
  if (title === "") [accepted, title] = [[], titleOf(text, [], words)];
  const due = dueOf(accepted, today, now);
  const chips = accepted.map((phrase) => chipOf(phrase, { text, words, today, due }));
  const length = [...title].length;
  const problem = length === 0 ? "empty" : length > MAX_TITLE ? "long" : null;
  return { title, chips, task: taskOf(title, chips, due), ignored: kept, problem };
}

// Words.

/** The words of the text, with their places. `plain` ones, in quotes, are only words. */
function wordsOf(text) {
  const quoted = [...text.matchAll(/(?<![^\s(])["“„](?=\S)[^"“”„]*["“”](?=$|[\s.,;:!?)])/gu)];
  const isQuoted = (at) => quoted.some(({ index, 0: { length } }) => at >= index && at < index + length);
  return [...text.matchAll(/[^\s\p{Cc}]+/gu)].map(({ 0: typed, index }) => {
    const mark = /[,;.!]?$/.exec(typed)[0];
    const bare = typed.slice(0, typed.length - mark.length);
    return {
      start: index,
      end: index + typed.length,
      typed,
      bare,
      mark,
      raw: typed.toLowerCase(),
      word: bare.toLowerCase(),
      plain: isQuoted(index) || bare === "",
    };
  });
}

const keyOf = (phrase, occurrence) => `${occurrence} ${phrase}`;
const phraseAt = (words, index, length) => words.slice(index, index + length).map(({ word }) => word).join(" ");

/** Makes the words of removed chips plain. Returns the keys whose words are there. */
function markIgnored(words, ignored) {
  return [...ignored].filter((key) => {
    const [, occurrence, phrase] = /^(\d+) (.*)$/s.exec(key) ?? [];
    if (phrase === undefined) return false;
    const length = phrase.split(" ").length;
    const found = words.map((_, index) => index).filter((index) => phraseAt(words, index, length) === phrase);
    const index = found[Number(occurrence)];
    if (index === undefined) return false;
    for (const word of words.slice(index, index + length)) word.plain = true;
    return true;
  });
}

// Phrases: what could be a chip, from left to right, the longest first.

function phrasesOf(words, context) {
  const phrases = [];
  for (let index = 0; index < words.length; ) {
    const before = phrases.at(-1)?.until === index ? phrases.at(-1) : null;
    const phrase = phraseFrom(words, index, before, context);
    if (phrase) phrases.push({ ...phrase, index, until: index + phrase.length });
    index += phrase?.length ?? 1;
  }
  return phrases;
}

function phraseFrom(words, index, before, { today, lists }) {
  const next = [];
  for (const word of words.slice(index, index + MAX_WORDS)) {
    if (word.plain) break;
    next.push(word);
    if (/[.;!]/.test(word.mark)) break;
  }
  if (next.length === 0) return null;
  const sign = matchTag(next[0]) ?? matchPriority(next[0]) ?? matchList(next, lists);
  if (sign) return sign;
  const followsDay = before !== null && (before.kind === "date" || before.kind === "repeat");
  const found = [
    matchEvery(next, today),
    matchDate(next, today, before?.kind === "repeat"),
    matchTime(next),
    followsDay ? matchPartOfDay(next) : null,
  ];
  const longest = found.filter(Boolean).sort((a, b) => b.length - a.length)[0];
  // `. Call mum` is no title: a sentence of a single phrase stays.
  const isSentence = index === 0 && longest && /[.!]/.test(next[longest.length - 1].mark);
  return longest && !isSentence && hasNoBreak(next.slice(0, longest.length)) ? longest : null;
}

/** Within a phrase, a comma stands only after a day's name or before a year: `mon, wed and fri`, `dec 24, 2026`. */
function hasNoBreak(words) {
  const isFine = ({ mark, word }, next) => mark === "" || weekdayNamed(word) !== null || /^\d{4}$/.test(next.word);
  return words.slice(0, -1).every((word, index) => isFine(word, words[index + 1]));
}

/** As the service compares tags: case is folded, so that ß is ss. */
const folded = (text) => text.toLowerCase().toUpperCase().toLowerCase();

/** A list's name as names are compared. */
const listName = (name) => folded(name.normalize().trim().replace(/\s+/g, " "));

function matchTag({ bare }) {
  const tag = /^#(\p{L}[\p{L}\p{M}\p{N}_-]*)$/u.exec(bare)?.[1];
  if (!tag || [...tag].length > MAX_TAG) return null;
  // `#a1b2c3` is a colour; without a digit it could be a word.
  const isColor = /^([\da-f]{3}|[\da-f]{6})$/i.test(tag) && /\d/.test(tag);
  return isColor ? null : { kind: "tag", value: tag, length: 1 };
}

function matchPriority({ word }) {
  const value = /^!(high|medium|low)$/.exec(word)?.[1];
  return value ? { kind: "priority", value, length: 1 } : null;
}

/**
 * `/Home`: the list whose whole name follows, the longest if there are several. Otherwise the beginning
 * of one name only: as few words as tell it from the others.
 */
function matchList(words, lists) {
  if (!words[0].typed.startsWith("/") || words[0].bare === "/") return null;
  const typed = words.map((_, index) => {
    const [inner, last] = [words.slice(0, index).map((word) => word.typed), words[index]];
    return [last.typed, last.bare].map((end) => listName([...inner, end].join(" ").slice(1)));
  });
  const chosen = ({ uri, label }, index) => ({ kind: "list", value: uri, label, length: index + 1 });
  for (let index = words.length - 1; index >= 0; index -= 1) {
    const exact = lists.filter(({ name }) => typed[index].includes(name));
    if (exact.length === 1) return chosen(exact[0], index);
    if (exact.length > 1) return null;
  }
  for (let index = 0; index < words.length; index += 1) {
    const begin = lists.filter(({ name }) => typed[index].some((start) => name.startsWith(start)));
    if (begin.length === 1) return chosen(begin[0], index);
    if (begin.length === 0) return null;
  }
  return null;
}

// Which phrases count.

/** From the end to the beginning, because what follows decides whether a phrase is at the end. */
function accept(phrases, words) {
  const tags = allowedTags(phrases);
  const taken = new Set();
  const accepted = [];
  let end = words.length;
  for (let last = phrases.length - 1; last >= 0; ) {
    const group = groupEndingAt(phrases, last);
    last -= group.length;
    const atEnd = words.slice(group.at(-1).until, end).every(({ bare }) => bare === "");
    if (group.some((phrase) => taken.has(phrase.kind) || (phrase.kind === "tag" && !tags.has(phrase)))) continue;
    if (!counts(group, words, atEnd, phrases[last + group.length + 1])) continue;
    for (const { kind } of group) if (kind !== "tag") taken.add(kind);
    accepted.unshift(...group);
    if (atEnd) end = group[0].index;
  }
  return accepted;
}

/** The tags that a task can have, from the left; one that is there already in other letters costs nothing. */
function allowedTags(phrases) {
  const [allowed, names] = [new Set(), new Set()];
  for (const phrase of phrases.filter(({ kind }) => kind === "tag")) {
    if (names.size === MAX_TAGS && !names.has(folded(phrase.value))) continue;
    names.add(folded(phrase.value));
    allowed.add(phrase);
  }
  return allowed;
}

/** A date, a time and a repetition side by side are judged together: `until fri 9:30` is all title. */
function groupEndingAt(phrases, last) {
  const group = [phrases[last]];
  for (let index = last - 1; index >= 0; index -= 1) {
    const { kind, until } = phrases[index];
    const belongs = WHEN.has(kind) && WHEN.has(group[0].kind) && until === group[0].index;
    // Two dates side by side are two phrases: `watch the sun tomorrow`.
    if (!belongs || group.some((phrase) => phrase.kind === kind)) break;
    group.unshift(phrases[index]);
  }
  return group;
}

function counts(group, words, atEnd, following) {
  if (!WHEN.has(group[0].kind)) return true;
  const place = { first: group[0].index, until: group.at(-1).until };
  const nextWhen = following && WHEN.has(following.kind) ? following.index : null;
  if (dangles(words, place) || goesOn(words, place, nextWhen)) return false;
  if (isName(words, place)) return false;
  if (atEnd) return true;
  const kinds = new Set(group.filter(({ isPart }) => !isPart).map(({ kind }) => kind));
  const dayAndTime = kinds.has("time") && kinds.size > 1;
  // `at 9:30 Club`: alone, a time before a capital letter is part of a name.
  const isBeforeName = kinds.size === 1 && kinds.has("time") && /^\p{Lu}/u.test(words[place.until].typed);
  return dayAndTime || (group.some(({ clear }) => clear) && !isBeforeName);
}

// The result.

/** The text without the chips: one blank where one was. A full stop after a chip goes to the word before. */
function titleOf(text, accepted, words) {
  let title = "";
  let at = 0;
  const add = (piece) => {
    const rest = piece.trimStart();
    const blank = title !== "" && rest !== "" && (piece !== rest || at === 0) ? " " : "";
    title = (title + blank + rest).trimEnd();
  };
  for (const phrase of accepted) {
    add(text.slice(at, words[phrase.index].start));
    at = endOf(phrase, words);
  }
  add(text.slice(at));
  // The service takes no control characters; pasted text may have some.
  title = title.replace(/\p{Cc}+/gu, " ").trim();
  // `Buy milk, tomorrow`: the comma has nothing to part any more.
  const cutAtEnd = accepted.length > 0 && text.slice(at).trim() === "";
  return cutAtEnd ? title.replace(/(?<=[^\s,;])[,;]$/, "") : title;
}

/** A comma belongs to the chip before it, a full stop or an exclamation mark to the title. */
function endOf(phrase, words) {
  const last = words[phrase.until - 1];
  return /[.!]/.test(last.mark) && !/^\d+\.\d+\.$/.test(last.raw) ? last.end - 1 : last.end;
}

/** A repetition alone begins on its first day, a time alone is the next such time. */
function dueOf(accepted, today, now) {
  const of = (kind) => accepted.find((phrase) => phrase.kind === kind);
  const [date, time, repeat] = [of("date"), of("time")?.value ?? null, of("repeat")];
  if (date) return joinDue(date.value, time);
  if (time === null && !repeat) return null;
  const earliest = time !== null && time < now ? (addDays(today, 1) ?? today) : today;
  const first = repeat?.from ?? (repeat?.rule && firstDay(repeat.rule, earliest)) ?? earliest;
  return joinDue(first, time);
}

function chipOf(phrase, { text, words, today, due }) {
  const { kind, value, index, length } = phrase;
  const [start, end] = [words[index].start, endOf(phrase, words)];
  const same = phraseAt(words, index, length);
  const occurrence = words.slice(0, index).filter((_, at) => phraseAt(words, at, length) === same).length;
  const label = labelOf(phrase, today, due);
  return { kind, text: text.slice(start, end), value, label, start, end, key: keyOf(same, occurrence) };
}

function labelOf({ kind, value, label }, today, due) {
  if (kind === "date") return dayWords(value, today);
  if (kind === "time") return `${dayWords(due, today)} ${value}`;
  if (kind === "repeat") return `${ruleWords(value)}, from ${dayWords(due, today).replace(/^To/, "to")}`;
  return kind === "priority" ? `${capitalized(value)} priority` : (label ?? value);
}

function taskOf(title, chips, due) {
  const of = (kind) => chips.find((chip) => chip.kind === kind)?.value;
  const tags = new Map();
  for (const { kind, value } of chips) if (kind === "tag" && !tags.has(folded(value))) tags.set(folded(value), value);
  const members = {
    due: due ?? undefined,
    repeat: of("repeat"),
    tags: tags.size > 0 ? [...tags.values()] : undefined,
    priority: of("priority"),
    list: of("list"),
  };
  return { title, ...Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) };
}
