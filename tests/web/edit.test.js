// Editing in place, and two windows at one task.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, at, becomes, button, open, row, says, shown, signIn, withBrowser } from "./browser.js";

withBrowser();

const problem = (page) => page.locator(".edit .problem").textContent();
const focused = (page) => page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.textContent);

/** One person in two windows, both with the task in sight. */
async function twoWindows(t, task, provoked = [412]) {
  const person = await Person.register();
  await person.create(task);
  const windows = [await open(t, { provoked }), await open(t, { provoked })];
  for (const page of windows) await signIn(page, person);
  return { person, first: windows[0], second: windows[1] };
}

test("title, description and date are edited in place, and only what changed is sent", async (t) => {
  const { person, page } = await at(t, [{ title: "Buy milk", description: "Two litres\r\nof it" }, "Other"]);
  await button(row(page, "Buy milk"), /Edit/).click();
  assert.equal(await page.getByRole("textbox", { name: "Title" }).inputValue(), "Buy milk");
  const sent = page.waitForRequest((request) => request.method() === "PATCH");
  await page.getByRole("textbox", { name: "Title" }).fill("Buy oat milk");
  await page.getByLabel("Due date", { exact: true }).fill("2031-05-06");
  await page.keyboard.press("Enter");
  await says(page, "Saved “\u2068Buy oat milk\u2069”");
  assert.deepEqual((await sent).postDataJSON(), { title: "Buy oat milk", due: "2031-05-06" });
  assert.equal((await sent).headers()["if-match"], '"1.1"');
  assert.match(await focused(page), /Edit .*Buy oat milk/);
  const [task] = await person.tasks();
  assert.deepEqual([task.title, task.description, task.due], ["Buy oat milk", "Two litres\r\nof it", "2031-05-06"]);

  await row(page, "Buy oat milk").locator(".title").click();
  await page.getByLabel("Description").fill("One\nline\nmore");
  await page.getByLabel("Due date", { exact: true }).fill("");
  await page.getByLabel("Description").press("Control+Enter");
  await row(page, "Buy oat milk").getByText("One line more").waitFor();
  const [again] = await person.tasks();
  assert.deepEqual([again.description, again.due], ["One\nline\nmore", null]);
});

test("Escape leaves an edit, but not one with something typed in it", async (t) => {
  const { page } = await at(t, ["Buy milk"]);
  await button(page, /Edit/).click();
  await page.keyboard.press("Escape");
  assert.match(await focused(page), /Edit/);
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Title" }).fill("Buy oat milk");
  await page.keyboard.press("Escape");
  assert.match(await problem(page), /not saved/);
  assert.equal(await page.getByRole("textbox", { name: "Title" }).inputValue(), "Buy oat milk");
  await button(page, "Refresh").click();
  await page.waitForTimeout(300);
  assert.equal(await page.getByRole("textbox", { name: "Title" }).inputValue(), "Buy oat milk", "a new list leaves it alone");
  await button(page, "Sign out").click();
  await page.locator("#alert").getByText("not saved yet").waitFor();
  await button(page, "Cancel").click();
  assert.deepEqual(await shown(page), ["Buy milk"]);
});

test("what the service refuses is said at the field, and stays typed", async (t) => {
  const { page } = await at(t, ["Buy milk"], { provoked: [400, 503] });
  await button(page, /Edit/).click();
  await page.getByRole("textbox", { name: "Title" }).fill("");
  await page.keyboard.press("Enter");
  await becomes(async () => /^Not saved\. Title/.test(await problem(page)), true);
  assert.equal(await page.getByRole("textbox", { name: "Title" }).getAttribute("aria-invalid"), "true");
  await page.getByRole("textbox", { name: "Title" }).fill("Buy oat milk");
  await page.route("**/tasks/*", (route) => route.fulfill({ status: 503, headers: { "Retry-After": "1" }, json: {} }));
  await page.keyboard.press("Enter");
  await becomes(() => problem(page), "Not saved. The service is busy. Try again in 1 second.");
  assert.equal(await page.getByRole("textbox", { name: "Title" }).inputValue(), "Buy oat milk");
  await page.unroute("**/tasks/*");
  await page.keyboard.press("Enter");
  await becomes(() => shown(page), ["Buy oat milk"]);
});

