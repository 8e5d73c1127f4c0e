// Which tasks a view shows, in which order and under which headings, and the view in the page's address.
// Pure: everything follows from the state, the view and the day.

import { addDays, dayWords, shortDate } from "./dates.js";
import { isDeleted, isTyping, question, shown } from "./entry.js";

export const SORTS = { newest: "Newest first", oldest: "Oldest first", title: "By title", due: "By due date", priority: "By priority" };
const NAMES = ["today", "upcoming", "all", "done", "trash"];

/** The view that the query of an address names: `show`, `list` (the end of its URI), `q`, `sort`, `task`, `done`. */
export function readAddress(query) {
  const parameters = new URLSearchParams(query);
  const list = parameters.get("list");
  const show = parameters.get("show");
  return {
    show: list ? "list" : NAMES.includes(show) ? show : "all",
    list: list ?? null,
    q: parameters.get("q") ?? "",
    sort: Object.hasOwn(SORTS, parameters.get("sort") ?? "") ? parameters.get("sort") : "",
    done: parameters.get("done") === "1",
    task: parameters.get("task") ?? null,
  };
}

export function writeAddress({ show, list, q, sort, done, task }) {
  const parameters = new URLSearchParams();
  if (show === "list") parameters.set("list", list);
  else if (show !== "all") parameters.set("show", show);
  if (q) parameters.set("q", q);
  if (sort) parameters.set("sort", sort);
  if (done) parameters.set("done", "1");
  if (task) parameters.set("task", task);
  const query = String(parameters);
  return query ? `?${query}` : "";
}

/** The last part of a URI. It names a task or a list in this page's address. */
export const idOf = (uri) => uri?.slice(uri.lastIndexOf("/") + 1) ?? null;
export const findList = (state, id) => state.lists.find((list) => idOf(list.uri) === id) ?? null;
const inboxOf = (state) => findList(state, "inbox");
const dayOf = (due) => due.slice(0, 10);
const listOf = (state, task) => task.list ?? inboxOf(state)?.uri ?? null;

/** Full case folding as far as search needs it: STRASSE finds Straße, and every sigma is one letter. */
export const fold = (text) => text.toUpperCase().toLowerCase().replaceAll("ς", "σ");

/** The folded text of each task. A search has no line break, so it finds nothing across two texts. */
const folded = new WeakMap();

const containsText = (task, wanted) => searchText(task).includes(wanted);

/** Called when a task is loaded, so that the first search has nothing left to do. */
export function searchText(task) {
  let text = folded.get(task);
  if (text === undefined) {
    text = fold([task.title, task.description, ...task.tags, ...task.steps.map((step) => step.title)].join("\n"));
    folded.set(task, text);
  }
  return text;
}

// Orders. Tasks that the service has not created yet come last, in the order in which they were typed.

const UNSAVED = Number.MAX_SAFE_INTEGER;
const RANK = { high: 0, medium: 1, low: 2 };
const number = (entry) => (entry.uri ? Number(idOf(entry.uri)) : UNSAVED);
const text = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const finite = (order) => (order === Infinity ? UNSAVED : order);

const byId = (a, b) => a.id - b.id;
const byOrder = (a, b) => finite(a.task.order) - finite(b.task.order) || byId(a, b);
// Unsaved tasks are the newest ones. Among themselves the last one typed comes first.
const byAge = (a, b) => b.id - a.id || b.place - a.place;
// A day's tasks without a time come before those with one; tasks without a date come last.
const byDue = (a, b) => text(a.task.due ?? "9999-99", b.task.due ?? "9999-99") || rank(a) - rank(b) || byOrder(a, b);
const foldedTitle = (found) => (found.folded ??= fold(found.task.title));
const rank = ({ task }) => RANK[task.priority] ?? 3;
const ORDERS = {
  newest: byAge,
  oldest: byId,
  title: (a, b) => text(foldedTitle(a), foldedTitle(b)) || byId(a, b),
  due: byDue,
  priority: (a, b) => rank(a) - rank(b) || byDue(a, b),
};
const byCompletion = (a, b) => text(b.task.completed_at ?? "9", a.task.completed_at ?? "9") || byId(b, a);

/** `Today, Wed 25 Nov`, `Tomorrow, Thu 26 Nov`, `Fri 27 Nov`. */
function dayHeading(day, today) {
  const [words, date] = [dayWords(day, today), shortDate(day, today)];
  return words === date ? date : `${words}, ${date}`;
}

