// Loading without a browser: a walk through the changes goes on where the line dropped.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { NEW_TASK } from "../../../web/entry.js";
import { State } from "../../../web/state.js";
import { API, stubBrowser } from "./browser_stub.js";

stubBrowser({ changes: `${API}/changes` }, async (uri) => answer(new URL(uri).search));
const { refresh, startLoading } = await import("../../../web/load.js");

const FIRST = "?limit=500";
const task = (id) => ({ ...NEW_TASK, uri: `${API}/tasks/${id}`, title: `Task ${id}`, order: id, updated_at: "2026-01-01T00:00:00.001Z", etag: `"${id}.1"` });
const next = (search) => (search === FIRST ? 1 : Number(search.slice(-1)));
/** Page `number` of three has the task of that number. */
const page = (number) => new Response(JSON.stringify({ changes: [{ task: task(number) }], next: `${API}/changes?cursor=${number + 1}`, more: number < 3 }));
const status = (code) => new Response("{}", { status: code });

let answer;
let asked;
let state;

/** Answers the request of each number, from 1 on, by what `fail` returns for it, and otherwise with its page. */
function service(fail) {
  asked = [];
  answer = (search) => {
    asked.push(search);
    return fail(asked.length, search) ?? (next(search) > 3 ? new Response(JSON.stringify({ changes: [], next: `${API}/changes${search}`, more: false })) : page(next(search)));
  };
}

beforeEach(() => {
  state = new State(() => "key");
  startLoading(state, { onLoaded: () => {}, onProblem: () => {} });
});

const drop = () => {
  throw new TypeError("the line dropped");
};
const known = () => [...state.byUri.values()].filter((entry) => !entry.deleted).map((entry) => entry.task.title);

test("a first walk goes on from the last page that arrived, and knows all that it has named", async () => {
  service((count) => (count % 2 === 0 ? drop() : null));
  state.upsert(task(9));
  for (let attempt = 0; attempt < 3; attempt++) await refresh();
  assert.deepEqual(asked, [FIRST, "?cursor=2", "?cursor=2", "?cursor=3", "?cursor=3"]);
  assert.deepEqual([state.complete, known()], [true, ["Task 1", "Task 2", "Task 3"]]);
  await refresh();
  assert.equal(asked.at(-1), "?cursor=4");
});

test("what was written since the walk began is not taken for gone when it ends", async () => {
  service((count) => (count === 2 ? drop() : null));
  await refresh();
  const entry = state.create({ title: "Typed meanwhile" });
  const write = state.next(entry);
  state.sending(entry, write);
  state.succeeded(entry, write, { task: { ...task(8), title: "Typed meanwhile" } });
  await refresh();
  assert.deepEqual([state.complete, known().sort()], [true, ["Task 1", "Task 2", "Task 3", "Typed meanwhile"]]);
});

test("a walk begins anew when the service no longer knows its page, and when another user's begins", async () => {
  service((count) => (count === 2 ? drop() : count === 3 ? status(410) : null));
  await refresh();
  await refresh();
  while (!state.complete) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(asked, [FIRST, "?cursor=2", "?cursor=2", FIRST, "?cursor=2", "?cursor=3"]);

  service((count) => (count === 2 ? drop() : null));
  startLoading(state, { onLoaded: () => {}, onProblem: () => {} });
  await refresh();
  startLoading((state = new State(() => "key")), { onLoaded: () => {}, onProblem: () => {} });
  await refresh();
  assert.deepEqual(asked, [FIRST, "?cursor=2", FIRST, "?cursor=2", "?cursor=3"]);
});
