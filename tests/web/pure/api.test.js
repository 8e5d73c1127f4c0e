// Whose session a tab takes up when it is loaded.

import assert from "node:assert/strict";
import { test } from "node:test";

const KEY = "todo-session /";
const items = () => ({ getItem(key) { return this[key] ?? null; }, setItem(key, text) { this[key] = text; }, removeItem(key) { delete this[key]; } });
const session = (username, expires_at = "2999-01-01T00:00:00Z") => JSON.stringify({ username, token: username, uri: "http://x/1", expires_at });

/** Loads the module as a tab does whose storage, and whose browser's storage, hold these sessions. */
let loads = 0;
async function load(tab, browser) {
  const [sessionStorage, localStorage] = [items(), items()];
  if (tab) sessionStorage[KEY] = tab;
  if (browser) localStorage[KEY] = browser;
  Object.assign(globalThis, { location: { pathname: "/" }, addEventListener: () => {}, sessionStorage, localStorage });
  const api = await import(`../../../web/api.js?${++loads}`);
  return { api, reload: () => load(sessionStorage[KEY], localStorage[KEY]) };
}

const user = ({ api }) => api.currentSession()?.username ?? null;

test("a tab without a session takes up the one that the browser keeps", async () => {
  assert.equal(user(await load(null, session("bob"))), "bob");
  assert.equal(user(await load(session("ada"), session("bob"))), "ada");
  assert.equal(user(await load(null, session("bob", "2001-01-01T00:00:00Z"))), null);
});

test("a tab whose session has expired takes up its own user's session only", async () => {
  const expired = session("ada", "2001-01-01T00:00:00Z");
  assert.equal(user(await load(expired, session("bob"))), null);
  assert.equal(user(await load(expired, session("ada"))), "ada");
});

test("a tab whose session was rejected stays its user's after a reload", async () => {
  const tab = await load(session("ada"), session("bob"));
  globalThis.fetch = async () => new Response("{}", { status: 401 });
  await assert.rejects(tab.api.call("GET", "http://x/2"), { status: 401 });
  assert.equal(user(await tab.reload()), null);
});

test("after a sign-out the tab is nobody's", async () => {
  const tab = await load(session("ada"), session("bob"));
  globalThis.fetch = async () => new Response("{}");
  await tab.api.signOut();
  assert.equal(user(await tab.reload()), "bob");
});
