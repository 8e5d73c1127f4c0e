// Registering, signing in, staying signed in, and signing out.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  PASSWORD, STRICT, User, allSaved, button, eventuallyEqual, listLoaded, newTaskField, open, openSignedIn, row, shownTitles, signIn, withBrowser,
} from "./browser.js";

withBrowser();

const problem = (page) => page.locator("#sign-in-problem").textContent();
const stored = (page) => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }) + document.cookie);

test("registering signs the new user in", async (t) => {
  const page = await open(t);
  const name = `new-${process.pid}`;
  await button(page, "Create an account").click();
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill("pässwörd:with colon");
  await page.getByLabel("Email").fill("a@example.com");
  await page.keyboard.press("Enter");
  await listLoaded(page);
  assert.equal(await page.locator("#current-user").textContent(), name);
  await newTaskField(page).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "new-title");
  await page.locator("#empty").getByText("No tasks yet").waitFor();

  await button(page, "Sign out").click();
  await page.getByLabel("User name").fill(name.toUpperCase());
  await page.getByLabel("Password").fill("pässwörd:with colon");
  await page.keyboard.press("Enter");
  await listLoaded(page);
  assert.equal(await page.locator("#current-user").textContent(), name);
});

test("a rejected registration shows the reason and keeps the text", async (t) => {
  const taken = await User.register();
  const page = await open(t, { expectedErrors: [400, 409] });
  await button(page, "Create an account").click();
  await page.getByLabel("User name").fill(taken.name);
  await page.getByLabel("Password").fill("short");
  await page.keyboard.press("Enter");
  await eventuallyEqual(async () => /^Password/.test(await problem(page)), true);
  await page.getByLabel("Password").fill("long enough for anybody");
  await page.keyboard.press("Enter");
  await eventuallyEqual(async () => /taken/i.test(await problem(page)), true);
  assert.equal(await page.getByLabel("User name").inputValue(), taken.name);
  assert.equal(await page.getByLabel("Password").inputValue(), "long enough for anybody");
});

test("a wrong password shows a message", async (t) => {
  const user = await User.register();
  const page = await open(t, { expectedErrors: [401] });
  await page.getByLabel("User name").fill(user.name);
  await page.getByLabel("Password").fill("not this one");
  await page.keyboard.press("Enter");
  await eventuallyEqual(() => problem(page), "User name or password is wrong.");
  assert.equal(await page.getByLabel("User name").inputValue(), user.name);
});

test("the form asks for a registration code if needed, and a rate limit shows when to retry", async (t) => {
  const page = await open(t, { service: STRICT, expectedErrors: [403, 429] });
  const name = `coded-${process.pid}`;
  assert.equal(await page.getByLabel("Registration code").isVisible(), false);
  await button(page, "Create an account").click();
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByLabel("Registration code").waitFor();
  assert.match(await problem(page), /code is missing or wrong/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "code");
  await page.keyboard.type("open sesame");
  await page.keyboard.press("Enter");
  await listLoaded(page);
  await button(page, "Sign out").click();
  await button(page, "Sign in").waitFor();

  for (const message of [/wrong/, /wrong/, /Too many attempts\. Try again in \d+ (second|minute)/]) {
    await page.getByLabel("User name").fill(name);
    await page.getByLabel("Password").fill("wrong password");
    await page.keyboard.press("Enter");
    await page.locator("#sign-in-problem").filter({ hasText: message }).waitFor();
    await page.getByLabel("User name").fill("");
    await page.evaluate(() => (document.getElementById("sign-in-problem").textContent = ""));
  }
});

test("the session is kept in the tab, or in the browser with Stay signed in, and the password never", async (t) => {
  const { user, page } = await openSignedIn(t, ["Buy milk"]);
  const secretOf = (storage) => page.evaluate((name) => JSON.stringify({ ...window[name] }), storage);
  assert.match(await secretOf("sessionStorage"), /tdo_/);
  assert.equal(await secretOf("localStorage"), "{}");
  await page.reload();
  await eventuallyEqual(() => shownTitles(page), ["Buy milk"]);
  await button(page, "Sign out").click();
  await page.getByText("You are signed out.").waitFor();

  await signIn(page, user, { stay: true });
  assert.equal(await secretOf("sessionStorage"), "{}");
  assert.match(await secretOf("localStorage"), /tdo_/);
  const storage = await stored(page);
  assert.ok(!storage.includes(PASSWORD) && !storage.includes(Buffer.from(PASSWORD).toString("base64")));
  assert.deepEqual((await user.sessions()).map((token) => [token.scope, token.duration]), [["write", 30 * 86_400]]);

  const second = await page.context().newPage();
  await second.goto(page.url());
  await eventuallyEqual(() => shownTitles(second), ["Buy milk"]);
  await button(page, "Sign out").click();
  await second.getByText("You signed out in another window.").waitFor();
  assert.deepEqual([await user.sessions(), await stored(page)], [[], "{}"]);
});

