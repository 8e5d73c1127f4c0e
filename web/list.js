// The list: its filters, its pages, and the outbox of new tasks.

import { call, errorMessage, newIdempotencyKey, readIndex } from "./api.js";
import { Row } from "./row.js";
import { announce, byId, h, hideProblem, quote, showProblem } from "./ui.js";

const PAGE_SIZE = 50;

/** The filters and the order, as query parameters of the service. */
const view = { done: "", q: "", sort: "-id" };
let rows = new Map();
let next = null;
let loading = null;
/** Whether the last request for a page failed. Scrolling then requests no more pages; the user retries. */
let failed = false;
/** New tasks that the service has not confirmed, oldest first. `failed` ones wait for the user. */
let outbox = [];
let sending = false;

const list = { remove, changed, create };

// Pages.

/** Reloads the list from its first page. Rows that are being edited or deleted stay. */
export async function load() {
  loading?.abort();
  next = null;
  const query = new URLSearchParams({ limit: PAGE_SIZE, sort: view.sort });
  if (view.done) query.set("done", view.done);
  if (view.q) query.set("q", view.q);
  await loadPage(async () => `${(await readIndex()).tasks}?${query}`, true);
}

/** Loads the page whose URI `getUri` returns. `first` replaces the rows, otherwise they are appended. */
async function loadPage(getUri, first = false) {
  const controller = (loading = new AbortController());
  byId("tasks").setAttribute("aria-busy", "true");
  byId("more").textContent = "Loading…";
  try {
    const { body } = await call("GET", await getUri(), { signal: controller.signal });
    if (controller !== loading) return;
    if (first) clear((row) => row.busy);
    for (const task of body.tasks) showTask(task);
    next = body.next ?? null;
    if (failed) hideProblem();
    failed = false;
    updateStatus();
  } catch (error) {
    if (controller !== loading || controller.signal.aborted || error.unauthorized) return;
    failed = true;
    showProblem(errorMessage(error), () => loadPage(getUri, first));
  } finally {
    if (controller === loading) {
      loading = null;
      byId("tasks").removeAttribute("aria-busy");
      byId("more").textContent = "Show more";
      byId("more-line").hidden = next === null;
      observeEnd();
    }
  }
}

function loadMore() {
  const following = next;
  if (following && !loading) loadPage(async () => following);
}

const observer = new IntersectionObserver(
  (entries) => entries.some((entry) => entry.isIntersecting) && loadMore(),
  { rootMargin: "600px" },
);

/** Restarts the observer, because it reports its first state: the end of the list may be visible already. */
function observeEnd() {
  observer.disconnect();
  if (next && !failed) observer.observe(byId("more-line"));
}

function showTask(task, first = false) {
  const known = rows.get(task.uri);
  if (known) {
    // An edit in progress finds the conflict when it is saved, through If-Match.
    if (!known.busy) known.show(task);
    return known;
  }
  const row = new Row(task, list);
  rows.set(task.uri, row);
  if (first) byId("tasks").prepend(row.element);
  else byId("tasks").append(row.element);
  return row;
}

/** Removes all rows, except those for which `keep` returns true. */
export function clear(keep = () => false) {
  for (const [uri, row] of rows) {
    if (keep(row)) continue;
    row.element.remove();
    rows.delete(uri);
  }
}

function updateStatus() {
  const shown = [...rows.values()].filter((row) => row.deletion === null).length;
  const empty = byId("empty");
  empty.hidden = shown > 0 || next !== null;
  if (view.q) empty.textContent = "No task contains these words.";
  else if (view.done === "true") empty.textContent = "No task is done yet.";
  else if (view.sort === "due") empty.textContent = "No task here has a due date.";
  else if (view.done === "false") empty.textContent = "No task is open.";
  else empty.textContent = "No tasks yet. Type a task above and press Enter.";
  if (!empty.hidden) announce("No tasks to show");
  else announce(`${shown} ${shown === 1 ? "task" : "tasks"} shown${next ? ", more below" : ""}`);
}

/** Whether the task matches the state filter. Only the service can evaluate the search. */
const matchesFilter = (task) => !view.done || String(task.done) === view.done;

function changed(row) {
  if (!row.busy && !matchesFilter(row.task)) remove(row);
}

/** Removes a row. If it had the focus, the focus moves to its neighbour. */
function remove(row, focused = false) {
  const elements = [...byId("tasks").children];
  const index = elements.indexOf(row.element);
  if (focused || row.element.contains(document.activeElement)) {
    const neighbour = elements[index + 1] ?? elements[index - 1];
    const nextRow = [...rows.values()].find((candidate) => candidate.element === neighbour);
    if (nextRow) nextRow.focus();
    else byId("new-title").focus();
  }
  row.element.remove();
  rows.delete(row.task.uri);
  if (rows.size === 0 && !loading) {
    if (next) loadMore();
    else updateStatus();
  }
}

