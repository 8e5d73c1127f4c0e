// Merging two changes of one task, member by member, from the version that both started from.
// Pure: no DOM, no requests.

/** Whether two members are equal. Members are JSON: strings, numbers, booleans, null, arrays, objects. */
export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => same(a[name], b[name]));
}

/** The members of `task` that `names` lists. */
export const pick = (task, names) => Object.fromEntries(names.map((name) => [name, task[name]]));

/** The members of `changes` that differ from `task`. A text area turns CR LF into LF, which is not a change. */
export function differences(changes, task) {
  const lines = (value) => (typeof value === "string" ? value.replace(/\r\n?/g, "\n") : value);
  const entries = Object.entries(changes);
  return Object.fromEntries(entries.filter(([name, value]) => !same(lines(value), lines(task[name]))));
}

/**
 * What is left of `changes`, made from `base`, when the task is now `theirs`: `changes` without what is so
 * already, and `conflicts`, the names of the members that both sides changed to different values.
 */
export function rebase(changes, base, theirs) {
  const left = {};
  const conflicts = [];
  for (const [name, value] of Object.entries(changes)) {
    if (same(theirs[name], value)) continue;
    left[name] = value;
    if (!same(theirs[name], base[name])) conflicts.push(name);
  }
  return { changes: left, conflicts };
}
