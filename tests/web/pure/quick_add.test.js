// Quick add: what it understands, what it leaves alone, and that it never loses what was typed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../../../web/quick_add.js";
import { PHRASES } from "./quick_add_phrases.js";
import { TITLES } from "./quick_add_titles.js";

const NAMES = ["Home", "Home stuff", "Work", "Errands", "Büro"];
const LISTS = NAMES.map((name) => ({ name, uri: `https://todo.example/lists/${name}` }));
const CONTEXT = { today: "2026-11-25", now: "12:00", lists: LISTS };
const read = (text, more = {}) => parse(text, { ...CONTEXT, ...more });

test("there are 200 phrases and 100 titles, each once", () => {
  const phrases = PHRASES.map(([text]) => text);
  assert.ok(phrases.length >= 200, `${phrases.length} phrases`);
  assert.ok(TITLES.length >= 100, `${TITLES.length} titles`);
  assert.equal(new Set([...phrases, ...TITLES]).size, phrases.length + TITLES.length);
});

test("a phrase becomes a title and the other members of a task", () => {
  const mean = ([text, title, { list, ...members }]) => {
    const uri = list && LISTS.find(({ name }) => name === list).uri;
    return [text, { title, ...members, ...(uri && { list: uri }) }];
  };
  assert.deepEqual(Object.fromEntries(PHRASES.map(([text]) => [text, read(text).task])), Object.fromEntries(PHRASES.map(mean)));
});

test("a title that only looks like something else stays as typed", () => {
  const results = TITLES.map((text) => [text, read(text)]);
  const changed = results.filter(([text, { title, chips, task }]) => title !== text || chips.length > 0 || Object.keys(task).length !== 1);
  assert.deepEqual(changed.map(([text, { task }]) => [text, task]), []);
});

test("each title stays as typed before a tag, too", () => {
  // A title of a single phrase, or one whose end or beginning decides, is another one with words around.
  const alone = new Set(TITLES.slice(TITLES.indexOf("tomorrow")));
  const others = TITLES.filter((title) => !alone.has(title) && !/\?$|^(31 nov|in 0 days)$/.test(title));
  for (const title of others) assert.equal(read(`${title} #x`).title, title, title);
});

test("a chip says what was typed, where, and what it means", () => {
  const { chips } = read("Pay  rent, every 2 weeks on mon and Thu, #home !high /home st");
  assert.deepEqual(chips, [
    {
      kind: "repeat", text: "every 2 weeks on mon and Thu,", value: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
      label: "every 2 weeks on Monday and Thursday, from tomorrow", start: 11, end: 40, key: "0 every 2 weeks on mon and thu",
    },
    { kind: "tag", text: "#home", value: "home", label: "home", start: 41, end: 46, key: "0 #home" },
    { kind: "priority", text: "!high", value: "high", label: "High priority", start: 47, end: 52, key: "0 !high" },
    { kind: "list", text: "/home", value: LISTS[0].uri, label: "Home", start: 53, end: 58, key: "0 /home" },
  ]);
  assert.deepEqual(read("Call Bob tomorrow at 9:30").chips.map(({ label }) => label), ["Tomorrow", "Tomorrow 09:30"]);
  assert.deepEqual(read("Call Bob 14:00").chips.map(({ label }) => label), ["Today 14:00"]);
});

test("a removed chip stays removed while the person types on, until its words are gone", () => {
  const { chips, ignored: none } = read("Visit tomorrow fri");
  assert.deepEqual(none, []);
  let { task, ignored } = read("Visit tomorrow fri", { ignored: [chips.at(-1).key] });
  assert.deepEqual([task, ignored], [{ title: "Visit fri", due: "2026-11-26" }, ["0 fri"]]);
  for (const text of ["Visit tomorrow Fri", "We visit tomorrow fri, ", "We visit tomorrow fri #x", "fri"]) {
    ({ task, ignored } = read(text, { ignored }));
    assert.equal(task.due === "2026-11-26", text !== "fri");
    assert.deepEqual(ignored, ["0 fri"]);
  }
  assert.deepEqual(read("Visit", { ignored }).ignored, []);
  assert.deepEqual(read("Visit fri", { ignored: read("Visit", { ignored }).ignored }).task.due, "2026-11-27");
});

test("a part of a removed chip becomes no chip, and another place of the same words is not touched", () => {
  const key = read("Call Bob every next fri").chips[0].key;
  assert.deepEqual(read("Call Bob next fri", { ignored: [key] }).chips, []);
  const twice = "Buy #milk and #milk";
  assert.deepEqual(read(twice).chips.map((chip) => chip.key), ["0 #milk", "1 #milk"]);
  assert.equal(read(twice, { ignored: ["1 #milk"] }).title, "Buy and #milk");
  const { title, ignored } = read(twice, { ignored: ["0 #milk", "1 #milk", "nonsense", "7 #milk"] });
  assert.deepEqual([title, ignored], [twice, ["0 #milk", "1 #milk"]]);
});

test("a list needs a name that only one list has, or a beginning that tells it from the others", () => {
  const named = (...names) => names.map((name, index) => ({ name, uri: String(index) }));
  const list = (text, lists) => read(text, { lists }).task.list;
  const homes = named("Home stuff", "Home office", "Work");
  assert.equal(list("Sweep /home", homes), undefined);
  assert.equal(list("Sweep /home o", homes), "1");
  assert.equal(list("Sweep /home office now", homes), "1");
  assert.equal(read("Sweep /home office now", { lists: homes }).title, "Sweep now");
  assert.equal(list("Sweep /home", named("Home", "home")), undefined);
  assert.equal(list("Sweep /STRASSE", named("Straße")), "0");
  assert.equal(list("Sweep /q&a, etc.", named("Q&A, etc.")), "0");
  assert.equal(list("Sweep /a b", named("A  B")), "0");
});

test("the limits of the service hold: ten tags of fifty characters, titles of five hundred", () => {
  const tags = Array.from({ length: 12 }, (_, index) => `#t${index}`);
  const { task, title } = read(`Milk ${tags.join(" ")} #T1`);
  assert.deepEqual([task.tags.length, title], [10, "Milk #t10 #t11"]);
  assert.equal(read(`Milk #${"a".repeat(50)}`).title, "Milk");
  assert.equal(read(`Milk #${"a".repeat(51)}`).title, `Milk #${"a".repeat(51)}`);
  assert.equal(read("Milk #Straße #STRASSE").task.tags.length, 1);
  assert.equal(read("😀".repeat(500)).problem, null);
  assert.equal(read("😀".repeat(501)).problem, "long");
  assert.equal(read(" \t ").problem, "empty");
  assert.equal(read("Milk, bread,").title, "Milk, bread,");
  assert.equal(read("Milk\tand\u0000bread\u009f tomorrow").title, "Milk and bread");
  assert.equal(read(`${"x ".repeat(3000)}tomorrow`).problem, "long");
});

test("the end of the calendar is no fault", () => {
  for (const [text] of PHRASES) read(text, { today: "9999-12-31", now: "23:59" });
  assert.equal(read("x tomorrow", { today: "9999-12-31" }).title, "x tomorrow");
  assert.equal(read("x 29 feb", { today: "1896-03-01" }).task.due, "1904-02-29");
});
