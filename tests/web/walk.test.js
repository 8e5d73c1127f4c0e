// A random walk: hundreds of actions of a user over a slow line that loses responses, while another device
// changes the same tasks. `walker.js` has the actions and the model, `walk_check.js` compares the model with the
// account. `WALK_SEED` repeats a walk.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SERVICE, User, eventuallyEqual, open, signIn, withBrowser } from "./browser.js";
import { startProxy } from "./proxy.js";
import { check } from "./walk_check.js";
import { Walk, generator } from "./walker.js";

withBrowser();

const ACTIONS = Number(process.env.WALK_ACTIONS ?? 500);
const SEED = Number(process.env.WALK_SEED ?? Math.floor(Math.random() * 1e9));

const WEIGHTS = {
  add: 5, addAndTypeOn: 2, tick: 8, edit: 8, editTwice: 4, cancel: 3, prioritise: 3, remove: 5, undo: 4, reload: 2, look: 3,
  step: 4, move: 3, repeat: 1, reorder: 3, select: 3, otherDevice: 4, otherCreates: 1, otherDeletes: 1, otherRepeats: 1, tickRepeating: 6, focus: 3, changeLine: 3,
};

/** What the page knows about a task, for the report of a failure. */
async function dump(number) {
  const { page } = await import(new URL("web/page.js", document.baseURI).href);
  const entries = [...page.state.entries.values()].filter((entry) => JSON.stringify(entry).includes(`task ${number}.`));
  return JSON.stringify({ address: location.search, open: page.open, focus: document.activeElement.outerHTML.slice(0, 150), entries });
}

test(`${ACTIONS} random actions lose and double nothing`, async (t) => {
  t.diagnostic(`WALK_SEED=${SEED}`);
  const line = await startProxy(SERVICE);
  const user = await User.register();
  await user.request("POST", `${SERVICE}/todo/api/v1.0/lists`, { name: "Home" });
  const page = await open(t, { service: line.url, expectedErrors: [0, 404, 412] });
  t.after(() => line.close());
  await signIn(page, user);
  const walk = new Walk(page, user, line, generator(SEED));
  const bag = Object.entries(WEIGHTS).flatMap(([name, weight]) => Array(weight).fill(name));
  for (let step = 1; step <= ACTIONS; step++) {
    const name = walk.one(bag);
    walk.log.push(name);
    try {
      await walk[name]();
      if (step % 50 === 0 || step === ACTIONS) await check(walk);
    } catch (error) {
      const tail = Number(walk.log.at(-1).split(" ")[1]);
      t.diagnostic(await page.evaluate(dump, tail));
      throw new Error(`WALK_SEED=${SEED}, action ${step}, after ${walk.log.slice(-8).join(", ")}`, { cause: error });
    }
  }
  t.diagnostic(`ticks of repeating tasks: ${[...walk.ticks.values()].join(", ")}`);
  const titles = [];
  for (const list of [/Inbox/, /Home/]) {
    await page.getByRole("link", { name: list }).click();
    // A view that shows done tasks may stand until the next frame.
    await eventuallyEqual(() => page.getByLabel("Show done").isChecked(), false);
    await page.getByLabel("Show done").check();
    for (let shown = -1, before = -2; shown !== before; ) {
      before = shown;
      await page.mouse.wheel(0, 5000);
      await page.waitForTimeout(200);
      shown = await page.locator("#tasks li .title").count();
    }
    titles.push(...(await page.locator("#tasks li .title").allTextContents()));
  }
  assert.deepEqual(titles.sort(), (await user.titles()).sort(), "the page shows what the account holds");
});
