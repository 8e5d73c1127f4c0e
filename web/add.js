// The field for a new task. It is empty again at once; the task is in the list and shows whether it is saved.

import * as actions from "./actions.js";
import { onRender, page, render, today } from "./page.js";
import { rowOf } from "./list.js";
import { announce, byId, quote } from "./ui.js";
import { findList } from "./views.js";

export const typedText = () => byId("new-title").value;

export function setTyped(text) {
  byId("new-title").value = text;
}

/** What a new task gets from the view in which it is typed. */
function fromView() {
  const { show, list } = page.view;
  if (show === "list") return { list: findList(page.state, list)?.uri };
  return show === "today" ? { due: today() } : {};
}

function add(event) {
  event.preventDefault();
  const title = typedText().trim();
  byId("add-problem").textContent = title === "" ? "Type a task first." : "";
  byId("new-title").focus();
  if (title === "") return;
  const { list, ...members } = fromView();
  const entry = actions.create({ title, ...members, ...(list && { list }) });
  setTyped("");
  announce(`Added ${quote(title)}`);
  requestAnimationFrame(() => requestAnimationFrame(() => rowOf(entry.key)?.element.scrollIntoView({ block: "nearest" })));
}

export function startAdd() {
  byId("add").onsubmit = add;
  byId("new-title").oninput = () => {
    byId("add-problem").textContent = "";
    render();
  };
  onRender(() => {
    byId("add").hidden = page.view.show === "trash" || page.view.show === "done";
  });
  // The text of a task that could not be saved and is discarded comes back to be changed.
  document.addEventListener("put-back", ({ detail }) => {
    if (typedText().trim() === "") setTyped(detail);
    byId("new-title").focus();
  });
}
