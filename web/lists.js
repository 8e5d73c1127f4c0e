// Creating, renaming and deleting lists.

import { Failure, call, deleteWhole, errorMessage, readIndex } from "./api.js";
import { dropList, takeList } from "./load.js";
import { page } from "./page.js";
import { show } from "./sidebar.js";
import { announce, ask, button, h, quote } from "./ui.js";
import { idOf } from "./views.js";

/** Runs a request of a dialog. What went wrong is said in the dialog, which stays. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) error.userMessage = errorMessage(error);
    throw error;
  }
}

function nameField(value = "") {
  const input = h("input", { name: "name", value, required: true, maxLength: 200, autocomplete: "off", dir: "auto" });
  return { input, field: h("p", { className: "field" }, h("label", {}, "Name", input)) };
}

export function newList() {
  const { input, field } = nameField();
  const before = new Set(page.state.lists.map(({ uri }) => uri));
  let attempts = 0;
  ask("New list", [field], "Create", () =>
    attempt(async () => {
      const name = input.value.trim();
      // The response to the attempt before may have been lost. Then the list is there.
      const created = attempts++ > 0 ? await findNew(name, before) : null;
      const list = created ?? (await call("POST", (await readIndex()).lists, { body: { name } })).body.list;
      takeList(list);
      show({ show: "list", list: idOf(list.uri) });
      announce(`Created the list ${quote(name)}`);
    }),
  );
  input.focus();
}

async function findNew(name, before) {
  const { lists } = (await call("GET", (await readIndex()).lists)).body;
  return lists.find((list) => list.name === name && !before.has(list.uri)) ?? null;
}

/** Renames a list. The inbox cannot be deleted, every other list can. */
export function editList(list) {
  const { input, field } = nameField(list.name);
  const toDelete = button("Delete list…", () => {
    dialog.close();
    deleteList(list);
  });
  let known = list;
  const isInbox = idOf(list.uri) === "inbox";
  const dialog = ask("List", isInbox ? [field] : [field, h("p", {}, toDelete)], "Rename", () =>
    attempt(async () => {
      const name = input.value.trim();
      try {
        known = (await call("PATCH", known.uri, { body: { name }, headers: { "If-Match": known.etag } })).body.list;
      } catch (error) {
        if (error.status !== 412) throw error;
        // The response to the attempt before may have been lost. Otherwise the next attempt follows what is seen now.
        known = (await call("GET", known.uri)).body.list;
        takeList(known);
        if (known.name !== name) throw error;
      }
      takeList(known);
      announce(`Renamed the list to ${quote(known.name)}`);
    }),
  );
  input.select();
}

function deleteList(list) {
  const text = h("p", {}, `${quote(list.name)} is deleted. Its tasks move to the trash, from where you can restore them to the inbox for 30 days.`);
  ask("Delete list?", [text], "Delete", () =>
    attempt(async () => {
      await deleteWhole(list.uri).catch((error) => {
        if (error.status !== 404) throw error;
      });
      dropList(list.uri);
      show({ show: "all", list: null });
      announce(`Deleted the list ${quote(list.name)}`);
    }),
  { danger: true });
}
