// Sends the writes that wait in the state, each task's one after the other, and reports each response for the
// write that it answers. Several writes that are ready together go as one batch.

import { Failure, call, currentSession, errorMessage, readIndex } from "./api.js";
import { idOf } from "./views.js";

const BATCH = 50;
/** Browsers limit what may still be on its way when a page is closed to 64 KiB. */
const KEEPALIVE_BYTES = 30_000;
/** The oldest writes go first; the others wait until there is room. */
const MOST_REQUESTS = 3;
const LONGEST_PAUSE_MS = 30_000;
/** Nobody knows what became of the request, or the service asks for patience. */
const RETRY = [0, 429, 502, 503, 504];
/** What a batch as a whole is refused with. */
const REFUSED = [400, 404, 413];

let state = null;
let onProgress = () => {};
const busy = new Set();
let inFlight = 0;
let creating = false;
let attempts = 0;
let timer = null;

/** What the status line says: why nothing is sent now, and whether it goes on by itself. */
export const line = { problem: null, retrying: false };

export function startSending(newState, progress) {
  state = newState;
  onProgress = progress;
  busy.clear();
  inFlight = 0;
  creating = false;
  attempts = 0;
  clearTimeout(timer);
  timer = null;
  Object.assign(line, { problem: null, retrying: false });
}

/** Sends everything that is ready. */
export function pump() {
  if (!currentSession() || timer !== null || !state) return;
  const ready = [];
  for (const entry of [...state.unsaved].sort(byCreation)) {
    if (entry.writes.length === 0 || busy.has(entry)) continue;
    const write = state.next(entry);
    // New tasks are created in the order in which they were typed.
    if (write && !(write.kind === "create" && creating)) ready.push({ entry, write });
  }
  const creates = ready.filter(({ write }) => write.kind === "create").slice(0, BATCH);
  const others = ready.filter(({ write }) => write.kind !== "create");
  const jobs = [...creates, ...others];
  for (let first = 0; first < jobs.length && inFlight < MOST_REQUESTS; first += BATCH) sendTogether(jobs.slice(first, first + BATCH));
}

/** New tasks in the order in which they were typed, which their keys begin with. */
function byCreation(a, b) {
  const place = ({ key }) => (key.startsWith("new-") ? Number(key.split("-")[1]) : 0);
  return place(a) - place(b);
}

/** Ends a pause between attempts, because the user asks for it or the connection is back. */
export function sendNow() {
  clearTimeout(timer);
  timer = null;
  pump();
}

async function sendTogether(jobs) {
  const owner = state;
  inFlight += 1;
  for (const { entry, write } of jobs) {
    busy.add(entry);
    creating ||= write.kind === "create";
    owner.sending(entry, write);
  }
  try {
    if (jobs.length === 1) await sendAlone(owner, jobs[0]);
    else await sendBatch(owner, jobs);
  } finally {
    if (owner === state) {
      inFlight -= 1;
      for (const { entry } of jobs) busy.delete(entry);
      if (jobs.some(({ write }) => write.kind === "create")) creating = false;
      onProgress();
      pump();
    }
  }
}

async function sendAlone(owner, { entry, write }) {
  try {
    const { method, uri, headers, body } = await request(entry, write);
    const text = body && JSON.stringify(body);
    const keepalive = (text?.length ?? 0) < KEEPALIVE_BYTES;
    const response = await call(method, uri, { headers, body: text, keepalive });
    succeeded(owner, entry, write, response.body);
  } catch (error) {
    await failed(owner, entry, write, error);
  }
}

