// Ticking a repeating task ends its rule and creates the next task. Taking the tick back takes both back, unless
// somebody has done something with the next task in the meantime. Pure.

import { isDeleted, isTyping } from "./entry.js";

/** Takes the task that came with a tick. `repeat` is the rule that ended. */
export function follow(state, entry, next, repeat) {
  state.upsert(next);
  entry.successor = { uri: next.uri, etag: next.etag, repeat };
  // The tick was taken back before the service responded to it.
  if (entry.writes.some(({ changes }) => changes?.done === false)) takeBack(state, entry);
}

function takeBack(state, entry) {
  const { successor } = entry;
  entry.successor = entry.takenBack = null;
  const next = successor && state.byUri.get(successor.uri);
  if (!next || isDeleted(next) || next.writes.length > 0 || isTyping(next) || next.task.etag !== successor.etag) return;
  state.change(entry, { repeat: successor.repeat });
  state.remove(next);
  entry.takenBack = { next, successor };
}

/** Ticks again before the service has heard that the tick was taken back. */
function putBack(state, entry) {
  const { takenBack } = entry;
  if (!takenBack || !entry.task?.done || entry.writes.some(({ changes }) => changes && "done" in changes)) return;
  state.change(entry, { repeat: null });
  state.restore(takenBack.next);
  Object.assign(entry, { successor: takenBack.successor, takenBack: null });
}

/** What follows for the next task when the user ticks a task or takes the tick back. */
export function followTick(state, entry, done) {
  if (done === false) takeBack(state, entry);
  else if (done === true) putBack(state, entry);
}