test("signing out deletes the token and clears the page", async (t) => {
  const { user, page } = await openSignedIn(t, ["Buy milk"]);
  const [token] = await user.sessions();
  assert.deepEqual([token.scope, token.duration], ["write", 8 * 3600]);
  await button(page, "Sign out").click();
  await page.getByText("You are signed out.").waitFor();
  assert.deepEqual(await user.sessions(), []);
  assert.deepEqual([await stored(page), await shownTitles(page)], ["{}", []]);
  assert.equal(await page.getByLabel("User name").inputValue(), "");
});

test("each request carries only the credentials that it needs", async (t) => {
  const requests = [];
  const prepare = (page) => page.on("request", (request) => requests.push(request));
  const { page } = await openSignedIn(t, ["Buy milk"], { prepare });
  await row(page, "Buy milk").getByRole("checkbox").check();
  await allSaved(page);
  for (const request of requests) {
    const { authorization = "", cookie } = await request.allHeaders();
    const path = new URL(request.url()).pathname;
    const scheme = authorization.split(" ")[0];
    assert.equal(cookie, undefined);
    assert.equal(scheme, /v1\.0\/(tasks|lists|changes)/.test(path) ? "Bearer" : /tokens/.test(path) ? "Basic" : "", path);
    assert.ok(!request.url().includes(PASSWORD));
  }
});

test("a page at another address than the service's names the right address", async (t) => {
  const prepare = (page) =>
    page.route("**/todo/api/v1.0", (route) =>
      route.fulfill({ json: { tasks: "https://todo.example/x/todo/api/v1.0/tasks", users: "", tokens: "" } }),
    );
  const page = await open(t, { prepare });
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByText("This service's address is https://todo.example/x/").waitFor();
});

test("Back shows nothing of the user who signed out before", async (t) => {
  const { page } = await openSignedIn(t, ["Buy milk"]);
  await page.getByRole("searchbox").fill("secret plan");
  await eventuallyEqual(async () => page.url().includes("secret"), true);
  await page.getByRole("searchbox").fill("");
  await page.getByRole("link", { name: /Today/ }).click();
  await page.getByRole("link", { name: /Upcoming/ }).click();
  await button(page, "Sign out").click();
  await page.getByText("You are signed out.").waitFor();
  const other = await User.register();
  await other.create("Other");
  await signIn(page, other);
  await listLoaded(page);
  for (let step = 0; step < 2; step++) {
    await page.goBack();
    await eventuallyEqual(() => page.evaluate(() => history.state?.user), other.name);
    assert.equal(new URL(page.url()).search, "");
    assert.deepEqual(await shownTitles(page), ["Other"]);
  }
});

test("the page is cleared at once when a user signs out, however long the service takes", async (t) => {
  let respond;
  const asked = new Promise((resolve) => (respond = resolve));
  const prepare = (page) =>
    page.route("**/tokens/*", async (route) => {
      await asked;
      await route.continue();
    });
  const { user, page } = await openSignedIn(t, ["Buy milk"], { prepare });
  await button(page, "Sign out").click();
  await page.getByText("Signing out…").waitFor();
  assert.deepEqual([await newTaskField(page).isVisible(), await stored(page), await shownTitles(page)], [false, "{}", []]);
  respond();
  await page.getByText("You are signed out.").waitFor();
  assert.deepEqual(await user.sessions(), []);
});

test("a part of the page that could not be loaded is named, and the rest works", async (t) => {
  const prepare = (page) => page.route("**/web/later.js", (route) => route.abort());
  const user = await User.register();
  const page = await open(t, { prepare, expectedErrors: [0] });
  await page.getByLabel("User name").fill(user.name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByText("A part of this page could not be loaded.").waitFor();
  await newTaskField(page).fill("Buy milk");
  await page.keyboard.press("Enter");
  await allSaved(page);
  assert.deepEqual(await shownTitles(page), ["Buy milk"]);
});
