// Taking back the tick of a repeating task: the rule comes back, and the next task goes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeleted, shown } from "../../../web/entry.js";
import { State } from "../../../web/state.js";

const RULE = "FREQ=DAILY;COUNT=5";
const TASK = {
  uri: "http://x/tasks/1", list: null, title: "Report", done: false, due: "2030-01-01", repeat: RULE, order: 1,
  updated_at: "2026-01-01T00:00:00.001Z", etag: '"1.1"',
};
const TICKED = { ...TASK, done: true, repeat: null, updated_at: "2026-01-01T00:00:00.002Z", etag: '"1.2"' };
const NEXT = { ...TASK, uri: "http://x/tasks/2", due: "2030-01-02", repeat: "FREQ=DAILY;COUNT=4", order: 2, etag: '"2.1"' };

function send(state, entry) {
  const write = state.next(entry);
  state.sending(entry, write);
  return write;
}

function tick() {
  const state = new State(() => "key");
  const entry = state.upsert(TASK);
  state.change(entry, { done: true });
  return { state, entry, write: send(state, entry) };
}

function ticked() {
  const { state, entry, write } = tick();
  state.succeeded(entry, write, { task: TICKED, next_task: NEXT });
  return { state, entry, next: state.byUri.get(NEXT.uri) };
}

test("a tick that is taken back before its response restores the rule, and the next task goes", () => {
  const { state, entry, write } = tick();
  state.change(entry, { done: false });
  state.succeeded(entry, write, { task: TICKED, next_task: NEXT });
  assert.deepEqual(state.next(entry).changes, { done: false, repeat: RULE });
  assert.equal(state.next(state.byUri.get(NEXT.uri)).kind, "delete");
});

test("a tick that is taken back after its response does the same", () => {
  const { state, entry, next } = ticked();
  state.change(entry, { done: false });
  assert.deepEqual([state.next(entry).changes, isDeleted(next)], [{ done: false, repeat: RULE }, true]);
});

test("a next task that somebody has changed stays, with the rule", () => {
  const changes = [
    (state, next) => state.change(next, { title: "Mine" }),
    (state, next) => state.type(next, "title", "Mine"),
    (state) => state.upsert({ ...NEXT, title: "Theirs", etag: '"2.2"', updated_at: "2026-01-01T00:00:00.003Z" }),
    (state) => state.removed(NEXT.uri),
  ];
  for (const change of changes) {
    const { state, entry, next } = ticked();
    change(state, next);
    state.change(entry, { done: false });
    assert.deepEqual([state.next(entry).changes, next.writes.some(({ kind }) => kind === "delete")], [{ done: false }, false]);
  }
});

test("ticking again before anything was sent changes nothing", () => {
  const { state, entry, next } = ticked();
  state.change(entry, { done: false });
  state.change(entry, { done: true });
  assert.deepEqual([shown(entry), shown(next), [...state.unsaved]], [TICKED, NEXT, []]);
  state.change(entry, { done: false });
  assert.deepEqual([state.next(entry).changes, isDeleted(next)], [{ done: false, repeat: RULE }, true]);
});

test("ticking again after it was sent ticks a repeating task", () => {
  const { state, entry } = ticked();
  state.change(entry, { done: false });
  const write = send(state, entry);
  state.change(entry, { done: true });
  state.succeeded(entry, write, { task: { ...TASK, etag: '"1.3"', updated_at: "2026-01-01T00:00:00.004Z" } });
  assert.deepEqual([state.next(entry).changes, shown(entry).repeat], [{ done: true }, RULE]);
});
