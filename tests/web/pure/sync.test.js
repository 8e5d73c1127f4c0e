// Sending without a browser: what each response, whole or broken, does to the writes that it answers.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { rowState, shown } from "../../../web/entry.js";
import { State } from "../../../web/state.js";
import { API, stubBrowser } from "./browser_stub.js";

const index = { tasks: `${API}/tasks`, trash: `${API}/trash`, batch: `${API}/batch` };
stubBrowser(index, (uri, request) => answer(uri, request));
const { line, pump, sendNow, startSending } = await import("../../../web/sync.js");

/** What the service does with a request. */
let answer;
let requests;
let state;
let progress;

const task = (id, members = {}) => ({
  uri: `${API}/tasks/${id}`, list: null, title: `Task ${id}`, done: false, order: id, updated_at: "2026-01-01T00:00:00.001Z", etag: `"${id}.1"`, ...members,
});
const json = (status, body) => new Response(JSON.stringify(body), { status });
const broken = (status) => new Response('{"task": {"ur', { status });

/** Lets `handle` answer the requests to come. */
function service(handle) {
  answer = async (uri, request) => {
    const body = request.body && JSON.parse(request.body);
    requests.push({ method: request.method, uri, body });
    return handle({ method: request.method, uri, body });
  };
}

/** Runs `act` and waits until the requests that follow from it are answered, as many as `count`. */
async function sent(act, count = 1) {
  let answered = 0;
  await new Promise((resolve) => {
    progress = () => ++answered === count && resolve();
    act();
  });
}

beforeEach(() => {
  let keys = 0;
  requests = [];
  state = new State(() => `key-${++keys}`);
  startSending(state, () => progress());
});

/** Ends the pause before the next attempt, so that no test waits for it. */
const stop = () => startSending(new State(() => "none"), () => {});

test("a response that breaks off is not a success: the write is sent again with the same key", async () => {
  const entry = state.create({ title: "Milk" });
  const { key } = entry.writes[0];
  service(() => broken(201));
  await sent(pump);
  assert.deepEqual([rowState(entry), entry.writes[0]?.key, line.retrying], ["saving", key, true]);
  service(() => json(201, { task: task(1, { title: "Milk" }) }));
  await sent(sendNow);
  assert.deepEqual([rowState(entry), entry.uri, line.retrying], ["viewing", `${API}/tasks/1`, false]);
});

test("a broken or short response to a batch leaves no write behind", async () => {
  for (const response of [() => broken(200), () => json(200, {}), () => json(200, { responses: [{ status: 200, body: null }] })]) {
    const entries = [1, 2].map((id) => state.upsert(task(id)));
    for (const entry of entries) state.change(entry, { done: true });
    service(response);
    await sent(pump);
    assert.deepEqual(entries.map((entry) => entry.writes[0].state), ["waiting", "waiting"]);
    stop();
    state = new State(() => "key");
    startSending(state, () => progress());
  }
});

test("a batch that is refused as a whole says nothing about its tasks", async () => {
  for (const status of [400, 404, 413]) {
    requests = [];
    const [first, second] = [1, 2].map((id) => state.upsert(task(id)));
    state.change(first, { done: true });
    state.remove(second);
    service(({ method, uri }) => {
      if (uri === index.batch) return json(status, { error: "x" });
      return json(200, method === "PATCH" ? { task: task(1, { done: true, etag: '"1.2"' }) } : { result: true });
    });
    await sent(pump);
    assert.deepEqual(requests.map(({ method }) => method), ["POST", "PATCH", "DELETE"]);
    assert.deepEqual([rowState(first), shown(first).done, rowState(second)], ["viewing", true, "deleted"]);
    state = new State(() => "key");
    startSending(state, () => progress());
  }
});

test("only the service's own 404 says that a task is gone", async () => {
  for (const [body, expected] of [[{ error: "Not found" }, "deleted"], [{ message: "Not Found" }, "waiting"], [{}, "waiting"]]) {
    const entry = state.upsert(task(1));
    state.remove(entry);
    service(() => json(404, body));
    await sent(pump);
    assert.equal(entry.writes[0]?.state ?? rowState(entry), expected);
    stop();
    state = new State(() => "key");
    startSending(state, () => progress());
  }
});

test("a deletion in a large batch needs no body, and a body that cannot be read is no verdict", async () => {
  const [first, second] = [1, 2].map((id) => state.upsert(task(id)));
  state.remove(first);
  state.change(second, { done: true });
  service(({ uri }) =>
    uri === index.batch ? json(200, { responses: [1, 2].map(() => ({ status: 200, headers: {}, body: null })) }) : json(404, { error: "Not found" }),
  );
  await sent(pump);
  assert.deepEqual(requests.map(({ method, uri }) => `${method} ${uri}`), [`POST ${index.batch}`, `GET ${second.uri}`]);
  assert.deepEqual([rowState(first), second.writes[0].state], ["deleted", "waiting"]);
  stop();
});

test("at most three requests are on their way, and the others follow", async () => {
  const entries = Array.from({ length: 230 }, (_, at) => state.upsert(task(at + 1)));
  for (const entry of entries) state.change(entry, { done: true });
  let open = 0;
  let most = 0;
  service(async ({ body }) => {
    most = Math.max(most, ++open);
    await new Promise(setImmediate);
    open -= 1;
    const responses = body.requests.map(({ uri }) => ({ status: 200, body: { task: task(Number(uri.split("/").at(-1)), { done: true, etag: '"2"' }) } }));
    return json(200, { responses });
  });
  await sent(pump, 5);
  assert.deepEqual([most, requests.length, state.unsaved.size], [3, 5, 0]);
});
