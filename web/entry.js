// One task on the page. `task` is what the service last returned, null until it has created the task. `writes`
// are on their way, oldest first; only the first one is ever sent. `drafts` are members that are being typed.
// Then `deleted`, `stash` and `stashedDrafts` (what a deletion set aside), `settled` (the state's clock at the last answered
// write) and `revision` (grows with each change). Pure.
//
// A write is `{ kind, changes, base, state, sent, key, failure, conflicts }`. `kind` is create, change, delete,
// restore or purge. `state` is waiting, sending, failed (rejected; the user decides), conflicted (somebody else
// changed the same member) or gone (somebody else deleted the task). `sent` says that the service may have it.

export const ASKS = ["failed", "conflicted", "gone"];

/** What the task of `entry` is once all its writes are done. */
export function shown(entry) {
  let task = entry.task;
  // A deletion sets the creation of a task that was never sent aside.
  const known = task !== null || entry.writes.some(({ kind }) => kind === "create");
  for (const write of known ? entry.writes : [...entry.stash, ...entry.writes]) {
    if (write.changes) task = { ...task, ...write.changes };
  }
  return task;
}

/** Whether the task is in the trash once all writes are done. */
export function isDeleted(entry) {
  let deleted = entry.deleted;
  for (const { kind } of entry.writes) {
    if (kind === "delete" || kind === "purge") deleted = true;
    else if (kind === "restore") deleted = false;
  }
  return deleted;
}

/** The first write that waits for the user's decision. */
export const question = (entry) => entry.writes.find((write) => ASKS.includes(write.state)) ?? null;

export const isTyping = (entry) => Object.keys(entry.drafts).length > 0;

/** The one state that a row is in: viewing, editing, saving, failed, conflicted, gone or deleted. */
export function rowState(entry) {
  const asked = question(entry);
  if (asked) return asked.state;
  if (isDeleted(entry)) return "deleted";
  if (isTyping(entry)) return "editing";
  return entry.writes.length > 0 ? "saving" : "viewing";
}

/** A new task as it is shown before the service has created it. */
export const NEW_TASK = {
  uri: null, list: null, title: "", description: "", done: false, due: null, repeat: null, priority: null,
  tags: [], steps: [], order: Infinity, created_at: null, updated_at: "", completed_at: null, etag: null,
};

/** Members that move without anybody having changed what the user sees. */
export const UNSEEN = ["etag", "updated_at", "completed_at"];

export const newEntry = (key, task = null) => ({
  key, task, uri: task?.uri ?? null, writes: [], drafts: {}, deleted: false, stash: [], stashedDrafts: {}, settled: 0, revision: 0,
});
