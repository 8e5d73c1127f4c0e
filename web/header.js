// The heading of the view with what can be done there: sorting, managing the list, clearing what is done.

import * as actions from "./actions.js";
import { isDeleted, shown } from "./entry.js";
import { editList } from "./lists.js";
import { go, onRender, page, viewTitle } from "./page.js";
import { currentList } from "./sidebar.js";
import { announce, ask, byId, h, plural } from "./ui.js";
import { SORTS } from "./views.js";

const OWN_ORDER = { list: "My order", all: "Newest first" };

function draw() {
  const { show, q } = page.view;
  const searching = q.trim() !== "";
  const title = viewTitle();
  if (byId("view-title").textContent !== title) byId("view-title").textContent = title;
  const list = searching ? null : currentList();
  byId("sort-field").hidden = searching || !["all", "list"].includes(show);
  drawSort(show);
  byId("show-done-field").hidden = !list;
  byId("show-done").checked = page.view.done;
  byId("edit-list").hidden = !list;
  byId("clear-done").hidden = searching || !(show === "done" || (show === "list" && page.view.done));
  byId("clear-done").disabled = !page.state.complete;
  byId("empty-trash").hidden ||= searching || show !== "trash";
}

let drawnSort = "";

function drawSort(show) {
  const own = show === "list" ? OWN_ORDER.list : OWN_ORDER.all;
  const others = Object.entries(SORTS).filter(([, text]) => text !== own);
  if (drawnSort !== own) {
    byId("sort").replaceChildren(new Option(own, ""), ...others.map(([name, text]) => new Option(text, name)));
    drawnSort = own;
  }
  byId("sort").value = page.view.sort;
}

/** The completed tasks of the view: of one list, or of all. */
function completed() {
  const list = page.view.show === "list" ? currentList()?.uri : null;
  const entries = [...page.state.entries.values()].filter((entry) => !isDeleted(entry) && shown(entry)?.done);
  return list ? entries.filter((entry) => (shown(entry).list ?? list) === list) : entries;
}

function clearCompleted() {
  const entries = completed();
  if (entries.length === 0) {
    announce("Nothing is done here.");
    return;
  }
  const text = `${plural(entries.length, "completed task")} ${entries.length === 1 ? "moves" : "move"} to the trash.`;
  ask("Clear completed?", [h("p", {}, text)], "Clear completed", async () => actions.remove(entries));
}

export function startHeader() {
  onRender(draw);
  byId("sort").onchange = () => go({ sort: byId("sort").value });
  byId("show-done").onchange = () => go({ done: byId("show-done").checked });
  byId("edit-list").onclick = () => editList(currentList());
  byId("clear-done").onclick = clearCompleted;
}
