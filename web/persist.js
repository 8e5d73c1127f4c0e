// What is not saved yet survives a reload: it is kept in the tab's `sessionStorage` under its user's name, and
// only while there is something unsaved. For a user who stays signed in it survives the window too: it is kept in
// `localStorage`, under the names of its user and its window. A window holds a lock of its name until it is closed;
// what has no lock is taken over by the next window of its user. Signing out removes it, and so does signing in as
// somebody else. Browsers have locks on secure origins only: elsewhere everything stays in the tab.

import { keptUser, newIdempotencyKey } from "./api.js";
import { NEW_TASK } from "./entry.js";

const PREFIX = `todo-unsaved ${location.pathname} `;
const WINDOW = `todo-window ${location.pathname} `;
/** The name of this window, which it leaves for a reload. While it lives it leaves none: its duplicate is another window. */
const NAME = read("sessionStorage", WINDOW) ?? newIdempotencyKey();
put("sessionStorage", WINDOW, null);
export const leaveName = () => held && put("sessionStorage", WINDOW, NAME);

/** The user of this window who stays signed in. */
let staying = null;
/** Whether this window holds its lock, which it requests once. */
let held = false;
let requested = false;
let last;

const userOf = (key) => key.slice(PREFIX.length).split(" ")[0];
const ownKey = (user) => `${PREFIX}${user} ${NAME}`;
const isOwn = (key) => key === ownKey(userOf(key));

/** Storage can be disabled or full. The page then asks before it is closed, as always. */
function attempt(access, otherwise) {
  try {
    return access();
  } catch {
    return otherwise;
  }
}

function keys(storage) {
  return attempt(() => Object.keys(globalThis[storage]).filter((key) => key.startsWith(PREFIX)), []);
}

function read(storage, key) {
  return attempt(() => JSON.parse(globalThis[storage].getItem(key)), null);
}

/** Stores a value, or removes it. Returns whether it is stored. */
function put(storage, key, value) {
  if (value === null) return attempt(() => globalThis[storage].removeItem(key), false);
  return attempt(() => (globalThis[storage].setItem(key, JSON.stringify(value)), true), false);
}

/** Where this window keeps what users who are `wanted` have not saved. */
function own(wanted) {
  const places = [...keys("sessionStorage").map((key) => ["sessionStorage", key]), ...keys("localStorage").filter(isOwn).map((key) => ["localStorage", key])];
  return places.filter(([, key]) => wanted(userOf(key)));
}

/** Calls `visit` with each key of a closed window whose user is `wanted`. No other window has it meanwhile. */
async function eachClosed(wanted, visit) {
  for (const key of keys("localStorage").filter((each) => !isOwn(each) && wanted(userOf(each)))) {
    await navigator.locks?.request(WINDOW + key.split(" ").at(-1), { ifAvailable: true }, (lock) => lock && visit(key)).catch(reportError);
  }
}

/** From now on, what `user` has not saved is kept in the browser if they stay signed in, and otherwise in the tab. */
export function settle(user, keepNow) {
  staying = keptUser() === user ? user : null;
  keepNow();
  if (staying === null || requested) return;
  requested = true;
  const hold = () => {
    held = true;
    keepNow();
    return new Promise(() => {});
  };
  navigator.locks?.request(WINDOW + NAME, hold).catch(reportError);
}

/** Keeps what is unsaved. `typed` is the text of a half-typed new task. */
export function keep(user, state, typed) {
  const entries = [...state.unsaved].map(({ key, uri, task, writes, drafts, deleted, stash, stashedDrafts }) => ({ key, uri, task, writes, drafts, deleted, stash, stashedDrafts }));
  const value = entries.length > 0 || typed ? { user, entries, typed } : null;
  const inBrowser = held && staying === user;
  const latest = JSON.stringify([inBrowser, value]);
  if (latest === last) return;
  last = latest;
  const stored = inBrowser && value && put("localStorage", ownKey(user), value);
  if (!stored) put("localStorage", ownKey(user), null);
  put("sessionStorage", PREFIX + user, stored ? null : value);
}

/** The user whose unsaved work waits here, and how much it is. Who stays signed in needs no reminder. */
export async function waiting() {
  const found = own(() => true).map((place) => read(...place));
  await eachClosed((user) => user !== keptUser(), (key) => found.push(read("localStorage", key)));
  const user = found.find(Boolean)?.user;
  const theirs = found.filter((kept) => kept?.user === user);
  return user ? { user, count: theirs.reduce((sum, { entries, typed }) => sum + entries.length + (typed ? 1 : 0), 0) } : null;
}

/** Puts what `user` had not saved in this window back into the state. Returns the text of the half-typed new task. */
export function restore(user, state) {
  // Whatever is kept is written anew, or removed.
  last = undefined;
  const found = own((owner) => owner === user).map((place) => read(...place)).filter(Boolean);
  for (const { entries } of found) putBack(entries, state);
  return found.find(({ typed }) => typed)?.typed ?? "";
}

/** Puts entries into a state, which may have writes of its own for the same tasks. */
export function putBack(entries, state) {
  for (const { key, task, writes, drafts, deleted, stash, stashedDrafts } of entries) {
    const known = task ? state.byUri.get(task.uri) : state.entries.get(key);
    // Keys of new tasks are unique, so that this one is here already.
    if (known && !task) continue;
    const entry = known ?? state.entry(task?.uri ?? key, task);
    if (!task) state.created = Math.max(state.created, Number(key.split("-")[1]));
    // Nobody knows whether a request that was on its way arrived. It is sent again as it was.
    for (const write of [...writes, ...stash]) {
      if (write.state === "sending") write.state = "waiting";
      if (write.kind === "create") write.changes = { ...NEW_TASK, ...write.body };
    }
    entry.writes.push(...writes);
    entry.stash.push(...stash);
    entry.drafts = { ...drafts, ...entry.drafts };
    entry.stashedDrafts = { ...stashedDrafts, ...entry.stashedDrafts };
    if (!known) entry.deleted = deleted;
    state.touch(entry);
  }
}

/** Gives `take` what each closed window of `user` had not saved. It returns what is left of that, or null. */
export function takeOver(user, take) {
  return eachClosed((owner) => owner === user, (key) => {
    const kept = read("localStorage", key);
    if (kept) put("localStorage", key, take(kept));
  });
}

/** Forgets what users who are `unwanted` had not saved, here and in closed windows unless they stay signed in. */
export function forget(unwanted) {
  last = undefined;
  for (const [storage, key] of own(unwanted)) put(storage, key, null);
  return eachClosed((user) => unwanted(user) && user !== keptUser(), (key) => put("localStorage", key, null));
}
