// The repetition in the panel, in words: a choice of usual rules, and any other one typed as in quick add.

import * as actions from "./actions.js";
import { shown } from "./entry.js";
import { drawnEntry, today } from "./page.js";
import { parse } from "./quick_add.js";
import { repeatChoices } from "./recurrence.js";
import { ask, byId, h } from "./ui.js";

const OTHER = "other";
let drawn = "";

export function drawRepeat(entry) {
  const { due, repeat } = shown(entry);
  const day = due?.slice(0, 10) ?? today();
  const marks = `${day} ${repeat}`;
  const select = byId("panel-repeat");
  if (marks !== drawn) {
    drawn = marks;
    const options = repeatChoices(day, repeat).map(({ value, words }) => new Option(words, value ?? ""));
    select.replaceChildren(...options, new Option("Other…", OTHER));
  }
  select.value = repeat ?? "";
}

/** A repeating task needs a day to repeat from. */
function setRepeat(entry, repeat, due = null) {
  const needed = repeat !== null && shown(entry).due === null;
  actions.change(entry, { repeat, ...(needed && { due: due ?? today() }) });
}

function askForRule(entry) {
  const input = h("input", { name: "rule", required: true, autocomplete: "off", placeholder: "every 3 weeks on mon and thu" });
  const hint = h("p", { className: "hint" }, "For example: every 3 days, every mon and thu, every month on the 15th, every 2 years.");
  ask("Repeat", [h("p", { className: "field" }, h("label", {}, "How often", input)), hint], "Repeat", async () => {
    const { task } = parse(`x ${input.value.trim()}`, { today: shown(entry).due?.slice(0, 10) ?? today() });
    if (!task.repeat) throw new Error("This is not understood. Write it as in the examples.");
    setRepeat(entry, task.repeat, task.due);
  });
  input.focus();
}

export function startRepeat() {
  const select = byId("panel-repeat");
  select.onchange = () => {
    const entry = drawnEntry();
    if (!entry) return;
    if (select.value !== OTHER) return setRepeat(entry, select.value || null);
    select.value = shown(entry).repeat ?? "";
    askForRule(entry);
  };
}
