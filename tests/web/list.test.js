// The list: adding, ticking, deleting, filters, search, order, scrolling, and when the service fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, at, becomes, button, field, row, says, settled, shown, withBrowser } from "./browser.js";

withBrowser();

const TASKS = "**/todo/api/v1.0/tasks";
const LIST = "**/todo/api/v1.0/tasks?*";
const alert = (page) => page.locator("#alert");
const day = (offset) => {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() + offset)).toISOString().slice(0, 10);
};

test("one types and presses Enter, again and again", async (t) => {
  const { person, page } = await at(t);
  for (const title of ["One", "Two", "Three"]) {
    await page.keyboard.type(title);
    await page.keyboard.press("Enter");
  }
  await says(page, "Added “\u2068Three\u2069”");
  assert.deepEqual(await shown(page), ["Three", "Two", "One"]);
  assert.deepEqual(await person.titles(), ["One", "Two", "Three"]);
  assert.equal(await field(page).inputValue(), "");
  assert.equal(await page.evaluate(() => document.activeElement.id), "new-title");

  await page.keyboard.type("  ");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#add-problem").textContent(), "Type a task first.");
  assert.equal((await person.titles()).length, 3);
});

test("a due date is given, and being overdue is said in words", async (t) => {
  const { page } = await at(t, [{ title: "Late", due: "2001-02-03" }, { title: "Late but done", due: day(-1), done: true }]);
  await field(page).fill("Soon");
  await page.getByLabel("Due date of the new task").fill(day(1));
  await page.keyboard.press("Enter");
  await row(page, "Soon").waitFor();
  const when = (title) => row(page, title).locator(".due-text").last().textContent();
  assert.equal(await when("Soon"), "Due tomorrow");
  assert.equal(await page.locator("#tasks > li", { hasText: "Late" }).last().locator(".due-text").textContent(), "Overdue: 3 Feb 2001");
  assert.equal(await when("Late but done"), "Due yesterday");
  assert.equal(await page.getByLabel("Due date of the new task").inputValue(), "");
});

test("a create that got no answer is sent again under the same key, and made once", async (t) => {
  const { person, page } = await at(t, [], { provoked: [0] });
  const keys = [];
  await page.route(TASKS, async (route) => {
    keys.push(await route.request().headerValue("idempotency-key"));
    // The service has it; the answer is lost.
    if (keys.length === 1) {
      await route.fetch();
      await route.abort();
    } else await route.continue();
  });
  await field(page).fill("Only once");
  await page.keyboard.press("Enter");
  const waiting = page.locator("#outbox li");
  await waiting.getByText("cannot be reached").waitFor();
  await button(waiting, "Try again").click();
  await row(page, "Only once").waitFor();
  assert.equal(await waiting.count(), 0);
  assert.deepEqual(await person.titles(), ["Only once"]);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);

  await field(page).fill("Another");
  await page.keyboard.press("Enter");
  await row(page, "Another").waitFor();
  assert.notEqual(keys[2], keys[0]);
});

test("a task that is refused can be changed and sent anew", async (t) => {
  const { person, page } = await at(t, [], { provoked: [400] });
  const long = "x".repeat(501);
  await field(page).fill(long);
  await page.keyboard.press("Enter");
  const waiting = page.locator("#outbox li");
  await waiting.getByText(/is not saved\. Title/).waitFor();
  await button(waiting, "Change").click();
  assert.equal(await field(page).inputValue(), long);
  await field(page).fill("Short");
  await page.keyboard.press("Enter");
  await row(page, "Short").waitFor();
  assert.deepEqual(await person.titles(), ["Short"]);
});

test("keys are made on insecure origins too", async (t) => {
  const prepare = (page) => page.addInitScript(() => delete Crypto.prototype.randomUUID);
  const { person, page } = await at(t, [], { prepare });
  await field(page).fill("Made");
  await page.keyboard.press("Enter");
  await row(page, "Made").waitFor();
  assert.deepEqual(await person.titles(), ["Made"]);
});

