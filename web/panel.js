// The panel with all members of one task. There is no Save button: a field is saved when it is left or when
// Enter is pressed. What is half typed is kept in the state as a draft, so nothing that arrives can overwrite it.

import * as actions from "./actions.js";
import { localNow } from "./dates.js";
import { ASKS, rowState, shown } from "./entry.js";
import { rowOf } from "./list.js";
import { closeTask, drawnEntry, onRender, openEntry, page, render, today } from "./page.js";
import { addStep, addTag, drawSteps, startSteps } from "./panel_lists.js";
import { drawRepeat, startRepeat } from "./panel_repeat.js";
import { drawText, editText, leaveText } from "./panel_text.js";
import { questionBox } from "./problem.js";
import { arrange, byId, quote, setLabel, takesKeys } from "./ui.js";

const IDLE_MS = 1000;
const narrow = matchMedia("(max-width: 64rem)");
let drawn = "";

const field = (name) => byId(`panel-${name}`);

/** What a field shows: what is being typed, otherwise what the task is. */
export function value(entry, name) {
  return entry.drafts[name] ? entry.drafts[name].value : shown(entry)[name];
}

/** Whether the task of the panel is gone. What is typed into a task that was deleted elsewhere is not cut off. */
function isOver({ deleted, writes, drafts }) {
  const last = writes.findLast(({ kind }) => ["delete", "purge", "restore"].includes(kind));
  if (last) return last.kind !== "restore" && !ASKS.includes(last.state);
  return deleted && writes.length === 0 && Object.keys(drafts).length === 0;
}

function draw() {
  const entry = openEntry();
  const visible = entry !== null && !isOver(entry);
  if (!visible && page.drawn !== null) {
    close();
    // A task that was deleted while it was open does not come back into the panel when it is restored.
    if (page.open) closeTask();
  }
  if (!visible) return;
  const marks = [page.open, entry.revision, page.state.listsRevision, today(), narrow.matches].join(" ");
  if (marks === drawn) return;
  drawn = marks;
  const opening = page.drawn !== page.open;
  if (opening) leave();
  page.drawn = page.open;
  fill(entry, opening);
  // Turning a tablet may put the panel beside the list, or over it.
  for (const id of ["main", "sidebar"]) byId(id).inert = narrow.matches;
  if (!opening) return;
  byId("panel").hidden = false;
  byId("app").classList.add("panel-open");
  if (narrow.matches) byId("panel-close").focus({ preventScroll: true });
  // The task that the address names may be loaded while the user types in another field.
  else if (!takesKeys(document.activeElement) || byId("panel").contains(document.activeElement)) field("title").focus({ preventScroll: true });
}

function fill(entry, opening) {
  const task = shown(entry);
  field("done").checked = task.done;
  setLabel(field("done"), `Done: ${quote(task.title)}`);
  setText(field("title"), value(entry, "title"));
  drawText(entry, opening);
  const due = value(entry, "due");
  setText(field("date"), due?.slice(0, 10) ?? "");
  setText(field("time"), due?.slice(11, 16) ?? "");
  byId("panel-no-date").hidden = due === null;
  byId("panel-today").hidden = due !== null;
  drawRepeat(entry);
  field("priority").value = task.priority ?? "";
  drawLists(task);
  drawSteps(entry);
  const state = rowState(entry);
  const box = questionBox(entry);
  arrange(byId("panel-problem"), box ? [box] : []);
  byId("panel-state").textContent = { saving: "Saving…", editing: "Not saved yet" }[state] ?? "";
  const created = task.created_at && `Created ${new Date(task.created_at).toLocaleDateString(undefined, { dateStyle: "medium" })}`;
  const completed = task.completed_at && `, done ${new Date(task.completed_at).toLocaleDateString(undefined, { dateStyle: "medium" })}`;
  byId("panel-dates").textContent = `${created ?? ""}${completed ?? ""}`;
}

/** Sets a control's value, and leaves it alone when it has it, because setting moves the cursor. */
export function setText(control, text) {
  if (control.value !== text) control.value = text;
}

let drawnLists = "";

function drawLists(task) {
  const lists = `${page.state.id} ${page.state.listsRevision}`;
  // New options would close the menu under the user.
  if (lists !== drawnLists) field("list").replaceChildren(...page.state.lists.map(({ uri, name }) => new Option(name, uri)));
  drawnLists = lists;
  field("list").value = task.list ?? page.state.lists[0]?.uri;
}

