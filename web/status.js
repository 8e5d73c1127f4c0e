// What is under way: the line that says whether everything is saved, the bar that offers Undo, and the question
// before a page with unsaved work is closed.

import * as actions from "./actions.js";
import { typedText } from "./add.js";
import { question } from "./entry.js";
import { rowOf } from "./list.js";
import { onRender, page } from "./page.js";
import { keep } from "./persist.js";
import { show } from "./sidebar.js";
import { line, sendNow } from "./sync.js";
import { byId, plural } from "./ui.js";

let drawnLine = "";
let loadProblem = null;
/** Whether the line speaks of questions that are not in the page, and its button shows them. */
let leadsToQuestions = false;

export function setLoadProblem(text) {
  loadProblem = text;
}

/** How many tasks have something on its way. What waits for an answer of the user is not on its way. */
function count() {
  let writes = 0;
  for (const entry of page.state.unsaved) if (entry.writes.length > 0 && !question(entry)) writes += 1;
  return writes;
}

function drawLine() {
  const waiting = count();
  const asking = [...page.state.unsaved].filter((entry) => question(entry) && page.open !== entry.key && !rowOf(entry.key)?.element.checkVisibility());
  let text = "";
  const fails = line.problem !== null && waiting > 0;
  leadsToQuestions = asking.length > 0 && !fails;
  if (fails) text = `${line.problem} ${plural(waiting, "change")} not saved yet; trying again by itself.`;
  else if (leadsToQuestions) text = `${plural(asking.length, "change")} not saved: you are asked what to do.`;
  else if (loadProblem) text = loadProblem;
  const busy = waiting > 0 ? "Saving…" : page.state.complete ? "" : "Loading…";
  byId("busy").textContent = text ? "" : busy;
  if (text === drawnLine) return;
  drawnLine = text;
  byId("sync-now").textContent = leadsToQuestions ? "Show" : "Try now";
  byId("sync-text").textContent = text;
  byId("sync").hidden = text === "";
}

function drawOffer() {
  const { offered } = actions;
  byId("offer").hidden = offered === null;
  if (offered && byId("offer-text").textContent !== offered.text) byId("offer-text").textContent = offered.text;
}

/** Whether closing the page would lose something that was typed. */
export const hasUnsaved = () => typedText().trim() !== "" || page.state.unsaved.size > 0;

export const keepUnsaved = () => page.user && keep(page.user, page.state, typedText());

export function startStatus(retryLoading) {
  onRender(drawLine);
  onRender(drawOffer);
  onRender(keepUnsaved);
  byId("sync-now").onclick = () => {
    if (leadsToQuestions) return show({ show: "all", list: null });
    sendNow();
    retryLoading();
  };
  byId("offer-undo").onclick = () => actions.undo(actions.offered);
  byId("offer-close").onclick = actions.dismissOffer;
  addEventListener("online", sendNow);
  addEventListener("pagehide", keepUnsaved);
  addEventListener("beforeunload", (event) => page.user && hasUnsaved() && event.preventDefault());
}
