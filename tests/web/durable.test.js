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
async function begin(t, tasks, { stay = true, ...options } = {}) {
  const line = await startProxy(SERVICE);
  t.after(() => line.close());
  const user = await User.register();
  await user.create(...tasks);
  const page = await open(t, { service: line.url, expectedErrors: [0, 401, 404, 412], ...options });
  await signIn(page, user, { stay });
  return { line, user, page };
}

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
const focus = (page) => page.evaluate(() => dispatchEvent(new Event("focus")));
const doneOf = async (user) => (await user.tasks()).map(({ title, done }) => [title, done]);
const unsaved = (page, storage) => page.evaluate((name) => JSON.stringify(Object.entries(window[name]).filter(([key]) => key.startsWith("todo-unsaved"))), storage);
const stored = (page) => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
/** Waits until what the page shows is kept, and where. */
const keptIn = (page, storage, text) => eventuallyEqual(async () => (await unsaved(page, storage)).includes(text), true);

describe("unsent work", { concurrency: 3 }, () => {
  test("of a window that was closed without a connection is sent by the next window, once", async (t) => {
    const { line, user, page } = await begin(t, ["One", "Two"]);
    line.refuse = true;
    await add(page, "Typed offline");
    await tick(page, "One");
    await openTask(page, "Two");
    await titleField(page).fill("Two and a half");
    await newTaskField(page).fill("Half ty");
    await keptIn(page, "localStorage", "Half ty");
    assert.equal(await unsaved(page, "sessionStorage"), "[]");
    await page.close();
    line.refuse = false;
    const next = await page.context().newPage();
    await next.goto(line.url);
    await listLoaded(next);
    assert.equal(await newTaskField(next).inputValue(), "Half ty");
    await openTask(next, "Two and a half");
    await button(panel(next), "Close the task").click();
    await allSaved(next);
    assert.deepEqual((await doneOf(user)).sort(), [["One", true], ["Two and a half", false], ["Typed offline", false]]);
    await newTaskField(next).fill("");
    await eventuallyEqual(() => unsaved(next, "localStorage"), "[]");
  });
});
