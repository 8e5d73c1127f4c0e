// Signing in, registering, staying, and leaving.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PASSWORD, Person, STRICT, at, becomes, button, field, open, row, says, settled, shown, signIn, withBrowser } from "./browser.js";

withBrowser();

const problem = (page) => page.locator("#sign-in-problem").textContent();
const stored = (page) => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }) + document.cookie);

test("one registers and is signed in", async (t) => {
  const page = await open(t);
  const name = `new-${process.pid}`;
  await button(page, "Create an account").click();
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill("pässwörd:with colon");
  await page.getByLabel("Email").fill("a@example.com");
  await page.keyboard.press("Enter");
  await settled(page);
  assert.equal(await page.locator("#current-user").textContent(), name);
  await field(page).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "new-title");
  assert.match(await page.locator("#empty").textContent(), /No tasks yet/);

  await button(page, "Sign out").click();
  await page.getByLabel("User name").fill(name.toUpperCase());
  await page.getByLabel("Password").fill("pässwörd:with colon");
  await page.keyboard.press("Enter");
  await settled(page);
  assert.equal(await page.locator("#current-user").textContent(), name);
});

test("what is wrong with a registration is said, and nothing typed is lost", async (t) => {
  const taken = await Person.register();
  const page = await open(t, { provoked: [400, 409] });
  await button(page, "Create an account").click();
  await page.getByLabel("User name").fill(taken.name);
  await page.getByLabel("Password").fill("short");
  await page.keyboard.press("Enter");
  await becomes(async () => /^Password/.test(await problem(page)), true);
  await page.getByLabel("Password").fill("long enough for anybody");
  await page.keyboard.press("Enter");
  await becomes(async () => /taken/i.test(await problem(page)), true);
  assert.equal(await page.getByLabel("User name").inputValue(), taken.name);
  assert.equal(await page.getByLabel("Password").inputValue(), "long enough for anybody");
});

test("a wrong password is said in words", async (t) => {
  const person = await Person.register();
  const page = await open(t, { provoked: [401] });
  await page.getByLabel("User name").fill(person.name);
  await page.getByLabel("Password").fill("not this one");
  await page.keyboard.press("Enter");
  await becomes(() => problem(page), "User name or password is wrong.");
  assert.equal(await page.getByLabel("User name").inputValue(), person.name);
});

test("a registration code is asked for where the service wants one, and guessing ends with a time", async (t) => {
  const page = await open(t, { service: STRICT, provoked: [403, 429] });
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
  await settled(page);
  await button(page, "Sign out").click();
  await button(page, "Sign in").waitFor();

  for (const said of [/wrong/, /wrong/, /Too many attempts\. Try again in \d+ (second|minute)/]) {
    await page.getByLabel("User name").fill(name);
    await page.getByLabel("Password").fill("guess");
    await page.keyboard.press("Enter");
    await page.locator("#sign-in-problem").filter({ hasText: said }).waitFor();
    await page.getByLabel("User name").fill("");
    await page.evaluate(() => (document.getElementById("sign-in-problem").textContent = ""));
  }
});

test("the session is in memory, unless one stays, and the password nowhere", async (t) => {
  const { person, page } = await at(t, ["Buy milk"]);
  assert.equal(await stored(page), "{}");
  await page.reload();
  await signIn(page, person, { stay: true });
  const kept = await stored(page);
  assert.match(kept, /tdo_/);
  assert.ok(!kept.includes(PASSWORD) && !kept.includes(Buffer.from(PASSWORD).toString("base64")));
  await page.reload();
  await settled(page);
  assert.deepEqual(await shown(page), ["Buy milk"]);
  assert.equal(await page.getByLabel("Password").inputValue(), "");
});

test("signing out ends the token and forgets everything", async (t) => {
  const { person, page } = await at(t, ["Buy milk"]);
  const [token] = await person.sessions();
  assert.deepEqual([token.scope, token.duration], ["write", 8 * 3600]);
  await button(page, "Sign out").click();
  await page.getByText("You are signed out.").waitFor();
  assert.deepEqual(await person.sessions(), []);
  assert.deepEqual([await stored(page), await shown(page)], ["{}", []]);
  assert.equal(await page.getByLabel("User name").inputValue(), "");
});

test("credentials go only where they belong", async (t) => {
  const seen = [];
  const prepare = (page) => page.on("request", (request) => seen.push(request));
  const { page } = await at(t, ["Buy milk"], { prepare });
  await row(page, "Buy milk").getByRole("checkbox").check();
  await says(page, "Done");
  for (const request of seen) {
    const { authorization = "", cookie } = await request.allHeaders();
    const path = new URL(request.url()).pathname;
    const scheme = authorization.split(" ")[0];
    assert.equal(cookie, undefined);
    assert.equal(scheme, /tasks/.test(path) ? "Bearer" : /tokens/.test(path) ? "Basic" : "", path);
    assert.ok(!request.url().includes(PASSWORD));
  }
});

test("a session that ends loses nothing that was typed", async (t) => {
  const { person, page } = await at(t, ["Buy milk"], { provoked: [401] });
  await button(row(page, "Buy milk"), /Edit/).click();
  await page.getByRole("textbox", { name: "Title" }).fill("Buy oat milk");
  await person.endSessions();
  await field(page).fill("Pay the rent");
  await page.keyboard.press("Enter");
  await page.getByText("Your session has ended").waitFor();
  assert.equal(await page.getByLabel("User name").inputValue(), person.name);
  assert.equal(await field(page).isVisible(), false);

  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await row(page, "Pay the rent").waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Title" }).inputValue(), "Buy oat milk");
  await button(page, "Save").click();
  await row(page, "Buy oat milk").waitFor();
  assert.deepEqual(await person.titles(), ["Buy oat milk", "Pay the rent"]);
});

test("somebody else who signs in then sees nothing of it", async (t) => {
  const { person, page } = await at(t, ["Buy milk"], { provoked: [401] });
  const other = await Person.register();
  await person.endSessions();
  await field(page).fill("A secret");
  await page.keyboard.press("Enter");
  await page.getByText("Your session has ended").waitFor();
  await signIn(page, other);
  await says(page, "No tasks");
  assert.deepEqual([await shown(page), await other.titles()], [[], []]);
  assert.ok(!(await page.content()).includes("A secret"));
});

test("at another address than the service's own, one learns which it is", async (t) => {
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
