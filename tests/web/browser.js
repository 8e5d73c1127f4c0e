// A browser, people in it, and the promises that hold in every test: nothing unexpected on the
// console, no breach of the Content-Security-Policy, no other host, no dialog.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

export const SERVICE = process.env.SERVICE;
export const STRICT = process.env.STRICT_SERVICE;
export const PASSWORD = "correct horse";
const API = "/todo/api/v1.0";
const AXE = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const PATIENCE_MS = 10_000;

let browser;

export async function launch() {
  const quiet = ["--lang=en-GB", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    headless: true,
    args: ["--no-sandbox", ...quiet, "--disable-component-update", "--disable-sync"],
  });
  return browser;
}

/** To be called once in a file of tests. */
export function withBrowser() {
  before(launch);
  after(() => browser.close());
}

let people = 0;

/** A user of the service, and requests in their name past the browser. */
export class Person {
  static async register(service = SERVICE, extra = {}, name = `user-${process.pid}-${++people}`) {
    const person = new Person();
    Object.assign(person, { service, name });
    const body = { username: name, password: PASSWORD, ...extra };
    const made = await person.ask("POST", `${service}${API}/users`, body, null);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const token = await person.ask("POST", `${service}${API}/tokens`, { duration: 3600 }, person.basic());
    person.authorization = `Bearer ${token.body.token.token}`;
    return person;
  }

  basic() {
    return `Basic ${Buffer.from(`${this.name}:${PASSWORD}`).toString("base64")}`;
  }

  async ask(method, uri, body, authorization = this.authorization, extra = {}) {
    const headers = { ...extra };
    if (authorization) headers.Authorization = authorization;
    if (body) headers["Content-Type"] = "application/json";
    const answer = await fetch(uri, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  }

  async create(...tasks) {
    const made = [];
    for (const task of tasks) {
      const body = typeof task === "string" ? { title: task } : task;
      const { title, description, due } = body;
      const { body: answer } = await this.ask("POST", `${this.service}${API}/tasks`, { title, description, due });
      made.push(answer.task);
      if (body.done) await this.change(answer.task, { done: true });
    }
    return made;
  }

  change(task, changes) {
    return this.ask("PATCH", task.uri, changes);
  }

  async tasks() {
    return (await this.ask("GET", `${this.service}${API}/tasks`)).body.tasks;
  }

  async titles() {
    return (await this.tasks()).map((task) => task.title);
  }

  async sessions() {
    return (await this.ask("GET", `${this.service}${API}/tokens`)).body.tokens.filter((token) => token.label === "web");
  }

  /** Ends every sign-in of the browser's. */
  async endSessions() {
    for (const token of await this.sessions()) await this.ask("DELETE", token.uri);
  }
}

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
export const DESKTOP = { viewport: { width: 1100, height: 800 } };

/** A page in a browser profile of its own, watched until the test ends. `provoked` are statuses
 * that the test brings about, which Chromium writes on the console. */
export async function open(t, { service = SERVICE, provoked = [], path = "/", prepare, ...options } = {}) {
  const context = await browser.newContext({ ...DESKTOP, locale: "en-GB", ...options });
  const unexpected = [];
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  const host = new URL(service).host;
  context.on("request", (request) => {
    if (new URL(request.url()).host !== host) unexpected.push(`request to ${request.url()}`);
  });
  context.on("dialog", (dialog) => {
    if (dialog.type() !== "beforeunload") unexpected.push(`dialog: ${dialog.message()}`);
    dialog.accept().catch(() => {});
  });
  context.on("weberror", (error) => unexpected.push(`thrown: ${error.error()}`));
  context.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const line = message.text();
    const status = /^Failed to load resource: the server responded with a status of (\d+)/.exec(line);
    const expected = status ? provoked.includes(Number(status[1])) : provoked.includes(0) && /net::ERR_/.test(line);
    if (!expected) unexpected.push(`console: ${line}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(unexpected, []);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await prepare?.(page);
  await page.goto(service + path);
  return page;
}

export async function signIn(page, person, { stay = false } = {}) {
  await page.getByLabel("User name").fill(person.name);
  await page.getByLabel("Password").fill(PASSWORD);
  if (stay) await page.getByLabel("Stay signed in").check();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("list", { name: "Tasks" }).waitFor({ state: "attached" });
  await settled(page);
}

/** Until the list has come. */
export async function settled(page) {
  await page.waitForFunction(
    () => !document.querySelector("#tasks[aria-busy]") && document.querySelector("#status").textContent !== "",
  );
}

/** A new person, signed in, with these tasks. */
export async function at(t, tasks = [], options = {}) {
  const person = await Person.register();
  await person.create(...tasks);
  const page = await open(t, options);
  await signIn(page, person);
  return { person, page };
}

export const field = (page) => page.getByRole("textbox", { name: "New task", exact: true });
export const row = (page, title) => page.locator("#tasks > li").filter({ hasText: title });
export const button = (within, name) => within.getByRole("button", { name });
export const shown = (page) => page.locator("#tasks .title").allTextContents();

/** Waits until `look` gives `expected`. */
export async function becomes(look, expected) {
  const end = Date.now() + PATIENCE_MS;
  let seen;
  do {
    seen = await look();
    try {
      assert.deepEqual(seen, expected);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } while (Date.now() < end);
  assert.deepEqual(seen, expected);
}

export const says = (page, words) =>
  becomes(async () => (await page.locator("#status").textContent()).includes(words), true);

/** What axe-core finds wrong with the page as it is. */
export async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => (await window.axe.run()).violations);
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}
