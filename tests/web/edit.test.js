// Editing in place, and conflicts between two windows.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  User,
  button,
  eventuallyEqual,
  open,
  openSignedIn,
  row,
  shownTitles,
  signIn,
  statusContains,
  withBrowser,
} from "./browser.js";

withBrowser();

const problem = (page) => page.locator(".edit .problem").textContent();
const focusedName = (page) => page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.textContent);

/** Signs one user in to two windows that both show the task. */
async function twoWindows(t, task, expectedErrors = [412]) {
  const user = await User.register();
  await user.create(task);
  const windows = [await open(t, { expectedErrors }), await open(t, { expectedErrors })];
  for (const page of windows) await signIn(page, user);
  return { user, first: windows[0], second: windows[1] };
}

test("title, description and date are edited in place, and only what changed is sent", async (t) => {
  const { user, page } = await openSignedIn(t, [{ title: "Buy milk", description: "Two litres\r\nof it" }, "Other"]);
  await button(row(page, "Buy milk"), /Edit/).click();
  assert.equal(await page.getByRole("textbox", { name: "Title" }).inputValue(), "Buy milk");
  const update = page.waitForRequest((request) => request.method() === "PATCH");
  await page.getByRole("textbox", { name: "Title" }).fill("Buy oat milk");
  await page.getByLabel("Due date", { exact: true }).fill("2031-05-06");
  await page.keyboard.press("Enter");
  await statusContains(page, "Saved “\u2068Buy oat milk\u2069”");
  assert.deepEqual((await update).postDataJSON(), { title: "Buy oat milk", due: "2031-05-06" });
  assert.equal((await update).headers()["if-match"], '"1.1"');
  assert.match(await focusedName(page), /Edit .*Buy oat milk/);
  const [task] = await user.tasks();
  assert.deepEqual([task.title, task.description, task.due], ["Buy oat milk", "Two litres\r\nof it", "2031-05-06"]);

  await row(page, "Buy oat milk").locator(".title").click();
  await page.getByLabel("Description").fill("One\nline\nmore");
  await page.getByLabel("Due date", { exact: true }).fill("");
  await page.getByLabel("Description").press("Control+Enter");
  await row(page, "Buy oat milk").getByText("One line more").waitFor();
  const [updated] = await user.tasks();
  assert.deepEqual([updated.description, updated.due], ["One\nline\nmore", null]);
});

test("Escape closes an edit only when nothing was changed", async (t) => {
  const { page } = await openSignedIn(t, ["Buy milk"]);
  await button(page, /Edit/).click();
  await page.keyboard.press("Escape");
  assert.match(await focusedName(page), /Edit/);
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Title" }).fill("Buy oat milk");
  await page.keyboard.press("Escape");
  assert.match(await problem(page), /not saved/);
  assert.equal(await page.getByRole("textbox", { name: "Title" }).inputValue(), "Buy oat milk");
  await button(page, "Refresh").click();
  await page.waitForTimeout(300);
  assert.equal(await page.getByRole("textbox", { name: "Title" }).inputValue(), "Buy oat milk", "reloading the list does not change the edit");
  await button(page, "Sign out").click();
  await page.locator("#alert").getByText("not saved yet").waitFor();
  await button(page, "Cancel").click();
  assert.deepEqual(await shownTitles(page), ["Buy milk"]);
});

test("a rejected edit shows the reason at the field and keeps the text", async (t) => {
  const { page } = await openSignedIn(t, ["Buy milk"], { expectedErrors: [400, 503] });
  await button(page, /Edit/).click();
  await page.getByRole("textbox", { name: "Title" }).fill("");
  await page.keyboard.press("Enter");
  await eventuallyEqual(async () => /^Not saved\. Title/.test(await problem(page)), true);
  assert.equal(await page.getByRole("textbox", { name: "Title" }).getAttribute("aria-invalid"), "true");
  await page.getByRole("textbox", { name: "Title" }).fill("Buy oat milk");
  await page.route("**/tasks/*", (route) => route.fulfill({ status: 503, headers: { "Retry-After": "1" }, json: {} }));
  await page.keyboard.press("Enter");
  await eventuallyEqual(() => problem(page), "Not saved. The service is busy. Try again in 1 second.");
  assert.equal(await page.getByRole("textbox", { name: "Title" }).inputValue(), "Buy oat milk");
  await page.unroute("**/tasks/*");
  await page.keyboard.press("Enter");
  await eventuallyEqual(() => shownTitles(page), ["Buy oat milk"]);
});

