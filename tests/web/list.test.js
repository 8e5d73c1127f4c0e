// The list: adding, ticking, deleting, filters, search, order, scrolling, and failures of the service.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  PHONE,
  button,
  eventuallyEqual,
  listLoaded,
  newTaskField,
  openSignedIn,
  row,
  shownTitles,
  statusContains,
  withBrowser,
} from "./browser.js";

withBrowser();

const TASKS = "**/todo/api/v1.0/tasks";
const LIST = "**/todo/api/v1.0/tasks?*";
const alert = (page) => page.locator("#alert");
const dateInDays = (offset) => {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() + offset)).toISOString().slice(0, 10);
};

test("Enter adds a task and leaves the focus in the field for the next one", async (t) => {
  const { user, page } = await openSignedIn(t);
  for (const title of ["One", "Two", "Three"]) {
    await page.keyboard.type(title);
    await page.keyboard.press("Enter");
  }
  await statusContains(page, "Added “\u2068Three\u2069”");
  assert.deepEqual(await shownTitles(page), ["Three", "Two", "One"]);
  assert.deepEqual(await user.titles(), ["One", "Two", "Three"]);
  assert.equal(await newTaskField(page).inputValue(), "");
  assert.equal(await page.evaluate(() => document.activeElement.id), "new-title");

  await page.keyboard.type("  ");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#add-problem").textContent(), "Type a task first.");
  assert.equal((await user.titles()).length, 3);
});

test("a task can have a due date, and the text says that it is overdue", async (t) => {
  const { page } = await openSignedIn(t, [{ title: "Late", due: "2001-02-03" }, { title: "Late but done", due: dateInDays(-1), done: true }]);
  await newTaskField(page).fill("Soon");
  await page.getByLabel("Due date of the new task").fill(dateInDays(1));
  await page.keyboard.press("Enter");
  await row(page, "Soon").waitFor();
  const dueText = (title) => row(page, title).locator(".due-text").last().textContent();
  assert.equal(await dueText("Soon"), "Due tomorrow");
  assert.equal(await page.locator("#tasks > li", { hasText: "Late" }).last().locator(".due-text").textContent(), "Overdue: 3 Feb 2001");
  assert.equal(await dueText("Late but done"), "Due yesterday");
  assert.equal(await page.getByLabel("Due date of the new task").inputValue(), "");
});

test("a create whose response is lost is retried with the same key and creates one task", async (t) => {
  const { user, page } = await openSignedIn(t, [], { expectedErrors: [0] });
  const keys = [];
  await page.route(TASKS, async (route) => {
    keys.push(await route.request().headerValue("idempotency-key"));
    // The service processes the first request, but its response is lost.
    if (keys.length === 1) {
      await route.fetch();
      await route.abort();
    } else await route.continue();
  });
  await newTaskField(page).fill("Only once");
  await page.keyboard.press("Enter");
  const waiting = page.locator("#outbox li");
  await waiting.getByText("cannot be reached").waitFor();
  await button(waiting, "Try again").click();
  await row(page, "Only once").waitFor();
  assert.equal(await waiting.count(), 0);
  assert.deepEqual(await user.titles(), ["Only once"]);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);

  await newTaskField(page).fill("Another");
  await page.keyboard.press("Enter");
  await row(page, "Another").waitFor();
  assert.notEqual(keys[2], keys[0]);
});

test("a rejected task can be changed and sent again", async (t) => {
  const { user, page } = await openSignedIn(t, [], { expectedErrors: [400] });
  const long = "x".repeat(501);
  await newTaskField(page).fill(long);
  await page.keyboard.press("Enter");
  const waiting = page.locator("#outbox li");
  await waiting.getByText(/is not saved\. Title/).waitFor();
  await button(waiting, "Change").click();
  assert.equal(await newTaskField(page).inputValue(), long);
  await newTaskField(page).fill("Short");
  await page.keyboard.press("Enter");
  await row(page, "Short").waitFor();
  assert.deepEqual(await user.titles(), ["Short"]);
});

test("idempotency keys are generated on insecure origins too", async (t) => {
  const prepare = (page) => page.addInitScript(() => delete Crypto.prototype.randomUUID);
  const { user, page } = await openSignedIn(t, [], { prepare });
  await newTaskField(page).fill("Added");
  await page.keyboard.press("Enter");
  await row(page, "Added").waitFor();
  assert.deepEqual(await user.titles(), ["Added"]);
});

