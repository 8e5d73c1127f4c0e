// What the random walk does inside the page, in one go, so that nothing happens in between.

/** Presses a button of the selection, and returns the titles of the tasks that are selected then. */
export async function press(id) {
  const { page } = await import(new URL("web/page.js", document.baseURI).href);
  const { selectedEntries } = await import(new URL("web/list.js", document.baseURI).href);
  const { shown } = await import(new URL("web/entry.js", document.baseURI).href);
  // The selection is drawn, and with it the tasks that are gone leave it, in the next frame.
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const titles = page.selecting ? selectedEntries().map((entry) => shown(entry).title) : [];
  document.getElementById(id).click();
  return titles;
}

/** Ticks the open task with this title. Returns whether there was one. */
export function tickOpen(title) {
  const rows = [...document.querySelectorAll("#tasks li:not(.deleted)")];
  const boxes = rows.filter((row) => row.querySelector(".title")?.textContent === title).map((row) => row.querySelector(".check input[aria-labelledby]"));
  const open = boxes.find((box) => !box.checked);
  open?.click();
  return open !== undefined;
}
