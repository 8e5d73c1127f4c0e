// One task in a list. A row shows what `shown` says about its entry and is in one of the row states.

import * as actions from "./actions.js";
import { dueWords, splitDue } from "./dates.js";
import { rowState, shown } from "./entry.js";
import { now, openTask, page, render, today } from "./page.js";
import { questionBox } from "./problem.js";
import { ruleWords } from "./recurrence.js";
import { arrange, button, h, icon, iconButton, quote, setLabel } from "./ui.js";
import { idOf } from "./views.js";

let created = 0;

const idsOfView = () => ["inbox", page.view.show === "list" ? page.view.list : null];

/** The due date as text, without the day where the heading above has it. */
function dueLabel({ due, done }) {
  const { text, overdue } = dueWords(due, now(), done);
  const { date, time } = splitDue(due);
  const isHeading = page.view.q.trim() === "" && (page.view.show === "upcoming" || (page.view.show === "today" && date === today()));
  const short = isHeading ? time : text;
  return short && { overdue, text: overdue ? `Overdue: ${short}` : short };
}

export class Row {
  constructor(entry) {
    const id = `row-${++created}`;
    this.entry = entry;
    this.grip = h("span", { className: "grip", "aria-hidden": "true", title: "Drag to move" }, icon("grip"));
    this.select = h("input", { type: "checkbox", className: "select" });
    this.select.onchange = () => selectRow(this.entry, this.select.checked);
    this.selectLabel = h("label", { className: "check" }, this.select);
    this.box = h("input", { type: "checkbox", "aria-labelledby": `${id}-title` });
    this.box.onchange = () => actions.setDone([this.entry], this.box.checked);
    this.check = h("label", { className: "check" }, this.box);
    this.title = h("span", { id: `${id}-title`, className: "title", dir: "auto" });
    this.meta = h("span", { className: "meta" });
    this.open = h("button", { type: "button", className: "open" }, this.title, this.meta);
    this.open.onclick = (event) => this.click(event);
    this.state = h("span", { className: "state" });
    this.bin = iconButton("bin", "Delete", () => this.remove());
    this.view = [this.grip, this.selectLabel, this.check, this.open, this.state, this.bin];
    this.element = h("li", { className: "task" }, ...this.view);
    this.element.dataset.key = entry.key;
  }

  click(event) {
    if (page.selecting || event.ctrlKey || event.metaKey) selectRow(this.entry, !page.selected.has(this.entry.key));
    else openTask(this.entry);
  }

  remove() {
    actions.remove([this.entry], { inRow: true });
    this.update();
    this.undo?.focus();
  }

  focus() {
    (this.undo ?? this.open).focus();
  }

  /** Draws what has changed. `context` says what the row depends on beside its task. */
  update(context = this.context) {
    const { entry } = this;
    const selected = page.selected.has(entry.key);
    const current = page.open === entry.key;
    // Whether the time of a task of today has passed changes by the minute.
    const clock = this.due?.startsWith(today()) ? now() : "";
    const same = this.context === context && this.revision === entry.revision && this.selected === selected && this.current === current;
    if (same && this.clock === clock) return;
    Object.assign(this, { context, revision: entry.revision, selected, current, clock });
    const state = rowState(entry);
    const task = shown(entry);
    this.due = task.due;
    const classes = { done: task.done, deleted: state === "deleted", selected, current };
    for (const [name, on] of Object.entries(classes)) this.element.classList.toggle(name, on);
    this.element.dataset.state = state;
    this.element.dataset.priority = task.priority ?? "";
    if (state === "deleted") this.drawDeleted(task);
    else this.drawTask(task, state, selected);
  }

  drawTask(task, state, selected) {
    this.undo = null;
    if (this.title.textContent !== task.title) this.title.textContent = task.title;
    this.box.checked = task.done;
    this.select.checked = selected;
    this.selectLabel.hidden = !page.selecting;
    this.check.hidden = page.selecting;
    setLabel(this.select, `Select ${quote(task.title)}`);
    setLabel(this.bin, `Delete ${quote(task.title)}`);
    this.open.setAttribute("aria-current", page.open === this.entry.key);
    this.meta.replaceChildren(...this.details(task));
    this.state.textContent = this.stateText(state);
    // The panel asks the same question.
    const box = this.current ? null : questionBox(this.entry);
    arrange(this.element, [...this.view, ...(box ? [box] : [])]);
  }

  stateText(state) {
    if (state === "editing") return "Not saved yet";
    if (state !== "saving") return "";
    return this.entry.writes[0].failure ? "Waiting to be saved" : "Saving…";
  }

  /** The members beside the title, as short as possible. */
  details(task) {
    const parts = [];
    const add = (className, text, mark = null, label = null) =>
      parts.push(h("span", { className }, mark && icon(mark), label && h("span", { className: "visually-hidden" }, label), text));
    if (task.description) add("mark", "", "note", "Has a description");
    if (task.steps.length > 0) add("mark", `${task.steps.filter((step) => step.done).length}/${task.steps.length}`, "steps", "Steps ");
    if (task.priority) add(`priority ${task.priority}`, "", "flag", `${task.priority} priority`);
    for (const tag of task.tags) add("tag", `#${tag}`);
    const due = task.due && dueLabel(task);
    if (due) add(due.overdue ? "due overdue" : "due", due.text);
    if (task.repeat) add("mark", "", "repeat", `Repeats ${ruleWords(task.repeat)}`);
    const list = page.state.lists.find(({ uri }) => uri === task.list);
    // The inbox is where everything is that was put nowhere else.
    if (list && !idsOfView().includes(idOf(list.uri))) add("list-name", list.name);
    return parts;
  }

  drawDeleted(task) {
    this.undo ??= this.makeUndo();
    this.message.textContent = `Deleted ${quote(task.title)}`;
    setLabel(this.undo, `Undo deleting ${quote(task.title)}`);
    setLabel(this.dismiss, `Dismiss ${quote(task.title)}`);
    arrange(this.element, [this.message, this.undo, this.dismiss]);
  }

  makeUndo() {
    this.message = h("span", { className: "open" });
    this.dismiss = iconButton("close", "Dismiss", () => actions.dismiss(this.entry));
    return button("Undo", () => {
      actions.restore(this.entry);
      this.update();
      this.bin.focus();
    });
  }
}

export function selectRow(entry, selected) {
  if (selected) page.selected.add(entry.key);
  else page.selected.delete(entry.key);
  page.selecting = page.selecting || selected;
  render();
}
