// The list: adding, ticking, views, search, scrolling, the trash.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IS_FIREFOX, PASSWORD, PHONE, User, allSaved, button, eventuallyEqual, listLoaded, newTaskField, open, openSignedIn, row, shownTitles,
  statusContains, withBrowser,
} from "./browser.js";

withBrowser();

const NOT_IN_FIREFOX = { skip: IS_FIREFOX && "Playwright cannot do this in Debian's Firefox" };

const TASKS = "**/todo/api/v1.0/tasks";
const CHANGES = "**/todo/api/v1.0/changes?*";
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
  await allSaved(page);
  assert.deepEqual(await shownTitles(page), ["Three", "Two", "One"]);
  assert.deepEqual(await user.titles(), ["One", "Two", "Three"]);
  assert.equal(await newTaskField(page).inputValue(), "");
  assert.equal(await page.evaluate(() => document.activeElement.id), "new-title");

  await page.keyboard.type("  ");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#add-problem").textContent(), "Type a task first.");
  assert.equal((await user.titles()).length, 3);
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
  await allSaved(page);
  assert.deepEqual((await user.tasks()).map((task) => task.done), [true, false]);
  await box.uncheck();
  await statusContains(page, "Open again");
  await allSaved(page);
  assert.deepEqual((await user.tasks()).map((task) => task.done), [false, false]);
});

test("views show what belongs to them, in their order and under their headings", async (t) => {
  const { page } = await openSignedIn(t, [
    { title: "Late", due: "2001-02-03" }, { title: "Now, at noon", due: `${dateInDays(0)}T12:00` }, { title: "Now", due: dateInDays(0) },
    { title: "Soon", due: dateInDays(1) }, { title: "Later", due: "2099-05-06" }, { title: "Finished", due: dateInDays(-1), done: true }, "Undated",
  ]);
  const headings = () => page.locator("#tasks h2").evaluateAll((all) => all.map((each) => each.firstChild.textContent.replace(/,.*/, "")));
  const go = (name) => page.getByRole("link", { name }).click();
  assert.deepEqual(await shownTitles(page), ["Undated", "Later", "Soon", "Now", "Now, at noon", "Late"]);
  await go(/Today/);
  await eventuallyEqual(() => shownTitles(page), ["Late", "Now", "Now, at noon"]);
  assert.deepEqual(await headings(), ["Overdue", "Today"]);
  assert.match(await row(page, "Late").textContent(), /Overdue: Sat 3 Feb 2001/);
  await go(/Upcoming/);
  await eventuallyEqual(() => shownTitles(page), ["Soon", "Later"]);
  assert.deepEqual(await headings(), ["Tomorrow", "Wed 6 May 2099"]);
  await go("Done");
  await eventuallyEqual(() => shownTitles(page), ["Finished"]);
  await go(/Inbox/);
  await eventuallyEqual(() => shownTitles(page), ["Late", "Now, at noon", "Now", "Soon", "Later", "Undated"]);
  await page.getByLabel("Show done").check();
  await eventuallyEqual(async () => (await shownTitles(page)).at(-1), "Finished");
  await page.getByRole("link", { name: /All tasks/ }).click();
  for (const [order, titles] of [
    ["By title", ["Late", "Later", "Now", "Now, at noon", "Soon", "Undated"]],
    ["By due date", ["Late", "Now", "Now, at noon", "Soon", "Later", "Undated"]],
    ["Oldest first", ["Late", "Now, at noon", "Now", "Soon", "Later", "Undated"]],
  ]) {
    await page.getByLabel("Sort by").selectOption(order);
    await eventuallyEqual(() => shownTitles(page), titles);
  }
});

test("search finds text anywhere in a task, as the service does", async (t) => {
  const { page } = await openSignedIn(t, [
    { title: "Straße fegen" }, { title: "Apples", description: "from the STRASSE market" }, { title: "Bread", tags: ["strasse"] },
    { title: "Cake", steps: [{ title: "strasse" }], done: true }, "Dates",
  ]);
  await page.getByRole("searchbox", { name: "Search" }).fill("strasse");
  await eventuallyEqual(() => shownTitles(page), ["Bread", "Apples", "Straße fegen", "Cake"]);
  await page.getByRole("searchbox", { name: "Search" }).fill("nothing like it & more=?");
  await page.getByText("No task contains these words.").waitFor();
  await page.getByRole("searchbox", { name: "Search" }).fill("");
  await eventuallyEqual(async () => (await shownTitles(page)).length, 4);
});

test("a long list comes into the page as it is scrolled to, each task once", async (t) => {
  const titles = Array.from({ length: 230 }, (_, number) => `Task ${number}`);
  const { page } = await openSignedIn(t, titles);
  await listLoaded(page);
  assert.ok((await shownTitles(page)).length < 230);
  for (let step = 0; step < 60 && (await shownTitles(page)).length < 230; step++) {
    await page.mouse.wheel(0, 4000);
    await page.waitForTimeout(50);
  }
  assert.deepEqual(await shownTitles(page), titles.reverse());
  assert.equal(await button(page, "Show more").isVisible(), false);
});

test("a button whose code is not loaded yet takes no clicks", NOT_IN_FIREFOX, async (t) => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const prepare = (page) => page.route("**/web/later.js", (route) => released.then(() => route.continue()));
  const user = await User.register();
  await user.create("Buy milk");
  const page = await open(t, { prepare });
  await page.getByLabel("User name").fill(user.name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await row(page, "Buy milk").waitFor();
  await assert.rejects(button(page, "Select").click({ timeout: 300 }));
  release();
  await button(page, "Select").click();
  await page.getByText("0 selected").waitFor();
});

