// The state without a browser: what a row shows, and what each response does to the write that it answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeleted, question, rowState, shown } from "../../../web/entry.js";
import { rebase, same } from "../../../web/merge.js";
import { TASK, later, send, start } from "./state_helpers.js";

test("members are compared by value", () => {
  assert.ok(same([{ title: "a", done: false }], [{ done: false, title: "a" }]));
  assert.ok(!same(["a"], ["a", "b"]));
  assert.ok(!same(null, []));
  assert.ok(!same({ 0: "a" }, ["a"]));
});

test("a rebase leaves what is not so yet, and names what both sides changed", () => {
  const base = { title: "a", due: null, tags: [] };
  assert.deepEqual(rebase({ title: "b" }, base, { ...base, due: "2030-01-01" }), { changes: { title: "b" }, conflicts: [] });
  assert.deepEqual(rebase({ title: "b" }, base, { ...base, title: "c" }), { changes: { title: "b" }, conflicts: ["title"] });
  assert.deepEqual(rebase({ title: "b", tags: ["x"] }, base, { ...base, title: "b" }), { changes: { tags: ["x"] }, conflicts: [] });
});

test("a change is shown at once and stays until the service confirms it", () => {
  const { state, entry } = start();
  state.change(entry, { done: true });
  assert.deepEqual([shown(entry).done, rowState(entry)], [true, "saving"]);
  const write = send(state, entry);
  state.succeeded(entry, write, { task: later(TASK, { done: true }) });
  assert.deepEqual([shown(entry).done, rowState(entry), entry.writes], [true, "viewing", []]);
});

test("what is typed during a save is another write, and the response closes only its own", () => {
  const { state, entry } = start();
  state.type(entry, "title", "Oat milk");
  assert.equal(rowState(entry), "editing");
  state.commit(entry, "title");
  const first = send(state, entry);
  state.type(entry, "title", "Oat milk, two litres");
  state.succeeded(entry, first, { task: later(TASK, { title: "Oat milk" }) });
  assert.equal(entry.drafts.title.value, "Oat milk, two litres");
  assert.equal(entry.drafts.title.base, "Oat milk");
  state.commit(entry, "title");
  assert.deepEqual(state.next(entry).changes, { title: "Oat milk, two litres" });
});

test("only a write that the service cannot have takes in another change", () => {
  const { state, entry } = start();
  state.change(entry, { title: "a" });
  state.change(entry, { due: "2030-01-01" });
  assert.equal(entry.writes.length, 1);
  const write = send(state, entry);
  state.change(entry, { title: "b" });
  assert.equal(entry.writes.length, 2);
  state.failed(entry, write, "retry", {});
  state.change(entry, { due: null });
  assert.deepEqual(entry.writes.map((each) => each.changes), [{ title: "a", due: "2030-01-01" }, { title: "b", due: null }]);
});

test("a tick that is taken back before it was sent is not sent", () => {
  const { state, entry } = start();
  state.change(entry, { done: true });
  state.change(entry, { done: false });
  assert.equal(state.next(entry), null);
  assert.equal(rowState(entry), "viewing");
});

test("a lost response does not become a conflict with oneself", () => {
  const { state, entry } = start();
  state.change(entry, { title: "Oat milk" });
  state.failed(entry, send(state, entry), "retry", {});
  assert.ok(state.failed(entry, send(state, entry), "changed", {}));
  state.reread(entry, entry.writes[0], later(TASK, { title: "Oat milk" }));
  assert.deepEqual([rowState(entry), entry.writes.length], ["viewing", 0]);
});

test("changes of different members are merged without a question", () => {
  const { state, entry } = start();
  state.change(entry, { title: "Oat milk" });
  const write = send(state, entry);
  state.failed(entry, write, "changed", {});
  state.reread(entry, write, later(TASK, { due: "2030-01-01" }));
  assert.equal(state.next(entry), write);
  assert.deepEqual([write.changes, shown(entry).due], [{ title: "Oat milk" }, "2030-01-01"]);
});

test("the same member changed on both sides is asked about, and both choices work", () => {
  for (const choice of ["keepMine", "takeTheirs"]) {
    const { state, entry } = start();
    state.change(entry, { title: "Mine", priority: "high" });
    const write = send(state, entry);
    state.failed(entry, write, "changed", {});
    state.reread(entry, write, later(TASK, { title: "Theirs" }));
    assert.deepEqual([rowState(entry), question(entry).conflicts], ["conflicted", ["title"]]);
    assert.equal(state.next(entry), null);
    state[choice](entry);
    const expected = choice === "keepMine" ? { title: "Mine", priority: "high" } : { priority: "high" };
    assert.deepEqual(state.next(entry).changes, expected);
  }
});

