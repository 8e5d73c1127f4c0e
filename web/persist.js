// What is not saved yet survives a reload: it is kept in the tab's `sessionStorage` under its user's name. For a
// user who stays signed in it survives the window too: it is kept in `localStorage` under the names of its user and
// its window. A window holds a lock of its name until it is closed; what has no lock goes to the next window of
// its user. Without locks (not a secure origin) all stays in the tab.

import { keptUser, newIdempotencyKey, tryStorage } from "./api.js";
import { NEW_TASK } from "./entry.js";
import { pick, same } from "./merge.js";

const PREFIX = `todo-unsaved ${location.pathname} `;
const WINDOW = `todo-window ${location.pathname} `;
/** This window's name. It leaves it for a reload when it goes, and not before: its duplicate is another window. */
const NAME = read(WINDOW) ?? newIdempotencyKey();
put(WINDOW, null);
addEventListener("pagehide", () => held && put(WINDOW, NAME));

/** The user of this window who stays signed in. */
let staying = null;
/** This window's lock, and whether it is granted. */
let lock = null;
let held = false;
let last;

/** A key's user and, in the browser's storage, its window. */
function partsOf(key) {
  return key.slice(PREFIX.length).split(" ");
}

function storageOf(key) {
  return partsOf(key)[1] ? localStorage : sessionStorage;
}

function read(key) {
  return tryStorage(() => JSON.parse(storageOf(key).getItem(key)));
}

/** Stores or removes a value. Returns whether it is stored. */
function put(key, value) {
  return tryStorage(() => {
    if (!value) return storageOf(key).removeItem(key);
    storageOf(key).setItem(key, JSON.stringify(value));
    return true;
  });
}

/** The keys of users who are `wanted`, of this window or of the others. */
function keys(wanted, ours) {
  return Object.keys(tryStorage(() => ({ ...sessionStorage, ...localStorage })) ?? {}).filter((key) => {
    const [user, name = NAME] = partsOf(key);
    return key.startsWith(PREFIX) && (name === NAME) === ours && wanted(user);
  });
}

/** Calls `visit` with each key of a closed window whose user is `wanted`. No other window has it meanwhile. */
async function eachClosed(wanted, visit) {
  for (const key of keys(wanted, false)) {
    await navigator.locks?.request(WINDOW + partsOf(key)[1], { ifAvailable: true }, (free) => free && visit(key)).catch(reportError);
  }
}

/** Keeps what `user` has not saved in the browser from now on if they stay signed in, otherwise in the tab. */
export function settle(user, keepNow) {
  staying = keptUser() === user ? user : null;
  keepNow();
  const hold = () => {
    held = true;
    keepNow();
    return new Promise(() => {});
  };
  if (staying) lock ??= navigator.locks?.request(WINDOW + NAME, hold).catch(reportError);
}

/** Keeps what is unsaved. `typed` is the text of a half-typed new task. */
export function keep(user, state, typed) {
  const entries = [...state.unsaved].map((entry) => pick(entry, ["key", "task", "writes", "drafts", "deleted", "stash", "stashedDrafts"]));
  const value = entries.length > 0 || typed ? { user, entries, typed } : null;
  const inBrowser = held && staying === user;
  const latest = JSON.stringify([inBrowser, value]);
  if (latest === last) return;
  last = latest;
  const key = PREFIX + user;
  const stored = inBrowser && put(`${key} ${NAME}`, value);
  if (!stored) put(`${key} ${NAME}`, null);
  put(key, stored ? null : value);
}

/** The user whose unsaved work waits here, and how much it is. Who stays signed in needs no reminder. */
export async function waiting() {
  const found = keys(() => true, true).map(read);
  await eachClosed((user) => user !== keptUser(), (key) => found.push(read(key)));
  const user = found.find(Boolean)?.user;
  const theirs = found.flatMap((kept) => (user && kept?.user === user ? [...kept.entries, kept.typed] : []));
  return user ? { user, count: theirs.filter(Boolean).length } : null;
}

/** Puts what `user` had not saved in this window back into the state. Returns the text of the half-typed new task. */
export function restore(user, state) {
  // Whatever is kept is written anew, or removed.
  last = undefined;
  const found = keys((owner) => owner === user, true).map(read).filter(Boolean);
  for (const { entries } of found) putBack(entries, state);
  return found.find(({ typed }) => typed)?.typed ?? "";
}

/**
 * Puts entries into a state, which may have writes of its own for the same tasks. Returns what is half typed into
 * fields in which the state has another text.
 */
export function putBack(entries, state) {
  const left = [];
  for (const kept of entries) {
    const { task, writes, drafts, deleted, stash, stashedDrafts } = kept;
    // A task that is added anew has the key of the one that is gone, which may be here.
    const isNew = kept.key.startsWith("new-");
    const key = task?.uri ?? (isNew ? kept.key : `new-${state.created + 1}-${newIdempotencyKey()}`);
    const known = task ? state.byUri.get(key) : state.entries.get(key);
    // A new task is here already.
    if (known && !task) continue;
    const entry = known ?? state.entry(key, task);
    if (!task) state.created = Math.max(state.created, Number(key.split("-")[1]));
    // Nobody knows whether a request that was on its way arrived. It is sent again as it was.
    for (const write of [...writes, ...stash]) {
      if (write.state === "sending") write.state = "waiting";
      if (write.kind === "create") write.changes = { ...NEW_TASK, ...write.body };
    }
    entry.writes.push(...writes);
    entry.stash.push(...stash);
    const typed = Object.keys(drafts).filter((name) => entry.drafts[name] && !same(entry.drafts[name].value, drafts[name].value));
    if (typed.length > 0) left.push({ ...kept, writes: [], drafts: pick(drafts, typed), stash: [], stashedDrafts: {} });
    entry.drafts = { ...drafts, ...entry.drafts };
    entry.stashedDrafts = { ...stashedDrafts, ...entry.stashedDrafts };
    if (!known) entry.deleted = deleted;
    state.touch(entry);
  }
  return left;
}

/** Gives `take` what each closed window of `user` had not saved. It returns what is left of that, or null. */
export function takeOver(user, take) {
  return eachClosed((owner) => owner === user, (key) => {
    const kept = read(key);
    if (kept) put(key, take(kept));
  });
}

/** Forgets what `unwanted` users had not saved, here and in closed windows unless they stay signed in. */
export function forget(unwanted) {
  last = undefined;
  for (const key of keys(unwanted, true)) put(key, null);
  return eachClosed((user) => unwanted(user) && user !== keptUser(), (key) => put(key, null));
}
