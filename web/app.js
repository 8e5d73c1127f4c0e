// Start-up: connects the modules, and shows the sign-in page or the tasks.

import { forgetUndo, offerFromRows } from "./actions.js";
import { setTyped, startAdd, typedText } from "./add.js";
import { call, currentSession, readIndex, signOut, whenSignedOut } from "./api.js";
import { startHeader } from "./header.js";
import { startList } from "./list.js";
import { keepFresh, loadLists, loadView, refresh, startLoading } from "./load.js";
import { claimAddress, findTask, page, render, reset, today, whenNavigating } from "./page.js";
import { forget, putBack, restore, settle, takeOver } from "./persist.js";
import { closeMenu, startSidebar } from "./sidebar.js";
import { setMode, showSignIn, startSignIn } from "./signin.js";
import { hasUnsaved, keepUnsaved, setLoadProblem, startStatus } from "./status.js";
import { pump, startSending } from "./sync.js";
import { announce, byId, hideNotice, icon, showNotice } from "./ui.js";

function showTasks() {
  const { username } = currentSession();
  if (page.user !== username) begin(username);
  settle(username, keepUnsaved);
  takeUp();
  byId("current-user").textContent = username;
  byId("sign-in-page").hidden = true;
  byId("app").hidden = false;
  byId("notices").replaceChildren();
  // On a phone the focus would open the keyboard over the list.
  if (!page.view.task && !matchMedia("(pointer: coarse)").matches) byId("new-title").focus();
  pump();
  load();
  render();
}

/** Takes up what this user had not saved, and nothing of anybody else. */
function begin(username) {
  if (page.user !== null) clear();
  reset(username);
  claimAddress();
  forgetUndo();
  page.state.onChange = render;
  startSending(page.state, render);
  startLoading(page.state, { onLoaded: loaded, onProblem: (text) => { setLoadProblem(text); render(); } });
  setTyped(restore(username, page.state));
}

/** Takes over what this user's closed windows left. A half-typed text waits there until its field is free. */
async function takeUp() {
  if (!currentSession()) return;
  const { user, state } = page;
  await takeOver(user, (kept) => {
    if (state !== page.state) return kept;
    const entries = putBack(kept.entries, state);
    const typed = typedText() && kept.typed;
    if (kept.typed && !typed) setTyped(kept.typed);
    keepUnsaved();
    return entries.length > 0 || typed ? { ...kept, entries, typed } : null;
  });
  pump();
}

async function load() {
  await Promise.all([loadLists(), page.view.show === "list" ? null : loadView(page.view, today())]);
  if (page.view.show === "list") await loadView(page.view, today());
  loadOpenTask();
  refresh();
  showTrash();
}

function loaded() {
  if (page.view.task && !page.open) page.open = findTask(page.view.task)?.key ?? null;
  render();
}

/** The address may name a task that is not loaded yet. */
async function loadOpenTask() {
  const id = page.view.task;
  const owner = page.state;
  if (!id || findTask(id)) return;
  try {
    owner.upsert((await call("GET", `${(await readIndex()).tasks}/${encodeURIComponent(id)}`)).body.task);
    loaded();
  } catch (error) {
    if (error.status === 404 && owner === page.state) showNotice("task", "The task in this page's address does not exist, or it is in the trash.");
  }
}

async function endSession() {
  keepUnsaved();
  if (hasUnsaved()) {
    showNotice("sign-out", "Something is not saved yet. Wait until it is, or discard it, before you sign out.", "Sign out and discard it", leave);
    return;
  }
  await leave();
}

async function leave() {
  // What is typed from now on would be lost, so that the page is cleared before the service responds.
  const ended = signOut();
  const { user } = page;
  forget((owner) => owner === user);
  clear();
  showSignIn("Signing out…");
  let note = "You are signed out.";
  try {
    await ended;
  } catch (error) {
    // A token that is unknown or rejected is no longer valid, so the user is signed out anyway.
    if (!error.unauthorized && error.status !== 404)
      note = "You are signed out in this browser, but the service could not be reached. The session's token stays valid until it expires.";
  }
  if (page.user === null) byId("sign-in-note").textContent = note;
}

/** Nothing of a user is left in the page for the next one. */
function clear() {
  history.replaceState(null, "", location.pathname);
  page.view = { ...page.view, show: "all", list: null, q: "", sort: "", done: false, task: null };
  reset(null);
  forgetUndo();
  startSending(page.state, () => {});
  for (const id of ["tasks", "trash-list", "lists", "notices"]) byId(id).replaceChildren();
  announce("");
  byId("sign-in").reset();
  byId("add").reset();
  byId("search").value = "";
  byId("offer").hidden = true;
  byId("panel").hidden = true;
}

const SEARCH_PAUSE_MS = 300;

/** What the first view does not need comes after it. */
const later = import("./later.js");
// That it is missing is said with the tasks, by `showTrash`.
later.catch(() => {});
const showTrash = () =>
  later.then(({ loadTrash }) => loadTrash(), () =>
    showNotice("later", "A part of this page could not be loaded. Reload the page to try again.", "Reload", () => location.reload()),
  );

const ICONS = { menu: "menu", "close-menu": "close", "new-list": "plus", "edit-list": "more", "panel-no-date": "close", "panel-up": "up", "panel-down": "down", "panel-delete": "bin", "panel-close": "close", "offer-close": "close", "bulk-close": "close" };
for (const [id, name] of Object.entries(ICONS)) byId(id).append(icon(name));
startSignIn(() => {
  const { username } = currentSession();
  forget((owner) => owner !== username);
  showTasks();
});
startList();
startSidebar();
startHeader();
startAdd();
startStatus(refresh);
keepFresh();
byId("sign-out").onclick = endSession;
let pause;
whenNavigating(() => {
  offerFromRows();
  hideNotice("sign-out");
  hideNotice("task");
  showTrash();
  clearTimeout(pause);
  // While somebody types into the search field, each letter is another view.
  pause = setTimeout(() => loadView(page.view, today()), page.view.q.trim() ? SEARCH_PAUSE_MS : 0);
});
whenSignedOut((note) => {
  // After a sign-out it ends with the tab.
  if (note) settle(page.user, keepUnsaved);
  else keepUnsaved();
  closeMenu();
  setMode(false);
  showSignIn(note ?? "Your session has ended. Sign in again to continue; nothing you typed is lost.", page.user);
});
// A window that is closed takes a moment to be gone.
for (const event of ["focus", "visibilitychange"]) addEventListener(event, () => setTimeout(takeUp, 1000));
if (currentSession()) showTasks();
else showSignIn();