test("ticking is kept, and can be taken back", async (t) => {
  const { person, page } = await at(t, ["Buy milk", "Pay rent"]);
  const box = page.getByRole("checkbox", { name: "Buy milk" });
  await box.check();
  await says(page, "Done: “\u2068Buy milk\u2069”");
  assert.deepEqual((await person.tasks()).map((task) => task.done), [true, false]);
  await box.uncheck();
  await says(page, "Open again");
  assert.deepEqual((await person.tasks()).map((task) => task.done), [false, false]);
});

test("a tick that does not reach the service is taken back and said", async (t) => {
  const { person, page } = await at(t, ["Buy milk"], { provoked: [500] });
  await page.route("**/tasks/*", (route) => route.fulfill({ status: 500, json: { error: "Internal server error" } }));
  const box = page.getByRole("checkbox", { name: "Buy milk" });
  await box.click();
  await alert(page).getByText("is not ticked. The service had an internal error").waitFor();
  assert.equal(await box.isChecked(), false);
  await page.unroute("**/tasks/*");
  await button(alert(page), "Try again").click();
  await says(page, "Done");
  assert.equal((await person.tasks())[0].done, true);
});

test("all, open, done", async (t) => {
  const { page } = await at(t, ["Open one", { title: "Done one", done: true }, "Open two"]);
  assert.deepEqual(await shown(page), ["Open two", "Done one", "Open one"]);
  await page.getByRole("radio", { name: "Open" }).check();
  await becomes(() => shown(page), ["Open two", "Open one"]);
  // It leaves the list, so there is nothing to look whether it is ticked.
  await page.getByRole("checkbox", { name: "Open two" }).click();
  await becomes(() => shown(page), ["Open one"]);
  await page.getByRole("radio", { name: "Done" }).check();
  await becomes(() => shown(page), ["Open two", "Done one"]);
  await field(page).fill("New one");
  await page.keyboard.press("Enter");
  await says(page, "The current view does not show it");
  await page.getByRole("radio", { name: "All" }).check();
  await becomes(() => shown(page), ["New one", "Open two", "Done one", "Open one"]);
});

test("search and order", async (t) => {
  const { page } = await at(t, [
    { title: "Straße fegen", due: "2030-01-02" },
    { title: "Apples", description: "from the STRASSE market", due: "2030-01-01" },
    "Bread",
  ]);
  await page.getByRole("searchbox", { name: "Search" }).fill("strasse");
  await becomes(() => shown(page), ["Apples", "Straße fegen"]);
  await page.getByRole("searchbox", { name: "Search" }).fill("nothing like it & more=?");
  await page.getByText("No task contains these words.").waitFor();
  await page.getByRole("searchbox", { name: "Search" }).fill("");
  await becomes(async () => (await shown(page)).length, 3);
  for (const [order, titles] of [
    ["By title", ["Apples", "Bread", "Straße fegen"]],
    ["Due date (dated only)", ["Apples", "Straße fegen"]],
    ["Oldest first", ["Straße fegen", "Apples", "Bread"]],
    ["Newest first", ["Bread", "Apples", "Straße fegen"]],
  ]) {
    await page.getByLabel("Sort by").selectOption(order);
    await becomes(() => shown(page), titles);
  }
});

test("more comes as one scrolls, each task once, along the service's own next", async (t) => {
  const titles = Array.from({ length: 130 }, (_, number) => `Task ${number}`);
  const { page } = await at(t, titles);
  assert.equal((await shown(page)).length, 50);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  for (let end = 0; end < 40 && (await shown(page)).length < 130; end++) {
    await page.mouse.wheel(0, 4000);
    await page.waitForTimeout(100);
  }
  assert.deepEqual(await shown(page), titles.reverse());
  assert.equal(asked.length, 2);
  assert.ok(asked.every((uri) => uri.includes("cursor=")));
  assert.equal(await button(page, "Show more").isVisible(), false);
});

test("an empty page is not the end", async (t) => {
  const { page } = await at(t, ["First", "Second"]);
  await page.route(LIST, async (route) => {
    if (route.request().url().includes("cursor")) return route.continue();
    const answer = await (await route.fetch({ url: route.request().url().replace("limit=50", "limit=1") })).json();
    await route.fulfill({ json: { ...answer, tasks: [] } });
  });
  await button(page, "Refresh").click();
  await becomes(() => shown(page), ["First"]);
});

