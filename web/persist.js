// What is not saved yet survives a reload: it is kept in the tab's `sessionStorage` under its user's name, and
// only while there is something unsaved. Signing out removes it, and so does signing in as somebody else.

import { NEW_TASK } from "./entry.js";

const PREFIX = `todo-unsaved ${location.pathname} `;
let last = null;

/** Keeps what is unsaved. `typed` is the text of a half-typed new task. */
export function keep(user, state, typed) {
  const entries = [...state.unsaved].map(({ key, uri, task, writes, drafts, deleted, stash, stashedDrafts }) => ({ key, uri, task, writes, drafts, deleted, stash, stashedDrafts }));
  const text = entries.length > 0 || typed ? JSON.stringify({ user, entries, typed }) : null;
  if (text === last) return;
  last = text;
  try {
    if (text === null) sessionStorage.removeItem(PREFIX + user);
    else sessionStorage.setItem(PREFIX + user, text);
  } catch {
    // Storage can be disabled or full. The page then asks before it is closed, as always.
  }
}

/** The users of whom something unsaved is kept in this tab. */
const users = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));

function read(user) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + (user ?? users()[0])));
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
  // Whatever is kept is written anew, or removed.
  last = undefined;
  const kept = read(user);
  if (!kept) return "";
  for (const { key, task, writes, drafts, deleted, stash, stashedDrafts } of kept.entries) {
    const entry = task ? state.entry(task.uri, task) : state.entry(key);
    if (!task) state.created = Math.max(state.created, Number(key.split("-")[1]));
    // Nobody knows whether a request that was on its way arrived. It is sent again as it was.
    for (const write of [...writes, ...stash]) {
      if (write.state === "sending") write.state = "waiting";
      if (write.kind === "create") write.changes = { ...NEW_TASK, ...write.body };
    }
    Object.assign(entry, { writes, drafts, deleted, stash, stashedDrafts });
    state.touch(entry);
  }
  return kept.typed;
}

/** Forgets what `user` had not saved, because they signed out. */
export function forget(user) {
  last = null;
  try {
    sessionStorage.removeItem(PREFIX + user);
  } catch {
    // See `keep`.
  }
}

/** Forgets what all others had not saved, because `user` signed in here. The page said so before. */
export function forgetOthers(user) {
  try {
    users().filter((other) => other !== user).forEach(forget);
  } catch {
    // See `keep`.
  }
}