async function sendBatch(owner, jobs) {
  let responses;
  try {
    const requests = await Promise.all(jobs.map(({ entry, write }) => request(entry, write)));
    const { batch } = await readIndex();
    ({ responses } = (await call("POST", batch, { body: { requests } })).body);
    if (responses?.length !== jobs.length) throw new Failure(0);
  } catch (error) {
    // A batch that is refused as a whole says nothing about the tasks: each write is sent by itself.
    const refused = REFUSED.includes(error.status);
    for (const job of jobs) await (refused ? sendAlone(owner, job) : failed(owner, job.entry, job.write, error));
    return;
  }
  for (const [index, job] of jobs.entries()) await take(owner, job, responses[index]).catch(reportError);
}

/** Takes one response of a batch. */
async function take(owner, { entry, write }, { status, headers, body }) {
  try {
    if (status >= 300) throw new Failure(status, body ?? {}, new Headers(headers));
    succeeded(owner, entry, write, body ?? (await bodyOf(entry, write, headers)));
  } catch (error) {
    await failed(owner, entry, write, error);
  }
}

/** A large batch leaves bodies out. */
async function bodyOf(entry, write, headers) {
  if (write.kind === "delete" || write.kind === "purge") return null;
  try {
    return (await call("GET", entry.uri ?? new Headers(headers).get("Location"))).body;
  } catch (error) {
    // The write was made. What this request met is no verdict on it: it is sent again, and finds that it is done.
    throw error instanceof Failure && !error.unauthorized ? new Failure(0) : error;
  }
}

async function request(entry, write) {
  const { tasks, trash } = await readIndex();
  const headers = { "If-Match": entry.task?.etag };
  switch (write.kind) {
    case "create":
      return { method: "POST", uri: tasks, headers: { "Idempotency-Key": write.key }, body: write.body };
    case "change":
      return { method: "PATCH", uri: entry.uri, headers, body: write.changes };
    case "delete":
      return { method: "DELETE", uri: entry.uri, headers };
    case "restore":
      return { method: "POST", uri: `${trash}/${idOf(entry.uri)}`, headers: {} };
    default:
      return { method: "DELETE", uri: `${trash}/${idOf(entry.uri)}`, headers: {} };
  }
}

function succeeded(owner, entry, write, body) {
  if (write.kind === "create" && !body?.task) throw new Failure(0);
  attempts = 0;
  Object.assign(line, { problem: null, retrying: false });
  owner.succeeded(entry, write, body);
}

async function failed(owner, entry, write, error) {
  if (!(error instanceof Failure)) {
    write.state = "waiting";
    // A fault of the client must not become a stream of requests.
    pause(new Failure(0));
    throw error;
  }
  const failure = { status: error.status, field: error.field ?? null, message: errorMessage(error) };
  if (error.unauthorized) {
    // It waits until the same user has signed in again.
    owner.failed(entry, write, "retry", null);
    return;
  }
  // Only the service's own 404 says that a task is gone. A gateway's or a proxy's does not.
  const unknown = error.status === 404 && error.message !== "Not found";
  const verdict = unknown || RETRY.includes(error.status) ? "retry" : { 404: "gone", 412: "changed" }[error.status] ?? "rejected";
  const read = owner.failed(entry, write, verdict, failure);
  if (read) await reread(owner, entry, write);
  if (verdict === "retry" && owner === state) pause(error);
}

/** Reads the task: after a 412, to find out what both sides changed; after a restore that found nothing in the
 * trash, to find out whether an attempt whose response was lost has restored it. */
async function reread(owner, entry, write) {
  try {
    owner.reread(entry, write, (await call("GET", entry.uri)).body.task);
  } catch (error) {
    write.state = "waiting";
    if (error.status === 404 && error.message === "Not found") owner.failed(entry, write, "gone", { status: 404, field: null, message: errorMessage(error) });
    else await failed(owner, entry, write, error);
  }
}

/** Waits before the next attempt: what the service asks for, otherwise longer each time. */
function pause(error) {
  Object.assign(line, { problem: errorMessage(error), retrying: true });
  if (timer !== null) return;
  const backoff = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** attempts++);
  timer = setTimeout(sendNow, error.retryAfter ? error.retryAfter * 1000 : backoff);
}
