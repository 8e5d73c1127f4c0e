// Editing over slow and unreliable lines, with a mouse and on a phone: what is typed and ticked is saved once.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  PHONE, SERVICE, User, allSaved, button, eventuallyEqual, newTaskField, open, openTask, panel, row, shownTitles, signIn,
  titleField, withBrowser,
} from "./browser.js";
import { startProxy } from "./proxy.js";

withBrowser();

/** Loses the response to every third request that changes something, after the service has done it. */
function everyThirdWrite() {
  let writes = 0;
  return (method) => !["GET", "OPTIONS"].includes(method) && ++writes % 3 === 2;
}

const LINES = [
  { name: "50 ms", delay: 50 },
  { name: "300 ms, on a phone", delay: 300, device: PHONE },
  { name: "1,500 ms", delay: 1500 },
  { name: "every third response lost", delay: 50, lossy: true },
];
const ERRORS = [0, 404, 412];

for (const { name, delay, lossy, device } of LINES) {
  describe(`editing over a line of ${name}`, { concurrency: 6 }, () => {


    /** A user with tasks, signed in to as many windows as wanted. The line becomes slow after that. */
    async function start(t, tasks, windows = 1) {
      const line = await startProxy(SERVICE);
      const user = await User.register();
      const created = await user.create(...tasks);
      const pages = [];
      for (let count = 0; count < windows; count++) {
        const page = await open(t, { service: line.url, expectedErrors: ERRORS, ...device });
        await signIn(page, user);
        pages.push(page);
      }
      t.after(() => line.close());
      line.delay = delay;
      if (lossy) line.lose = everyThirdWrite();
      return { user, created, pages, page: pages[0], line };
    }

    const closePanel = async (page) => {
      await button(panel(page), "Close the task").click();
      await panel(page).waitFor({ state: "hidden" });
    };

    test("title, description, date and priority are saved, each once and nothing else", async (t) => {
      const { user, page } = await start(t, [{ title: "Buy milk", description: "Two litres\r\nof it", tags: ["shop"] }, "Other"]);
      await openTask(page, "Buy milk");
      await titleField(page).fill("Buy oat milk");
      await titleField(page).press("Enter");
      await panel(page).getByLabel("Due date").fill("2031-05-06");
      await panel(page).getByLabel("Due date").blur();
      await panel(page).getByLabel("Priority").selectOption("High");
      await allSaved(page);
      const [task] = await user.tasks();
      const { title, description, due, priority, tags } = task;
      assert.deepEqual({ title, description, due, priority, tags }, {
        title: "Buy oat milk", description: "Two litres\r\nof it", due: "2031-05-06", priority: "high", tags: ["shop"],
      });
      await closePanel(page);
      assert.match(await row(page, "Buy oat milk").textContent(), /6 May 2031/);
    });

    test("what is typed after Enter is kept and saved as well", async (t) => {
      const { user, page } = await start(t, ["Buy milk"]);
      await openTask(page, "Buy milk");
      await titleField(page).press("End");
      await page.keyboard.type(" and bread");
      await page.keyboard.press("Enter");
      await page.keyboard.type(" and butter");
      await allSaved(page);
      assert.equal(await titleField(page).inputValue(), "Buy milk and bread and butter");
      await closePanel(page);
      await allSaved(page);
      assert.deepEqual(await user.titles(), ["Buy milk and bread and butter"]);
    });

    test("typing a new task while another is being saved keeps the focus and every letter", async (t) => {
      const { user, page } = await start(t, ["Buy milk"]);
      await openTask(page, "Buy milk");
      await titleField(page).fill("Buy oat milk");
      await page.keyboard.press("Enter");
      await closePanel(page);
      await newTaskField(page).click();
      await page.keyboard.type("Call the plumber about the sink", { delay: 40 });
      await page.keyboard.press("Enter");
      await page.keyboard.type("Another one");
      await page.keyboard.press("Enter");
      await allSaved(page);
      assert.deepEqual(await user.titles(), ["Buy oat milk", "Call the plumber about the sink", "Another one"]);
      assert.equal(await newTaskField(page).inputValue(), "");
    });

    test("Escape takes back what was typed, and the next edit is saved", async (t) => {
      const { user, page } = await start(t, ["Buy milk"]);
      await openTask(page, "Buy milk");
      await titleField(page).fill("Not this");
      await titleField(page).press("Escape");
      await eventuallyEqual(() => titleField(page).inputValue(), "Buy milk");
      await titleField(page).fill("But this");
      await titleField(page).press("Enter");
      await titleField(page).press("Escape");
      await panel(page).waitFor({ state: "hidden" });
      await allSaved(page);
      assert.deepEqual([await user.titles(), await shownTitles(page)], [["But this"], ["But this"]]);
    });

    test("a tick followed at once by an edit does not conflict with oneself", async (t) => {
      const { user, page } = await start(t, ["Buy milk"]);
      await row(page, "Buy milk").getByRole("checkbox").click();
      await openTask(page, "Buy milk");
      await titleField(page).fill("Buy oat milk");
      await titleField(page).press("Enter");
      await allSaved(page);
      const [task] = await user.tasks();
      assert.deepEqual([task.title, task.done], ["Buy oat milk", true]);
      assert.equal(await button(page, "Keep mine").count(), 0);
    });

    test("quick ticks end as the last one, and no tick is lost", async (t) => {
      const { user, page } = await start(t, ["One", "Two", "Three"]);
      const box = (title) => page.getByRole("checkbox", { name: title, exact: true });
      for (const title of ["One", "Two", "One", "Three", "One", "Two"]) await box(title).click();
      await allSaved(page);
      assert.deepEqual((await user.tasks()).map((task) => task.done), [true, false, true]);
    });

    test("deleting while an edit is being saved deletes, and Undo brings back the edited task", async (t) => {
      const { user, page } = await start(t, ["Buy milk", "Other"]);
      await openTask(page, "Buy milk");
      await titleField(page).fill("Buy oat milk");
      await titleField(page).press("Enter");
      await button(panel(page), "Delete this task").click();
      await button(row(page, "Buy oat milk"), /Undo/).click();
      await allSaved(page);
      assert.deepEqual((await user.titles()).sort(), ["Buy oat milk", "Other"]);
      await openTask(page, "Buy oat milk");
      await button(panel(page), "Delete this task").click();
      await allSaved(page);
      assert.deepEqual(await user.titles(), ["Other"]);
      await button(row(page, "Buy oat milk"), /Undo/).click();
      await allSaved(page);
      assert.deepEqual((await user.titles()).sort(), ["Buy oat milk", "Other"]);
    });

    test("two windows that change different members are merged without a question", async (t) => {
      const { user, pages: [first, second] } = await start(t, [{ title: "Plan", tags: ["a"] }], 2);
      for (const page of [first, second]) await openTask(page, "Plan");
      await titleField(first).fill("Plan B");
      await titleField(first).press("Enter");
      await panel(second).getByLabel("Priority").selectOption("Low");
      await allSaved(first);
      await allSaved(second);
      const [task] = await user.tasks();
      assert.deepEqual([task.title, task.priority, task.tags], ["Plan B", "low", ["a"]]);
      for (const page of [first, second]) assert.equal(await button(page, "Keep mine").count(), 0);
    });

    test("the same member changed in two windows is asked about, and both choices work", async (t) => {
      const { user, created, page } = await start(t, [{ title: "Plan", priority: "low" }]);
      for (const [mine, theirs, choice, expected] of [["Mine", "Theirs", "Keep mine", "Mine"], ["My second", "Their second", "Take theirs", "Their second"]]) {
        if (!(await panel(page).isVisible())) await openTask(page, "Plan");
        await titleField(page).fill(mine);
        await user.change(created[0], { title: theirs });
        await titleField(page).press("Enter");
        await panel(page).getByText("Which version do you want to keep?").waitFor({ timeout: 30_000 });
        assert.match(await panel(page).locator(".conflict").textContent(), new RegExp(`yours: ${mine}theirs: ${theirs}`));
        await button(panel(page), choice).click();
        await allSaved(page);
        await eventuallyEqual(() => titleField(page).inputValue(), expected);
        assert.deepEqual(await user.titles(), [expected]);
      }
    });

    test("an edit of a task that was deleted elsewhere can restore it", async (t) => {
      const { user, created, page } = await start(t, ["Plan A"]);
      await openTask(page, "Plan A");
      await titleField(page).fill("Plan C");
      await user.request("DELETE", created[0].uri);
      await titleField(page).press("Enter");
      await panel(page).getByText("was deleted elsewhere. Your change is not saved.").waitFor({ timeout: 30_000 });
      await button(panel(page), "Restore it and save").click();
      await allSaved(page);
      await eventuallyEqual(() => user.titles(), ["Plan C"]);
    });

    test("steps and tags are added, changed, ticked and removed", async (t) => {
      const { user, page } = await start(t, [{ title: "Pack", steps: [{ title: "Socks" }, { title: "Hat" }], tags: ["trip"] }]);
      await openTask(page, "Pack");
      const steps = panel(page).getByRole("list", { name: "Steps" });
      await steps.getByRole("checkbox", { name: "Socks" }).click();
      await panel(page).getByLabel("Title of step 2").fill("Sun hat");
      await panel(page).getByLabel("Title of step 2").press("Enter");
      await page.keyboard.type("Tickets");
      await page.keyboard.press("Enter");
      await page.keyboard.type("Half typed");
      await panel(page).getByLabel("Tags", { exact: true }).and(page.locator("input")).fill("#summer");
      await page.keyboard.press("Enter");
      await button(panel(page), "Remove tag trip").click();
      await allSaved(page);
      const [task] = await user.tasks();
      assert.deepEqual(task.steps, [
        { title: "Socks", done: true }, { title: "Sun hat", done: false }, { title: "Tickets", done: false }, { title: "Half typed", done: false },
      ]);
      assert.deepEqual(task.tags, ["summer"]);
    });

    test("a reload in the middle of saving and typing loses and doubles nothing", async (t) => {
      const { user, page } = await start(t, ["Buy milk", "Pay rent"]);
      await newTaskField(page).fill("Added");
      await page.keyboard.press("Enter");
      await row(page, "Pay rent").getByRole("checkbox").click();
      await newTaskField(page).fill("Half typed task");
      await openTask(page, "Buy milk");
      await titleField(page).fill("Buy oat");
      await page.reload();
      await panel(page).waitFor({ timeout: 30_000 });
      await eventuallyEqual(() => titleField(page).inputValue(), "Buy oat");
      await closePanel(page);
      await allSaved(page);
      assert.equal(await newTaskField(page).inputValue(), "Half typed task");
      const tasks = await user.tasks();
      assert.deepEqual(tasks.map((task) => [task.title, task.done]), [["Buy oat", false], ["Pay rent", true], ["Added", false]]);
    });
  });
}

test("a task in the address that is loaded late does not take the focus from the field in which the user types", async (t) => {
  const line = await startProxy(SERVICE);
  t.after(() => line.close());
  const user = await User.register();
  await user.create("Buy milk");
  const page = await open(t, { service: line.url });
  await signIn(page, user);
  await openTask(page, "Buy milk");
  line.delay = 500;
  await page.reload();
  await newTaskField(page).pressSequentially("Buy ");
  assert.equal(await panel(page).isVisible(), false);
  await panel(page).waitFor();
  await page.keyboard.type("bread");
  await page.keyboard.press("Enter");
  await allSaved(page);
  assert.deepEqual((await user.titles()).sort(), ["Buy bread", "Buy milk"]);
});
