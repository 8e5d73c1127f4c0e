// The order of tasks within their list: by mouse, by touch, by keyboard and with the panel's buttons.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IS_FIREFOX, PHONE, SERVICE, allSaved, button, eventuallyEqual, listLoaded, openSignedIn, openTask, panel, row, shownTitles,
  statusContains, withBrowser,
} from "./browser.js";
import { startProxy } from "./proxy.js";

withBrowser();

const LISTS = "/todo/api/v1.0/lists";
const go = (page, name) => page.getByRole("link", { name }).click();

test("tasks are put into order with the mouse and with Alt and the arrow keys", async (t) => {
  const { user, page } = await openSignedIn(t, ["One", "Two", "Three", "Four"]);
  await go(page, /Inbox/);
  await eventuallyEqual(() => shownTitles(page), ["One", "Two", "Three", "Four"]);
  await row(page, "Four").hover();
  const from = await row(page, "Four").locator(".grip").boundingBox();
  const to = await row(page, "Two").boundingBox();
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 10, to.y + 30, { steps: 5 });
  await page.mouse.move(from.x + 10, to.y + 5, { steps: 5 });
  await page.mouse.up();
  await eventuallyEqual(() => shownTitles(page), ["One", "Four", "Two", "Three"]);
  await row(page, "One").locator("button.open").focus();
  await page.keyboard.press("Alt+ArrowDown");
  await statusContains(page, "to place 2 of 4");
  await page.keyboard.press("Alt+ArrowDown");
  await eventuallyEqual(() => shownTitles(page), ["Four", "Two", "One", "Three"]);
  assert.match(await page.evaluate(() => document.activeElement.textContent), /One/, "the focus stays on the task");
  await allSaved(page);
  assert.deepEqual(await user.inbox(), ["Four", "Two", "One", "Three"]);
  await page.keyboard.press("Control+z");
  await eventuallyEqual(() => user.inbox(), ["Four", "One", "Two", "Three"]);
  await page.reload();
  await eventuallyEqual(() => shownTitles(page), ["Four", "One", "Two", "Three"]);
});

test("tasks are put into order with the buttons of the panel, by mouse and by keyboard", async (t) => {
  const { user, page } = await openSignedIn(t, ["One", "Two", "Three"]);
  await openTask(page, "Two");
  assert.equal(await page.locator("#panel-place-line").isVisible(), false, "there is no order in All tasks");
  await go(page, /Inbox/);
  await openTask(page, "Two");
  const [up, down] = [button(panel(page), "Move up"), button(panel(page), "Move down")];
  await panel(page).getByText("2 of 3").waitFor();
  await up.click();
  await panel(page).getByText("1 of 3").waitFor();
  await statusContains(page, "to place 1 of 3");
  assert.equal(await up.getAttribute("aria-disabled"), "true");
  await down.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await panel(page).getByText("3 of 3").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "panel-down", "the focus stays on the button");
  await page.keyboard.press("Enter");
  await statusContains(page, "This is the last task");
  await allSaved(page);
  assert.deepEqual(await user.inbox(), ["One", "Three", "Two"]);
  await page.keyboard.press("Control+z");
  await panel(page).getByText("2 of 3").waitFor();
  await allSaved(page);
  assert.deepEqual(await user.inbox(), ["One", "Two", "Three"]);
});

test("on a phone a task is moved by tapping, and the panel that covers the list says where it stands", async (t) => {
  const { user, page } = await openSignedIn(t, ["One", "Two", "Three", "Four"], PHONE);
  const tap = (control) => (IS_FIREFOX ? control.click() : control.tap());
  await tap(page.locator("#menu"));
  await tap(page.getByRole("link", { name: /Inbox/ }));
  await eventuallyEqual(() => shownTitles(page), ["One", "Two", "Three", "Four"]);
  await tap(row(page, "Four").locator("button.open"));
  await panel(page).getByText("4 of 4").waitFor();
  const [up, down] = [button(panel(page), "Move up"), button(panel(page), "Move down")];
  for (const control of [up, down]) {
    const { width, height } = await control.boundingBox();
    assert.ok(width >= 44 && height >= 44, `${width} × ${height}`);
  }
  await tap(up);
  await panel(page).getByText("3 of 4").waitFor();
  await tap(up);
  await panel(page).getByText("2 of 4").waitFor();
  await tap(down);
  await panel(page).getByText("3 of 4").waitFor();
  await allSaved(page);
  assert.deepEqual(await user.inbox(), ["One", "Two", "Four", "Three"]);
});

test("a task is moved over a slow line without waiting for the responses", async (t) => {
  const line = await startProxy(SERVICE);
  t.after(() => line.close());
  const { user, page } = await openSignedIn(t, ["One", "Two", "Three", "Four"], { service: line.url });
  await go(page, /Inbox/);
  await openTask(page, "One");
  line.delay = 1500;
  const down = button(panel(page), "Move down");
  for (let place = 2; place <= 4; place++) {
    await down.click();
    await panel(page).getByText(`${place} of 4`).waitFor({ timeout: 1000 });
  }
  assert.deepEqual(await shownTitles(page), ["Two", "Three", "Four", "One"]);
  await allSaved(page);
  assert.equal(await panel(page).getByText("4 of 4").isVisible(), true, "no response puts it back");
  assert.deepEqual(await user.inbox(), ["Two", "Three", "Four", "One"]);
});

test("a task dragged onto a list in the side bar moves there", async (t) => {
  const { user, page } = await openSignedIn(t, ["One", "Two"]);
  const home = (await user.request("POST", `${user.service}${LISTS}`, { name: "Home" })).body.list;
  await page.reload();
  await listLoaded(page);
  await go(page, /Inbox/);
  await eventuallyEqual(() => shownTitles(page), ["One", "Two"]);
  await row(page, "One").hover();
  const from = await row(page, "One").locator(".grip").boundingBox();
  const to = await page.getByRole("link", { name: "Home" }).boundingBox();
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + 60, to.y + 20, { steps: 8 });
  await page.mouse.up();
  await allSaved(page);
  assert.deepEqual((await user.request("GET", home.tasks)).body.tasks.map(({ title }) => title), ["One"]);
  await button(page.locator("#offer"), "Undo").click();
  await allSaved(page);
  assert.deepEqual((await user.request("GET", home.tasks)).body.tasks, []);
});
