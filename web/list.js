// The tasks on the page: what is shown of them, more as one scrolls, and new ones.

import { addresses, call, inWords, newKey } from "./api.js";
import { Row } from "./row.js";
import { at, complain, h, quote, say, uncomplain } from "./ui.js";

const PAGE = 50;

/** What the list shows, as the service's parameters. */
const view = { done: "", q: "", sort: "-id" };
let rows = new Map();
let next = null;
let loading = null;
/** Whether the last page did not come; then only a person asks again. */
let failed = false;
/** New tasks that the service has not confirmed, oldest first. */
let outbox = [];
let sending = false;

const list = { without, changed, create };

// Showing.

/** Asks for the list anew. Rows that somebody is at work on stay. */
export async function load() {
  loading?.abort();
  next = null;
  const asked = new URLSearchParams({ limit: PAGE, sort: view.sort });
  if (view.done) asked.set("done", view.done);
  if (view.q) asked.set("q", view.q);
  await page(async () => `${(await addresses()).tasks}?${asked}`, true);
}

/** Gets the page that `where` names: the first of a list, or one that follows. */
async function page(where, first = false) {
  const turn = (loading = new AbortController());
  at("tasks").setAttribute("aria-busy", "true");
  at("more").textContent = "Loading…";
  try {
    const { body } = await call("GET", await where(), { signal: turn.signal });
    if (turn !== loading) return;
    if (first) clear((row) => row.busy);
    for (const task of body.tasks) show(task);
    next = body.next ?? null;
    if (failed) uncomplain();
    failed = false;
    count();
  } catch (error) {
    if (turn !== loading || turn.signal.aborted || error.unauthorized) return;
    failed = true;
    complain(inWords(error), () => page(where, first));
  } finally {
    if (turn === loading) {
      loading = null;
      at("tasks").removeAttribute("aria-busy");
      at("more").textContent = "Show more";
      at("more-line").hidden = next === null;
      watch();
    }
  }
}

function more() {
  const following = next;
  if (following && !loading) page(async () => following);
}

const observer = new IntersectionObserver(
  (entries) => entries.some((entry) => entry.isIntersecting) && more(),
  { rootMargin: "600px" },
);

/** Observing anew tells whether the end is in sight. */
function watch() {
  observer.disconnect();
  if (next && !failed) observer.observe(at("more-line"));
}

function show(task, first = false) {
  const known = rows.get(task.uri);
  if (known) {
    // Whoever edits it learns of the other version when saving.
    if (!known.busy) known.show(task);
    return known;
  }
  const row = new Row(task, list);
  rows.set(task.uri, row);
  if (first) at("tasks").prepend(row.element);
  else at("tasks").append(row.element);
  return row;
}

/** Takes all rows off the page but those that `stays` names. */
export function clear(stays = () => false) {
  for (const [uri, row] of rows) {
    if (stays(row)) continue;
    row.element.remove();
    rows.delete(uri);
  }
}

function count() {
  const shown = [...rows.values()].filter((row) => row.deletion === null).length;
  const empty = at("empty");
  empty.hidden = shown > 0 || next !== null;
  if (view.q) empty.textContent = "No task has these words.";
  else if (view.done === "true") empty.textContent = "Nothing is done yet.";
  else if (view.sort === "due") empty.textContent = "No task here has a due date.";
  else if (view.done === "false") empty.textContent = "Nothing is open. Well done.";
  else empty.textContent = "Nothing to do yet. Type a task above and press Enter.";
  if (!empty.hidden) say("No tasks to show");
  else say(`${shown} ${shown === 1 ? "task" : "tasks"} shown${next ? ", more below" : ""}`);
}

/** Whether the row belongs to what is shown. Words searched for are the service's business. */
const belongs = (task) => !view.done || String(task.done) === view.done;

function changed(row) {
  if (!row.busy && !belongs(row.task)) without(row);
}

/** Takes a row away. If the focus was in it, the next one gets it. */
function without(row, focused = false) {
  const elements = [...at("tasks").children];
  const place = elements.indexOf(row.element);
  if (focused || row.element.contains(document.activeElement)) {
    const heir = elements[place + 1] ?? elements[place - 1];
    const other = [...rows.values()].find((candidate) => candidate.element === heir);
    if (other) other.focus();
    else at("new-title").focus();
  }
  row.element.remove();
  rows.delete(row.task.uri);
  if (rows.size === 0 && !loading) {
    if (next) more();
    else count();
  }
}