// The outbox. A new task leaves its field at once and waits here until the service has confirmed it.

/** Puts a new task into the outbox and sends it. All its retries use the same idempotency key. */
export function add(task) {
  const item = { key: newIdempotencyKey(), task, body: JSON.stringify(task), element: h("li", { className: "card" }) };
  outbox.push(item);
  byId("outbox").append(item.element);
  describe(item, "is being saved…");
  sendOutbox();
}

/** Creates a task, at most once per key. `keepalive` lets the request complete when the page is closed. */
async function create(body, key) {
  const { tasks } = await readIndex();
  const headers = { "Idempotency-Key": key };
  const response = await call("POST", tasks, { body, headers, keepalive: true });
  added(response.body.task);
}

/** Sends the waiting tasks one after the other, which keeps their order. */
export async function sendOutbox() {
  if (sending) return;
  sending = true;
  for (let item; (item = outbox.find((candidate) => !candidate.failed)); ) {
    describe(item, "is being saved…");
    try {
      await create(item.body, item.key);
      removeItem(item);
    } catch (error) {
      item.failed = true;
      item.signedOut = error.unauthorized === true;
      describe(item, `is not saved. ${errorMessage(error)}`, true);
    }
  }
  sending = false;
}

function describe(item, state, failed = false) {
  const message = h("p", { className: failed ? "text problem" : "text" }, `${quote(item.task.title)} ${state}`);
  const tryAgain = h("button", { type: "button", className: "quiet", textContent: "Try again" });
  tryAgain.onclick = () => retry(item);
  const change = h("button", { type: "button", className: "quiet", textContent: "Change" });
  change.onclick = () => putBack(item);
  if (failed) message.setAttribute("role", "alert");
  item.element.replaceChildren(message, ...(failed ? [tryAgain, change] : []));
}

function retry(item) {
  item.failed = false;
  if (item.element.contains(document.activeElement)) byId("new-title").focus();
  sendOutbox();
}

/** Sends the tasks that failed because the session had ended. */
export function retryAfterSignIn() {
  for (const item of outbox) if (item.signedOut) item.failed = item.signedOut = false;
  sendOutbox();
}

/** Puts a task back into the field to be changed. Text already in the field goes to the outbox. */
function putBack(item) {
  const { title, due } = item.task;
  const typed = byId("new-title").value;
  removeItem(item);
  if (typed.trim()) {
    const waiting = { title: typed, ...(byId("new-due").value && { due: byId("new-due").value }) };
    add(waiting);
  }
  byId("new-title").value = title;
  byId("new-due").value = due ?? "";
  byId("new-title").focus();
}

function removeItem(item) {
  outbox = outbox.filter((other) => other !== item);
  item.element.remove();
}

function added(task) {
  if (!matchesFilter(task) || view.q || (view.sort === "due" && task.due === null)) {
    announce(`Added ${quote(task.title)}. The current view does not show it.`);
    return;
  }
  showTask(task, true);
  byId("empty").hidden = true;
  announce(`Added ${quote(task.title)}`);
}

// The whole list.

/** Whether closing the page would lose something that was typed. */
export const hasUnsaved = () => outbox.length > 0 || [...rows.values()].some((row) => row.dirty);

/** Sends all pending deletions now, because the page or the session ends. */
export const sendDeletions = (keepalive) =>
  Promise.all([...rows.values()].map((row) => row.sendDeletion(keepalive)));

/** Removes everything, because another user may sign in next. */
export function reset() {
  loading?.abort();
  loading = null;
  next = null;
  clear();
  outbox = [];
  byId("outbox").replaceChildren();
  byId("more-line").hidden = true;
}

export function start() {
  byId("more").onclick = loadMore;
  byId("refresh").onclick = load;
  byId("view").onsubmit = (event) => {
    event.preventDefault();
    byId("view").dispatchEvent(new Event("change"));
  };
  let timer;
  byId("search").oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(applyView, 300);
  };
  byId("view").onchange = applyView;
  function applyView() {
    clearTimeout(timer);
    const { show, q, sort } = byId("view").elements;
    const wanted = { done: show.value, q: q.value.trim(), sort: sort.value };
    if (Object.keys(wanted).every((name) => wanted[name] === view[name])) return;
    Object.assign(view, wanted);
    load();
  }
}
