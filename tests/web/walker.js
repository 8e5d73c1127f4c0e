// The user of the random walk: each method is one action, and the model says what must be there in the end.

import { newTaskField, panel, titleField } from "./browser.js";
import { press, tickOpen } from "./in_page.js";
import { day } from "./walk_check.js";

/** Mulberry32: a small generator of random numbers from 0 to 1. */
export function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export class Walk {
  /** What must be in the account: `{ title, done, priority, deleted }` by the number in the title. */
  model = new Map();
  /** How often each repeating task was ticked, by its title. */
  ticks = new Map();
  numbers = 0;
  versions = 0;
  log = [];

  constructor(page, user, line, random) {
    Object.assign(this, { page, user, line, random });
  }

  below(count) {
    return Math.floor(this.random() * count);
  }

  one(list) {
    return list[this.below(list.length)];
  }

  newTitle({ inList = true } = {}) {
    const number = ++this.numbers;
    const title = `task ${number}.`;
    // What is typed in a list is put there.
    const list = inList && this.list ? this.list : "Inbox";
    this.model.set(number, { title, done: false, priority: null, description: "", steps: [], list, deleted: false });
    return title;
  }

  /** The tasks whose rows are in the page and are not deleted, as elements with their entry in the model. */
  async rows() {
    // What was clicked before is drawn in the next frame.
    await this.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const titles = await this.page.locator("#tasks li:not(.deleted) .title").allTextContents();
    return titles.map((title) => Number(/^task (\d+)\./.exec(title)?.[1])).filter((number) => this.model.has(number));
  }

  /** Adds the task to the last action in the log. */
  note(number) {
    this.log[this.log.length - 1] += ` ${number}`;
  }

  row(number) {
    return this.page.locator("#tasks li").filter({ hasText: `task ${number}.` });
  }

  async pick() {
    const numbers = await this.rows();
    if (numbers.length === 0) return null;
    const number = this.one(numbers);
    this.note(number);
    return number;
  }

  /** Opens the panel of a task, unless it was deleted elsewhere in this moment. */
  async openRow(number) {
    try {
      await this.row(number).locator("button.open").click({ timeout: 3000 });
      await this.page.waitForFunction((start) => document.getElementById("panel-title").value.startsWith(start), `task ${number}.`, { timeout: 3000 });
      return true;
    } catch (error) {
      if ((await this.row(number).locator("button.open").count()) === 0) return false;
      throw error;
    }
  }

  async closePanel() {
    if (!(await panel(this.page).isVisible())) return;
    try {
      await this.page.locator("#panel-close").click({ timeout: 3000 });
    } catch (error) {
      // It closes by itself when its task is deleted.
      if (await panel(this.page).isVisible()) throw error;
    }
    await panel(this.page).waitFor({ state: "hidden" });
  }

  // Actions of the user.

  async add() {
    await newTaskField(this.page).fill(this.newTitle());
    await newTaskField(this.page).press("Enter");
  }

  async addAndTypeOn() {
    await this.add();
    const next = this.newTitle();
    await this.page.keyboard.type(next);
    await this.page.keyboard.press("Enter");
  }

  async tick() {
    const number = await this.pick();
    if (number === null) return;
    const task = this.model.get(number);
    try {
      await this.row(number).locator(".check input[aria-labelledby]").click({ timeout: 3000 });
    } catch (error) {
      // A task that was moved to another list leaves the page when its deletion is undone.
      if ((await this.row(number).count()) === 0) return;
      throw error;
    }
    task.done = !task.done;
    task.deleted = false;
  }

  async tickRepeating() {
    if (this.ticks.size === 0) return;
    const title = this.one([...this.ticks.keys()]);
    if (await this.page.evaluate(tickOpen, title)) this.ticks.set(title, this.ticks.get(title) + 1);
  }

  async edit() {
    const number = await this.pick();
    if (number === null) return;
    if (!(await this.openRow(number))) return;
    const title = `task ${number}. version ${++this.versions}`;
    await titleField(this.page).fill(title);
    const end = this.one(["Enter", "leave", "close"]);
    if (end === "Enter") await titleField(this.page).press("Enter");
    else if (end === "leave") await newTaskField(this.page).focus();
    else await this.closePanel();
    Object.assign(this.model.get(number), { title, deleted: false });
  }

  async editTwice() {
    const number = await this.pick();
    if (number === null) return;
    if (!(await this.openRow(number))) return;
    await titleField(this.page).fill(`task ${number}. first ${++this.versions}`);
    await titleField(this.page).press("Enter");
    await this.page.keyboard.type(" and more");
    await this.closePanel();
    Object.assign(this.model.get(number), { title: `task ${number}. first ${this.versions} and more`, deleted: false });
  }

  async cancel() {
    const number = await this.pick();
    if (number === null) return;
    if (!(await this.openRow(number))) return;
    await titleField(this.page).fill("this is taken back");
    await titleField(this.page).press("Escape");
    await this.closePanel();
  }

  async prioritise() {
    const number = await this.pick();
    if (number === null) return;
    if (!(await this.openRow(number))) return;
    const priority = this.one(["low", "medium", "high"]);
    await this.page.locator("#panel-priority").selectOption(priority);
    Object.assign(this.model.get(number), { priority, deleted: false });
  }

  async step() {
    const number = await this.pick();
    if (number === null || !(await this.openRow(number))) return;
    const task = this.model.get(number);
    task.deleted = false;
    const boxes = this.page.locator("#panel-steps input[type=checkbox]");
    if (task.steps.length > 0 && this.random() < 0.5) {
      const index = this.below(task.steps.length);
      await boxes.nth(index).click();
      task.steps[index] = `${task.steps[index].replace(/!$/, "")}${task.steps[index].endsWith("!") ? "" : "!"}`;
      return;
    }
    const step = `step ${++this.versions}`;
    await this.page.locator("#panel-new-step").fill(step);
    if (this.random() < 0.5) await this.page.locator("#panel-new-step").press("Enter");
    else await this.closePanel();
    task.steps.push(step);
  }

  async move() {
    const number = await this.pick();
    if (number === null || !(await this.openRow(number))) return;
    const options = await this.page.locator("#panel-list option").allTextContents();
    if (options.length === 0) return;
    const list = this.one(options);
    await this.page.locator("#panel-list").selectOption(list);
    Object.assign(this.model.get(number), { list, deleted: false });
  }

  async repeat() {
    const number = await this.pick();
    if (number === null || this.model.get(number).done || !(await this.openRow(number))) return;
    // The rule itself creates another task when it is ticked, which has the same title: this one goes again.
    await this.page.locator("#panel-repeat").selectOption("every day");
    await this.page.locator("#panel-repeat").selectOption("Does not repeat");
    this.model.get(number).deleted = false;
  }

  async reorder() {
    if (!this.page.url().includes("list=")) return;
    const number = await this.pick();
    if (number === null) return;
    await this.closePanel();
    if (this.random() < 0.5) return this.drag(number);
    await this.row(number).locator("button.open").focus();
    for (let times = 1 + this.below(3); times > 0; times--) await this.page.keyboard.press(this.one(["Alt+ArrowUp", "Alt+ArrowDown"]));
  }

  async drag(number) {
    await this.row(number).hover();
    const from = await this.row(number).locator(".grip").boundingBox();
    const to = await this.row((await this.pick()) ?? number).boundingBox();
    if (!from || !to) return;
    await this.page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(from.x + 10, to.y + this.below(40), { steps: 4 });
    await this.page.mouse.up();
  }

  async select() {
    await this.closePanel();
    const numbers = [...new Set(await this.rows())].filter(() => this.random() < 0.4).slice(0, 5);
    if (numbers.length === 0 || (await this.page.locator("#tasks .problem-box").count()) > 0) return;
    await this.page.locator("#select").click();
    for (const number of numbers) {
      this.note(number);
      await this.row(number).locator("input.select").click({ timeout: 3000 });
    }
    const deletes = this.random() < 0.5;
    // A task that was deleted elsewhere may leave the page at any moment.
    const titles = await this.page.evaluate(press, deletes ? "bulk-delete" : "bulk-done");
    const chosen = titles.map((title) => this.model.get(Number(/\d+/.exec(title)[0])));
    if (!deletes) {
      const done = !chosen.every((task) => task.done);
      for (const task of chosen) Object.assign(task, { done, deleted: false });
    } else {
      for (const task of chosen) task.deleted = true;
      if (this.random() < 0.6 && chosen.length > 0) {
        await this.page.locator("#offer-undo").click();
        for (const task of chosen) task.deleted = false;
      }
    }
  }

  async remove() {
    const number = await this.pick();
    if (number === null) return;
    await this.closePanel();
    await this.row(number).hover();
    await this.row(number).locator("button[aria-label^=Delete]").click();
    this.model.get(number).deleted = true;
  }

  async undo() {
    const ghosts = await this.page.locator("#tasks li.deleted").all();
    if (ghosts.length === 0) return;
    const ghost = this.one(ghosts);
    const number = Number(/task (\d+)\./.exec(await ghost.textContent())[1]);
    this.note(number);
    await this.row(number).getByRole("button", { name: /^Undo/ }).click();
    this.model.get(number).deleted = false;
  }

  async reload() {
    await this.page.reload();
    await this.page.locator("#app").waitFor();
  }

  async look() {
    const name = this.one(["All tasks", "Inbox", "Home"]);
    await this.closePanel();
    await this.page.getByRole("link", { name: new RegExp(name) }).click();
    await this.page.getByRole("heading", { name }).waitFor();
    this.list = name === "All tasks" ? null : name;
    if (this.list) await this.page.getByLabel("Show done").check();
  }

  // What happens meanwhile.

  async otherDevice() {
    const tasks = (await this.user.tasks()).filter(({ title }) => title.startsWith("task "));
    if (tasks.length === 0) return;
    const task = this.one(tasks);
    const number = Number(/^task (\d+)\./.exec(task.title)[1]);
    // What the user changed last must win or be asked about, so the other device changes something else.
    await this.user.change(task, { description: `noted ${++this.versions}` });
    this.note(number);
    this.model.get(number).description = `noted ${this.versions}`;
  }

  async otherCreates() {
    await this.user.create(this.newTitle({ inList: false }));
  }

  async otherRepeats() {
    const title = `daily ${this.ticks.size}`;
    this.ticks.set(title, 0);
    await this.user.create({ title, due: day(), repeat: "FREQ=DAILY" });
  }

  async otherDeletes() {
    const { number } = this.one([...this.model].map(([key, value]) => ({ number: key, ...value })).filter((task) => !task.deleted)) ?? {};
    const task = (await this.user.tasks()).find(({ title }) => title.startsWith(`task ${number}.`));
    if (!task || (await this.isBusy())) return;
    await this.user.request("DELETE", task.uri);
    this.note(number);
    this.model.get(number).deleted = true;
  }

  /** Whether something of the user is still on its way, which the other device would race with. */
  isBusy() {
    return this.page.evaluate(() => document.getElementById("busy").textContent !== "" || document.getElementById("sync").checkVisibility());
  }

  async focus() {
    await this.page.evaluate(() => dispatchEvent(new Event("focus")));
  }

  async changeLine() {
    this.line.delay = this.one([0, 50, 300, 700]);
    let requests = 0;
    this.line.lose = this.random() < 0.4 ? (method) => method !== "GET" && ++requests % 4 === 1 : () => false;
  }
}