// Adding. A new task leaves its field at once and waits here until the service has it.

/** Hands a new task to the service, with one key however often that takes. */
export function add(task) {
  const item = { key: newKey(), task, body: JSON.stringify(task), element: h("li", { className: "card" }) };
  outbox.push(item);
  at("outbox").append(item.element);
  describe(item, "is being saved…");
  flush();
}

/** Makes a task, once for each key. A page that is left meanwhile does not stop it. */
async function create(body, key) {
  const { tasks } = await addresses();
  const headers = { "Idempotency-Key": key };
  const answer = await call("POST", tasks, { body, headers, keepalive: true });
  added(answer.body.task);
}

/** Sends what waits, one after the other, as far as that goes. */
export async function flush() {
  if (sending) return;
  sending = true;
  for (let item; (item = outbox.find((candidate) => !candidate.stuck)); ) {
    describe(item, "is being saved…");
    try {
      await create(item.body, item.key);
      settle(item);
    } catch (error) {
      item.stuck = true;
      item.signedOut = error.unauthorized === true;
      describe(item, `is not saved. ${inWords(error)}`, true);
    }
  }
  sending = false;
}

function describe(item, state, failed = false) {
  const words = h("p", { className: failed ? "what problem" : "what" }, `${quote(item.task.title)} ${state}`);
  const again = h("button", { type: "button", className: "quiet", textContent: "Try again" });
  again.onclick = () => retry(item);
  const back = h("button", { type: "button", className: "quiet", textContent: "Change" });
  back.onclick = () => takeBack(item);
  if (failed) words.setAttribute("role", "alert");
  item.element.replaceChildren(words, ...(failed ? [again, back] : []));
}

function retry(item) {
  item.stuck = false;
  if (item.element.contains(document.activeElement)) at("new-title").focus();
  flush();
}

/** After a new sign-in, what the old one could not send goes by itself. */
export function retrySignedOut() {
  for (const item of outbox) if (item.signedOut) item.stuck = item.signedOut = false;
  flush();
}

/** Puts the task back where it was typed; what is typed there now takes its place in the queue. */
function takeBack(item) {
  const { title, due } = item.task;
  const now = at("new-title").value;
  settle(item);
  if (now.trim()) {
    const waiting = { title: now, ...(at("new-due").value && { due: at("new-due").value }) };
    add(waiting);
  }
  at("new-title").value = title;
  at("new-due").value = due ?? "";
  at("new-title").focus();
}

function settle(item) {
  outbox = outbox.filter((other) => other !== item);
  item.element.remove();
}

function added(task) {
  if (!belongs(task) || view.q || (view.sort === "due" && task.due === null)) {
    say(`Added ${quote(task.title)}. It is not among the tasks shown here.`);
    return;
  }
  show(task, true);
  at("empty").hidden = true;
  say(`Added ${quote(task.title)}`);
}

// All of it.

/** Whether leaving now would lose something that was typed. */
export const unsaved = () => outbox.length > 0 || [...rows.values()].some((row) => row.dirty);

/** Tells the service of all deletions now, because the page or the session ends. */
export const finishDeletions = (keepalive) =>
  Promise.all([...rows.values()].map((row) => row.reallyDelete(keepalive)));

/** Forgets everything: somebody else may sit here next. */
export function forget() {
  loading?.abort();
  loading = null;
  next = null;
  clear();
  outbox = [];
  at("outbox").replaceChildren();
  at("more-line").hidden = true;
}

export function start() {
  at("more").onclick = more;
  at("refresh").onclick = load;
  at("view").onsubmit = (event) => {
    event.preventDefault();
    at("view").dispatchEvent(new Event("change"));
  };
  let pause;
  at("search").oninput = () => {
    clearTimeout(pause);
    pause = setTimeout(look, 300);
  };
  at("view").onchange = look;
  function look() {
    clearTimeout(pause);
    const { show, q, sort } = at("view").elements;
    const wanted = { done: show.value, q: q.value.trim(), sort: sort.value };
    if (Object.keys(wanted).every((name) => wanted[name] === view[name])) return;
    Object.assign(view, wanted);
    load();
  }
}
