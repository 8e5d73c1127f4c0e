// The Trash: what was deleted in the last 30 days, the last one first, loaded page by page when it is looked at.

import { call, deleteWhole, errorMessage, readIndex } from "./api.js";
import { isDeleted } from "./entry.js";
import { onRender, page, render } from "./page.js";
import { pump } from "./sync.js";
import { announce, arrange, ask, byId, button, h, hideNotice, iconButton, quote, showNotice } from "./ui.js";

let tasks = null;
let next = null;
let loading = false;
/** Which loading of the trash a response belongs to. */
let round = 0;
const items = new Map();

const isShown = () => page.view.show === "trash" && !page.view.q.trim();

/** Loads the trash anew when it is shown. */
export function loadTrash() {
  round += 1;
  tasks = null;
  next = null;
  items.clear();
  if (isShown()) loadPage(true);
}

async function loadPage(first = false) {
  if (loading && !first) return;
  loading = true;
  const mine = round;
  const owner = page.state;
  try {
    const asOf = owner.clock;
    const { body } = await call("GET", first ? `${(await readIndex()).trash}?limit=50` : next);
    if (owner !== page.state || mine !== round) return;
    for (const task of body.tasks) owner.removed(task.uri, asOf);
    tasks = [...(first ? [] : tasks), ...body.tasks];
    next = body.next ?? null;
    hideNotice("trash");
  } catch (error) {
    if (!error.unauthorized) showNotice("trash", errorMessage(error), "Try again", () => loadPage(first));
  } finally {
    if (mine === round) loading = false;
    render();
  }
}

function draw() {
  if (!isShown()) return;
  byId("loading").hidden = tasks !== null;
  byId("more-line").hidden = true;
  byId("trash-more").hidden = next === null;
  // A task that this page knows to be restored or gone is not shown, whatever the loaded page says.
  const shown = (tasks ?? []).filter((task) => !items.get(task.uri)?.gone && !restored(task));
  arrange(byId("trash-list"), shown.map((task) => itemFor(task).element));
  byId("empty").hidden = tasks === null || shown.length > 0 || next !== null;
  byId("empty").textContent = "The trash is empty. What you delete stays here for 30 days.";
  byId("empty-trash").hidden = shown.length === 0;
  document.title = "Trash – To-do";
}

const restored = (task) => {
  const entry = page.state.byUri.get(task.uri);
  return entry !== undefined && !isDeleted(entry);
};

function itemFor(task) {
  let item = items.get(task.uri);
  if (!item) {
    const day = new Date(task.deleted_at).toLocaleDateString(undefined, { day: "numeric", month: "short" });
    const title = h("span", { className: "title", dir: "auto" }, task.title);
    const text = h("span", { className: "open" }, title, h("span", { className: "meta" }, `deleted ${day}`));
    const restore = button("Restore", () => bringBack(task), { "aria-label": `Restore ${quote(task.title)}` });
    const purge = iconButton("bin", `Delete ${quote(task.title)} for good`, () => askToPurge(task));
    item = { element: h("li", { className: "task" }, text, restore, purge), gone: false };
    items.set(task.uri, item);
  }
  return item;
}

/** The entry of a task in the trash. The page may never have seen it before. */
function entryOf(task) {
  const entry = page.state.byUri.get(task.uri) ?? page.state.entry(task.uri, task);
  entry.deleted = true;
  return entry;
}

function bringBack(task) {
  leave(task);
  page.state.restore(entryOf(task));
  announce(`Restored ${quote(task.title)}`);
  pump();
  render();
}

/** Moves the focus to the neighbour before the item goes. */
function leave(task) {
  const { element } = items.get(task.uri);
  const neighbour = element.nextElementSibling ?? element.previousElementSibling;
  if (neighbour) neighbour.querySelector("button").focus();
  else byId("view-title").focus();
}

function askToPurge(task) {
  const text = h("p", {}, `${quote(task.title)} cannot be restored after that.`);
  ask("Delete for good?", [text], "Delete for good", async () => {
    leave(task);
    items.get(task.uri).gone = true;
    page.state.enqueue(entryOf(task), { kind: "purge" });
    announce(`Deleted ${quote(task.title)} for good`);
    pump();
    render();
  }, { danger: true });
}

function askToEmpty() {
  const text = h("p", {}, "Everything in the trash is deleted for good.");
  ask("Empty the trash?", [text], "Empty the trash", async () => {
    await empty();
    tasks = [];
    next = null;
    announce("The trash is empty");
    render();
  }, { danger: true });
}

async function empty() {
  try {
    await deleteWhole((await readIndex()).trash);
  } catch (error) {
    error.userMessage = errorMessage(error);
    throw error;
  }
}

export function startTrash() {
  onRender(draw);
  byId("empty-trash").onclick = askToEmpty;
  byId("trash-more").firstElementChild.onclick = () => loadPage();
}
