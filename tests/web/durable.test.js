// What is not sent yet outlives its window for a user who stays signed in, and nothing outlives it for others.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  PASSWORD, SERVICE, User, allSaved, button, eventuallyEqual, listLoaded, newTaskField, open, openTask, panel, row, shownTitles, signIn, titleField,
  withBrowser,
} from "./browser.js";
import { startProxy } from "./proxy.js";

withBrowser();

/** A user, a line to the service, and a window in which the user is signed in. */
async function begin(t, tasks, { stay = true, locks = true } = {}) {
  const line = await startProxy(SERVICE);
  t.after(() => line.close());
  const user = await User.register();
  await user.create(...tasks);
  const prepare = async (page) => {
    await page.clock.install();
    if (!locks) await page.context().addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { value: undefined }));
  };
  const page = await open(t, { service: line.url, expectedErrors: [0, 401, 404, 412], prepare });
  await signIn(page, user, { stay });
  return { line, user, page };
}

/** Another window of the same browser. */
async function another(page) {
  const next = await page.context().newPage();
  await next.goto(page.url().split("?")[0]);
  return next;
}

async function openAnother(page) {
  const next = await another(page);
  await listLoaded(next);
  return next;
}

async function add(page, title) {
  await newTaskField(page).fill(title);
  await page.keyboard.press("Enter");
  await row(page, title).waitFor();
}

const tick = (page, title) => page.getByRole("checkbox", { name: title, exact: true }).click();
/** Gives a window the focus, and waits until it has asked for what closed windows left. */
async function focus(page) {
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await page.clock.fastForward(1000);
  await page.evaluate(() => navigator.locks.query());
}
/** Gives a window the focus until `read` says that it has taken over what a closed one left. */
const takenOver = (page, read) => eventuallyEqual(async () => (await focus(page), read()), true);
const doneOf = async (user) => (await user.tasks()).map(({ title, done }) => [title, done]);
const unsaved = (page, storage) => page.evaluate((name) => JSON.stringify(Object.entries(window[name]).filter(([key]) => key.startsWith("todo-unsaved"))), storage);
const stored = (page) => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
/** Waits until what the page shows is kept, and where. */
const keptIn = (page, storage, text) => eventuallyEqual(async () => (await unsaved(page, storage)).includes(text), true);