/** What a view holds: whether a task belongs to it, its order, and the heading that the task is under. */
function rules(state, view, now) {
  if (view.q.trim()) {
    const wanted = fold(view.q.trim());
    const group = (task) => (task.done ? ["Done", 1] : ["Open", 0]);
    return { matches: (task) => containsText(task, wanted), order: ORDERS[view.sort] ?? byAge, group };
  }
  const none = () => ["", 0];
  switch (view.show) {
    case "today":
      return {
        matches: (task) => !task.done && task.due !== null && dayOf(task.due) <= now,
        order: byDue,
        group: (task) => (dayOf(task.due) < now ? ["Overdue", 0] : [dayHeading(now, now), 1]),
      };
    case "upcoming":
      return {
        matches: (task) => !task.done && task.due !== null && dayOf(task.due) > now,
        order: byDue,
        group: (task) => [dayHeading(dayOf(task.due), now), dayOf(task.due)],
      };
    case "done":
      return { matches: (task) => task.done, order: byCompletion, group: none };
    case "list": {
      const uri = findList(state, view.list)?.uri ?? "";
      return {
        matches: (task) => listOf(state, task) === uri && (view.done || !task.done),
        order: ORDERS[view.sort] ?? byOrder,
        group: (task) => (task.done ? ["Done", 1] : ["", 0]),
      };
    }
    default:
      return { matches: (task) => !task.done, order: ORDERS[view.sort] ?? byAge, group: none };
  }
}

/** What waits for the user comes first, in every view. */
const ATTENTION = "Needs your attention";

/**
 * The groups of a view, `[{ heading, keys }]`. `kept` maps keys to the task as it was when the user changed it
 * here: such a row stays where it is until the view is left, so that nothing moves under the pointer. `asked` on
 * it says that it was shown because of a question.
 */
export function select(state, view, now, kept = new Map()) {
  const { matches, order, group } = rules(state, view, now);
  const found = [];
  let place = 0;
  for (const entry of state.entries.values()) {
    place += 1;
    const before = kept.get(entry.key);
    const task = before ?? shown(entry);
    const deleted = isDeleted(entry);
    // What is half typed in a task that was deleted elsewhere is not saved either.
    const asks = question(entry) !== null || before?.asked || (deleted && isTyping(entry));
    if (deleted && !before && !asks) continue;
    const belongs = matches(task) && (!asks || (before && !before.asked));
    if (!belongs && !asks) continue;
    const [heading, position] = belongs ? group(task) : [ATTENTION, ""];
    found.push({ key: entry.key, task, place, id: number(entry), heading, position });
  }
  const last = (item) => Number(item.heading !== ATTENTION);
  found.sort((a, b) => last(a) - last(b) || text(a.position, b.position) || order(a, b) || a.place - b.place);
  const groups = [];
  for (const { key, heading } of found) {
    if (groups.at(-1)?.heading !== heading) groups.push({ heading, keys: [] });
    groups.at(-1).keys.push(key);
  }
  return groups;
}

/** The numbers of open tasks for the side bar, as far as they are loaded: by view and by list URI. */
export function counts(state, now) {
  const numbers = { today: 0, upcoming: 0, all: 0, lists: new Map() };
  for (const entry of state.entries.values()) {
    if (isDeleted(entry)) continue;
    const task = shown(entry);
    if (task.done) continue;
    const list = listOf(state, task);
    numbers.all += 1;
    numbers.lists.set(list, (numbers.lists.get(list) ?? 0) + 1);
    if (task.due === null) continue;
    if (dayOf(task.due) <= now) numbers.today += 1;
    else numbers.upcoming += 1;
  }
  return numbers;
}

/** The query that loads the beginning of a view from the service, before all tasks are known. */
export function firstPage(state, view, index, now) {
  const query = new URLSearchParams({ limit: 100 });
  const sorts = { newest: "-id", oldest: "id", title: "title", due: "due" };
  const sort = sorts[view.sort];
  let uri = index.tasks;
  if (view.q.trim()) query.set("q", view.q.trim());
  else if (view.show === "done") query.set("done", "true");
  else {
    if (!view.done) query.set("done", "false");
    if (view.show === "today") query.set("due_before", addDays(now, 1));
    if (view.show === "upcoming") query.set("due_after", now);
    if (view.show === "list") uri = findList(state, view.list)?.tasks ?? uri;
  }
  const ordered = view.show === "list" || view.show === "today" || view.show === "upcoming";
  if (sort || !ordered) query.set("sort", sort ?? "-id");
  return `${uri}?${query}`;
}