for (const choice of ["Keep mine", "Take theirs"]) {
  test(`two windows edit one task and the second resolves the conflict: ${choice}`, async (t) => {
    const { user, first, second } = await twoWindows(t, { title: "Plan", description: "old" });
    for (const page of [first, second]) await button(page, /Edit/).click();
    await first.getByLabel("Description").fill("from the first");
    await first.getByRole("textbox", { name: "Title" }).fill("Plan A");
    await first.keyboard.press("Enter");
    await eventuallyEqual(() => shownTitles(first), ["Plan A"]);

    await second.getByRole("textbox", { name: "Title" }).fill("Plan B");
    await second.keyboard.press("Enter");
    await second.getByRole("heading", { name: "Changed elsewhere" }).waitFor();
    assert.match(await focusedName(second), /Changed elsewhere/);
    const otherVersion = await second.locator(".other-version dl").textContent();
    assert.match(otherVersion, /Plan A.*from the first.*no date.*open/);
    assert.equal(await second.getByRole("textbox", { name: "Title" }).inputValue(), "Plan B");
    assert.deepEqual(await user.titles(), ["Plan A"]);

    await button(second, choice).click();
    const expected = choice === "Keep mine" ? ["Plan B", "old"] : ["Plan A", "from the first"];
    await eventuallyEqual(() => shownTitles(second), [expected[0]]);
    const [task] = await user.tasks();
    assert.deepEqual([task.title, task.description], expected);
  });
}

test("a second conflict shows the newest version", async (t) => {
  const { user, page } = await openSignedIn(t, ["Plan"], { expectedErrors: [412] });
  const [task] = await user.tasks();
  await button(page, /Edit/).click();
  await page.getByRole("textbox", { name: "Title" }).fill("Mine");
  for (const title of ["Theirs", "Theirs again"]) {
    await user.change(task, { title });
    await page.locator(".edit button.primary").click();
    await page.locator(".other-version dd").first().getByText(title, { exact: true }).waitFor();
  }
  await button(page, "Keep mine").click();
  await eventuallyEqual(() => user.titles(), ["Mine"]);
});

test("a tick does not conflict with an edit in the same window", async (t) => {
  const { user, page } = await openSignedIn(t, ["Plan"]);
  await page.route("**/tasks/*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  await page.getByRole("checkbox", { name: "Plan" }).check();
  await button(page, /Edit/).click();
  await statusContains(page, "Done");
  await page.getByRole("textbox", { name: "Title" }).fill("Plan B");
  await page.keyboard.press("Enter");
  await statusContains(page, "Saved");
  const [task] = await user.tasks();
  assert.deepEqual([task.title, task.done], ["Plan B", true]);
});

test("an edit of a task that was deleted elsewhere can be added as a new task", async (t) => {
  const { user, page } = await openSignedIn(t, ["Plan"], { expectedErrors: [400, 404] });
  await button(page, /Edit/).click();
  const title = page.getByRole("textbox", { name: "Title" });
  await title.fill("");
  await page.getByLabel("Description").fill("with a purpose");
  await user.request("DELETE", (await user.tasks())[0].uri);
  await title.fill("Plan B");
  await title.press("Enter");
  await eventuallyEqual(async () => /deleted elsewhere/.test(await problem(page)), true);
  await title.fill(" ");
  await button(page, "Add as new").click();
  await eventuallyEqual(async () => /^Not saved\. Title/.test(await problem(page)), true);
  assert.equal(await page.getByLabel("Description").inputValue(), "with a purpose");
  await title.fill("Plan C");
  await button(page, "Add as new").click();
  await row(page, "Plan C").getByRole("checkbox").waitFor();
  assert.deepEqual(await shownTitles(page), ["Plan C"]);
  const [task] = await user.tasks();
  assert.deepEqual([task.title, task.description], ["Plan C", "with a purpose"]);
});