test("a change that came while typing is compared with what typing began from", () => {
  const { state, entry } = start();
  state.type(entry, "title", "Mine");
  state.upsert(later(TASK, { title: "Theirs" }));
  state.commit(entry, "title");
  assert.equal(state.next(entry), null);
  assert.equal(rowState(entry), "conflicted");
});

test("pages that were requested before a write was answered change nothing", () => {
  const { state, entry } = start();
  const asOf = state.clock;
  state.change(entry, { title: "New" });
  const confirmed = later(TASK, { title: "New" });
  state.succeeded(entry, send(state, entry), { task: confirmed });
  state.upsert(TASK, asOf);
  state.removed(TASK.uri, asOf);
  assert.deepEqual([shown(entry).title, isDeleted(entry)], ["New", false]);
});

test("a change that is given up leaves no conflict behind for the changes after it", () => {
  for (const [verdict, choice, expected] of [["changed", "takeTheirs", "Theirs"], ["rejected", "discard", "b"]]) {
    const { state, entry } = start();
    state.change(entry, { title: "a" });
    const write = send(state, entry);
    state.change(entry, { title: "b" });
    if (state.failed(entry, write, verdict, {})) state.reread(entry, write, later(TASK, { title: "Theirs" }));
    state[choice](entry);
    state.next(entry);
    assert.deepEqual([shown(entry).title, question(entry)], [expected, null]);
  }
});

test("a new task is one entry, also when a page shows it before the response to its create arrives", () => {
  const { state } = start(null);
  const entry = state.create({ title: "Milk" });
  const write = send(state, entry);
  state.upsert(TASK);
  state.succeeded(entry, write, { task: TASK });
  assert.equal(state.entries.size, 1);
  assert.equal(state.byUri.get(TASK.uri), entry);
});

test("a restore whose response was lost is not done twice", () => {
  const { state, entry } = start();
  state.remove(entry);
  state.succeeded(entry, send(state, entry), { result: true });
  state.restore(entry);
  state.failed(entry, send(state, entry), "retry", {});
  const again = send(state, entry);
  assert.ok(state.failed(entry, again, "gone", { status: 404 }));
  state.reread(entry, again, later(TASK, {}));
  assert.deepEqual([rowState(entry), entry.writes], ["viewing", []]);
});

test("a task that a page shows while another create of that title is on its way is not lost", () => {
  const { state } = start(null);
  const entry = state.create({ title: "Milk" });
  const write = send(state, entry);
  state.upsert(TASK);
  state.succeeded(entry, write, { task: { ...TASK, uri: `${TASK.uri}2` } });
  assert.equal(state.entries.size, 2);
});

test("a create keeps its key and its bytes until it is rejected", () => {
  const { state } = start(null);
  const entry = state.create({ title: "x" });
  state.change(entry, { title: "xy" });
  const write = send(state, entry);
  assert.deepEqual(write.body, { title: "xy" });
  const key = write.key;
  state.failed(entry, write, "retry", {});
  state.change(entry, { title: "xyz" });
  assert.deepEqual([write.body, write.key, entry.writes.length], [{ title: "xy" }, key, 2]);
  state.failed(entry, send(state, entry), "rejected", { status: 400 });
  assert.equal(rowState(entry), "failed");
});

test("a rejected create gets another key when it is changed", () => {
  const { state } = start(null);
  const entry = state.create({ title: "x" });
  const { key } = send(state, entry);
  state.failed(entry, entry.writes[0], "rejected", { status: 400 });
  state.change(entry, { title: "y" });
  assert.notEqual(entry.writes[0].key, key);
  assert.deepEqual([entry.writes.length, entry.writes[0].state], [1, "waiting"]);
});

test("a task that is not even in the trash is created again with what was typed", () => {
  const { state, entry } = start();
  state.change(entry, { title: "Oat milk", done: true });
  state.failed(entry, send(state, entry), "gone", { status: 404 });
  state.restoreGone(entry);
  const restore = send(state, entry);
  assert.ok(state.failed(entry, restore, "gone", { status: 404 }), "an earlier attempt may have restored it");
  restore.state = "waiting";
  state.failed(entry, restore, "gone", { status: 404 });
  assert.deepEqual(entry.writes.map(({ kind }) => kind), ["create", "change"]);
  assert.equal(entry.writes[0].body.title, "Oat milk");
});
