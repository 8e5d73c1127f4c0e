// What is not saved survives a reload, for its own user only.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { rowState, shown } from "../../../web/entry.js";
import { State } from "../../../web/state.js";

globalThis.location = { pathname: "/" };
/** Its items are its own enumerable properties, as in a browser. */
globalThis.sessionStorage = Object.create({
  getItem(key) { return this[key] ?? null; },
  setItem(key, text) { this[key] = text; },
  removeItem(key) { delete this[key]; },
});
const { forget, forgetOthers, keep, restore, waiting } = await import("../../../web/persist.js");

const TASK = {
  uri: "http://x/todo/api/v1.0/tasks/7", list: null, title: "Milk", done: false, order: 7,
  updated_at: "2026-01-01T00:00:00.001Z", etag: '"7.1"',
};
const newState = () => new State(() => "key");

beforeEach(() => {
  for (const user of ["ada", "bob"]) forget(user);
});

test("a create without a response does not hold back an unsaved change of a task with the same title", () => {
  const state = newState();
  const known = state.upsert(TASK);
  const entry = state.create({ title: "Milk" });
  state.sending(entry, state.next(entry));
  state.change(known, { done: true });
  keep("ada", state, "");

  const after = newState();
  assert.equal(restore("ada", after), "");
  assert.deepEqual([...after.entries.values()].map((each) => [shown(each).title, shown(each).done, rowState(each)]), [
    ["Milk", false, "saving"],
    ["Milk", true, "saving"],
  ]);
});

test("what a user had not saved waits for them, whoever the tab belongs to in the meantime", () => {
  const state = newState();
  state.create({ title: "Milk" });
  keep("ada", state, "half typ");
  const bobs = newState();
  assert.equal(restore("bob", bobs), "");
  keep("bob", bobs, "");
  assert.deepEqual([bobs.entries.size, waiting()], [0, { user: "ada", count: 2 }]);
  const after = newState();
  assert.equal(restore("ada", after), "half typ");
  assert.deepEqual([...after.entries.values()].map((entry) => shown(entry).title), ["Milk"]);
});

test("signing in as somebody else forgets it, and signing in again does not", () => {
  const state = newState();
  state.create({ title: "Milk" });
  keep("ada", state, "");
  forgetOthers("ada");
  assert.deepEqual(waiting(), { user: "ada", count: 1 });
  forgetOthers("bob");
  assert.deepEqual([waiting(), restore("ada", newState())], [null, ""]);
});
