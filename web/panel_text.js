// The description in the panel: shown with its links, folded when it is long, and turned into a text area to edit.

import { drawnEntry } from "./page.js";
import { byId, h } from "./ui.js";
import { shown } from "./entry.js";

const LINK = /https?:\/\/[^\s<>"]+/g;
const FOLDED_CHARS = 600;
const FOLDED_LINES = 10;

/** The text as nodes, with links for web addresses. */
function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    // A full stop or bracket after an address belongs to the sentence.
    const address = match[0].replace(/[.,;:!?)\]}'”’]+$/, "");
    nodes.push(text.slice(end, match.index));
    nodes.push(h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address));
    end = match.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

let editing = false;
let unfolded = false;

export function drawText(entry, opening) {
  const draft = entry.drafts.description;
  const text = draft ? draft.value : shown(entry).description;
  if (opening) editing = unfolded = false;
  // With nothing to show there is a field to type into.
  const field = byId("panel-description");
  const asField = editing || Boolean(draft) || text === "";
  field.hidden = !asField;
  byId("panel-reading").hidden = asField;
  if (asField) {
    if (field.value !== text) field.value = text;
    return;
  }
  const isLong = text.length > FOLDED_CHARS || text.split("\n").length > FOLDED_LINES;
  const folded = isLong && !unfolded;
  const view = byId("panel-text");
  view.replaceChildren(...linked(text));
  view.classList.toggle("folded", folded);
  const fold = byId("panel-fold");
  fold.hidden = !isLong;
  fold.textContent = folded ? "Show all" : "Show less";
  fold.setAttribute("aria-expanded", String(!folded));
  fold.onclick = () => {
    unfolded = !unfolded;
    drawText(entry, false);
  };
}

export function editText() {
  editing = true;
  drawText(drawnEntry(), false);
  byId("panel-description").focus();
}

/** Shows the text again when its field was left. */
export function leaveText() {
  editing = false;
  const entry = drawnEntry();
  if (entry) drawText(entry, false);
}