test("a deletion can be undone, and the very same task is back", async (t) => {
  const { person, page } = await at(t, ["One", "Two"]);
  const before = await person.tasks();
  await button(page, "Delete “\u2068Two\u2069”").click();
  await says(page, "Deleted “\u2068Two\u2069”. You can undo this");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Undo");
  await page.keyboard.press("Enter");
  await row(page, "Two").getByRole("checkbox").waitFor();
  assert.match(await page.evaluate(() => document.activeElement.ariaLabel), /Delete/);
  assert.deepEqual(await person.tasks(), before);
});

test("a deletion that is not undone happens, and the focus stays in the list", async (t) => {
  const { person, page } = await at(t, ["One", "Two", "Three"]);
  await button(page, /Delete.*Two/).click();
  await becomes(() => person.titles(), ["One", "Three"]);
  await becomes(() => shown(page), ["Three", "One"]);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-labelledby") && document.activeElement.closest("li").textContent), "One");
});

test("leaving the page finishes the deletion", async (t) => {
  const { person, page } = await at(t, ["One", "Two"]);
  await button(page, /Delete.*Two/).click();
  await page.goto("about:blank");
  await becomes(() => person.titles(), ["One"]);
});

test("what was changed elsewhere is not deleted unseen", async (t) => {
  const { person, page } = await at(t, ["One"], { provoked: [412] });
  await button(page, /Delete.*One/).click();
  await person.change((await person.tasks())[0], { title: "One, and more" });
  await alert(page).getByText("is not deleted. The task was changed elsewhere").waitFor();
  await becomes(() => shown(page), ["One, and more"]);
  assert.deepEqual(await person.titles(), ["One, and more"]);
});

test("a service that is busy says when to come back, and one tries again", async (t) => {
  const { page } = await at(t, ["One"], { provoked: [429, 503] });
  const refusals = [
    [429, "600", /Too many attempts\. Try again in 10 minutes \(\d\d:\d\d\)/],
    [503, "2", /is busy\. Try again in 2 seconds\./],
  ];
  for (const [status, wait, words] of refusals) {
    await page.route(LIST, (route) => route.fulfill({ status, headers: { "Retry-After": wait }, json: { error: "x" } }));
    await button(page, "Refresh").click();
    await alert(page).getByText(words).waitFor();
    await page.unroute(LIST);
    await button(alert(page), "Try again").click();
    await becomes(() => alert(page).textContent(), "");
    assert.deepEqual(await shown(page), ["One"]);
  }
});

test("on a stage of a REST API everything is found too", async (t) => {
  // What API Gateway does with /prod: it takes it off the path, and the service puts it into its answers.
  const prepare = (page) =>
    page.route("**/prod/**", async (route) => {
      const url = route.request().url().replace("/prod/", "/");
      const answer = await route.fetch({ url });
      const body = (await answer.text()).replaceAll("/todo/api", "/prod/todo/api");
      const json = answer.headers()["content-type"].startsWith("application/json");
      await route.fulfill(json ? { response: answer, body } : { response: answer });
    });
  const { person, page } = await at(t, ["One"], { path: "/prod/", prepare });
  await field(page).fill("Two");
  await page.keyboard.press("Enter");
  await row(page, "Two").waitFor();
  await page.getByRole("checkbox", { name: "One" }).check();
  await says(page, "Done");
  assert.deepEqual((await person.tasks()).map((task) => task.done), [true, false]);
});

test("a phone does it with taps", async (t) => {
  const { person, page } = await at(t, ["One"], PHONE);
  await field(page).fill("Two");
  await page.getByRole("button", { name: "Add" }).tap();
  await row(page, "Two").waitFor();
  await page.getByRole("checkbox", { name: "One" }).tap();
  await says(page, "Done");
  await settled(page);
  assert.deepEqual((await person.tasks()).map((task) => task.done), [true, false]);
});
