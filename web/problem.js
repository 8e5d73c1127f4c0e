// What a row and the panel show when a write could not be made: what happened, and what can be done about it.

import * as actions from "./actions.js";
import { dueWords } from "./dates.js";
import { question, shown } from "./entry.js";
import { now, page } from "./page.js";
import { ruleWords } from "./recurrence.js";
import { button, h, quote } from "./ui.js";

const NAMES = {
  title: "Title", description: "Description", due: "Due", done: "State", priority: "Priority", tags: "Tags",
  steps: "Steps", list: "List", order: "Place in the list", repeat: "Repeats",
};

/** A member's value for people. */
function valueText(name, value) {
  if (name === "done") return value ? "done" : "open";
  if (name === "list") return page.state.lists.find((list) => list.uri === value)?.name ?? "another list";
  if (value === null || value === "" || value?.length === 0) return "none";
  if (name === "due") return dueWords(value, now()).text;
  if (name === "repeat") return ruleWords(value);
  if (name === "tags") return value.map((tag) => `#${tag}`).join(" ");
  if (name === "steps") return value.map((step) => `${step.done ? "✓" : "–"} ${step.title}`).join("\n");
  return String(value);
}

const act = (entry, decision) => () => actions.decide(entry, decision);

const boxes = new WeakMap();

/** What the user is asked about a task, null for nothing. The same question is the same element: it keeps the focus. */
export function questionBox(entry) {
  const asked = question(entry);
  if (!asked) return null;
  const mark = JSON.stringify([asked.kind, asked.state, asked.conflicts, asked.failure, entry.task, shown(entry)]);
  let kept = boxes.get(asked);
  if (kept?.mark !== mark) {
    const box = asked.state === "conflicted" && asked.kind === "change" ? conflictBox(entry) : problemBox(entry);
    boxes.set(asked, (kept = { mark, box }));
  }
  return kept.box;
}

/** A write that was rejected, or whose task is gone. */
function problemBox(entry) {
  const write = question(entry);
  const { title } = shown(entry);
  const buttons = [];
  let text = "";
  if (write.state === "gone" && write.kind !== "restore") {
    text = `${quote(title)} was deleted elsewhere. Your change is not saved.`;
    buttons.push(button("Restore it and save", act(entry, "restoreGone")), button("Leave it deleted", act(entry, "discard")));
  } else if (write.state === "gone") {
    text = `${quote(title)} is not in the trash any more.`;
    buttons.push(button("Add it as a new task", act(entry, "createAgain")), button("Leave it deleted", act(entry, "discard")));
  } else if (write.state === "conflicted") {
    text = `${quote(title)} was changed elsewhere, so it is not deleted.`;
    buttons.push(button("Delete it anyway", act(entry, "keepMine")), button("Keep it", act(entry, "takeTheirs")));
  } else {
    text = `Not ${write.kind === "delete" ? "deleted" : "saved"}. ${write.failure?.message ?? ""}`;
    buttons.push(button("Try again", act(entry, "tryAgain")), button("Discard", () => discard(entry)));
  }
  return h("div", { className: "problem-box", role: "alert" }, h("p", { className: "problem" }, text), h("p", { className: "buttons" }, ...buttons));
}

function discard(entry) {
  if (entry.task !== null) return actions.decide(entry, "discard");
  const { title } = shown(entry);
  actions.discardNew(entry);
  document.dispatchEvent(new CustomEvent("put-back", { detail: title }));
}

/** Both sides changed the same member: shows both values and asks which to keep. */
function conflictBox(entry) {
  const { conflicts } = question(entry);
  const mine = shown(entry);
  const rows = conflicts.flatMap((name) => [
    h("dt", {}, NAMES[name] ?? name),
    h("dd", { dir: "auto" }, h("span", { className: "who" }, "yours: "), valueText(name, mine[name])),
    h("dd", { dir: "auto" }, h("span", { className: "who" }, "theirs: "), valueText(name, entry.task[name])),
  ]);
  return h(
    "div",
    { className: "problem-box conflict", role: "alert" },
    h("p", {}, `${quote(entry.task.title)} was changed elsewhere in the meantime. Which version do you want to keep?`),
    h("dl", {}, ...rows),
    h("p", { className: "buttons" }, button("Keep mine", act(entry, "keepMine")), button("Take theirs", act(entry, "takeTheirs"))),
  );
}
