// Several tasks at once: what is selected is completed, moved, tagged or deleted together.

import * as actions from "./actions.js";
import { shown } from "./entry.js";
import { selectable, selectedEntries } from "./list.js";
import { onRender, page, render } from "./page.js";
import { announce, ask, byId, h, plural } from "./ui.js";
import { fold } from "./views.js";

function draw() {
  const count = page.selected.size;
  byId("bulk").hidden = !page.selecting;
  byId("select").setAttribute("aria-pressed", String(page.selecting));
  byId("select").hidden = page.view.show === "trash";
  document.body.classList.toggle("selecting", page.selecting);
  if (!page.selecting) return;
  byId("bulk-count").textContent = `${count} selected`;
  for (const id of ["bulk-done", "bulk-move", "bulk-tag", "bulk-delete"]) byId(id).disabled = count === 0;
  const allDone = count > 0 && selectedEntries().every((entry) => shown(entry).done);
  byId("bulk-done").textContent = allDone ? "Not done" : "Done";
  drawLists();
}

let drawnLists = -1;

function drawLists() {
  if (drawnLists === page.state.listsRevision) return;
  drawnLists = page.state.listsRevision;
  byId("bulk-move").replaceChildren(new Option("Move to…", ""), ...page.state.lists.map(({ uri, name }) => new Option(name, uri)));
}

export function toggleSelecting(on = !page.selecting) {
  page.selecting = on;
  page.selected.clear();
  announce(on ? "Selecting tasks" : "Selection ended");
  render();
}

function selectAll() {
  page.selected = new Set(selectable().map(({ key }) => key));
  announce(`${plural(page.selected.size, "task")} selected`);
  render();
}

/** Runs an action on the selection and ends it. */
function withSelection(act) {
  const entries = selectedEntries();
  if (entries.length === 0) return;
  act(entries);
  page.selecting = false;
  page.selected.clear();
  byId("select").focus();
  render();
}

function complete() {
  withSelection((entries) => actions.setDone(entries, !entries.every((entry) => shown(entry).done)));
}

function move() {
  const { value, selectedOptions } = byId("bulk-move");
  const name = selectedOptions[0].text;
  byId("bulk-move").value = "";
  if (value) withSelection((entries) => actions.changeMany(entries, { list: value }, `Moved to ${name}`));
}

function tag() {
  const input = h("input", { name: "tag", required: true, maxLength: 50, autocomplete: "off", dir: "auto" });
  ask("Tag the selected tasks", [h("p", { className: "field" }, h("label", {}, "Tag", input))], "Add tag", async () => {
    const name = input.value.replace(/^#+/, "").replaceAll(",", " ").trim();
    if (name === "") throw new Error("Type a tag.");
    const withTag = ({ tags }) => (tags.some((other) => fold(other) === fold(name)) ? {} : { tags: [...tags, name] });
    withSelection((entries) => actions.changeMany(entries, withTag, `Tagged #${name}`));
  });
  input.focus();
}

export function startBulk() {
  onRender(draw);
  byId("select").onclick = () => toggleSelecting();
  byId("bulk-all").onclick = selectAll;
  byId("bulk-done").onclick = complete;
  byId("bulk-move").onchange = move;
  byId("bulk-tag").onclick = tag;
  byId("bulk-delete").onclick = () => withSelection((entries) => actions.remove(entries));
  byId("bulk-close").onclick = () => {
    toggleSelecting(false);
    byId("select").focus();
  };
}