describe("unsent work", { concurrency: 3 }, () => {
  test("of a window that was closed without a connection is sent by the next window, once", async (t) => {
    const { line, user, page } = await begin(t, ["One", "Two"]);
    const spare = await page.context().newPage();
    line.refuse = true;
    await add(page, "Typed offline");
    await tick(page, "One");
    await openTask(page, "Two");
    await titleField(page).fill("Two and a half");
    await titleField(page).press("Enter");
    await newTaskField(page).fill("Half ty");
    await keptIn(page, "localStorage", "Half ty");
    assert.equal(await unsaved(page, "sessionStorage"), "[]");
    await page.close();
    line.refuse = false;

    await spare.goto(line.url);
    await listLoaded(spare);
    await eventuallyEqual(() => newTaskField(spare).inputValue(), "Half ty");
    await allSaved(spare);
    assert.deepEqual(await doneOf(user), [["One", true], ["Two and a half", false], ["Typed offline", false]]);
    await newTaskField(spare).fill("");
    await eventuallyEqual(() => unsaved(spare, "localStorage"), "[]");
    assert.equal((await user.titles()).length, 3);
  });

  test("whose response was lost is not made a second time by the next window", async (t) => {
    const { line, user, page } = await begin(t, ["One"]);
    const spare = await page.context().newPage();
    line.lose = (method) => method !== "GET";
    await add(page, "Typed");
    await tick(page, "One");
    await eventuallyEqual(() => doneOf(user), [["One", true], ["Typed", false]]);
    await keptIn(page, "localStorage", "Typed");
    await page.close();
    line.lose = () => false;
    await spare.goto(line.url);
    await listLoaded(spare);
    await allSaved(spare);
    assert.deepEqual(await shownTitles(spare), ["Typed"]);
    assert.deepEqual(await doneOf(user), [["One", true], ["Typed", false]]);
    await eventuallyEqual(() => unsaved(spare, "localStorage"), "[]");
  });

  test("of one of two windows is taken over when it is closed, and the other keeps its own", async (t) => {
    const { line, user, page: first } = await begin(t, ["One", "Two"]);
    const second = await openAnother(first);
    line.refuse = true;
    await add(first, "Of the first");
    await openTask(first, "One");
    await titleField(first).fill("One by the first");
    await titleField(first).press("Enter");
    await newTaskField(first).fill("Half by the first");
    await add(second, "Of the second");
    await openTask(second, "One");
    await titleField(second).fill("One by the second");
    await titleField(second).press("Enter");
    await panel(second).getByLabel("Priority").selectOption("high");
    await newTaskField(second).fill("Half by the second");
    await keptIn(first, "localStorage", "Half by the first");
    await keptIn(second, "localStorage", "Half by the second");
    await focus(first);
    await focus(second);
    assert.deepEqual([await shownTitles(first), await shownTitles(second)], [["Of the first", "Two", "One by the first"], ["Of the second", "Two", "One by the second"]]);

    await first.close();
    await takenOver(second, async () => (await shownTitles(second)).includes("Of the first"));
    assert.equal(await newTaskField(second).inputValue(), "Half by the second");
    line.refuse = false;
    await button(second, "Try now").click();
    await button(panel(second), "Keep mine").waitFor();
    assert.deepEqual((await user.tasks()).map(({ title, priority }) => [title, priority]).sort(), [["Of the first", null], ["Of the second", null], ["One by the second", "high"], ["Two", null]]);
    await button(panel(second), "Take theirs").click();
    await allSaved(second);
    await newTaskField(second).fill("");
    await takenOver(second, async () => (await newTaskField(second).inputValue()) === "Half by the first");
    await newTaskField(second).fill("");
    await eventuallyEqual(() => unsaved(second, "localStorage"), "[]");
    assert.deepEqual((await user.titles()).sort(), ["Of the first", "Of the second", "One by the second", "Two"]);
  });

  test("that is half typed into a field in two windows stays there in the open one, and then the other text comes", async (t) => {
    const { line, user, page: first } = await begin(t, ["One"]);
    const second = await openAnother(first);
    line.refuse = true;
    await add(first, "Of the first");
    for (const [window, text] of [[first, "One by the first"], [second, "One by the second"]]) {
      await openTask(window, "One");
      await titleField(window).fill(text);
      await keptIn(window, "localStorage", text);
    }
    await first.close();
    await takenOver(second, async () => (await shownTitles(second)).includes("Of the first"));
    assert.equal(await titleField(second).inputValue(), "One by the second");
    line.refuse = false;
    await titleField(second).press("Enter");
    await button(second, "Try now").click();
    await allSaved(second);
    await takenOver(second, async () => (await titleField(second).inputValue()) === "One by the first");
    await titleField(second).press("Enter");
    await button(panel(second), "Keep mine").click();
    await allSaved(second);
    assert.deepEqual((await user.titles()).sort(), ["Of the first", "One by the first"]);
    await eventuallyEqual(() => unsaved(second, "localStorage"), "[]");
  });

  test("is found again at once by the window that is reloaded, not by another one or by a duplicate", async (t) => {
    const { line, user, page } = await begin(t, ["One"]);
    const other = await openAnother(page);
    line.refuse = true;
    await add(page, "Typed");
    await newTaskField(page).fill("Half");
    await keptIn(page, "localStorage", "Half");
    for (let reloads = 0; reloads < 2; reloads++) {
      await page.reload();
      await row(page, "Typed").waitFor();
      assert.equal(await newTaskField(page).inputValue(), "Half");
      await focus(other);
    }
    // A window that a page opens begins with a copy of the page's own storage, as a duplicate does.
    const [duplicate] = await Promise.all([page.waitForEvent("popup"), page.evaluate(() => void window.open(location.pathname))]);
    await newTaskField(duplicate).waitFor();
    await focus(duplicate);
    line.refuse = false;
    for (const window of [other, duplicate]) {
      await focus(window);
      assert.equal(await newTaskField(window).inputValue(), "");
    }
    assert.equal((await unsaved(page, "localStorage")).match(/"todo-unsaved/g).length, 1);
    await button(page, "Try now").click();
    await allSaved(page);
    assert.deepEqual((await user.titles()), ["One", "Typed"]);
  });

  test("stays in the tab of a user who does not stay signed in, and of a browser without locks", async (t) => {
    for (const options of [{ stay: false }, { stay: true, locks: false }]) {
      const { line, page } = await begin(t, ["One"], options);
      line.refuse = true;
      await add(page, "Typed");
      await keptIn(page, "sessionStorage", "Typed");
      await page.reload();
      await row(page, "Typed").waitFor();
      assert.equal(await unsaved(page, "localStorage"), "[]");
      const next = await another(page);
      await (options.stay ? newTaskField(next) : next.getByLabel("User name")).waitFor();
      assert.equal(await unsaved(next, "localStorage"), "[]");
      assert.equal(await next.getByText("not saved yet").count(), 0);
    }
  });

  test("is forgotten by signing out, also what a closed window left", async (t) => {
    const { line, user, page } = await begin(t, ["One"]);
    const second = await openAnother(page);
    await newTaskField(page).fill("Mine");
    await newTaskField(second).fill("Left");
    await keptIn(page, "localStorage", "Mine");
    await keptIn(second, "localStorage", "Left");
    await second.close();
    await focus(page);
    assert.equal((await unsaved(page, "localStorage")).match(/"todo-unsaved/g).length, 2, "its text waits for an empty field");
    line.refuse = true;
    await button(page, "Sign out").click();
    await button(page, "Sign out and discard it").click();
    await page.getByText("You are signed out").waitFor();
    await eventuallyEqual(() => stored(page), "{}");
    line.refuse = false;
    await signIn(page, user);
    assert.equal(await newTaskField(page).inputValue(), "");
  });

  test("of a window that is open goes back into its tab when the user signs out in another one", async (t) => {
    const { user, page } = await begin(t, ["One"]);
    const second = await openAnother(page);
    await newTaskField(second).fill("Half");
    await keptIn(second, "localStorage", "Half");
    await button(page, "Sign out").click();
    await second.getByText(`You signed out in another window. 1 change by ${user.name} is not saved yet.`).waitFor();
    assert.deepEqual([await unsaved(page, "localStorage"), await unsaved(page, "sessionStorage")], ["[]", "[]"]);
    await keptIn(second, "sessionStorage", "Half");
    await signIn(second, user, { stay: true });
    assert.equal(await newTaskField(second).inputValue(), "Half");
    await keptIn(second, "localStorage", "Half");
  });

  test("waits for its user after the session has ended, in every window, and goes with the next sign-in", async (t) => {
    const { user, page } = await begin(t, ["One", "Two"]);
    const second = await openAnother(page);
    await newTaskField(second).fill("Half");
    await keptIn(second, "localStorage", "Half");
    await user.endSessions();
    await tick(page, "One");
    for (const window of [page, second]) await window.getByText("Your session has ended").waitFor();
    await keptIn(page, "localStorage", "changes");
    const spare = await page.context().newPage();
    await page.close();
    await second.close();
    await spare.goto(page.url());
    await spare.getByText(`2 changes by ${user.name} are not saved yet.`).waitFor();
    await signIn(spare, user);
    await allSaved(spare);
    assert.deepEqual(await doneOf(user), [["One", true], ["Two", false]]);
    await eventuallyEqual(() => newTaskField(spare).inputValue(), "Half");
    await keptIn(spare, "sessionStorage", "Half");
    assert.equal(await unsaved(spare, "localStorage"), "[]");
  });

  test("of a closed window is neither shown to, sent for nor left by somebody else who signs in", async (t) => {
    const { user, page } = await begin(t, ["One"]);
    const other = await User.register();
    await user.endSessions();
    await newTaskField(page).fill("A secret");
    await page.keyboard.press("Enter");
    await page.getByText("Your session has ended").waitFor();
    await keptIn(page, "localStorage", "A secret");
    const spare = await page.context().newPage();
    await page.close();
    await spare.goto(page.url());
    await spare.getByText(`1 change by ${user.name} is not saved yet. Sign in as ${user.name} to save`).waitFor();
    await signIn(spare, other, { stay: true });
    await spare.getByText("No tasks yet").waitFor();
    assert.deepEqual([await shownTitles(spare), await other.titles()], [[], []]);
    assert.ok(!(await spare.content()).includes("A secret"));
    await eventuallyEqual(async () => (await stored(spare)).includes("A secret"), false);
  });
});

test("a first load over a line that breaks every third response off asks for no page that it has", async (t) => {
  const line = await startProxy(SERVICE);
  t.after(() => line.close());
  const user = await User.register();
  const titles = Array.from({ length: 12 }, (_, index) => `Task ${index}`);
  await user.create(...titles);
  const received = [];
  const prepare = async (page) => {
    // Pages of two tasks, as an account with many tasks has many pages.
    await page.addInitScript(({ fetch } = window) => (window.fetch = (uri, request) => fetch(uri.replace("limit=500", "limit=2"), request)));
    page.on("requestfinished", (request) => request.url().includes("/changes?") && received.push(request.response().then((response) => response.json())));
  };
  const page = await open(t, { service: line.url, expectedErrors: [0], prepare });
  let asked = 0;
  line.cut = (method, path) => path.endsWith("/changes") && ++asked % 3 === 0;
  await page.getByLabel("User name").fill(user.name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await eventuallyEqual(async () => (await shownTitles(page)).length, titles.length);
  const isComplete = () => page.evaluate(() => document.getElementById("busy").textContent === "" && !document.getElementById("sync").checkVisibility());
  await eventuallyEqual(async () => {
    const again = button(page, "Try now");
    if (await again.isVisible()) await again.click({ timeout: 500 }).catch(() => {});
    return isComplete();
  }, true);
  assert.ok(line.lost >= 2);
  const named = (await Promise.all(received)).flatMap(({ changes }) => changes.flatMap(({ task }) => task?.title ?? []));
  assert.deepEqual(named, titles);
});
