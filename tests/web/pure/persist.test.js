// What is not saved survives a reload, for its own user only.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { rowState, shown } from "../../../web/entry.js";
import { State } from "../../../web/state.js";

/** Its items are its own enumerable properties, as in a browser. */
const newStorage = () => Object.create({
  getItem(key) { return this[key] ?? null; },
  setItem(key, text) { this[key] = text; },
  removeItem(key) { delete this[key]; },
});
const locks = new Set();
/** Locks as a browser has them, without a queue. */
async function request(name, options, hold = options) {
  if (locks.has(name)) return hold(null);
  locks.add(name);
  await hold({ name });
  locks.delete(name);
}
Object.assign(globalThis, { location: { pathname: "/" }, addEventListener: () => {}, sessionStorage: newStorage(), localStorage: newStorage(), reportError: (error) => assert.fail(error) });
Object.defineProperty(globalThis, "navigator", { value: { locks: { request } }, configurable: true });

let windows = 0;
/** The module as another window loads it, with the storage of its tab. */
async function openWindow() {
  globalThis.sessionStorage = newStorage();
  return import(`../../../web/persist.js?${++windows}`);
}
const { forget, keep, putBack, restore, waiting } = await openWindow();
const forgetOthers = (user) => forget((owner) => owner !== user);

const TASK = {
  uri: "http://x/todo/api/v1.0/tasks/7", list: null, title: "Milk", done: false, order: 7,
  updated_at: "2026-01-01T00:00:00.001Z", etag: '"7.1"',
};
const newState = () => new State(() => "key");

beforeEach(() => {
  sessionStorage = newStorage();
  localStorage = newStorage();
  locks.clear();
  forget(() => true);
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

test("what a user had not saved waits for them, whoever the tab belongs to in the meantime", async () => {
  const state = newState();
  state.create({ title: "Milk" });
  keep("ada", state, "half typ");
  const bobs = newState();
  assert.equal(restore("bob", bobs), "");
  keep("bob", bobs, "");
  assert.deepEqual([bobs.entries.size, await waiting()], [0, { user: "ada", count: 2 }]);
  const after = newState();
  assert.equal(restore("ada", after), "half typ");
  assert.deepEqual([...after.entries.values()].map((entry) => shown(entry).title), ["Milk"]);
});

test("signing in as somebody else forgets it, and signing in again does not", async () => {
  const state = newState();
  state.create({ title: "Milk" });
  keep("ada", state, "");
  forgetOthers("ada");
  assert.deepEqual(await waiting(), { user: "ada", count: 1 });
  forgetOthers("bob");
  assert.deepEqual([await waiting(), restore("ada", newState())], [null, ""]);
});

/** Lets the browser keep ada's session, as "Stay signed in" does. */
const stay = () => localStorage.setItem("todo-session /", JSON.stringify({ username: "ada", token: "t", expires_at: "2999-01-01T00:00:00Z" }));
const keptIn = (storage) => Object.keys(storage).filter((key) => key.startsWith("todo-unsaved")).length;

/** A window of ada's in which `act` does something. It has its lock until it is closed. */
async function work(act, typed = "") {
  const window = await openWindow();
  const state = newState();
  act(state);
  window.settle("ada", () => window.keep("ada", state, typed));
  return { ...window, close: () => locks.clear() };
}

test("what a window of a user who stays signed in left is taken over once it is closed, and then by one only", async () => {
  stay();
  const left = await work((state) => state.create({ title: "Milk" }), "half typ");
  assert.deepEqual([keptIn(sessionStorage), keptIn(localStorage)], [0, 1]);
  const [second, third] = [await openWindow(), await openWindow()];
  const taken = [];
  const take = (kept) => (taken.push(kept), null);
  await second.takeOver("ada", take);
  assert.deepEqual(taken, []);
  left.close();
  await second.takeOver("bob", take);
  await Promise.all([second.takeOver("ada", take), third.takeOver("ada", take)]);
  assert.deepEqual(taken.map(({ user, entries, typed }) => [user, entries.length, typed]), [["ada", 1, "half typ"]]);
  assert.equal(keptIn(localStorage), 0);
});

test("without staying signed in, and where the browser's storage is full, it stays in the tab", async () => {
  await work((state) => state.create({ title: "Milk" }));
  assert.deepEqual([keptIn(sessionStorage), keptIn(localStorage)], [1, 0]);
  stay();
  localStorage.setItem = () => { throw new Error("full"); };
  await work((state) => state.create({ title: "Milk" }));
  assert.deepEqual([keptIn(sessionStorage), keptIn(localStorage)], [1, 0]);
});

test("work of a closed window joins what this one has for the same task, and a create is taken once", () => {
  const other = newState();
  other.change(other.upsert(TASK), { title: "Oat milk", priority: "high" });
  other.create({ title: "Bread" });
  const entries = JSON.parse(JSON.stringify([...other.unsaved]));
  const state = newState();
  const entry = state.upsert(TASK);
  state.change(entry, { title: "Soy milk" });
  putBack(structuredClone(entries), state);
  putBack([entries[1]], state);
  assert.deepEqual([...state.unsaved].map((each) => each.writes.map(({ kind }) => kind)), [["change", "change"], ["create"]]);
  // The service takes this window's title. The other one is asked about, and its priority is not lost.
  const first = state.next(entry);
  state.succeeded(entry, first, { task: { ...TASK, title: "Soy milk", etag: '"7.2"' } });
  assert.equal(state.next(entry), null);
  assert.deepEqual([rowState(entry), entry.writes[0].conflicts, shown(entry).priority], ["conflicted", ["title"], "high"]);
});

test("a task that a closed window added anew is not lost where its purged one is still known", () => {
  const other = newState();
  other.createAgain(other.upsert(TASK));
  const entries = JSON.parse(JSON.stringify([...other.unsaved]));
  const state = newState();
  state.upsert(TASK);
  state.removed(TASK.uri);
  putBack(entries, state);
  assert.deepEqual([...state.unsaved].map((entry) => [shown(entry).title, rowState(entry)]), [["Milk", "saving"]]);
  assert.equal(rowState(state.byUri.get(TASK.uri)), "deleted");
  assert.match(state.create({ title: "Bread" }).key, /^new-2-/);
});

test("what is half typed in both windows stays in this one, and the other text waits until it is saved", () => {
  const other = newState();
  other.type(other.upsert(TASK), "title", "Oat mi");
  other.type(other.byUri.get(TASK.uri), "description", "Two bottles");
  const entries = JSON.parse(JSON.stringify([...other.unsaved]));
  const state = newState();
  const entry = state.upsert(TASK);
  state.type(entry, "title", "Soy mi");
  const left = putBack(entries, state);
  assert.deepEqual([entry.drafts.title.value, entry.drafts.description.value], ["Soy mi", "Two bottles"]);
  assert.deepEqual(left.map(({ drafts, writes }) => [Object.keys(drafts), writes]), [[["title"], []]]);
  state.discardDraft(entry, "title");
  assert.deepEqual(putBack(left, state), []);
  assert.equal(entry.drafts.title.value, "Oat mi");
});

test("a sign-out forgets what closed windows left, and leaves open windows theirs", async () => {
  const closed = await (stay(), work((state) => state.create({ title: "Closed" })));
  closed.close();
  await work((state) => state.create({ title: "Open" }));
  localStorage.removeItem("todo-session /");
  assert.deepEqual(await waiting(), { user: "ada", count: 1 });
  await forget((owner) => owner === "ada");
  assert.deepEqual([keptIn(localStorage), await waiting()], [1, null]);
});
