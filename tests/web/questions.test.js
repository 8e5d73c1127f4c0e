// What waits for the user: where it is shown, what it is asked with, and what is left of half typed text.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  allSaved, button, eventuallyEqual, newTaskField, openSignedIn, openTask, panel, row, shownTitles, titleField, withBrowser,
} from "./browser.js";

withBrowser();

const WRITES = "**/todo/api/v1.0/tasks/*";
const LISTS = "/todo/api/v1.0/lists";
const refresh = (page) => page.evaluate(() => dispatchEvent(new Event("focus")));

/** A user with a task whose tick the service has rejected, in the view All tasks. */
async function rejected(t, titles, title) {
  const { user, page } = await openSignedIn(t, titles, { expectedErrors: [400] });
  await page.route(WRITES, (route) => route.fulfill({ status: 400, json: { error: "Bad request", detail: "no" } }));
  await page.getByRole("checkbox", { name: title }).click();
  await row(page, title).locator(".problem-box").waitFor();
  await page.unroute(WRITES);
  return { user, page };
}

const goTo = (page, name) => page.getByRole("link", { name: new RegExp(name) }).click();

describe("questions", { concurrency: 3 }, () => {
  test("a task that asks is on top of every view, and hides no other one", async (t) => {
    const { page } = await rejected(t, ["One", "Two", "Three", "Four"], "Two");
    assert.deepEqual(await shownTitles(page), ["Four", "Three", "Two", "One"], "nothing moves under the pointer");
    await goTo(page, "Today");
    await eventuallyEqual(() => shownTitles(page), ["Two"]);
    await goTo(page, "All tasks");
    await eventuallyEqual(() => shownTitles(page), ["Two", "Four", "Three", "One"]);
    await goTo(page, "Trash");
    await page.getByText("1 change not saved: you are asked what to do.").waitFor();
    await button(page, "Show").click();
    await button(row(page, "Two"), "Try again").click();
    await allSaved(page);
  });

  test("a list can be put into order while one of its tasks asks", async (t) => {
    const { user, page } = await rejected(t, ["One", "Two", "Three"], "Two");
    await goTo(page, "Inbox");
    await row(page, "Three").locator("button.open").focus();
    await page.keyboard.press("Alt+ArrowUp");
    await button(row(page, "Two"), "Discard").click();
    await allSaved(page);
    const tasks = (await user.tasks()).sort((a, b) => a.order - b.order).map(({ title }) => title);
    assert.ok(tasks.indexOf("Three") < tasks.indexOf("One"), tasks.join());
  });

  test("a question keeps the focus when something else is drawn anew", async (t) => {
    const { user, page } = await rejected(t, ["One", "Two"], "One");
    await button(row(page, "One"), "Try again").focus();
    await user.request("POST", `${user.service}${LISTS}`, { name: "Errands" });
    await refresh(page);
    await page.getByRole("link", { name: /Errands/ }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Try again");
  });

  test("a new task that was rejected and discarded can be brought back", async (t) => {
    const { user, page } = await openSignedIn(t, [], { expectedErrors: [400] });
    await page.route("**/todo/api/v1.0/tasks", (route) =>
      route.request().method() === "POST" ? route.fulfill({ status: 400, json: { error: "Bad request" } }) : route.continue(),
    );
    await newTaskField(page).fill("Buy milk #shop");
    await page.keyboard.press("Enter");
    await row(page, "Buy milk").locator(".problem-box").waitFor();
    await newTaskField(page).fill("Something else");
    await button(row(page, "Buy milk"), "Discard").click();
    await page.unroute("**/todo/api/v1.0/tasks");
    await page.locator("#offer-undo").click();
    await allSaved(page);
    assert.equal(await newTaskField(page).inputValue(), "Something else");
    assert.deepEqual((await user.tasks()).map(({ title, tags }) => [title, tags]), [["Buy milk", ["shop"]]]);
  });

  test("an open dialog closes when the session ends", async (t) => {
    const { user, page } = await openSignedIn(t, ["One"], { expectedErrors: [401] });
    await button(page, "New list").click();
    await page.getByRole("dialog").waitFor();
    await user.endSessions();
    await refresh(page);
    await page.getByText("Your session has ended").waitFor();
    await page.getByLabel("Password").fill("the form can be used");
    assert.equal(await page.getByRole("dialog").count(), 0);
  });

  test("a step and a tag that were typed are added when the panel is left with Back", async (t) => {
    for (const [field, member] of [["#panel-new-step", "steps"], ["#panel-new-tag", "tags"]]) {
      const { user, page } = await openSignedIn(t, ["Pack"]);
      await openTask(page, "Pack");
      await page.locator(field).fill("socks");
      await page.goBack();
      await panel(page).waitFor({ state: "hidden" });
      await allSaved(page);
      const [task] = await user.tasks();
      assert.deepEqual(task[member], member === "tags" ? ["socks"] : [{ title: "socks", done: false }]);
    }
  });

  test("an empty title is taken back when another task is opened, and says nothing there", async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two"]);
    await openTask(page, "One");
    await titleField(page).fill("");
    await openTask(page, "Two");
    assert.equal(await page.locator("#panel-title-problem").textContent(), "");
    assert.deepEqual((await shownTitles(page)).sort(), ["One", "Two"]);
    assert.equal(await page.locator("#tasks [data-state=editing]").count(), 0);
    assert.deepEqual((await user.titles()).sort(), ["One", "Two"]);
  });

  test("Ctrl+Z undoes what was changed in the panel", async (t) => {
    const { user, page } = await openSignedIn(t, [{ title: "Pack", tags: ["trip"] }]);
    await openTask(page, "Pack");
    await panel(page).getByLabel("Priority").selectOption("High");
    await button(panel(page), "Remove tag trip").click();
    await titleField(page).fill("Pack the bags");
    await button(panel(page), "Close the task").click();
    await allSaved(page);
    for (let times = 0; times < 3; times++) await page.keyboard.press("Control+z");
    await allSaved(page);
    const [{ title, priority, tags }] = await user.tasks();
    assert.deepEqual({ title, priority, tags }, { title: "Pack", priority: null, tags: ["trip"] });
  });
});
