// What is not saved yet survives a reload: it is kept in the tab's `sessionStorage` under its user's name, and
// only while there is something unsaved. Signing out and signing in as somebody else removes it.

import { NEW_TASK } from "./entry.js";

const KEY = `todo-unsaved ${location.pathname}`;
let last = null;

/** Keeps what is unsaved. `typed` is the text of a half-typed new task. */
export function keep(user, state, typed) {
  const entries = [...state.unsaved].map(({ key, uri, task, writes, drafts, deleted, stash }) => ({ key, uri, task, writes, drafts, deleted, stash }));
  const text = entries.length > 0 || typed ? JSON.stringify({ user, entries, typed }) : null;
  if (text === last) return;
  last = text;
  try {
    if (text === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, text);
  } catch {
    // Storage can be disabled or full. The page then asks before it is closed, as always.
  }
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

/** The user whose unsaved work waits in this tab, and how much it is. */
export function waiting() {
  const kept = read();
  return kept && { user: kept.user, count: kept.entries.length + (kept.typed ? 1 : 0) };
}

/** Puts what `user` had not saved back into the state. Returns the text of the half-typed new task. */
export function restore(user, state) {
  const kept = read();
  if (kept?.user !== user) {
    forget();
    return "";
  }
  for (const { key, task, writes, drafts, deleted, stash } of kept.entries) {
    const entry = task ? state.entry(task.uri, task) : state.entry(key);
    if (!task) state.created = Math.max(state.created, Number(key.split("-")[1]));
    // Nobody knows whether a request that was on its way arrived. It is sent again as it was.
    for (const write of [...writes, ...stash]) {
      if (write.state === "sending") write.state = "waiting";
      if (write.kind === "create") write.changes = { ...NEW_TASK, ...write.body };
    }
    Object.assign(entry, { writes, drafts, deleted, stash });
    state.touch(entry);
  }
  return kept.typed;
}

export function forget() {
  last = null;
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // See `keep`.
  }
}
