// Quick add on random texts: nothing throws, nothing that was typed gets lost, every task is valid.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDate, makeTime, splitDue } from "../../../web/dates.js";
import { parse } from "../../../web/quick_add.js";
import { formatRule, parseRule } from "../../../web/recurrence.js";
import { PHRASES } from "./quick_add_phrases.js";
import { randomFrom } from "./random.js";
import { TITLES } from "./quick_add_titles.js";

const LISTS = ["Home", "Home stuff", "Work", "24 dec"].map((name) => ({ name, uri: `/lists/${name}` }));
const TEXTS = [...PHRASES.map(([text]) => text), ...TITLES].map((text) => text.split(" "));
const ODD = ['"', "“", "”", "#", "/", "!", ",", ".", ";", "\ud800", "\u0000", "\u0085", "\t", "\u00a0", "ß", "👩‍👩‍👧", "İ", "constructor", "__proto__", "every", "24", "dec", "on", "the", "and"];
const GAPS = [" ", " ", " ", " ", "  ", "\u00a0", "\t", ""];

/** Up to four words of one of the texts. */
function snippet(random) {
  const words = random.of(TEXTS);
  const start = random.upTo(words.length - 1);
  return words.slice(start, start + 1 + random.upTo(3)).join(" ");
}

function randomText(random) {
  let text = "";
  for (let count = random.upTo(6); count > 0; count -= 1) text += (random.chance(0.7) ? snippet(random) : random.of(ODD)) + random.of(GAPS);
  return text;
}

const visible = (text) => text.replace(/[\s\p{Cc}]/gu, "");

function checkTask({ title, due, repeat, tags, priority, list, ...rest }) {
  assert.deepEqual(rest, {});
  assert.doesNotMatch(title, /\p{Cc}|^\s|\s$/u);
  if (due !== undefined) {
    const { date, time } = splitDue(due);
    assert.ok(isDate(date), due);
    assert.ok(time === null || makeTime(...time.split(":").map(Number)) === time, due);
  }
  if (repeat !== undefined) {
    assert.ok(due !== undefined);
    assert.equal(formatRule(parseRule(repeat)), repeat);
  }
  for (const tag of tags ?? []) assert.match(tag, /^[^\s,\p{Cc}]{1,50}$/u);
  assert.ok(tags === undefined || (tags.length >= 1 && tags.length <= 10));
  assert.ok(priority === undefined || ["low", "medium", "high"].includes(priority));
  assert.ok(list === undefined || LISTS.some(({ uri }) => uri === list));
}

function checkParse(text, context) {
  const result = parse(text, context);
  let [rest, at] = ["", 0];
  for (const { start, end, text: typed } of result.chips) {
    assert.ok(start >= at && end > start, text);
    assert.equal(typed, text.slice(start, end));
    rest += text.slice(at, start);
    at = end;
  }
  rest = visible(rest + text.slice(at));
  // The only exception: a comma that would end the title after the last chip was taken away.
  const lost = rest === visible(result.title) ? "" : rest.slice(-1);
  assert.equal(visible(result.title) + lost, rest, text);
  assert.ok(lost === "" || (/^[,;]$/.test(lost) && result.chips.length > 0), text);
  assert.equal(result.problem === "empty", visible(text) === "", text);
  if (result.problem === null) checkTask(result.task);
  return result;
}

test("on random texts nothing throws, nothing is lost, and every task is valid", () => {
  const random = randomFrom(21);
  let chips = 0;
  for (let round = 0; round < 500; round += 1) {
    const context = { today: random.of(["2026-11-25", "2028-02-29", "9999-12-30", "0001-01-01"]), now: "12:00", lists: LISTS };
    chips += checkParse(randomText(random), context).chips.length;
  }
  assert.ok(chips > 150, `only ${chips} chips`);
});

test("while a person types a phrase (every sixth one), every beginning of it is as good", () => {
  for (const [text] of PHRASES.filter((_, index) => index % 6 === 0)) {
    for (let end = 0; end <= text.length; end += 1) checkParse(text.slice(0, end), { today: "2026-11-25", now: "12:00", lists: LISTS });
  }
});

test("removed one after another, all chips become title again", () => {
  const random = randomFrom(22);
  for (let round = 0; round < 100; round += 1) {
    const text = randomText(random);
    let context = { today: "2026-11-25", lists: LISTS, ignored: [] };
    let result = checkParse(text, context);
    for (let step = 0; result.chips.length > 0; step += 1) {
      assert.ok(step < 100, text);
      const removed = random.of(result.chips);
      context = { ...context, ignored: [...result.ignored, removed.key] };
      result = checkParse(text, context);
      assert.ok(!result.chips.some(({ start, end }) => start < removed.end && end > removed.start), text);
      assert.deepEqual(result.ignored, context.ignored);
    }
    assert.equal(visible(result.title), visible(text));
  }
});
