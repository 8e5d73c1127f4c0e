// Deleting and taking it back, at every point, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeleted, question, rowState, shown } from "../../../web/entry.js";
import { TASK, later, send, start } from "./state_helpers.js";

test("a page that was requested before a deletion was heard of does not bring the task back", () => {
  const { state, entry } = start();
  const asOf = state.clock;
  state.removed(TASK.uri, asOf);
  state.upsert(TASK, asOf);
  assert.equal(isDeleted(entry), true);
  state.upsert(later(TASK, {}));
  assert.equal(isDeleted(entry), false);
});

test("a deletion can be taken back at every point", () => {
  const { state, entry } = start();
  state.remove(entry);
  state.restore(entry);
  assert.deepEqual([entry.writes, isDeleted(entry)], [[], false], "before it is sent");
  state.remove(entry);
  const write = send(state, entry);
  state.restore(entry);
  assert.equal(isDeleted(entry), false, "while it is being sent");
  state.succeeded(entry, write, { result: true });
  assert.equal(state.next(entry).kind, "restore");
  state.succeeded(entry, send(state, entry), { task: later(TASK, {}) });
  assert.deepEqual([rowState(entry), entry.writes], ["viewing", []]);
});

test("deleting a task that was never created sends nothing, and its undo sends it", () => {
  const { state } = start(null);
  const entry = state.create({ title: "x" });
  state.remove(entry);
  assert.deepEqual([state.next(entry), rowState(entry)], [null, "deleted"]);
  state.restore(entry);
  assert.equal(state.next(entry).kind, "create");
});

test("a deletion sets a rejected change aside, and its undo brings it back", () => {
  const { state, entry } = start();
  state.change(entry, { title: "x".repeat(501) });
  state.failed(entry, send(state, entry), "rejected", { status: 400 });
  state.remove(entry);
  assert.equal(state.next(entry).kind, "delete");
  state.restore(entry);
  assert.deepEqual([rowState(entry), question(entry).kind], ["failed", "change"]);
});

test("a change of a task that was deleted elsewhere can restore it", () => {
  const { state, entry } = start();
  state.change(entry, { title: "Oat milk" });
  state.failed(entry, send(state, entry), "gone", { status: 404 });
  assert.equal(rowState(entry), "gone");
  state.restoreGone(entry);
  const restore = send(state, entry);
  assert.equal(restore.kind, "restore");
  state.succeeded(entry, restore, { task: later(TASK, {}) });
  assert.deepEqual(state.next(entry).changes, { title: "Oat milk" });
});

test("a deletion of something that changed unseen is asked about, an old ETag alone is not", () => {
  for (const [theirs, state_] of [[{ title: "Other" }, "conflicted"], [{}, "deleted"]]) {
    const { state, entry } = start();
    state.remove(entry);
    const write = send(state, entry);
    state.failed(entry, write, "changed", {});
    state.reread(entry, write, later(TASK, theirs));
    assert.equal(rowState(entry), state_);
  }
});

test("undoing a deletion that is asked about takes it back", () => {
  const { state, entry } = start();
  state.remove(entry);
  const write = send(state, entry);
  state.failed(entry, write, "changed", {});
  state.reread(entry, write, later(TASK, { title: "Other" }));
  state.restore(entry);
  assert.deepEqual([rowState(entry), entry.writes, shown(entry).title], ["viewing", [], "Other"]);
});

test("deleting twice is deleting once", () => {
  const { state, entry } = start();
  state.remove(entry);
  state.failed(entry, send(state, entry), "retry", {});
  state.failed(entry, send(state, entry), "gone", { status: 404 });
  assert.deepEqual([rowState(entry), entry.writes], ["deleted", []]);
});

/** A task whose deletion was not made, because it was changed elsewhere. */
function askedDeletion(before = () => {}) {
  const { state, entry } = start();
  before(state, entry);
  state.remove(entry);
  const write = send(state, entry);
  state.failed(entry, write, "changed", {});
  state.reread(entry, write, later(TASK, { description: "theirs" }));
  assert.equal(rowState(entry), "conflicted");
  return { state, entry };
}

test("a change answers a deletion that is asked about: the task stays", () => {
  const { state, entry } = askedDeletion();
  state.change(entry, { done: true });
  assert.deepEqual([rowState(entry), isDeleted(entry)], ["saving", false]);
  assert.deepEqual(entry.writes.map(({ kind, changes }) => [kind, changes]), [["change", { done: true }]]);
});

test("deleting again answers a deletion that is asked about: the task is deleted as it is now", () => {
  const { state, entry } = askedDeletion();
  state.remove(entry);
  const write = send(state, entry);
  assert.deepEqual([write.kind, entry.writes.length], ["delete", 1]);
  state.succeeded(entry, write, { result: true });
  assert.equal(rowState(entry), "deleted");
});

test("what is typed in a task whose deletion is asked about replaces what was typed before", () => {
  const { state, entry } = askedDeletion((state, entry) => state.type(entry, "title", "before"));
  state.type(entry, "title", "after");
  state.commit(entry, "title");
  assert.deepEqual([shown(entry).title, entry.drafts, rowState(entry)], ["after", {}, "saving"]);
});

test("what was typed before a deletion comes back when the user keeps the task", () => {
  for (const choice of ["takeTheirs", "discard"]) {
    const { state, entry } = askedDeletion((state, entry) => state.type(entry, "title", "Oat milk"));
    state[choice](entry);
    assert.deepEqual([rowState(entry), entry.drafts.title.value, entry.writes], ["editing", "Oat milk", []]);
  }
});

test("a deletion that was not made and is undone already asks nothing", () => {
  for (const verdict of ["changed", "rejected"]) {
    const { state, entry } = start();
    state.remove(entry);
    const write = send(state, entry);
    state.restore(entry);
    if (state.failed(entry, write, verdict, {})) state.reread(entry, write, later(TASK, { title: "Other" }));
    assert.deepEqual([rowState(entry), entry.writes], ["viewing", []]);
  }
});