/** Saves what was typed in the fields, as leaving each of them does. */
function leave() {
  const entry = drawnEntry();
  if (!entry) return;
  if (entry.drafts.title?.value.trim() === "") actions.cancelTyping(entry, "title");
  byId("panel-title-problem").textContent = "";
  for (const name of ["title", "description", "due", "steps"]) save(entry, name);
  addStep(entry);
  addTag(entry);
}

function close() {
  leave();
  const key = page.drawn;
  page.drawn = null;
  drawn = "";
  const hadFocus = byId("panel").contains(document.activeElement) || document.activeElement === document.body;
  byId("panel").hidden = true;
  byId("app").classList.remove("panel-open");
  for (const id of ["main", "sidebar"]) byId(id).inert = false;
  if (hadFocus) (rowOf(key) ?? byId("new-title")).focus();
}

/** Saves a draft. Returns whether there is none left. */
export function save(entry, name) {
  if (!entry?.drafts[name]) return true;
  if (name === "title" && entry.drafts.title.value.trim() === "") {
    byId("panel-title-problem").textContent = "A task needs a title.";
    return false;
  }
  if (name === "steps") {
    const steps = entry.drafts.steps.value.filter((step) => step.title.trim() !== "");
    page.state.type(entry, "steps", steps);
  }
  actions.commit(entry, name);
  return true;
}

/** Connects a control with a member that is typed: kept with each key, saved when the control is left. */
export function typed(control, name, read) {
  let timer;
  control.addEventListener("input", () => {
    const entry = drawnEntry();
    if (!entry) return;
    page.state.type(entry, name, read(entry));
    byId("panel-title-problem").textContent = "";
    clearTimeout(timer);
    // A date picker leaves the focus in its field. Text is saved when the field is left.
    if (name === "due") timer = setTimeout(() => save(entry, name), IDLE_MS);
  });
  control.addEventListener("change", () => name !== "due" && save(drawnEntry(), name));
  control.addEventListener("blur", () => save(drawnEntry(), name));
  control.addEventListener("keydown", (event) => keydown(event, control, name));
}

function keydown(event, control, name) {
  const entry = drawnEntry();
  if (!entry || event.isComposing) return;
  const enter = event.key === "Enter" && (control.tagName !== "TEXTAREA" || control.id === "panel-title" || event.ctrlKey || event.metaKey);
  if (enter) {
    event.preventDefault();
    save(entry, name);
  } else if (event.key === "Escape" && entry.drafts[name]) {
    event.stopPropagation();
    actions.cancelTyping(entry, name);
    byId("panel-title-problem").textContent = "";
  }
}

function readDue(entry) {
  const [day, time] = [field("date").value, field("time").value];
  // An incomplete date or time has no value yet.
  if (field("date").validity.badInput || field("time").validity.badInput) return value(entry, "due");
  if (!day) return time ? `${today()}T${time}` : null;
  return time ? `${day}T${time}` : day;
}

const withEntry = (act) => () => {
  const entry = drawnEntry();
  if (entry) act(entry);
};

export function startPanel() {
  onRender(draw);
  typed(field("title"), "title", () => field("title").value.replace(/[\r\n]+/g, " "));
  typed(field("description"), "description", () => field("description").value);
  for (const name of ["date", "time"]) typed(field(name), "due", readDue);
  field("done").onchange = withEntry((entry) => actions.setDone([entry], field("done").checked));
  field("priority").onchange = withEntry((entry) => actions.change(entry, { priority: field("priority").value || null }));
  field("list").onchange = withEntry((entry) => {
    const name = field("list").selectedOptions[0].text;
    actions.change(entry, { list: field("list").value }, `Moved ${quote(shown(entry).title)} to ${name}`);
  });
  byId("panel-no-date").onclick = withEntry((entry) => {
    page.state.discardDraft(entry, "due");
    actions.change(entry, { due: null, ...(shown(entry).repeat && { repeat: null }) });
    field("date").focus();
  });
  byId("panel-today").onclick = withEntry((entry) => setDay(entry, localNow().slice(0, 10)));
  byId("panel-edit").onclick = editText;
  field("description").addEventListener("blur", leaveText);
  byId("panel-close").onclick = closeTask;
  byId("panel-delete").onclick = withEntry((entry) => {
    closeTask();
    actions.remove([entry], { inRow: true });
  });
  byId("panel").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    closeTask();
  });
  startSteps();
  startRepeat();
  narrow.onchange = render;
}

function setDay(entry, day) {
  page.state.discardDraft(entry, "due");
  const time = shown(entry).due?.slice(10) ?? "";
  actions.change(entry, { due: day + time });
}
