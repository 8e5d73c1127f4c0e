// Loads what the page shows: the lists, the beginning of the view, then every task of the account, and from then
// on what has changed since, through /changes.

import { call, currentSession, errorMessage, readIndex } from "./api.js";
import { firstPage, idOf, searchText } from "./views.js";

const POLL_MS = 60_000;
const PAGE_SIZE = 500;

let state = null;
let hooks = null;
/** Where the next walk through the changes begins; null for the very first one. */
let cursor = null;
/** The walk that has begun, which goes on after a failure. */
let begun = null;
let walking = false;
let again = false;

/** `problems` has `onLoaded()` and `onProblem(text or null)`. */
export function startLoading(newState, newHooks) {
  state = newState;
  hooks = newHooks;
  cursor = begun = null;
  walking = again = false;
}

/** Loads the beginning of the view, so that it is there before the whole account is. */
export async function loadView(view, now) {
  if (view.show === "trash" || state.complete) return;
  const owner = state;
  try {
    const asOf = owner.clock;
    const { body } = await call("GET", firstPage(owner, view, await readIndex(), now));
    if (owner !== state) return;
    for (const task of body.tasks) owner.upsert(task, asOf);
    hooks.onLoaded();
  } catch (error) {
    report(owner, error);
  }
}

export async function loadLists() {
  const owner = state;
  try {
    const { body } = await call("GET", (await readIndex()).lists);
    if (owner === state) setLists(owner, body.lists);
  } catch (error) {
    report(owner, error);
  }
}

function setLists(owner, lists) {
  owner.lists = lists.sort((a, b) => a.order - b.order || Number(idOf(a.uri)) - Number(idOf(b.uri)));
  owner.listsRevision += 1;
  hooks.onLoaded();
}

/** Takes a list as the service returned it. */
export function takeList(list) {
  if (state.lists.some(({ uri, etag }) => uri === list.uri && etag === list.etag)) return;
  setLists(state, [...state.lists.filter((other) => other.uri !== list.uri), list]);
}

/** Removes a list that is gone. Its tasks are in the trash. */
export function dropList(uri) {
  for (const entry of [...state.entries.values()]) {
    if (entry.task?.list === uri) state.removed(entry.uri);
  }
  setLists(state, state.lists.filter((list) => list.uri !== uri));
}

/** Takes in everything that has changed since the last walk. */
export async function refresh() {
  if (!currentSession() || !state) return;
  again = walking;
  if (walking) return;
  walking = true;
  const owner = state;
  try {
    await walk(owner);
    if (owner === state) hooks.onProblem(null);
  } catch (error) {
    if (error.status === 410) {
      cursor = begun = null;
      again = true;
    } else report(owner, error);
  } finally {
    if (owner === state) {
      walking = false;
      if (again) refresh();
    }
  }
}

async function walk(owner) {
  const first = cursor ?? `${(await readIndex()).changes}?limit=${PAGE_SIZE}`;
  if (owner !== state) return;
  begun ??= { uri: first, started: owner.clock, seen: new Set() };
  const { started, seen } = begun;
  for (let more = true; more; ) {
    const asOf = owner.clock;
    const { body } = await call("GET", begun.uri);
    if (owner !== state) return;
    for (const change of body.changes) take(owner, change, asOf, seen);
    begun.uri = body.next;
    more = body.more;
    hooks.onLoaded();
  }
  const whole = cursor === null;
  cursor = begun.uri;
  begun = null;
  if (whole) {
    // A walk from the beginning names everything that there is.
    for (const entry of [...owner.entries.values()]) {
      if (entry.uri && !seen.has(entry.uri)) owner.removed(entry.uri, started);
    }
    owner.complete = true;
    hooks.onLoaded();
  }
}

function take(owner, { task, list, deleted }, asOf, seen) {
  if (task) {
    seen.add(task.uri);
    searchText(owner.upsert(task, asOf)?.task ?? task);
  } else if (list) takeList(list);
  else if (owner.lists.some(({ uri }) => uri === deleted)) dropList(deleted);
  else owner.removed(deleted, asOf);
}

function report(owner, error) {
  if (owner !== state || error.unauthorized) return;
  if (error.status === undefined) throw error;
  hooks.onProblem(errorMessage(error));
}

/** Refreshes when the page gets the focus or the connection is back, and every minute while it is visible. */
export function keepFresh() {
  setInterval(() => document.visibilityState === "visible" && refresh(), POLL_MS);
  addEventListener("focus", () => refresh());
  addEventListener("online", () => refresh());
  addEventListener("pageshow", (event) => event.persisted && refresh());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
}
