// The field for a new task. What quick add understood is shown as chips before Enter, each removable. The field is
// empty again at once; the task is in the list and shows whether it is saved.

import * as actions from "./actions.js";
import { currentIndex } from "./api.js";
import { rowOf } from "./list.js";
import { now, onRender, page, render, today } from "./page.js";
import { announce, arrange, byId, h, iconButton, quote } from "./ui.js";
import { findList } from "./views.js";

const TOLD_MS = 1000;
/** The keys of the chips that were removed: their words are only words. */
let ignored = [];
/** The view gives its day to a new task; a chip shows it and can be removed, too. */
let withoutDay = false;
let timer;
/** Comes after the first view. Until then a text is a title, and `early` holds what is still to be understood. */
let parse = (text) => ({ title: text.trim(), chips: [], task: { title: text.trim() }, ignored: [], problem: text.trim() ? null : "empty" });
let early = [];

export function useParser(parser) {
  parse = parser;
  for (const { entry, text } of early) {
    const { chips, task } = understood(text);
    if (chips.length > 0 && page.state.entries.get(entry.key) === entry) actions.change(entry, task);
  }
  early = null;
  drawChips();
}

export const typedText = () => byId("new-title").value;

export function setTyped(text) {
  byId("new-title").value = text;
  ignored = [];
  withoutDay = false;
  drawChips();
}

function understood(text = typedText()) {
  const result = parse(text, { today: today(), now: now().slice(11), lists: page.state.lists, ignored });
  ignored = result.ignored;
  return result;
}

/** What a new task gets from the view in which it is typed, unless the text says otherwise. */
function fromView(task) {
  const { show, list } = page.view;
  // The lists may not be loaded yet. A URI below theirs is the same one.
  if (show === "list" && !task.list) return { list: findList(page.state, list)?.uri ?? `${currentIndex().lists}/${list}` };
  return show === "today" && !task.due && !withoutDay ? { due: today() } : {};
}

function add(event) {
  event.preventDefault();
  const { task, problem } = understood();
  byId("add-problem").textContent = problem === "empty" ? "Type a task first." : "";
  byId("new-title").focus();
  if (problem === "empty") return;
  const entry = actions.create({ ...fromView(task), ...task });
  early?.push({ entry, text: typedText() });
  setTyped("");
  announce(`Added ${quote(task.title)}`);
  requestAnimationFrame(() => requestAnimationFrame(() => rowOf(entry.key)?.element.scrollIntoView({ block: "nearest" })));
}

function drawChips() {
  const typed = typedText().trim() !== "";
  const { chips, task } = typed ? understood() : { chips: [], task: {} };
  const hasDay = chips.some(({ kind }) => kind === "date");
  const items = chips.map((chip) => chipItem(chipText(chip, hasDay), () => (ignored = [...ignored, chip.key])));
  if (typed && fromView(task).due) items.push(chipItem("Today", () => (withoutDay = true)));
  arrange(byId("chips"), items);
  clearTimeout(timer);
  const words = chips.map((chip) => chip.label).join(", ");
  if (words) timer = setTimeout(() => announce(`Understood: ${words}`), TOLD_MS);
}

function chipText({ kind, label, value }, hasDay) {
  if (kind === "tag") return `#${label}`;
  return kind === "time" && hasDay ? value : label;
}

function chipItem(label, forget) {
  const remove = iconButton("close", `Not ${label}`, () => {
    forget();
    drawChips();
    byId("new-title").focus();
  });
  return h("li", { className: "chip" }, h("span", { dir: "auto" }, label), remove);
}

export function startAdd() {
  byId("add").onsubmit = add;
  byId("new-title").oninput = () => {
    byId("add-problem").textContent = "";
    drawChips();
    render();
  };
  let drawnFor = "";
  onRender(() => {
    byId("add").hidden = page.view.show === "trash" || page.view.show === "done";
    const view = `${page.view.show} ${page.view.list} ${page.state.listsRevision}`;
    if (view !== drawnFor) drawChips();
    drawnFor = view;
  });
  // The text of a task that could not be saved and is discarded comes back to be changed.
  document.addEventListener("put-back", ({ detail }) => {
    if (typedText().trim() === "") setTyped(detail);
    byId("new-title").focus();
  });
}
