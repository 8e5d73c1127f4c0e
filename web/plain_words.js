// The words around a date, a time or a repetition that make it a part of the title.

import { weekdayNamed } from "./repeat_words.js";

const set = (words) => new Set(words.split(" "));

/** What would dangle without the word after it: `for tomorrow`, `the sun`, `until friday`. */
const DANGLING = set(
  "a an the my your our his their its of for from to until till since before after about between during " +
    "through with without within into at as like than and or but nor vs versus per via under not only is was " +
    "are were be been each last past next mid - – — / & + = :",
);

/** What belongs to a number after it: `version 24.12.`, `ratio 1:20`, `around 9:30`. */
const BEFORE_NUMBER = set(
  "version v chapter page ratio scale psalm verse genesis radio channel mix score odds won lost around over in " +
    "no number",
);

/** Subjects of a verb: `where we sat`. Objects (`her`, `them`, `it`) may stand before any other day. */
const SUBJECTS = set("i we he she they you it who that cat dog");

/** What a sentence goes on with when the day is its subject: `today is the day`. */
const VERBS = set("is was will are were has had can never isn't wasn't won't i've");

/** What joins two dates: neither of them alone is when the task is due. */
const JOINS = set("and or to until till through - – — & / vs");

/** Days with a name of their own, and those of a month: `every second saturday`. */
const BEFORE_DAY = set(
  "black good ash palm easter cyber shrove fat giving super bloody ruby blue manic casual maundy holy " +
    "whit freaky girl man boxing stormy bowl first second third fourth fifth 1st 2nd 3rd 4th 5th",
);

/**
 * Whether the word before a phrase would be left dangling.
 * @param {{typed: string, word: string, mark: string, plain: boolean}[]} words of the whole text
 * @param {{first: number, until: number}} place of the phrase: its first word, and the one after it
 */
export function dangles(words, { first }) {
  const [before, phrase] = [words[first - 1], words[first].word];
  if (!before || before.mark !== "" || before.plain) return false;
  if (DANGLING.has(before.raw)) return true;
  if (/^\d/.test(phrase)) return BEFORE_NUMBER.has(before.raw);
  if (phrase === "sat" || phrase === "wed") return SUBJECTS.has(before.raw);
  return weekdayNamed(phrase) !== null && BEFORE_DAY.has(before.raw);
}

/** Whether the sentence goes on with the phrase as a part of it. `nextWhen`: where the next one begins. */
export function goesOn(words, { first, until }, nextWhen) {
  const after = words[until];
  if (!after || words[until - 1].mark !== "") return false;
  if (after.word === "of" || (first === 0 && VERBS.has(after.word))) return true;
  return JOINS.has(after.raw) && nextWhen === until + 1;
}

const isCapital = (word) => word !== undefined && /^\p{Lu}/u.test(word.typed);

/**
 * Whether the phrase is part of a name in capitals, with the word before it (`USA Today`) or after it
 * (`Tomorrow Never Dies`). A text that is all in capitals says nothing about names.
 */
export function isName(words, { first, until }) {
  const phrase = words.slice(first, until);
  const isShouted = !words.some(({ typed }) => /\p{Ll}/u.test(typed));
  // `On Monday Eve comes`: a preposition is no part of a name.
  const isLed = ["on", "by", "due"].includes(phrase[0].word);
  if (isShouted || isLed || !phrase.every(isCapital)) return false;
  if (isCapital(words[until]) && words[until - 1].mark === "") return true;
  // English writes days and months with a capital anyway: `Call Anna Friday`.
  const isUnusual = ["today", "tomorrow", "the", "next", "every"].includes(phrase[0].word);
  return isUnusual && isCapital(words[first - 1]) && words[first - 1].mark === "";
}