test("a tick is saved and can be undone", async (t) => {
  const { user, page } = await openSignedIn(t, ["Buy milk", "Pay rent"]);
  const box = page.getByRole("checkbox", { name: "Buy milk" });
  await box.check();
  await statusContains(page, "Done: “\u2068Buy milk\u2069”");
  assert.deepEqual((await user.tasks()).map((task) => task.done), [true, false]);
  await box.uncheck();
  await statusContains(page, "Open again");
  assert.deepEqual((await user.tasks()).map((task) => task.done), [false, false]);
});

test("a tick that fails is undone and reported", async (t) => {
  const { user, page } = await openSignedIn(t, ["Buy milk"], { expectedErrors: [500] });
  await page.route("**/tasks/*", (route) => route.fulfill({ status: 500, json: { error: "Internal server error" } }));
  const box = page.getByRole("checkbox", { name: "Buy milk" });
  await box.click();
  await alert(page).getByText("is not ticked. The service had an internal error").waitFor();
  assert.equal(await box.isChecked(), false);
  await page.unroute("**/tasks/*");
  await button(alert(page), "Try again").click();
  await statusContains(page, "Done");
  assert.equal((await user.tasks())[0].done, true);
});

test("the list can show all, open or done tasks", async (t) => {
  const { page } = await openSignedIn(t, ["Open one", { title: "Done one", done: true }, "Open two"]);
  assert.deepEqual(await shownTitles(page), ["Open two", "Done one", "Open one"]);
  await page.getByRole("radio", { name: "Open" }).check();
  await eventuallyEqual(() => shownTitles(page), ["Open two", "Open one"]);
  // `click` and not `check`, which reads the state afterwards: the row is removed from the list.
  await page.getByRole("checkbox", { name: "Open two" }).click();
  await eventuallyEqual(() => shownTitles(page), ["Open one"]);
  await page.getByRole("radio", { name: "Done" }).check();
  await eventuallyEqual(() => shownTitles(page), ["Open two", "Done one"]);
  await newTaskField(page).fill("New one");
  await page.keyboard.press("Enter");
  await statusContains(page, "The current view does not show it");
  await page.getByRole("radio", { name: "All" }).check();
  await eventuallyEqual(() => shownTitles(page), ["New one", "Open two", "Done one", "Open one"]);
});

test("the list can be searched and sorted", async (t) => {
  const { page } = await openSignedIn(t, [
    { title: "Straße fegen", due: "2030-01-02" },
    { title: "Apples", description: "from the STRASSE market", due: "2030-01-01" },
    "Bread",
  ]);
  await page.getByRole("searchbox", { name: "Search" }).fill("strasse");
  await eventuallyEqual(() => shownTitles(page), ["Apples", "Straße fegen"]);
  await page.getByRole("searchbox", { name: "Search" }).fill("nothing like it & more=?");
  await page.getByText("No task contains these words.").waitFor();
  await page.getByRole("searchbox", { name: "Search" }).fill("");
  await eventuallyEqual(async () => (await shownTitles(page)).length, 3);
  for (const [order, titles] of [
    ["By title", ["Apples", "Bread", "Straße fegen"]],
    ["Due date (dated only)", ["Apples", "Straße fegen"]],
    ["Oldest first", ["Straße fegen", "Apples", "Bread"]],
    ["Newest first", ["Bread", "Apples", "Straße fegen"]],
  ]) {
    await page.getByLabel("Sort by").selectOption(order);
    await eventuallyEqual(() => shownTitles(page), titles);
  }
});

test("scrolling loads the following pages from the links in the responses, each task once", async (t) => {
  const titles = Array.from({ length: 130 }, (_, number) => `Task ${number}`);
  const { page } = await openSignedIn(t, titles);
  assert.equal((await shownTitles(page)).length, 50);
  const requested = [];
  page.on("request", (request) => requested.push(request.url()));
  for (let step = 0; step < 40 && (await shownTitles(page)).length < 130; step++) {
    await page.mouse.wheel(0, 4000);
    await page.waitForTimeout(100);
  }
  assert.deepEqual(await shownTitles(page), titles.reverse());
  assert.equal(requested.length, 2);
  assert.ok(requested.every((uri) => uri.includes("cursor=")));
  assert.equal(await button(page, "Show more").isVisible(), false);
});

