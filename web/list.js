// The list: the groups of the view with their rows. Rows come into the page as they are scrolled to.

import { isDeleted } from "./entry.js";
import { onRender, page, showMoreRows, today, viewTitle } from "./page.js";
import { Row } from "./row.js";
import { arrange, byId, h } from "./ui.js";
import { select } from "./views.js";

/** How many rows are kept that are not in the page, so that going back and forth does not make them anew. */
const SPARE_ROWS = 500;
const rows = new Map();
const sections = new Map();
/** The keys of the view in their order, of which the page holds the first ones. */
export let order = [];

export const rowOf = (key) => (rows.get(key)?.element.isConnected ? rows.get(key) : null);
/** The tasks of the view that can be selected: not those that are only there for their Undo. */
export const selectable = () => order.map((key) => page.state.entries.get(key)).filter((entry) => entry && !isDeleted(entry));
export const selectedEntries = () => selectable().filter(({ key }) => page.selected.has(key));

function draw() {
  const tasks = byId("tasks");
  const isTrash = page.view.show === "trash" && !page.view.q.trim();
  tasks.hidden = isTrash;
  byId("trash").hidden = !isTrash;
  if (isTrash) return;
  selectAgain();
  if (page.selected.size > 0) page.selected = new Set(selectedEntries().map(({ key }) => key));
  const focused = focusedPlace();
  drawGroups(tasks);
  restoreFocus(focused);
  drawEnd();
}

let groups = [];
let selectedFor = "";

/** Selects what the view shows, if anything has changed since the last time. */
function selectAgain() {
  const { state, view, kept, keptRevision } = page;
  const marks = [state.id, state.revision, state.listsRevision, keptRevision, kept.size, today(), JSON.stringify({ ...view, task: null })].join(" ");
  if (marks === selectedFor) return;
  selectedFor = marks;
  groups = select(state, view, today(), kept);
  order = groups.flatMap((group) => group.keys);
}

function drawGroups(tasks) {
  let room = page.limit;
  const wanted = [];
  const live = new Set();
  const { show, list, q } = page.view;
  const context = [page.selecting, show, list, q.trim() === "", today(), page.state.listsRevision].join(" ");
  for (const { heading, keys } of groups) {
    if (room <= 0) break;
    const section = sectionFor(heading);
    const visible = keys.slice(0, room);
    room -= visible.length;
    section.count.textContent = String(keys.length);
    arrange(section.list, visible.map((key) => rowFor(key, live, context).element));
    wanted.push(section.element);
  }
  if (rows.size > live.size + SPARE_ROWS) for (const key of rows.keys()) if (!live.has(key)) rows.delete(key);
  arrange(tasks, wanted);
}

function rowFor(key, live, context) {
  live.add(key);
  let row = rows.get(key);
  const entry = page.state.entries.get(key);
  if (!row || row.entry !== entry) {
    row = new Row(entry);
    rows.set(key, row);
  }
  row.update(context);
  return row;
}

function sectionFor(heading) {
  let section = sections.get(heading);
  if (!section) {
    const list = h("ul", { "aria-label": heading || "Tasks" });
    const count = h("span", { className: "count" });
    const title = heading ? h("h2", {}, heading, " ", count) : null;
    section = { list, count, element: h("section", {}, title, list) };
    section.element.classList.toggle("overdue", heading === "Overdue");
    sections.set(heading, section);
  }
  return section;
}

// When the row with the focus leaves the page, the focus moves to its neighbour.

function focusedPlace() {
  const element = document.activeElement?.closest?.("#tasks li");
  return element ? { key: element.dataset.key, place: shownPlaces().indexOf(element), element } : null;
}

const shownPlaces = () => [...byId("tasks").querySelectorAll("li")];

function restoreFocus(focused) {
  if (!focused || focused.element.isConnected) return;
  const places = shownPlaces();
  const neighbour = places[Math.min(focused.place, places.length - 1)];
  if (neighbour) rows.get(neighbour.dataset.key).focus();
  else byId("new-title").focus();
}

// The end of the list, and what is said when there is nothing.

const AHEAD = 800;

/** Adds rows when the end of those in the page comes near. */
function checkEnd() {
  const end = byId("more-line");
  if (!end.hidden && end.getBoundingClientRect().top < innerHeight + AHEAD) showMoreRows();
}

function drawEnd() {
  const more = order.length > page.limit;
  byId("more-line").hidden = !more;
  // The end of the list may be visible already.
  if (more) requestAnimationFrame(checkEnd);
  const empty = byId("empty");
  empty.hidden = order.length > 0 || !page.state.complete;
  if (!empty.hidden) empty.textContent = emptyText();
  byId("loading").hidden = page.state.complete || order.length > 0;
  document.title = `${viewTitle()} – To-do`;
}

function emptyText() {
  if (page.view.q.trim()) return "No task contains these words.";
  return {
    today: "Nothing is due today. Enjoy it.",
    upcoming: "Nothing is planned for the days to come.",
    done: "No task is done yet.",
    list: "This list is empty. Type a task above and press Enter.",
    all: "No tasks yet. Type a task above and press Enter.",
  }[page.view.show];
}

export function startList() {
  onRender(draw);
  byId("more").onclick = showMoreRows;
  addEventListener("scroll", checkEnd, { passive: true });
  addEventListener("resize", checkEnd);
}

/** Moves the focus to the row before or after the one that has it. */
export function moveFocus(step) {
  const places = shownPlaces();
  const current = places.indexOf(document.activeElement?.closest?.("#tasks li"));
  const next = places[current < 0 ? (step > 0 ? 0 : places.length - 1) : current + step];
  if (next) rows.get(next.dataset.key).focus();
  return Boolean(next);
}

/** The entry whose row has the focus. */
export function focusedEntry() {
  const key = document.activeElement?.closest?.("#tasks li")?.dataset.key;
  return key ? page.state.entries.get(key) : null;
}
