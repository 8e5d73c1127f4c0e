// Keyboard shortcuts, and the overview of them. Single keys can be switched off, because speech input and
// trembling hands may press them unintentionally (WCAG 2.1.4).

import * as actions from "./actions.js";
import { tryStorage } from "./api.js";
import { toggleSelecting } from "./bulk.js";
import { shown } from "./entry.js";
import { focusedEntry, moveFocus } from "./list.js";
import { page } from "./page.js";
import { moveBy } from "./place.js";
import { selectRow } from "./row.js";
import { closeMenu, openMenu, show } from "./sidebar.js";
import { announce, byId, button, h, takesKeys } from "./ui.js";

const SWITCH = `todo-single-keys ${location.pathname}`;

const SHORTCUTS = [
  ["n", "New task", () => byId("new-title").focus()],
  ["/", "Search", focusSearch],
  ["j or ↓", "Next task", () => moveFocus(1)],
  ["k or ↑", "Previous task", () => moveFocus(-1)],
  ["Enter", "Open the task", null],
  ["c", "Complete the task, or open it again", () => onTask((entry) => actions.setDone([entry], !shown(entry).done))],
  ["x", "Select the task", () => onTask((entry) => selectRow(entry, !page.selected.has(entry.key)))],
  ["Delete", "Delete the task", () => onTask((entry) => actions.remove([entry], { inRow: true }))],
  ["Alt+↑ Alt+↓", "Move the task within its list", null],
  ["Ctrl+Z", "Undo", null],
  ["t u a d", "Today, Upcoming, All tasks, Done", null],
  ["Escape", "Close the panel, the selection or the menu", null],
  ["?", "This overview", showHelp],
];
const VIEWS = { t: "today", u: "upcoming", a: "all", d: "done" };
const KEYS = {
  n: SHORTCUTS[0][2], "/": SHORTCUTS[1][2], j: SHORTCUTS[2][2], ArrowDown: SHORTCUTS[2][2], k: SHORTCUTS[3][2],
  ArrowUp: SHORTCUTS[3][2], c: SHORTCUTS[5][2], x: SHORTCUTS[6][2], Delete: SHORTCUTS[7][2], "?": showHelp,
};

/** Only the task whose row has the focus: a key pressed in the panel is never meant for the list. */
function onTask(act) {
  const entry = focusedEntry();
  if (entry) act(entry);
  else announce("Choose a task first, with j and k.");
}

function focusSearch() {
  if (getComputedStyle(byId("sidebar")).visibility === "hidden") openMenu();
  byId("search").focus();
}

const storedSwitch = () => tryStorage(() => localStorage.getItem(SWITCH) !== "off") ?? true;

function press(event) {
  if (event.defaultPrevented || event.isComposing || byId("app").hidden || document.querySelector("dialog[open]")) return;
  const { key, altKey, ctrlKey, metaKey, target } = event;
  if (altKey && !ctrlKey && !metaKey && (key === "ArrowUp" || key === "ArrowDown")) {
    const entry = focusedEntry();
    if (!entry) return;
    event.preventDefault();
    moveBy(entry, key === "ArrowUp" ? -1 : 1);
  } else if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "z" && !takesKeys(target)) {
    event.preventDefault();
    actions.undo();
  } else if (key === "Escape") escape(event);
  else if (!ctrlKey && !metaKey && !altKey && !takesKeys(target)) single(event);
}

function escape(event) {
  if (byId("app").classList.contains("menu-open")) closeMenu();
  else if (page.selecting) toggleSelecting(false);
  else return;
  event.preventDefault();
}

function single(event) {
  const act = VIEWS[event.key] ? () => show({ show: VIEWS[event.key], list: null }) : KEYS[event.key];
  // Arrow keys scroll the page unless a row has the focus, and are no characters.
  const isArrow = event.key.startsWith("Arrow");
  if (!act || (isArrow ? !focusedEntry() : !storedSwitch() && event.key !== "Delete")) return;
  event.preventDefault();
  act();
}

function showHelp() {
  const rows = SHORTCUTS.flatMap(([keys, text]) => [h("dt", {}, ...keys.split(" ").map((key) => h(key === "or" ? "span" : "kbd", {}, key))), h("dd", {}, text)]);
  const single = h("input", { type: "checkbox", checked: storedSwitch() });
  single.onchange = () => {
    const isSet = tryStorage(() => {
      if (single.checked) localStorage.removeItem(SWITCH);
      else localStorage.setItem(SWITCH, "off");
      return true;
    });
    if (!isSet) announce("This browser keeps no settings.");
  };
  const dialog = h(
    "dialog",
    { "aria-labelledby": "help-title", className: "help" },
    h("h2", { id: "help-title" }, "Keyboard shortcuts"),
    h("dl", {}, ...rows),
    h("label", { className: "toggle" }, single, "Single keys do something"),
    h("h2", {}, "What the field for a new task understands"),
    h("p", {}, "tomorrow, fri, 24 dec, in 3 days, 9:30, every 2 weeks, #tag, !high, /List. A word in quotes is only a word."),
    h("p", { className: "buttons" }, button("Close", () => dialog.close())),
  );
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}

export function startKeys() {
  document.addEventListener("keydown", press);
  byId("help").onclick = showHelp;
}
