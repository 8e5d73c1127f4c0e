// The views: which tasks they show, in which order, under which headings, and at which address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { State } from "../../../web/state.js";
import { counts, firstPage, fold, readAddress, select, writeAddress } from "../../../web/views.js";

const NOW = "2026-11-25";
const ROOT = "http://x/todo/api/v1.0";
const INBOX = { uri: `${ROOT}/lists/inbox`, tasks: `${ROOT}/lists/inbox/tasks`, name: "Inbox" };
const HOME = { uri: `${ROOT}/lists/3`, tasks: `${ROOT}/lists/3/tasks`, name: "Home" };

function stateWith(...tasks) {
  const state = new State(() => "key");
  state.lists = [INBOX, HOME];
  tasks.forEach((task, index) => {
    const id = index + 1;
    state.upsert({
      uri: `${ROOT}/tasks/${id}`, list: INBOX.uri, title: "", description: "", done: false, due: null, repeat: null, priority: null, tags: [],
      steps: [], order: id, created_at: "2026-01-01T00:00:00.000Z", updated_at: "2026-01-01T00:00:00.000Z", completed_at: null, etag: '"1"', ...task,
    });
  });
  return state;
}

const view = (query, state, kept) =>
  select(state, readAddress(query), NOW, kept).map(({ heading, keys }) => [heading, ...keys.map((key) => state.entries.get(key).task.title)]);

test("Today has what is late first, then today, each by time, priority and order", () => {
  const state = stateWith(
    { title: "noon", due: "2026-11-25T12:00" }, { title: "today", due: "2026-11-25" }, { title: "late", due: "2026-11-20" },
    { title: "later late", due: "2026-11-24T09:00" }, { title: "tomorrow", due: "2026-11-26" }, { title: "done", due: "2026-11-25", done: true },
    { title: "urgent", due: "2026-11-25", priority: "high" }, { title: "undated" },
  );
  assert.deepEqual(view("?show=today", state), [["Overdue", "late", "later late"], ["Today, Wed 25 Nov", "urgent", "today", "noon"]]);
});

test("Upcoming has a heading for each day to come", () => {
  const state = stateWith({ title: "b", due: "2026-11-27" }, { title: "a", due: "2026-11-26" }, { title: "c", due: "2027-01-02" }, { title: "x", due: NOW });
  assert.deepEqual(view("?show=upcoming", state), [["Tomorrow, Thu 26 Nov", "a"], ["Fri 27 Nov", "b"], ["Sat 2 Jan 2027", "c"]]);
});

test("a list is in its own order, and what is done is at the end when it is wanted", () => {
  const state = stateWith({ title: "a", order: 9 }, { title: "b", order: -1 }, { title: "home", list: HOME.uri }, { title: "done", done: true });
  assert.deepEqual(view("?list=inbox", state), [["", "b", "a"]]);
  assert.deepEqual(view("?list=inbox&done=1", state), [["", "b", "a"], ["Done", "done"]]);
  assert.deepEqual(view("?list=3", state), [["", "home"]]);
});

test("a new task is where it will be once it is saved", () => {
  const state = stateWith({ title: "a" }, { title: "b" });
  state.create({ title: "new" });
  const titles = (query) => select(state, readAddress(query), NOW).flatMap(({ keys }) => keys.map((key) => state.entries.get(key).task?.title ?? "new"));
  assert.deepEqual(titles("?list=inbox"), ["a", "b", "new"]);
  assert.deepEqual(titles(""), ["new", "b", "a"]);
  assert.deepEqual(titles("?sort=title"), ["a", "b", "new"]);
});

test("search looks everywhere and ignores case in full", () => {
  const state = stateWith({ title: "Straße" }, { title: "b", description: "STRASSE" }, { title: "c", tags: ["strasse"], done: true }, { title: "d" });
  assert.deepEqual(view("?q=strasse", state), [["Open", "b", "Straße"], ["Done", "c"]]);
  assert.equal(fold("ΣΊΣΥΦΟΣ"), fold("σίσυφος"));
});

