// What the first view does not need: the panel, the trash, quick add, selecting, dragging, shortcuts.

import { useParser } from "./add.js";
import { startBulk } from "./bulk.js";
import { startDrag } from "./drag.js";
import { startKeys } from "./keys.js";
import { render } from "./page.js";
import { startPanel } from "./panel.js";
import { startPlace } from "./panel_place.js";
import { parse } from "./quick_add.js";
import { startTrash } from "./trash.js";

export { loadTrash } from "./trash.js";

startPanel();
startPlace();
startTrash();
startBulk();
startDrag();
startKeys();
useParser(parse);
document.body.dataset.ready = "yes";
render();
