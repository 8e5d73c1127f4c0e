// What the modules that send requests need of a browser. They are imported after it.

import assert from "node:assert/strict";

export const API = "http://x/todo/api/v1.0";

const storage = (items) => ({ getItem: (key) => items[key] ?? null, setItem: (key, text) => (items[key] = text), removeItem: (key) => delete items[key] });

/** A session that knows the resources of `index`. */
export function stubBrowser(index, fetch) {
  const session = { username: "ada", token: "t", uri: `${API}/tokens/1`, expires_at: "2999-01-01T00:00:00Z", index };
  Object.assign(globalThis, {
    location: { pathname: "/", origin: "http://x" },
    sessionStorage: storage({ "todo-session /": JSON.stringify(session) }),
    localStorage: storage({}),
    addEventListener: () => {},
    reportError: (error) => assert.fail(error),
    fetch,
  });
}