test("an empty page with a link to the next one is not the end of the list", async (t) => {
  const { page } = await openSignedIn(t, ["First", "Second"]);
  await page.route(LIST, async (route) => {
    if (route.request().url().includes("cursor")) return route.continue();
    const json = await (await route.fetch({ url: route.request().url().replace("limit=50", "limit=1") })).json();
    await route.fulfill({ json: { ...json, tasks: [] } });
  });
  await button(page, "Refresh").click();
  await eventuallyEqual(() => shownTitles(page), ["First"]);
});

test("a deletion can be undone without changing the task", async (t) => {
  const { user, page } = await openSignedIn(t, ["One", "Two"]);
  const before = await user.tasks();
  await button(page, "Delete “\u2068Two\u2069”").click();
  await statusContains(page, "Deleted “\u2068Two\u2069”. You can undo this");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Undo");
  await page.keyboard.press("Enter");
  await row(page, "Two").getByRole("checkbox").waitFor();
  assert.match(await page.evaluate(() => document.activeElement.ariaLabel), /Delete/);
  assert.deepEqual(await user.tasks(), before);
});

test("a deletion is sent when the time for Undo is over, and the focus stays in the list", async (t) => {
  const { user, page } = await openSignedIn(t, ["One", "Two", "Three"]);
  await button(page, /Delete.*Two/).click();
  await eventuallyEqual(() => user.titles(), ["One", "Three"]);
  await eventuallyEqual(() => shownTitles(page), ["Three", "One"]);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-labelledby") && document.activeElement.closest("li").textContent), "One");
});

test("closing the page sends a pending deletion", async (t) => {
  const { user, page } = await openSignedIn(t, ["One", "Two"]);
  await button(page, /Delete.*Two/).click();
  await page.goto("about:blank");
  await eventuallyEqual(() => user.titles(), ["One"]);
});

test("a task that was changed elsewhere is not deleted", async (t) => {
  const { user, page } = await openSignedIn(t, ["One"], { expectedErrors: [412] });
  await button(page, /Delete.*One/).click();
  await user.change((await user.tasks())[0], { title: "One, and more" });
  await alert(page).getByText("is not deleted. The task was changed elsewhere").waitFor();
  await eventuallyEqual(() => shownTitles(page), ["One, and more"]);
  assert.deepEqual(await user.titles(), ["One, and more"]);
});

test("a response with Retry-After shows when to retry, and the retry succeeds", async (t) => {
  const { page } = await openSignedIn(t, ["One"], { expectedErrors: [429, 503] });
  const failures = [
    [429, "600", /Too many attempts\. Try again in 10 minutes \(\d\d:\d\d\)/],
    [503, "2", /is busy\. Try again in 2 seconds\./],
  ];
  for (const [status, wait, words] of failures) {
    await page.route(LIST, (route) => route.fulfill({ status, headers: { "Retry-After": wait }, json: { error: "x" } }));
    await button(page, "Refresh").click();
    await alert(page).getByText(words).waitFor();
    await page.unroute(LIST);
    await button(alert(page), "Try again").click();
    await eventuallyEqual(() => alert(page).textContent(), "");
    assert.deepEqual(await shownTitles(page), ["One"]);
  }
});

test("the client works under the stage of a REST API", async (t) => {
  // API Gateway removes /prod from the path, and the service adds it to the URIs in its responses.
  const prepare = (page) =>
    page.route("**/prod/**", async (route) => {
      const url = route.request().url().replace("/prod/", "/");
      const response = await route.fetch({ url });
      const body = (await response.text()).replaceAll("/todo/api", "/prod/todo/api");
      const isJson = response.headers()["content-type"].startsWith("application/json");
      await route.fulfill(isJson ? { response, body } : { response });
    });
  const { user, page } = await openSignedIn(t, ["One"], { path: "/prod/", prepare });
  await newTaskField(page).fill("Two");
  await page.keyboard.press("Enter");
  await row(page, "Two").waitFor();
  await page.getByRole("checkbox", { name: "One" }).check();
  await statusContains(page, "Done");
  assert.deepEqual((await user.tasks()).map((task) => task.done), [true, false]);
});

test("tasks can be added and ticked by touch on a phone", async (t) => {
  const { user, page } = await openSignedIn(t, ["One"], PHONE);
  await newTaskField(page).fill("Two");
  await page.getByRole("button", { name: "Add" }).tap();
  await row(page, "Two").waitFor();
  await page.getByRole("checkbox", { name: "One" }).tap();
  await statusContains(page, "Done");
  await listLoaded(page);
  assert.deepEqual((await user.tasks()).map((task) => task.done), [true, false]);
});
