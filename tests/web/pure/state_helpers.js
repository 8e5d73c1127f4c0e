// A state with one task, and what the service may say of it.

import { State } from "../../../web/state.js";

let version = 1;
export const TASK = {
  uri: "http://x/todo/api/v1.0/tasks/1", list: "http://x/todo/api/v1.0/lists/inbox", title: "Milk", description: "",
  done: false, due: null, repeat: null, priority: null, tags: [], steps: [], order: 1, created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.001Z", completed_at: null, etag: '"1.1"',
};
export const later = (task, changes) => {
  version += 1;
  return { ...task, ...changes, etag: `"1.${version}"`, updated_at: `2026-01-01T00:00:00.${String(version).padStart(3, "0")}Z` };
};

export function start(task = TASK) {
  let keys = 0;
  const state = new State(() => `key-${++keys}`);
  return { state, entry: task && state.upsert(task) };
}

/** Sends the first write and returns it. */
export function send(state, entry) {
  const write = state.next(entry);
  state.sending(entry, write);
  return write;
}
