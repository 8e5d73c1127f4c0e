// Dragging the handle of a row with mouse, pen or finger: to another place in its list, or onto a list in the side
// bar.

import * as actions from "./actions.js";
import { isDeleted, shown } from "./entry.js";
import { rowOf } from "./list.js";
import { onRender, page } from "./page.js";
import { canMove, moveTo, openEntries } from "./place.js";
import { byId, quote } from "./ui.js";
import { idOf } from "./views.js";

const EDGE = 60;
const SCROLL_STEP = 12;

let drag = null;

function start(event) {
  const row = event.target.closest?.(".grip") && event.target.closest("#tasks li");
  if (!row || event.button !== 0 || !canMove()) return;
  event.preventDefault();
  const entry = page.state.entries.get(row.dataset.key);
  if (!entry || shown(entry).done || isDeleted(entry)) return;
  drag = { entry, row, pointer: event.pointerId, from: event.clientY + scrollY, y: event.clientY, x: event.clientX, target: null };
  byId("tasks").setPointerCapture(event.pointerId);
  row.classList.add("dragged");
  document.body.classList.add("dragging");
  drag.timer = setInterval(scrollAtEdge, 16);
}

function follow(event) {
  if (!drag || event.pointerId !== drag.pointer) return;
  drag.x = event.clientX;
  drag.y = event.clientY;
  drawDrag();
}

function drawDrag() {
  drag.row.style.transform = `translateY(${drag.y + scrollY - drag.from}px)`;
  clearTarget();
  const list = document.elementsFromPoint(drag.x, drag.y).map((element) => element.closest("#lists li")).find(Boolean);
  if (list) drag.target = { list };
  else drag.target = { before: rowBelow() };
  if (list) list.classList.add("drop-here");
  else if (drag.target.before) drag.target.before.classList.add("drop-before");
  else drag.row.parentElement.classList.add("drop-end");
}

/** The first row whose middle is below the pointer, null at the end of the list. */
function rowBelow() {
  const rows = [...drag.row.parentElement.children].filter((row) => row !== drag.row);
  return rows.find((row) => {
    const { top, height } = row.getBoundingClientRect();
    return drag.y < top + height / 2;
  }) ?? null;
}

function clearTarget() {
  for (const name of ["drop-here", "drop-before", "drop-end"]) {
    for (const element of document.querySelectorAll(`.${name}`)) element.classList.remove(name);
  }
}

function scrollAtEdge() {
  const step = drag.y < EDGE ? -SCROLL_STEP : drag.y > innerHeight - EDGE ? SCROLL_STEP : 0;
  if (step === 0 || !drag.target) return;
  scrollBy(0, step);
  drawDrag();
}

function end(event) {
  if (!drag || event.pointerId !== drag.pointer) return;
  const { entry, row, target, timer } = drag;
  clearInterval(timer);
  clearTarget();
  row.style.transform = "";
  row.classList.remove("dragged");
  document.body.classList.remove("dragging");
  drag = null;
  if (event.type === "pointerup" && target) drop(entry, target);
}

function drop(entry, { list, before }) {
  if (list) {
    const found = page.state.lists.find(({ uri }) => `list ${idOf(uri)}` === list.dataset.view);
    if (found) actions.change(entry, { list: found.uri }, `Moved ${quote(shown(entry).title)} to ${found.name}`);
    return;
  }
  // A row below may be done or deleted, and stay only for now: the place is above the next open one.
  const others = openEntries().filter((other) => other !== entry);
  let next = before;
  while (next && !others.some(({ key }) => key === next.dataset.key)) next = next.nextElementSibling;
  moveTo(entry, next ? others.findIndex(({ key }) => key === next.dataset.key) : others.length);
  rowOf(entry.key)?.focus();
}

export function startDrag() {
  const tasks = byId("tasks");
  tasks.addEventListener("pointerdown", start);
  tasks.addEventListener("pointermove", follow);
  for (const name of ["pointerup", "pointercancel"]) tasks.addEventListener(name, end);
  onRender(() => document.body.classList.toggle("can-move", canMove()));
}
