// Tasks that the service has not created yet, or whose creation it has not confirmed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeleted, rowState, shown } from "../../../web/entry.js";
import { State } from "../../../web/state.js";

const TASK = {
  uri: "http://x/todo/api/v1.0/tasks/7", list: "http://x/todo/api/v1.0/lists/inbox", title: "Milk", description: "",
  done: false, due: null, repeat: null, priority: null, tags: [], steps: [], order: 7, created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.001Z", completed_at: null, etag: '"7.1"',
};
const OTHER = "http://x/todo/api/v1.0/lists/2";

function start() {
  let keys = 0;
  return new State(() => `key-${++keys}`);
}

function send(state, entry) {
  const write = state.next(entry);
  state.sending(entry, write);
  return write;
}

test("a new task that is deleted before it was sent still has a title, and comes back", () => {
  const state = start();
  const entry = state.create({ title: "Milk" });
  state.remove(entry);
  assert.deepEqual([shown(entry).title, rowState(entry)], ["Milk", "deleted"]);
  state.restore(entry);
  assert.deepEqual([shown(entry).title, rowState(entry), entry.writes.length], ["Milk", "saving", 1]);
});

test("what is changed while the task is being created is no conflict with oneself", () => {
  for (const changes of [{ list: OTHER }, { order: 3 }, { list: OTHER, order: 3, priority: "high" }]) {
    const state = start();
    const entry = state.create({ title: "Milk" });
    const write = send(state, entry);
    state.change(entry, changes);
    state.succeeded(entry, write, { task: TASK });
    assert.deepEqual([state.next(entry)?.changes, rowState(entry)], [changes, "saving"]);
  }
});

test("what somebody else changed after the creation is asked about still", () => {
  const state = start();
  const entry = state.create({ title: "Milk" });
  const write = send(state, entry);
  state.change(entry, { list: OTHER });
  state.succeeded(entry, write, { task: TASK });
  state.upsert({ ...TASK, list: `${OTHER}2`, etag: '"7.2"', updated_at: "2026-01-01T00:00:00.002Z" });
  assert.equal(state.next(entry), null);
  assert.equal(rowState(entry), "conflicted");
});

test("an order that JSON does not have is never sent", () => {
  const state = start();
  const unsent = state.create({ title: "Milk" });
  const former = state.change(unsent, { order: 3 });
  state.change(unsent, former);
  assert.deepEqual(send(state, unsent).body, { title: "Milk" });

  const sent = state.create({ title: "Bread" });
  const before = state.change(sent, { order: 3 });
  const write = send(state, sent);
  state.change(sent, before);
  state.succeeded(sent, write, { task: { ...TASK, order: 3 } });
  assert.deepEqual(state.next(sent).changes, { order: 7 });

  const created = start();
  const entry = created.create({ title: "Milk" });
  const first = send(created, entry);
  const infinite = created.change(entry, { order: 3 });
  created.succeeded(entry, first, { task: TASK });
  created.succeeded(entry, send(created, entry), { task: { ...TASK, order: 3, etag: '"7.2"' } });
  created.change(entry, infinite);
  assert.deepEqual(created.next(entry).changes, { order: 7 });
});

test("a create that was repeated is one entry with the task that a page has shown in the meantime", () => {
  const state = start();
  const entry = state.create({ title: "Milk" });
  state.failed(entry, send(state, entry), "retry", {});
  // The title was changed elsewhere, so that the page cannot know it for the same task.
  const known = state.upsert({ ...TASK, title: "Oat milk", etag: '"7.2"', updated_at: "2026-01-01T00:00:00.002Z" });
  const write = send(state, entry);
  state.change(entry, { priority: "high" });
  state.succeeded(entry, write, { task: TASK });
  assert.deepEqual([...state.entries.values()], [known]);
  assert.equal(state.byUri.get(TASK.uri), known);
  assert.deepEqual([shown(known).title, shown(known).priority, isDeleted(known)], ["Oat milk", "high", false]);
  assert.deepEqual([state.next(known).changes, [...state.unsaved]], [{ priority: "high" }, [known]]);
});
