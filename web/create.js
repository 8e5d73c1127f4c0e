// A task whose creation is on its way. Pure.

/** Whether the creation of a task with this title is on its way. */
export const isCreating = ({ task, writes }, title) =>
  task === null && writes[0]?.kind === "create" && writes[0].sent && writes[0].body.title === title;

/** The order that a new task gets, at the end of its list: its id. */
export const firstOrder = ({ uri }) => Number(uri.slice(uri.lastIndexOf("/") + 1));

/**
 * Lets `changes` and `base` of writes that were made during a create begin from the task that it created:
 * members that it did not send are the service's choice, and nobody else's change. The order of a task that was
 * never moved was Infinity until now, which JSON does not have.
 */
export function beginFrom(task, sent, writes) {
  const begun = new Set(Object.keys(sent));
  for (const { changes = {}, base = {} } of writes) {
    if ("order" in changes && !Number.isFinite(changes.order)) changes.order = firstOrder(task);
    for (const name of Object.keys(changes)) {
      if (!begun.has(name)) base[name] = task[name];
      begun.add(name);
    }
  }
}

/** A create that was repeated answers for a task that is shown already. What is left to do is done there. */
export function unite(state, entry, other, task) {
  state.entries.delete(entry.key);
  if (task.updated_at > other.task.updated_at) other.task = task;
  other.writes.push(...entry.writes);
  other.drafts = { ...entry.drafts, ...other.drafts };
  state.touch(other);
}
