// Slow lines, failures, other windows and other users: nothing is lost, mixed up or hidden.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  PASSWORD, SERVICE, User, allSaved, button, eventuallyEqual, listLoaded, newTaskField, open, openSignedIn, openTask, panel, row, shownTitles,
  signIn, titleField, withBrowser,
} from "./browser.js";
import { startProxy } from "./proxy.js";

withBrowser();

const WRITES = "**/todo/api/v1.0/tasks/*";

/** Answers writes with a status instead of sending them on, until the test is over or it is called again. */
async function refuseWrites(page, status, body = { error: "x" }, headers = {}) {
  await page.unroute(WRITES);
  await page.route(WRITES, (route) =>
    route.request().method() === "GET" ? route.continue() : route.fulfill({ status, json: body, headers }),
  );
}

describe("failures", { concurrency: 3 }, () => {
  test("a deletion is sent at once, moves nothing under the pointer, and can be undone for as long as wanted", async (t) => {
    const prepare = (page) => page.clock.install();
    const { user, page } = await openSignedIn(t, ["One", "Two", "Three"], { prepare });
    const bin = row(page, "Two").getByRole("button", { name: /Delete/ });
    await row(page, "Two").hover();
    const { x, y, width, height } = await bin.boundingBox();
    const [middleX, middleY] = [x + width / 2, y + height / 2];
    await page.mouse.click(middleX, middleY);
    await eventuallyEqual(() => user.titles(), ["One", "Three"]);
    await page.mouse.click(middleX, middleY);
    await page.clock.fastForward("10:00");
    assert.deepEqual(await user.titles(), ["One", "Three"], "a second click hits no other task");
    await button(page, /Undo deleting .*Two/).click();
    await eventuallyEqual(() => user.titles(), ["One", "Two", "Three"]);
    await eventuallyEqual(() => shownTitles(page), ["Three", "Two", "One"]);
  });

  test("a deletion can be undone after going to another view", async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two"]);
    await row(page, "Two").hover();
    await button(row(page, "Two"), /Delete/).click();
    await page.getByRole("link", { name: /Today/ }).click();
    await page.locator("#offer").getByText("Deleted “\u2068Two\u2069”").waitFor();
    await button(page.locator("#offer"), "Undo").click();
    await eventuallyEqual(() => user.titles(), ["One", "Two"]);
  });

  test("the deletion of a task that a question has brought into another view can be undone there", async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two"], { expectedErrors: [400] });
    await refuseWrites(page, 400);
    await page.getByRole("checkbox", { name: "One" }).click();
    await row(page, "One").locator(".problem-box").waitFor();
    await page.getByRole("link", { name: /Today/ }).click();
    await page.getByText("Needs your attention").waitFor();
    await page.unroute(WRITES);
    await row(page, "One").hover();
    await button(row(page, "One"), /Delete/).click();
    await eventuallyEqual(() => user.titles(), ["Two"]);
    await button(page, /Undo deleting .*One/).click();
    await eventuallyEqual(async () => (await user.titles()).sort(), ["One", "Two"]);
  });

  test("selecting all leaves out a task that was deleted a moment ago", async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two"]);
    await row(page, "Two").hover();
    await button(row(page, "Two"), /Delete/).click();
    await eventuallyEqual(() => user.titles(), ["One"]);
    await page.locator("#select").click();
    await page.locator("#bulk-all").click();
    await page.getByText("1 selected", { exact: true }).waitFor();
    await page.locator("#bulk-done").click();
    await allSaved(page);
    assert.deepEqual((await user.tasks()).map(({ title, done }) => [title, done]), [["One", true]]);
    assert.equal(await page.locator(".problem-box").count(), 0);
  });

  test("a task that was deleted while its panel was open does not open again with Undo", async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two"]);
    await openTask(page, "One");
    await row(page, "One").hover();
    await button(row(page, "One"), /Delete/).click();
    await panel(page).waitFor({ state: "hidden" });
    assert.equal(new URL(page.url()).search, "");
    await button(page, /Undo deleting .*One/).click();
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    await allSaved(page);
    assert.deepEqual((await user.titles()).sort(), ["One", "Two"]);
    assert.equal(await panel(page).isVisible(), false);
  });

  test("a task whose deletion is undone can be opened while both are on their way", async (t) => {
    const line = await startProxy(SERVICE);
    t.after(() => line.close());
    const { user, page } = await openSignedIn(t, ["One"], { service: line.url });
    line.delay = 1000;
    await row(page, "One").hover();
    await button(row(page, "One"), /Delete/).click();
    await page.locator("#tasks [data-state=deleted]").waitFor();
    await button(page, /Undo deleting .*One/).click();
    await row(page, "One").locator("button.open").click();
    await panel(page).waitFor({ timeout: 900 });
    await allSaved(page);
    assert.equal(await panel(page).isVisible(), true);
    assert.deepEqual(await user.titles(), ["One"]);
  });

  test("ticks, deletions, edits and new tasks wait for the next sign-in when the session has ended", async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two", "Three"], { expectedErrors: [401] });
    await user.endSessions();
    await page.getByRole("checkbox", { name: "One" }).click();
    await page.getByText("Your session has ended").waitFor();
    await page.getByText(`1 change by ${user.name} is not saved yet.`).waitFor();
    assert.equal(await page.getByLabel("User name").inputValue(), user.name);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await listLoaded(page);
    await allSaved(page);
    assert.deepEqual((await user.tasks()).map((task) => task.done), [true, false, false]);

    await user.endSessions();
    await openTask(page, "Two");
    await titleField(page).fill("Two and a half");
    await button(panel(page), "Close the task").click();
    await page.getByText("Your session has ended").waitFor();
    await page.reload();
    await page.getByText("1 change by").waitFor();
    await signIn(page, user);
    await allSaved(page);
    assert.deepEqual(await user.titles(), ["One", "Two and a half", "Three"]);
  });

  test("what one user had not saved is neither shown to nor sent for another one", async (t) => {
    const { user, page } = await openSignedIn(t, ["Buy milk"], { expectedErrors: [401] });
    const other = await User.register();
    await user.endSessions();
    await newTaskField(page).fill("A secret");
    await page.keyboard.press("Enter");
    await page.getByText("Your session has ended").waitFor();
    await signIn(page, other);
    await page.getByText("No tasks yet").waitFor();
    assert.deepEqual([await shownTitles(page), await other.titles()], [[], []]);
    assert.ok(!(await page.content()).includes("A secret"));
    const stored = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
    assert.ok(!stored.includes("A secret"));
  });

  test("the view is in the address: reload, Back and a link show the same, and the controls say so", async (t) => {
    const { user, page } = await openSignedIn(t, ["Apples", "Bread", { title: "Old", done: true }]);
    await page.getByRole("link", { name: "Done" }).click();
    await eventuallyEqual(() => shownTitles(page), ["Old"]);
    await page.getByRole("searchbox").fill("bread");
    await eventuallyEqual(() => shownTitles(page), ["Bread"]);
    assert.equal(new URL(page.url()).search, "?show=done&q=bread");
    await page.reload();
    await eventuallyEqual(() => shownTitles(page), ["Bread"]);
    assert.equal(await page.getByRole("searchbox").inputValue(), "bread");
    await page.goBack();
    await eventuallyEqual(() => shownTitles(page), ["Old"]);
    assert.equal(await page.getByRole("link", { name: "Done" }).getAttribute("aria-current"), "page");
    assert.equal(await page.getByRole("searchbox").inputValue(), "");
    await page.goForward();
    await eventuallyEqual(() => shownTitles(page), ["Bread"]);
    await button(page, "Sign out").click();
    await page.getByText("You are signed out.").waitFor();
    assert.equal(new URL(page.url()).search, "");
    await signIn(page, user);
    assert.equal(await page.getByRole("searchbox").inputValue(), "");
    await eventuallyEqual(() => shownTitles(page), ["Bread", "Apples"]);
  });

  test("rows keep their order: when one is added, when an edit is cancelled, and when the page is refreshed", async (t) => {
    const { user, page } = await openSignedIn(t, ["Bread", "Apples", "Dates"]);
    await page.getByLabel("Sort by").selectOption("By title");
    await eventuallyEqual(() => shownTitles(page), ["Apples", "Bread", "Dates"]);
    await newTaskField(page).fill("Cherries");
    await page.keyboard.press("Enter");
    await eventuallyEqual(() => shownTitles(page), ["Apples", "Bread", "Cherries", "Dates"]);
    await allSaved(page);
    await openTask(page, "Bread");
    await titleField(page).fill("Zebra bread");
    await user.create("Butter");
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    await eventuallyEqual(() => shownTitles(page), ["Apples", "Bread", "Butter", "Cherries", "Dates"]);
    assert.equal(await titleField(page).inputValue(), "Zebra bread");
    await titleField(page).press("Escape");
    await titleField(page).press("Escape");
    assert.deepEqual(await shownTitles(page), ["Apples", "Bread", "Butter", "Cherries", "Dates"]);
    await page.getByRole("link", { name: /Inbox/ }).click();
    await eventuallyEqual(() => shownTitles(page), ["Bread", "Apples", "Dates", "Cherries", "Butter"]);
  });

  test("two failures are both shown, each where it happened, and each says what to do", async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two"], { expectedErrors: [500] });
    await refuseWrites(page, 500);
    await page.getByRole("checkbox", { name: "One" }).click();
    await page.getByRole("checkbox", { name: "Two" }).click();
    for (const title of ["One", "Two"]) {
      await row(page, title).getByText("Not saved. The service had an internal error.").waitFor();
      assert.equal(await page.getByRole("checkbox", { name: title }).isChecked(), true, "what was ticked stays to be seen");
    }
    await page.unroute(WRITES);
    await page.unroute("**/batch");
    await button(row(page, "One"), "Try again").click();
    await button(row(page, "Two"), "Discard").click();
    await allSaved(page);
    assert.deepEqual((await user.tasks()).map((task) => task.done), [true, false]);
    assert.equal(await page.getByRole("checkbox", { name: "Two" }).isChecked(), false);
  });

  test("while the service is busy or cannot be reached, the page says so and sends by itself later", async (t) => {
    const prepare = (page) => page.clock.install();
    const { user, page } = await openSignedIn(t, ["One"], { prepare, expectedErrors: [0, 429, 503] });
    for (const [status, headers, words] of [
      [503, { "Retry-After": "2" }, /is busy\. Try again in 2 seconds\. 1 change not saved yet/],
      [429, { "Retry-After": "600" }, /Too many attempts\. Try again in 10 minutes/],
    ]) {
      await refuseWrites(page, status, { error: "x" }, headers);
      await page.getByRole("checkbox", { name: "One" }).click();
      await page.locator("#sync").getByText(words).waitFor();
      await page.unroute(WRITES);
      await page.clock.fastForward(Number(headers["Retry-After"]) * 1000 + 100);
      await allSaved(page);
    }
    await page.route("**/todo/**", (route) => route.abort());
    await page.getByRole("checkbox", { name: "One" }).click();
    await page.locator("#sync").getByText("cannot be reached").waitFor();
    await page.unroute("**/todo/**");
    await button(page, "Try now").click();
    await allSaved(page);
    assert.deepEqual((await user.tasks()).map((task) => task.done), [true]);
  });

  test("a user name with spaces around it or in capitals is the same user", async (t) => {
    const user = await User.register();
    const page = await open(t);
    await page.getByLabel("User name").fill(` ${user.name.toUpperCase()} `);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await listLoaded(page);
    assert.equal(await page.locator("#current-user").textContent(), user.name);
  });

  test("loading is visible, and an empty list is only called empty when it is known to be", async (t) => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    const prepare = (page) => page.route(/\/(tasks\?|changes)/, async (route) => (await held, route.continue()));
    const user = await User.register();
    const page = await open(t, { prepare });
    await page.getByLabel("User name").fill(user.name);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.locator("#loading").waitFor();
    assert.equal(await page.locator("#empty").isVisible(), false);
    release();
    await page.getByText("No tasks yet").waitFor();
    assert.equal(await page.locator("#loading").isVisible(), false);
  });

  test("closing the page asks while something is half typed or not saved, and only then", async (t) => {
    const { page } = await openSignedIn(t, ["One"]);
    const asked = [];
    page.on("dialog", (dialog) => asked.push(dialog.type()));
    await page.reload();
    await listLoaded(page);
    assert.deepEqual(asked, []);
    await newTaskField(page).pressSequentially("Half");
    await page.reload();
    await listLoaded(page);
    assert.deepEqual(asked, ["beforeunload"]);
    assert.equal(await newTaskField(page).inputValue(), "Half");
  });

  test("what another window or device did appears on focus and every minute, and an edit in progress stays", async (t) => {
    const prepare = (page) => page.clock.install();
    const { user, page } = await openSignedIn(t, ["One", "Two", "Three"], { prepare });
    const [one, two, three] = await user.tasks();
    await openTask(page, "Three");
    await titleField(page).fill("Three and more");
    await user.change(one, { title: "One, changed" });
    await user.request("DELETE", two.uri);
    await user.change(three, { priority: "high" });
    await user.create("Four");
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    await eventuallyEqual(() => shownTitles(page), ["Four", "Three", "One, changed"]);
    assert.equal(await titleField(page).inputValue(), "Three and more");
    assert.equal(await panel(page).getByLabel("Priority").inputValue(), "high");
    await user.create("Five");
    await page.clock.fastForward("01:01");
    await eventuallyEqual(async () => (await shownTitles(page))[0], "Five");
    await button(panel(page), "Close the task").click();
    await allSaved(page);
    assert.ok((await user.titles()).includes("Three and more"));
  });

  test("a task whose restore comes from the trash of another window is back here too", async (t) => {
    const { user, page } = await openSignedIn(t, ["One"]);
    const [one] = await user.tasks();
    await user.request("DELETE", one.uri);
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    await eventuallyEqual(() => shownTitles(page), []);
    await user.request("POST", one.uri.replace("/tasks/", "/trash/"));
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    await eventuallyEqual(() => shownTitles(page), ["One"]);
  });

  test("a deletion of a task that somebody changed meanwhile is asked about", async (t) => {
    const { user, page } = await openSignedIn(t, ["One"], { expectedErrors: [412] });
    await user.change((await user.tasks())[0], { title: "One, and more" });
    await row(page, "One").hover();
    await button(row(page, "One"), /Delete/).click();
    await page.getByText("was changed elsewhere, so it is not deleted.").waitFor();
    await button(page, "Keep it").click();
    await eventuallyEqual(() => shownTitles(page), ["One, and more"]);
    assert.deepEqual(await user.titles(), ["One, and more"]);
  });
});

test("responses that break off in the middle are no success: everything is saved once", async (t) => {
  const line = await startProxy(SERVICE);
  t.after(() => line.close());
  const { user, page } = await openSignedIn(t, ["One", "Two"], { service: line.url, expectedErrors: [0, 404, 412] });
  const cut = new Set();
  // Each kind of write breaks off at its first attempt.
  line.cut = (method) => method !== "GET" && !cut.has(method) && cut.add(method);
  await newTaskField(page).fill("Three");
  await page.keyboard.press("Enter");
  await eventuallyEqual(() => line.lost, 1);
  await allSaved(page);
  await page.getByRole("checkbox", { name: "One" }).click();
  await eventuallyEqual(() => line.lost, 2);
  await allSaved(page);
  await row(page, "Two").hover();
  await button(row(page, "Two"), /Delete/).click();
  await eventuallyEqual(() => line.lost, 3);
  await eventuallyEqual(async () => (await user.tasks()).map(({ title, done }) => [title, done]), [["One", true], ["Three", false]]);
  await allSaved(page);
  assert.deepEqual([...cut], ["POST", "PATCH", "DELETE"]);
});
