// The browser and the users of every test. Each page fails its test on an unexpected console message,
// a violation of the Content-Security-Policy, a request to another host, or a dialog.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { chromium, firefox } from "playwright-core";

export const SERVICE = process.env.SERVICE;
export const STRICT = process.env.STRICT_SERVICE;
export const PASSWORD = "correct horse";
const API = "/todo/api/v1.0";
const AXE = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const TIMEOUT_MS = 10_000;

/** `BROWSER=firefox` runs the tests in Firefox. */
export const IS_FIREFOX = process.env.BROWSER === "firefox";
/** What a browser logs when there is no response. */
const NO_RESPONSE = /net::ERR_|NetworkError|NS_ERROR/;

let browser;

export async function launch() {
  // Debian's Firefox is driven through WebDriver BiDi.
  if (IS_FIREFOX) return (browser = await firefox.launch({ channel: "moz-firefox", executablePath: process.env.FIREFOX, headless: true }));
  const background = ["--lang=en-GB", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    headless: true,
    args: ["--no-sandbox", ...background, "--disable-component-update", "--disable-sync"],
  });
  return browser;
}

/** Launches the browser for a test file and closes it at the end. Call it once per file. */
export function withBrowser() {
  before(launch);
  after(() => browser.close());
}

let registered = 0;

/** A user of the service. It sends requests to the API directly, not through the browser. */
export class User {
  static async register(service = SERVICE, extra = {}, name = `user-${process.pid}-${++registered}`) {
    const user = new User();
    Object.assign(user, { service, name });
    const body = { username: name, password: PASSWORD, ...extra };
    const created = await user.request("POST", `${service}${API}/users`, body, null);
    assert.equal(created.status, 201, JSON.stringify(created.body));
    const token = await user.request("POST", `${service}${API}/tokens`, { duration: 3600 }, user.basic());
    user.authorization = `Bearer ${token.body.token.token}`;
    return user;
  }

  basic() {
    return `Basic ${Buffer.from(`${this.name}:${PASSWORD}`).toString("base64")}`;
  }

  async request(method, uri, body, authorization = this.authorization, extra = {}) {
    const headers = { ...extra };
    if (authorization) headers.Authorization = authorization;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(uri, { method, headers, body: body && JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }

  async create(...tasks) {
    const created = [];
    for (const task of tasks) {
      const body = typeof task === "string" ? { title: task } : task;
      const { done, ...members } = body;
      const response = await this.request("POST", `${this.service}${API}/tasks`, members);
      assert.equal(response.status, 201, JSON.stringify(response.body));
      created.push(response.body.task);
      if (done) await this.change(response.body.task, { done });
    }
    return created;
  }

  change(task, changes) {
    return this.request("PATCH", task.uri, changes);
  }

  async tasks() {
    return (await this.request("GET", `${this.service}${API}/tasks`)).body.tasks;
  }

  async titles() {
    return (await this.tasks()).map((task) => task.title);
  }

  /** The titles of the inbox in their order. */
  async inbox() {
    return (await this.request("GET", `${this.service}${API}/lists/inbox/tasks`)).body.tasks.map((task) => task.title);
  }

  async sessions() {
    return (await this.request("GET", `${this.service}${API}/tokens`)).body.tokens.filter((token) => token.label === "web");
  }

  /** Deletes the tokens of all sessions of the web client. */
  async endSessions() {
    for (const token of await this.sessions()) await this.request("DELETE", token.uri);
  }
}

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
export const DESKTOP = { viewport: { width: 1100, height: 800 } };

/** Opens a page in its own browser profile and checks its console until the test ends. Chromium logs failed
 * requests: `expectedErrors` are the statuses that the test causes, 0 for a network error. */
export async function open(t, { service = SERVICE, expectedErrors = [], path = "/", prepare, ...options } = {}) {
  const settings = { ...DESKTOP, locale: "en-GB", ...options };
  if (IS_FIREFOX) for (const name of ["isMobile", "hasTouch"]) delete settings[name];
  const context = await browser.newContext(settings);
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
  context.on("weberror", (error) => unexpected.push(`exception: ${error.error()}`));
  context.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const line = message.text();
    const status = /^Failed to load resource: the server responded with a status of (\d+)/.exec(line);
    const expected = status ? expectedErrors.includes(Number(status[1])) : expectedErrors.includes(0) && NO_RESPONSE.test(line);
    if (!expected) unexpected.push(`console: ${line}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(unexpected, []);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  await prepare?.(page);
  await page.goto(service + path);
  return page;
}

export async function signIn(page, user, { stay = false } = {}) {
  await page.getByLabel("User name").fill(user.name);
  await page.getByLabel("Password").fill(PASSWORD);
  if (stay) await page.getByLabel("Stay signed in").check();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#app").waitFor();
  await listLoaded(page);
}

/** Waits until everything is loaded and saved. */
export async function listLoaded(page) {
  await page.waitForFunction(() => {
    const visible = (id) => document.getElementById(id).checkVisibility();
    return visible("app") && document.body.dataset.ready && document.getElementById("busy").textContent === "" && !visible("sync") && !visible("loading");
  });
}

/** Registers a user with these tasks and signs in. */
export async function openSignedIn(t, tasks = [], options = {}) {
  const user = await User.register();
  await user.create(...tasks);
  const page = await open(t, options);
  await signIn(page, user);
  return { user, page };
}

export const newTaskField = (page) => page.getByRole("textbox", { name: "New task", exact: true });
export const row = (page, title) => page.locator("#tasks li").filter({ hasText: title });
export const panel = (page) => page.locator("#panel");
export const button = (within, name) => within.getByRole("button", { name });
export const shownTitles = (page) => page.locator("#tasks .title").allTextContents();

/** Waits until `read` returns `expected`. */
export async function eventuallyEqual(read, expected) {
  const end = Date.now() + TIMEOUT_MS;
  let actual;
  do {
    actual = await read();
    try {
      assert.deepEqual(actual, expected);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } while (Date.now() < end);
  assert.deepEqual(actual, expected);
}

/** Waits until the status line contains `text`. */
export const statusContains = (page, text) =>
  eventuallyEqual(async () => (await page.locator("#status").textContent()).includes(text), true);

/** The violations that axe-core finds in the page's current state. */
export async function violations(page) {
  await page.evaluate(AXE);
  const results = await page.evaluate(async () => (await window.axe.run()).violations);
  return results.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

export const titleField = (page) => page.getByRole("textbox", { name: "Title", exact: true });

/** Opens the panel of a task. */
export async function openTask(page, title) {
  await row(page, title).locator("button.open").click();
  await panel(page).waitFor();
  await eventuallyEqual(() => titleField(page).inputValue(), title);
}

/** Waits until the service has everything that was typed and ticked. */
export async function allSaved(page, timeout = 60_000) {
  const saved = () => {
    const states = [...document.querySelectorAll("#tasks li")].map((row) => row.dataset.state);
    return document.getElementById("busy").textContent === "" && !states.includes("saving") && !document.getElementById("sync").checkVisibility();
  };
  // What was just clicked is drawn in the next frame. A tap becomes a click a little later.
  for (let frames = 0; frames < 2; frames++) {
    await page.evaluate(() => new Promise((drawn) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(drawn)), 30)));
    await page.waitForFunction(saved, null, { timeout });
  }
}
