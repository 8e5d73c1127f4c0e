// What must be in the account after the random walk's actions, which `walker.js` has.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { allSaved } from "./browser.js";

/** The day on which the repeating tasks begin, or so many days after it. */
export const day = (after = 0) => new Date(Date.UTC(2031, 0, 1 + after)).toISOString().slice(0, 10);

/** Answers the first question as the user would who means what they did last. */
async function decide(walk) {
  const asking = walk.page.locator("#tasks li").filter({ has: walk.page.locator(".problem-box") }).first();
  const number = Number(/task (\d+)\./.exec(await asking.locator(".title").textContent())[1]);
  const answers = walk.model.get(number).deleted ? /^(Leave it deleted|Delete it anyway)$/ : /^(Keep mine|Restore it and save|Keep it)$/;
  await asking.getByRole("button", { name: answers }).click();
}

/** Waits until all is saved, answers every question, and compares the account with the model. */
export async function check(walk) {
  walk.line.delay = 0;
  walk.line.lose = () => false;
  await walk.closePanel();
  for (let round = 0; round < 50; round++) {
    await allSaved(walk.page);
    if ((await walk.page.locator("#tasks .problem-box").count()) === 0) break;
    await decide(walk);
  }
  const expected = [...walk.model.values()].filter((task) => !task.deleted).map(({ deleted: _, ...task }) => task);
  const inService = ({ title, done, priority, description, steps, list }) => ({
    title, done, priority, description, steps: steps.map((step) => `${step.title}${step.done ? "!" : ""}`), list: list.endsWith("/inbox") ? "Inbox" : "Home",
  });
  const all = await walk.user.tasks();
  const tasks = all.filter(({ title }) => title.startsWith("task ")).map(inService);
  const byTitle = (a, b) => (a.title < b.title ? -1 : 1);
  try {
    assert.deepEqual(tasks.sort(byTitle), expected.sort(byTitle), "the account holds what was typed and ticked, once");
  } catch (error) {
    const wrong = [...tasks, ...expected].filter((one) => ![tasks, expected].every((all) => all.some((other) => isDeepStrictEqual(one, other))));
    const numbers = new Set(wrong.map(({ title }) => title.split(".")[0].slice(5)));
    const steps = walk.log.filter((step) => /^(reload|changeLine|focus|look)/.test(step) || step.split(" ").some((word) => numbers.has(word)));
    throw new Error(`${JSON.stringify(wrong)}\n${steps.join(", ")}`, { cause: error });
  }
  for (const [title, count] of walk.ticks) {
    const series = all.filter((task) => task.title === title).map(({ due, done }) => `${due} ${done ? "done" : "open"}`);
    const wanted = Array.from({ length: count + 1 }, (_, after) => `${day(after)} ${after < count ? "done" : "open"}`);
    assert.deepEqual(series.sort(), wanted, `each tick of ${title} made one next task`);
  }
  await walk.focus();
  await allSaved(walk.page);
}