test("an empty page of changes that has a next one is not the end", async (t) => {
  let pages = 0;
  const prepare = async (page) => {
    await page.route("**/todo/api/v1.0/tasks?*", (route) => route.fulfill({ json: { tasks: [] } }));
    await page.route(CHANGES, async (route) => {
      if (++pages > 1) return route.continue();
      await route.fulfill({ json: { changes: [], next: route.request().url(), more: true } });
    });
  };
  const { page } = await openSignedIn(t, ["First", "Second"], { prepare });
  await eventuallyEqual(() => shownTitles(page), ["Second", "First"]);
});

test("a rejected task stays with its reason, and can be changed and sent again", async (t) => {
  const { user, page } = await openSignedIn(t, [], { expectedErrors: [400] });
  const long = "x".repeat(501);
  await newTaskField(page).fill(long);
  await page.keyboard.press("Enter");
  await row(page, "xxx").getByText(/Not saved\. Title/).waitFor();
  await button(row(page, "xxx"), "Discard").click();
  assert.equal(await newTaskField(page).inputValue(), long);
  await newTaskField(page).fill("Short");
  await page.keyboard.press("Enter");
  await allSaved(page);
  assert.deepEqual([await user.titles(), await shownTitles(page)], [["Short"], ["Short"]]);
});

test("a create whose response is lost is sent again with the same key and creates one task", NOT_IN_FIREFOX, async (t) => {
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
  await eventuallyEqual(() => keys.length, 2);
  await allSaved(page);
  assert.deepEqual([await user.titles(), await shownTitles(page)], [["Only once"], ["Only once"]]);
  assert.equal(keys[0], keys[1]);
});

test("the trash shows what was deleted; it is restored, deleted for good, and emptied", async (t) => {
  const { user, page } = await openSignedIn(t, ["One", "Two", "Three", "Four"]);
  for (const task of (await user.tasks()).slice(0, 3)) await user.request("DELETE", task.uri);
  await page.getByRole("link", { name: "Trash" }).click();
  const trash = page.getByRole("list", { name: "Trash" });
  const titles = () => trash.locator(".title").allTextContents();
  await eventuallyEqual(titles, ["Three", "Two", "One"]);
  await button(trash, /Restore .*Two/).click();
  await eventuallyEqual(() => user.titles(), ["Two", "Four"]);
  await eventuallyEqual(titles, ["Three", "One"]);
  await button(trash, /Delete .*Three.* for good/).click();
  await button(page.getByRole("dialog"), "Delete for good").click();
  await eventuallyEqual(titles, ["One"]);
  await button(page, "Empty trash").click();
  await button(page.getByRole("dialog"), "Empty the trash").click();
  await page.getByText("The trash is empty").first().waitFor();
  await page.reload();
  await page.locator("#empty").getByText("The trash is empty").waitFor();
  assert.deepEqual(await user.titles(), ["Two", "Four"]);
});

test("the client works under the stage of a REST API", NOT_IN_FIREFOX, async (t) => {
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
  await allSaved(page);
  assert.deepEqual((await user.tasks()).map((task) => task.done), [true, false]);
});

test("tasks can be added and ticked by touch on a phone", NOT_IN_FIREFOX, async (t) => {
  const { user, page } = await openSignedIn(t, ["One"], PHONE);
  await newTaskField(page).fill("Two");
  await page.getByRole("button", { name: "Add" }).tap();
  await row(page, "Two").waitFor();
  await page.getByRole("checkbox", { name: "One" }).tap();
  await allSaved(page);
  assert.deepEqual((await user.tasks()).map((task) => task.done), [true, false]);
});

test("a wide touch screen, which has no pointer to hover with, shows what can be tapped", async (t) => {
  if (IS_FIREFOX) return t.skip("Firefox emulates no touch screen here");
  const { page } = await openSignedIn(t, ["One"], { viewport: { width: 1180, height: 820 }, hasTouch: true, isMobile: true });
  const bin = row(page, "One").getByRole("button", { name: /Delete/ });
  await bin.waitFor();
  assert.equal(await bin.evaluate((element) => getComputedStyle(element).opacity), "1");
});

test("turning a tablet with an open panel leaves the list usable", async (t) => {
  const { page } = await openSignedIn(t, ["One"], { viewport: { width: 820, height: 1180 } });
  const inert = () => page.locator("#main").evaluate((element) => element.inert);
  await row(page, "One").getByRole("button", { name: /One/ }).first().click();
  await eventuallyEqual(inert, true);
  await page.setViewportSize({ width: 1180, height: 820 });
  await eventuallyEqual(inert, false);
  await page.setViewportSize({ width: 820, height: 1180 });
  await eventuallyEqual(inert, true);
});

test("renaming a list works when the response to the attempt before was lost", NOT_IN_FIREFOX, async (t) => {
  const { user, page } = await openSignedIn(t, [], { expectedErrors: [0, 412] });
  await button(page, "New list").click();
  await page.getByRole("dialog").getByLabel("Name").fill("Home");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Home" }).waitFor();
  await button(page, "Rename or delete this list").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("House");
  let lost = 0;
  await page.route("**/lists/*", async (route) => {
    if (route.request().method() !== "PATCH" || lost++ > 0) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await page.keyboard.press("Enter");
  await dialog.getByText("The service cannot be reached.").waitFor();
  await button(dialog, "Rename").click();
  await page.getByRole("heading", { name: "House" }).waitFor();
  await dialog.waitFor({ state: "hidden" });
  const { lists } = (await user.request("GET", `${user.service}/todo/api/v1.0/lists`)).body;
  assert.deepEqual(lists.map(({ name }) => name).includes("House"), true);
});
