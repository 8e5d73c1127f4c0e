// Deleting a task and taking that back, at every point: before the deletion is sent, while it is on its way, after
// it was made, and when it was not made. Pure.

import { ASKS, isDeleted, question } from "./entry.js";

/** Moves the task to the trash. Writes that wait for a decision are set aside, so that they do not block. */
export function remove(state, entry) {
  dropAsked(state, entry);
  if (isDeleted(entry)) return;
  entry.stash = entry.writes.filter((write) => ASKS.includes(write.state));
  entry.writes = entry.writes.filter((write) => !ASKS.includes(write.state));
  entry.stashedDrafts = entry.drafts;
  entry.drafts = {};
  const nowhere = !entry.task && !entry.writes.some((write) => write.sent || write.state === "sending");
  if (nowhere || entry.stash.some((write) => write.state === "gone")) {
    entry.stash = [...entry.stash, ...entry.writes];
    entry.writes = [];
    entry.deleted = true;
    state.touch(entry);
  } else state.enqueue(entry, { kind: "delete" });
}

/** Brings the task back from the trash. A deletion that has not been sent is only taken back. */
export function restore(state, entry) {
  if (!isDeleted(entry)) return;
  const last = entry.writes.at(-1);
  const notDone = last?.kind === "delete" && (ASKS.includes(last.state) || (last.state === "waiting" && !last.sent));
  if (notDone) entry.writes.pop();
  else if (entry.uri || entry.writes.length > 0) state.enqueue(entry, { kind: "restore" });
  else entry.deleted = false;
  unstash(state, entry);
}

/** Brings back what a deletion set aside. */
export function unstash(state, entry) {
  entry.writes.push(...entry.stash);
  entry.drafts = { ...entry.stashedDrafts, ...entry.drafts };
  Object.assign(entry, { stash: [], stashedDrafts: {} });
  state.touch(entry);
}

/** What the user does next answers a deletion that was not made: the task stays, or is deleted as it is now. */
export function dropAsked(state, entry) {
  if (question(entry)?.kind === "delete") state.discard(entry);
}

/** Drops a deletion that was not made if the user has undone it meanwhile. Returns whether it was dropped. */
export function dropUndone(entry, write) {
  const next = entry.writes[entry.writes.indexOf(write) + 1];
  if (write.kind !== "delete" || next?.kind !== "restore") return false;
  entry.writes = entry.writes.filter((other) => other !== write && other !== next);
  return true;
}
