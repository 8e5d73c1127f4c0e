// What the user can do to tasks, from wherever it is done, and how each of it is undone.

import { isDeleted, shown } from "./entry.js";
import { page, keepInPlace, render } from "./page.js";
import { pump } from "./sync.js";
import { announce, plural, quote } from "./ui.js";

/** What can be undone, the last one at the end: `{ text, run, key }`. */
let undoable = [];
const UNDO_DEPTH = 30;
/** The action that the bar at the bottom offers to undo. */
export let offered = null;

export function forgetUndo() {
  undoable = [];
  offered = null;
}

/** Remembers how to undo something. The bar offers it, unless the row itself does. */
function remember(text, run, { inRow = null } = {}) {
  const item = record(text, run, inRow);
  offered = inRow ? null : item;
  announce(text);
  done();
}

/** Remembers how to undo something that is not worth the bar: Ctrl+Z finds it. */
function record(text, run, key = null) {
  const item = { text, run, key };
  undoable = [...undoable.slice(-UNDO_DEPTH + 1), item];
  return item;
}

export function undo(item = undoable.at(-1)) {
  if (!item) {
    announce("There is nothing to undo.");
    return;
  }
  undoable = undoable.filter((other) => other !== item);
  if (offered === item) offered = null;
  item.run();
  announce(`Undone: ${item.text}`);
  done();
}

export function dismissOffer() {
  offered = null;
  render();
}

/** A row with its own Undo leaves the page: the bar takes it over. */
export function offerFromRows() {
  offered = undoable.findLast((item) => item.key !== null) ?? null;
}

function done() {
  pump();
  render();
}

const title = (entry) => quote(shown(entry).title);
const all = (entries, one, many) => (entries.length === 1 ? `${one} ${title(entries[0])}` : `${many} ${plural(entries.length, "task")}`);

/** Changes members of tasks. `members` is an object, or a function from the task to one. */
function changeAll(entries, members) {
  const undos = [];
  for (const entry of entries) {
    keepInPlace(entry);
    const task = shown(entry);
    const former = page.state.change(entry, typeof members === "function" ? members(task) : members);
    if (former) undos.push([entry, former]);
  }
  return () => {
    for (const [entry, former] of undos) page.state.change(entry, former);
  };
}

export function setDone(entries, value) {
  const back = changeAll(entries, { done: value });
  remember(value ? all(entries, "Done:", "Done:") : all(entries, "Open again:", "Open again:"), back);
}

export function remove(entries, { inRow = false } = {}) {
  const text = all(entries, "Deleted", "Deleted");
  for (const entry of entries) {
    if (inRow) keepInPlace(entry);
    else page.kept.delete(entry.key);
    page.state.remove(entry);
  }
  remember(text, () => restoreAll(entries), { inRow: inRow ? entries[0].key : null });
}

function restoreAll(entries) {
  for (const entry of entries) {
    page.kept.delete(entry.key);
    page.state.restore(entry);
  }
}

/** The Undo of one row. It undoes the deletion of this task, whatever has been done since. */
export function restore(entry) {
  undoable = undoable.filter((item) => item.key !== entry.key);
  restoreAll([entry]);
  announce(`Restored ${title(entry)}`);
  done();
}

/** Takes the row of a deleted task out of the page. */
export function dismiss(entry) {
  page.kept.delete(entry.key);
  page.keptRevision += 1;
  undoable = undoable.map((item) => (item.key === entry.key ? { ...item, key: null } : item));
  render();
}

export function change(entry, members, text = null) {
  const back = changeAll([entry], members);
  if (text) return remember(text, back);
  record(`Changed ${title(entry)}`, back);
  done();
}

export function changeMany(entries, members, text) {
  remember(`${text}: ${entries.length === 1 ? title(entries[0]) : plural(entries.length, "task")}`, changeAll(entries, members));
}

/** Saves what was typed into a member. */
export function commit(entry, name) {
  keepInPlace(entry);
  const former = page.state.commit(entry, name);
  if (former) {
    record(`Changed ${title(entry)}`, () => page.state.change(entry, former));
    announce(`Saved ${title(entry)}`);
  }
  done();
}

/** Throws away what was typed into a member, which can be undone. */
export function cancelTyping(entry, name) {
  const draft = page.state.discardDraft(entry, name);
  if (!draft) return;
  remember(`Discarded what you typed in ${title(entry)}`, () => page.state.type(entry, name, draft.value));
}

/** Gives up a new task that was rejected. */
export function discardNew(entry) {
  const text = `Discarded ${title(entry)}`;
  const { body } = entry.writes[0];
  decide(entry, "discard");
  remember(text, () => page.state.create(body));
}

export function create(members) {
  const entry = page.state.create(members);
  done();
  return entry;
}

/** Moves tasks within their list: `moves` are `[entry, order]`. */
export function reorder(moves, text) {
  const former = moves.map(([entry]) => [entry, shown(entry).order]);
  const apply = (orders) => {
    for (const [entry, order] of orders) {
      const before = page.kept.get(entry.key);
      if (before) {
        page.kept.set(entry.key, { ...before, order });
        page.keptRevision += 1;
      }
      page.state.change(entry, { order });
    }
  };
  apply(moves);
  remember(text, () => apply(former));
}

/** Decides about a write that could not be made. `decision` is a method of the state. */
export function decide(entry, decision) {
  page.state[decision](entry);
  if (!page.state.entries.has(entry.key) || isDeleted(entry)) page.kept.delete(entry.key);
  done();
}
