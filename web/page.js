// What this window shows: whose tasks, which view, which task is open, what is selected. Modules that draw
// register with `onRender` and are called once per frame after something changed.

import { newIdempotencyKey } from "./api.js";
import { localNow } from "./dates.js";
import { isDeleted, question, shown } from "./entry.js";
import { State } from "./state.js";
import { findList, idOf, readAddress, writeAddress } from "./views.js";

const ROWS = 40;

export const page = {
  user: null,
  state: new State(newIdempotencyKey),
  view: readAddress(location.search),
  /** The key of the task in the panel. */
  open: null,
  /** The key of the task that the panel's fields show: until the next frame, that may be another one. */
  drawn: null,
  /** Rows that stay where they are although the user changed them: keys with the task as it was. */
  kept: new Map(),
  /** Grows when a row that is kept is put elsewhere. */
  keptRevision: 0,
  selecting: false,
  selected: new Set(),
  /** How many rows are in the page; more come with scrolling. */
  limit: ROWS,
};

export const now = () => localNow();
export const today = () => localNow().slice(0, 10);

const drawers = [];
let scheduled = false;

export const onRender = (draw) => drawers.push(draw);

export function render() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(drawAll);
}

function drawAll() {
  if (performance.now() < pressedUntil) return void requestAnimationFrame(drawAll);
  scheduled = false;
  if (page.user) drawers.forEach(attempt);
}

// Nothing moves between pressing and releasing a button or a finger, so that a click hits what it was meant for.
// A long press, as in dragging, does not hold the page up.
const LONGEST_PRESS_MS = 400;
const CLICK_AFTER_MS = 30;
let pressedUntil = 0;
addEventListener("pointerdown", () => (pressedUntil = performance.now() + LONGEST_PRESS_MS), { capture: true });
addEventListener("click", () => (pressedUntil = 0), { capture: true });
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, () => (pressedUntil = Math.min(pressedUntil, performance.now() + CLICK_AFTER_MS)), { capture: true });
}

/** What one part of the page cannot draw must not keep the others from drawing, or from saving. */
function attempt(draw) {
  try {
    draw();
  } catch (error) {
    reportError(error);
  }
}

/** Begins anew for another user. */
export function reset(user) {
  page.user = user;
  page.state = new State(newIdempotencyKey);
  page.open = null;
  leaveView();
}

function leaveView() {
  page.kept.clear();
  page.selected.clear();
  page.selecting = false;
  page.limit = ROWS;
}

export const showMoreRows = () => {
  page.limit += ROWS;
  render();
};

let onNavigate = () => {};
export const whenNavigating = (listener) => (onNavigate = listener);

/** Goes to another view. Its address can be reloaded, sent to somebody and left with Back. */
export function go(changes, { replace = false } = {}) {
  const before = writeAddress({ ...page.view, task: null });
  page.view = { ...page.view, ...changes };
  const address = writeAddress(page.view);
  if (address !== location.search) {
    history[replace ? "replaceState" : "pushState"]({ user: page.user }, "", address || location.pathname);
  }
  arrive(before);
}

function arrive(before) {
  if (writeAddress({ ...page.view, task: null }) !== before) {
    leaveView();
    onNavigate();
  }
  page.open = page.view.task ? findTask(page.view.task)?.key ?? null : null;
  render();
}

addEventListener("popstate", () => {
  if (isForeign()) return own();
  const before = writeAddress({ ...page.view, task: null });
  page.view = readAddress(location.search);
  arrive(before);
});

/** Whether this entry of the history, which may hold a search, is of another user of this window. */
const isForeign = () => history.state?.user && history.state.user !== page.user;

const own = () => history.replaceState(page.user && { user: page.user }, "", writeAddress(page.view) || location.pathname);

/** Makes the entry of the history at which a user signs in theirs. */
export function claimAddress() {
  if (isForeign()) page.view = readAddress("");
  own();
}

/** The entry that the address names: by the end of its URI or, before it has one, by its key. */
export function findTask(id) {
  const { state } = page;
  for (const entry of state.entries.values()) if (idOf(entry.uri) === id || entry.key === id) return entry;
  return null;
}

export const openTask = (entry) => go({ task: idOf(entry.uri) ?? entry.key });
export const closeTask = () => go({ task: null });
export const openEntry = () => page.state.entries.get(page.open) ?? null;
export const drawnEntry = () => page.state.entries.get(page.drawn) ?? null;

/** Leaves a row where it is, whatever the user does to its task, until the view is left. */
export function keepInPlace(entry) {
  if (entry.task === null && entry.writes.length === 0) return;
  if (!page.kept.has(entry.key) && !isDeleted(entry)) page.kept.set(entry.key, { ...shown(entry), asked: question(entry) !== null });
}

export function viewTitle() {
  const { show, list, q } = page.view;
  if (q.trim()) return "Search";
  if (show === "list") return findList(page.state, list)?.name ?? "List";
  return { today: "Today", upcoming: "Upcoming", all: "All tasks", done: "Done", trash: "Trash" }[show];
}
