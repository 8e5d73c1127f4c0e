// The place of a task within its list. Dragging, Alt with the arrow keys and the panel's buttons change it.

import * as actions from "./actions.js";
import { isDeleted, shown } from "./entry.js";
import { planMove } from "./order.js";
import { page, today } from "./page.js";
import { announce, quote } from "./ui.js";
import { select } from "./views.js";

/** Only a list in its own order can be put into another order. */
export const canMove = () => page.view.show === "list" && page.view.sort === "" && page.view.q.trim() === "";

/** The open tasks of the list in their order. */
export function openEntries() {
  const own = select(page.state, { ...page.view, done: false }, today()).find(({ heading }) => heading === "");
  return (own?.keys ?? []).map((key) => page.state.entries.get(key)).filter((entry) => !isDeleted(entry));
}

/** Moves an entry so that `index` of the other open tasks are above it. */
export function moveTo(entry, index) {
  const entries = openEntries();
  let last = 0;
  const tasks = entries.map((each) => {
    const { order } = shown(each);
    // A task that is not saved yet has no order. It is going to be the last one.
    last = Number.isFinite(order) ? order : last + 1;
    return { uri: each.key, order: last };
  });
  const moved = tasks.filter(({ uri }) => uri === entry.key);
  const moves = planMove(tasks, moved, index);
  if (moves.length === 0) return;
  const place = Math.min(index, tasks.length - 1) + 1;
  const text = `Moved ${quote(shown(entry).title)} to place ${place} of ${tasks.length}`;
  actions.reorder(moves.map(({ uri, order }) => [page.state.entries.get(uri), order]), text);
}

/** Moves an entry one place up (-1) or down (1). */
export function moveBy(entry, step) {
  if (!canMove()) {
    announce("Tasks can be moved within a list that is in its own order.");
    return;
  }
  const { index, count } = placeOf(entry) ?? {};
  if (index === undefined) return;
  if (index + step < 0) announce("This is the first task");
  else if (index + step >= count) announce("This is the last task");
  else moveTo(entry, index + step);
}

/** Where an entry stands among the open tasks of its list: `{ index, count }`. Null where it cannot be moved. */
export function placeOf(entry) {
  const entries = canMove() ? openEntries() : [];
  const index = entries.indexOf(entry);
  return index < 0 ? null : { index, count: entries.length };
}