test("a row that is kept stays where it was, and a question is shown in every view", () => {
  const state = stateWith({ title: "a" }, { title: "b" }, { title: "c" });
  const entry = state.byUri.get(`${ROOT}/tasks/2`);
  const kept = new Map([[entry.key, entry.task]]);
  state.change(entry, { done: true });
  assert.deepEqual(view("", state), [["", "c", "a"]]);
  assert.deepEqual(view("", state, kept), [["", "c", "b", "a"]]);
  state.failed(entry, state.next(entry), "rejected", {});
  assert.deepEqual(view("?show=today", state), [["Needs your attention", "b"]]);
  const asked = new Map([[entry.key, { ...entry.task, asked: true }]]);
  state.remove(entry);
  assert.deepEqual(view("?show=today", state), []);
  assert.deepEqual(view("?show=today", state, asked), [["Needs your attention", "b"]], "its Undo stays");
});

test("what waits for the user comes first in every view, and no group twice", () => {
  const due = { "?show=today": "2026-11-24", "?show=upcoming": "2026-11-27" };
  for (const query of ["", "?list=inbox", "?show=today", "?show=upcoming", "?show=done&done=1", "?q=t"]) {
    const state = stateWith(...[1, 2, 3, 4, 5].map((number) => ({ title: `t${number}`, due: due[query] ?? null, done: query.includes("done") })));
    const entry = state.byUri.get(`${ROOT}/tasks/3`);
    state.change(entry, { title: "mine", done: !entry.task.done });
    state.failed(entry, state.next(entry), "rejected", {});
    const [first, ...others] = view(query, state);
    assert.deepEqual(first, ["Needs your attention", "t3"], query);
    assert.deepEqual([others.length, others[0].length], [1, 5], query);
  }
});

test("what is half typed in a task that was deleted elsewhere waits for the user", () => {
  const state = stateWith({ title: "a" }, { title: "b" });
  const entry = state.byUri.get(`${ROOT}/tasks/1`);
  state.type(entry, "description", "half");
  state.removed(entry.uri);
  assert.deepEqual(view("", state), [["Needs your attention", "a"], ["", "b"]]);
  state.restore(entry);
  assert.deepEqual([state.next(entry).kind, entry.drafts.description.value], ["restore", "half"]);
});

test("only open tasks that are not in the trash are counted", () => {
  const state = stateWith({ due: NOW }, { due: "2026-11-26" }, { list: HOME.uri }, { done: true }, {});
  state.remove(state.byUri.get(`${ROOT}/tasks/5`));
  const { today, upcoming, all, lists } = counts(state, NOW);
  assert.deepEqual([today, upcoming, all, lists.get(INBOX.uri), lists.get(HOME.uri)], [1, 1, 3, 2, 1]);
});

test("an address is read as it was written, and nonsense in it is the first view", () => {
  for (const query of ["", "?show=today", "?list=3&done=1", "?show=done&q=a+b%26c", "?sort=title&task=7"]) {
    assert.equal(writeAddress(readAddress(query)), query);
  }
  assert.deepEqual(readAddress("?show=constructor&sort=constructor"), readAddress(""));
});

test("the first page of each view asks for the beginning of that view", () => {
  const state = stateWith();
  const index = { tasks: `${ROOT}/tasks` };
  const query = (address) => firstPage(state, readAddress(address), index, NOW).replace(ROOT, "");
  assert.equal(query(""), "/tasks?limit=100&done=false&sort=-id");
  assert.equal(query("?show=today"), "/tasks?limit=100&done=false&due_before=2026-11-26");
  assert.equal(query("?show=upcoming"), "/tasks?limit=100&done=false&due_after=2026-11-25");
  assert.equal(query("?list=3"), "/lists/3/tasks?limit=100&done=false");
  assert.equal(query("?q=milk"), "/tasks?limit=100&q=milk&sort=-id");
});
