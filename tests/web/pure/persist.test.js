// What is not saved survives a reload, for its own user only.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { rowState, shown } from "../../../web/entry.js";
import { State } from "../../../web/state.js";

const stored = new Map();
globalThis.location = { pathname: "/" };
globalThis.sessionStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, text) => stored.set(key, text),
  removeItem: (key) => stored.delete(key),
};
const { forget, keep, restore } = await import("../../../web/persist.js");

const TASK = {
  uri: "http://x/todo/api/v1.0/tasks/7", list: null, title: "Milk", done: false, order: 7,
  updated_at: "2026-01-01T00:00:00.001Z", etag: '"7.1"',
};
const newState = () => new State(() => "key");

beforeEach(() => {
  forget();
  stored.clear();
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
