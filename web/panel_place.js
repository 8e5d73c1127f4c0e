// The place of a task within its list, in the panel: the way to move it for those who can neither drag nor use Alt
// with the arrow keys (WCAG 2.5.7).

import { drawnEntry, onRender, page } from "./page.js";
import { moveBy, placeOf } from "./place.js";
import { byId } from "./ui.js";

let drawn = "";

function draw() {
  const entry = drawnEntry();
  if (!entry) return;
  const { show, list, sort, q } = page.view;
  const marks = [entry.key, page.state.id, page.state.revision, show, list, sort, q].join(" ");
  if (marks === drawn) return;
  drawn = marks;
  const place = placeOf(entry);
  byId("panel-place-line").hidden = place === null;
  if (place === null) return;
  byId("panel-place").textContent = `${place.index + 1} of ${place.count}`;
  // Not `disabled`, which would take the focus away.
  byId("panel-up").setAttribute("aria-disabled", String(place.index === 0));
  byId("panel-down").setAttribute("aria-disabled", String(place.index === place.count - 1));
}

export function startPlace() {
  onRender(draw);
  for (const [id, step] of [["panel-up", -1], ["panel-down", 1]]) {
    byId(id).onclick = () => {
      const entry = drawnEntry();
      if (entry) moveBy(entry, step);
    };
  }
}