for (const choice of ["Keep mine", "Take theirs"]) {
  test(`two windows edit one task, and the second chooses: ${choice}`, async (t) => {
    const { person, first, second } = await twoWindows(t, { title: "Plan", description: "old" });
    for (const page of [first, second]) await button(page, /Edit/).click();
    await first.getByLabel("Description").fill("from the first");
    await first.getByRole("textbox", { name: "Title" }).fill("Plan A");
    await first.keyboard.press("Enter");
    await becomes(() => shown(first), ["Plan A"]);

    await second.getByRole("textbox", { name: "Title" }).fill("Plan B");
    await second.keyboard.press("Enter");
    await second.getByRole("heading", { name: "Changed elsewhere" }).waitFor();
    assert.match(await focused(second), /Changed elsewhere/);
    const other = await second.locator(".other-version dl").textContent();
    assert.match(other, /Plan A.*from the first.*no date.*open/);
    assert.equal(await second.getByRole("textbox", { name: "Title" }).inputValue(), "Plan B");
    assert.deepEqual(await person.titles(), ["Plan A"]);

    await button(second, choice).click();
    const expected = choice === "Keep mine" ? ["Plan B", "old"] : ["Plan A", "from the first"];
    await becomes(() => shown(second), [expected[0]]);
    const [task] = await person.tasks();
    assert.deepEqual([task.title, task.description], expected);
  });
}

test("a third version meanwhile is shown too", async (t) => {
  const { person, page } = await at(t, ["Plan"], { provoked: [412] });
  const [task] = await person.tasks();
  await button(page, /Edit/).click();
  await page.getByRole("textbox", { name: "Title" }).fill("Mine");
  for (const title of ["Theirs", "Theirs again"]) {
    await person.change(task, { title });
    await page.locator(".edit button.primary").click();
    await page.locator(".other-version dd").first().getByText(title, { exact: true }).waitFor();
  }
  await button(page, "Keep mine").click();
  await becomes(() => person.titles(), ["Mine"]);
});

test("one's own tick is no conflict", async (t) => {
  const { person, page } = await at(t, ["Plan"]);
  await page.route("**/tasks/*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  await page.getByRole("checkbox", { name: "Plan" }).check();
  await button(page, /Edit/).click();
  await says(page, "Done");
  await page.getByRole("textbox", { name: "Title" }).fill("Plan B");
  await page.keyboard.press("Enter");
  await says(page, "Saved");
  const [task] = await person.tasks();
  assert.deepEqual([task.title, task.done], ["Plan B", true]);
});

test("what was deleted elsewhere can be added as new", async (t) => {
  const { person, page } = await at(t, ["Plan"], { provoked: [400, 404] });
  await button(page, /Edit/).click();
  const title = page.getByRole("textbox", { name: "Title" });
  await title.fill("");
  await page.getByLabel("Description").fill("with a purpose");
  await person.ask("DELETE", (await person.tasks())[0].uri);
  await title.fill("Plan B");
  await title.press("Enter");
  await becomes(async () => /deleted elsewhere/.test(await problem(page)), true);
  await title.fill(" ");
  await button(page, "Add as new").click();
  await becomes(async () => /^Not saved\. Title/.test(await problem(page)), true);
  assert.equal(await page.getByLabel("Description").inputValue(), "with a purpose");
  await title.fill("Plan C");
  await button(page, "Add as new").click();
  await row(page, "Plan C").getByRole("checkbox").waitFor();
  assert.deepEqual(await shown(page), ["Plan C"]);
  const [task] = await person.tasks();
  assert.deepEqual([task.title, task.description], ["Plan C", "with a purpose"]);
});
