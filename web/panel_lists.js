// The members of a task that are lists: its steps and its tags.

import * as actions from "./actions.js";
import { shown } from "./entry.js";
import { drawnEntry, page } from "./page.js";
import { save, setText, value } from "./panel.js";
import { arrange, announce, byId, h, iconButton, quote, setLabel } from "./ui.js";
import { fold } from "./views.js";

const rows = [];

export function drawSteps(entry) {
  const steps = value(entry, "steps");
  while (rows.length < steps.length) rows.push(stepRow(rows.length));
  steps.forEach((step, index) => rows[index].draw(step, index));
  arrange(byId("panel-steps"), rows.slice(0, steps.length).map((row) => row.element));
  setText(byId("panel-new-step"), entry.drafts.newStep?.value ?? "");
  setText(byId("panel-new-tag"), entry.drafts.newTag?.value ?? "");
  arrange(byId("panel-tags"), shown(entry).tags.map((tag) => tagItem(entry, tag)));
}

function stepRow(index) {
  const box = h("input", { type: "checkbox" });
  box.onchange = () => changeSteps((steps) => steps.map((step, at) => (at === index ? { ...step, done: box.checked } : step)), true);
  const text = h("input", { className: "step-title", autocomplete: "off", dir: "auto", maxLength: 400 });
  text.oninput = () => changeSteps((steps) => steps.map((step, at) => (at === index ? { ...step, title: text.value } : step)), false);
  text.onblur = () => save(drawnEntry(), "steps");
  text.onkeydown = (event) => {
    const entry = drawnEntry();
    if (event.isComposing || !entry) return;
    if (event.key === "Enter") {
      event.preventDefault();
      save(entry, "steps");
      byId("panel-new-step").focus();
    } else if (event.key === "Escape" && entry.drafts.steps) {
      event.stopPropagation();
      actions.cancelTyping(entry, "steps");
    }
  };
  const remove = iconButton("close", "Remove step", () => {
    changeSteps((steps) => steps.filter((_, at) => at !== index), true);
    (rows[index]?.element.isConnected ? text : byId("panel-new-step")).focus();
  });
  const element = h("li", { className: "step" }, h("label", { className: "check" }, box), text, remove);
  const draw = (step) => {
    box.checked = step.done;
    setText(text, step.title);
    element.classList.toggle("done", step.done);
    setLabel(box, `Step ${quote(step.title)}`);
    setLabel(text, `Title of step ${index + 1}`);
    setLabel(remove, `Remove step ${quote(step.title)}`);
  };
  return { element, draw };
}

function changeSteps(edit, now) {
  const entry = drawnEntry();
  if (!entry) return;
  page.state.type(entry, "steps", edit(value(entry, "steps")));
  if (now) save(entry, "steps");
}

/** Takes out what was typed into the field for a new step or tag; empty for nothing. */
function takeTyped(entry, name, control) {
  if (!entry.drafts[name]) return "";
  // At once: the next letter may come before the next frame.
  control.value = "";
  return page.state.discardDraft(entry, name).value;
}

export function addStep(entry) {
  const title = takeTyped(entry, "newStep", byId("panel-new-step")).trim();
  if (!title) return;
  changeSteps((steps) => [...steps, { title, done: false }], true);
  announce(`Added the step ${quote(title)}`);
}

function tagItem(entry, tag) {
  const remove = iconButton("close", `Remove tag ${tag}`, () => {
    actions.change(entry, { tags: shown(entry).tags.filter((other) => other !== tag) });
    byId("panel-new-tag").focus();
  });
  return h("li", { className: "chip" }, h("span", { dir: "auto" }, `#${tag}`), remove);
}

export function addTag(entry) {
  const tag = takeTyped(entry, "newTag", byId("panel-new-tag")).replace(/^#+/, "").replaceAll(",", " ").trim();
  if (!tag) return;
  const { tags } = shown(entry);
  if (tags.some((other) => fold(other) === fold(tag))) return;
  actions.change(entry, { tags: [...tags, tag] });
  announce(`Added the tag ${tag}`);
}

/** Connects the field for a new step or tag. What is typed is kept like everything else, and added when left. */
function adder(control, name, add) {
  control.addEventListener("input", () => {
    const entry = drawnEntry();
    if (!entry) return;
    if (control.value) page.state.type(entry, name, control.value);
    else page.state.discardDraft(entry, name);
  });
  const take = () => {
    const entry = drawnEntry();
    if (entry) add(entry);
  };
  control.addEventListener("blur", take);
  control.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" || (event.key === "," && name === "newTag")) {
      event.preventDefault();
      take();
    } else if (event.key === "Escape" && drawnEntry()?.drafts[name]) {
      event.stopPropagation();
      page.state.discardDraft(drawnEntry(), name);
    }
  });
}

export function startSteps() {
  adder(byId("panel-new-step"), "newStep", addStep);
  adder(byId("panel-new-tag"), "newTag", addTag);
}
