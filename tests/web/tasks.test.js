// Everything that a task can have, by mouse, by keyboard and by touch: quick add, lists, order, selection, repeats.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  IS_FIREFOX, PHONE, allSaved, button, eventuallyEqual, listLoaded, newTaskField, openSignedIn, openTask, panel, row, shownTitles, statusContains,
  titleField, withBrowser,
} from "./browser.js";

withBrowser();

const API = "/todo/api/v1.0";
const dateInDays = (offset) => {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() + offset)).toISOString().slice(0, 10);
};
const newList = async (user, name) => (await user.request("POST", `${user.service}${API}/lists`, { name })).body.list;
const go = (page, name) => page.getByRole("link", { name }).click();
const undoBar = (page) => button(page.locator("#offer"), "Undo");

describe("tasks", { concurrency: 3 }, () => {
  test("quick add shows what it understood, each part can be removed, and the task has the rest", async (t) => {
    const { user, page } = await openSignedIn(t, []);
    await newList(user, "Home");
    await page.reload();
    await listLoaded(page);
    await go(page, /Home/);
    await go(page, /All tasks/);
    await newTaskField(page).fill("Call Mia tomorrow 9:30 #trip !high /Home");
    const chips = () => page.locator("#chips .chip").allTextContents();
    assert.deepEqual(await chips(), ["Tomorrow", "09:30", "#trip", "High priority", "Home"]);
    await button(page, "Not #trip").click();
    assert.deepEqual(await chips(), ["Tomorrow", "09:30", "High priority", "Home"]);
    assert.equal(await page.evaluate(() => document.activeElement.id), "new-title");
    await page.keyboard.press("Enter");
    await allSaved(page);
    const [task] = await user.tasks();
    assert.deepEqual([task.title, task.due, task.tags, task.priority], ["Call Mia #trip", `${dateInDays(1)}T09:30`, [], "high"]);
    assert.deepEqual(await chips(), []);
    await newTaskField(page).fill('Read "tomorrow" again');
    assert.deepEqual(await chips(), []);
    await page.keyboard.press("Enter");
    await allSaved(page);
    assert.deepEqual((await user.tasks()).map(({ title, due }) => [title, due]).at(-1), ['Read "tomorrow" again', null]);
  });

  test("a task typed in Today is due today, one typed in a list is in that list", async (t) => {
    const { user, page } = await openSignedIn(t, []);
    const home = await newList(user, "Home");
    await page.reload();
    await listLoaded(page);
    await go(page, /Today/);
    await newTaskField(page).fill("Now");
    await page.keyboard.press("Enter");
    await newTaskField(page).fill("Some day");
    await button(page, "Not Today").click();
    await page.keyboard.press("Enter");
    await eventuallyEqual(() => shownTitles(page), ["Now"]);
    await go(page, /Home/);
    await newTaskField(page).fill("Here");
    await page.keyboard.press("Enter");
    await allSaved(page);
    const tasks = (await user.tasks()).map(({ title, due, list }) => [title, due, list === home.uri.replace(/.*\/todo/, list.replace(/\/todo.*/, "/todo"))]);
    assert.deepEqual(tasks, [["Now", dateInDays(0), false], ["Some day", null, false], ["Here", null, true]]);
  });

  test("lists are created, renamed and deleted, and count their open tasks", async (t) => {
    const { user, page } = await openSignedIn(t, ["One"]);
    await button(page, "New list").click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Garden");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Garden" }).waitFor();
    await newTaskField(page).fill("Dig");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Garden 1 open task", exact: true }).waitFor();
    await button(page, "Rename or delete this list").click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Allotment");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Allotment" }).waitFor();
    await allSaved(page);
    await button(page, "Rename or delete this list").click();
    await button(page, "Delete list…").click();
    await button(page.getByRole("dialog"), "Delete").click();
    await page.getByRole("heading", { name: "All tasks" }).waitFor();
    await eventuallyEqual(() => shownTitles(page), ["One"]);
    const { lists } = (await user.request("GET", `${user.service}${API}/lists`)).body;
    assert.deepEqual(lists.map(({ name }) => name), ["Inbox"]);
    await go(page, "Trash");
    await button(page, /Restore .*Dig/).click();
    await eventuallyEqual(async () => (await user.titles()).sort(), ["Dig", "One"]);
  });

  test("a list whose creation was done but not confirmed is not created twice", async (t) => {
    const { user, page } = await openSignedIn(t, [], { expectedErrors: [0] });
    let lost = 0;
    await page.route("**/lists", async (route) => {
      if (route.request().method() !== "POST" || lost++ > 0) return route.continue();
      await user.request("POST", route.request().url(), route.request().postDataJSON());
      await route.abort();
    });
    await button(page, "New list").click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Garden");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("cannot be reached").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Garden" }).waitFor();
    const { lists } = (await user.request("GET", `${user.service}${API}/lists`)).body;
    assert.deepEqual(lists.map(({ name }) => name), ["Inbox", "Garden"]);
  });

  test("several tasks are completed, moved, tagged and deleted together, in one request each, and it is undone", async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two", "Three", { title: "Four", tags: ["x"] }]);
    const home = await newList(user, "Home");
    await page.reload();
    await listLoaded(page);
    await go(page, /All tasks/);
    const requests = [];
    page.on("request", (request) => request.method() !== "GET" && requests.push(`${request.method()} ${new URL(request.url()).pathname.replace(API, "")}`));
    const select = async (...titles) => {
      await button(page, "Select").click();
      for (const title of titles) await page.getByRole("checkbox", { name: `Select “\u2068${title}\u2069”` }).check();
    };
    const inAll = async (read) => (await user.tasks()).map(read);

    await select("One", "Two");
    await button(page.locator("#bulk"), "Done").click();
    await allSaved(page);
    assert.deepEqual(await inAll((task) => task.done), [true, true, false, false]);
    await undoBar(page).click();
    await allSaved(page);
    assert.deepEqual(await inAll((task) => task.done), [false, false, false, false]);

    await select("Three", "Four");
    await page.getByLabel("Move to a list").selectOption("Home");
    await allSaved(page);
    assert.deepEqual((await user.request("GET", home.tasks)).body.tasks.map(({ title }) => title), ["Three", "Four"]);

    await select("Three", "Four");
    await button(page.locator("#bulk"), "Tag").click();
    await page.getByRole("dialog").getByLabel("Tag").fill("#soon");
    await page.keyboard.press("Enter");
    await allSaved(page);
    assert.deepEqual(await inAll((task) => task.tags), [[], [], ["soon"], ["x", "soon"]]);

    await select("One");
    await page.locator("#bulk-all").click();
    await button(page.locator("#bulk"), "Delete").click();
    await allSaved(page);
    assert.deepEqual(await user.tasks(), []);
    await undoBar(page).click();
    await allSaved(page);
    assert.deepEqual((await user.titles()).sort(), ["Four", "One", "Three", "Two"]);
    assert.deepEqual(new Set(requests), new Set(["POST /batch"]));
  });

  test("Clear completed moves what is done to the trash, and is undone", async (t) => {
    const { user, page } = await openSignedIn(t, ["Open", { title: "Done one", done: true }, { title: "Done two", done: true }]);
    await go(page, "Done");
    await button(page, "Clear completed").click();
    await page.getByText("2 completed tasks move to the trash.").waitFor();
    await button(page.getByRole("dialog"), "Clear completed").click();
    await allSaved(page);
    assert.deepEqual(await user.titles(), ["Open"]);
    await undoBar(page).click();
    await allSaved(page);
    assert.deepEqual((await user.titles()).sort(), ["Done one", "Done two", "Open"]);
  });

  test("a repetition is chosen in words; ticking makes the next task, and Undo takes it back", async (t) => {
    const { user, page } = await openSignedIn(t, [{ title: "Report", due: dateInDays(0) }]);
    await openTask(page, "Report");
    await panel(page).getByLabel("Repeats").selectOption("every day");
    await allSaved(page);
    assert.equal((await user.tasks())[0].repeat, "FREQ=DAILY");
    await panel(page).getByLabel("Repeats").selectOption("Other…");
    await page.getByRole("dialog").getByLabel("How often").fill("every 3 days");
    await page.keyboard.press("Enter");
    await allSaved(page);
    assert.equal((await user.tasks())[0].repeat, "FREQ=DAILY;INTERVAL=3");
    await button(panel(page), "Close the task").click();
    await panel(page).waitFor({ state: "hidden" });
    await page.getByRole("checkbox", { name: "Report" }).click();
    await allSaved(page);
    const summary = async () => (await user.tasks()).map(({ done, repeat, due }) => [done, repeat, due]);
    assert.deepEqual(await summary(), [[true, null, dateInDays(0)], [false, "FREQ=DAILY;INTERVAL=3", dateInDays(3)]]);
    await eventuallyEqual(() => shownTitles(page), ["Report", "Report"]);
    await undoBar(page).click();
    await allSaved(page);
    assert.deepEqual(await summary(), [[false, "FREQ=DAILY;INTERVAL=3", dateInDays(0)]]);
  });

  test("a description has links that can be followed, and a long one is folded", async (t) => {
    const long = `See https://example.com/a?b=c. Not javascript:alert(1).\n${"A line of text\n".repeat(40)}`;
    const { page } = await openSignedIn(t, [{ title: "Read", description: long }]);
    await openTask(page, "Read");
    const link = panel(page).getByRole("link");
    assert.deepEqual(await link.evaluateAll((all) => all.map((each) => [each.href, each.rel])), [["https://example.com/a?b=c", "noopener noreferrer"]]);
    const height = () => page.locator("#panel-text").evaluate((element) => element.offsetHeight);
    const folded = await height();
    await button(panel(page), "Show all").click();
    assert.ok((await height()) > folded * 2);
    await button(panel(page), "Edit description").click();
    assert.equal(await page.getByLabel("Description", { exact: true }).inputValue(), long);
  });

  test("everything that shortcuts do works without a mouse, and they can be switched off", async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two", "Three"]);
    const keys = async (...names) => {
      for (const name of names) await page.keyboard.press(name);
    };
    const focused = () => page.evaluate(() => document.activeElement.closest("li")?.querySelector(".title")?.textContent ?? document.activeElement.id);
    await page.getByRole("heading", { level: 1 }).focus();
    await keys("j");
    assert.equal(await focused(), "Three");
    await keys("j", "ArrowDown", "k");
    assert.equal(await focused(), "Two");
    await keys("c");
    await statusContains(page, "Done: “\u2068Two\u2069”");
    await keys("Control+z");
    await allSaved(page);
    assert.deepEqual((await user.tasks()).map((task) => task.done), [false, false, false]);
    await keys("x");
    await eventuallyEqual(() => page.locator("#bulk-count").textContent(), "1 selected");
    await keys("Escape");
    await keys("Delete");
    await statusContains(page, "Deleted “\u2068Two\u2069”");
    await keys("Control+z");
    await statusContains(page, "Undone");
    await openTask(page, "Two");
    await button(panel(page), "Close the task").focus();
    await keys("Delete", "c", "x");
    await button(panel(page), "Close the task").click();
    await allSaved(page);
    assert.deepEqual((await user.tasks()).map((task) => task.done), [false, false, false], "keys pressed in the panel do nothing to the list");
    await keys("t");
    await page.getByRole("heading", { name: "Today" }).waitFor();
    await keys("a");
    await page.getByRole("heading", { name: "All tasks" }).waitFor();
    await keys("n");
    assert.equal(await focused(), "new-title");
    await page.keyboard.type("nothing but text?");
    assert.equal(await newTaskField(page).inputValue(), "nothing but text?");
    await newTaskField(page).fill("");
    await page.getByRole("heading", { level: 1 }).focus();
    await keys("?");
    await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
    await page.getByLabel("Single keys do something").uncheck();
    await keys("Escape");
    await keys("t");
    assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "All tasks");
  });

  test("on a phone everything is done by touch", { skip: IS_FIREFOX && "Debian's Firefox has no touch screen in tests" }, async (t) => {
    const { user, page } = await openSignedIn(t, ["One", "Two", "Three"], PHONE);
    const tap = (locator) => locator.tap();
    await tap(page.locator("#menu"));
    await tap(page.getByRole("link", { name: /Inbox/ }));
    await eventuallyEqual(() => shownTitles(page), ["One", "Two", "Three"]);
    await tap(row(page, "Two").locator("button.open"));
    await panel(page).getByLabel("Priority").selectOption("High");
    await tap(button(panel(page), "Move up"));
    await panel(page).getByText("1 of 3").waitFor();
    await allSaved(page);
    assert.deepEqual(await user.inbox(), ["Two", "One", "Three"]);
    await tap(button(panel(page), "Move down"));
    await panel(page).getByText("2 of 3").waitFor();
    await titleField(page).fill("Second");
    await tap(button(panel(page), "Close the task"));
    await tap(page.getByRole("checkbox", { name: "One", exact: true }));
    await tap(button(page, "Select"));
    await tap(page.getByRole("checkbox", { name: /Select .*Three/ }));
    await tap(button(page.locator("#bulk"), "Delete"));
    await allSaved(page);
    assert.deepEqual((await user.tasks()).map(({ title, done, priority }) => [title, done, priority]), [["One", true, null], ["Second", false, "high"]]);
    await tap(undoBar(page));
    await allSaved(page);
    await drag(page, row(page, "Three"), row(page, "Second"));
    await allSaved(page);
    const order = (await user.request("GET", `${user.service}${API}/lists/inbox/tasks?done=false`)).body.tasks.map(({ title }) => title);
    assert.deepEqual(order, ["Three", "Second"]);
  });
});

/** Drags a row above another one with a finger. */
async function drag(page, from, to) {
  const start = await from.locator(".grip").boundingBox();
  const end = await to.boundingBox();
  const touch = await page.context().newCDPSession(page);
  const at = (y) => [{ x: start.x + start.width / 2, y }];
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(start.y + start.height / 2) });
  for (const y of [start.y - 5, end.y + 20, end.y + 4]) await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(y) });
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}
