// What the page knows: an entry per task, see `entry.js`. What a row shows follows from the task as the service
// last returned it and from the writes on their way. Pure: no DOM, no requests, no clock. `sync.js` sends the
// writes and reports each response for the very write that it answers; `views.js` selects what is shown.

import { beginFrom, firstOrder, isCreating, unite } from "./create.js";
import { dropAsked, dropUndone, remove, restore, unstash } from "./deletion.js";
import { NEW_TASK, UNSEEN, isTyping, newEntry, question, shown } from "./entry.js";
import { differences, pick, rebase, same } from "./merge.js";
import { follow, followTick } from "./successor.js";

export class State {
  entries = new Map();
  byUri = new Map();
  lists = [];
  listsRevision = 0;
  /** Grows with every answered write; a page that was requested before is older than the entry. */
  clock = 0;
  /** Whether all tasks of the account are known. */
  complete = false;
  /** Grows with every change, so that what follows from the state is computed once per change. */
  revision = 0;
  /** The entries with writes on their way or something half typed. */
  unsaved = new Set();
  /** Tasks from a page that may be those whose creation is not confirmed yet. */
  held = [];
  created = 0;
  onChange = () => {};

  /** `newKey` makes idempotency keys. */
  constructor(newKey) {
    this.id = newKey();
    this.newKey = newKey;
  }

  touch(entry) {
    entry.revision += 1;
    this.revision += 1;
    const known = this.entries.get(entry.key) === entry;
    if (known && (entry.writes.length > 0 || isTyping(entry))) this.unsaved.add(entry);
    else this.unsaved.delete(entry);
    this.onChange(entry);
  }

  entry(key, task = null) {
    const entry = newEntry(key, task);
    this.entries.set(key, entry);
    if (task) this.byUri.set(task.uri, entry);
    return entry;
  }

  // What the service says.

  /** Takes a task from a page that was requested when the clock was `asOf`. */
  upsert(task, asOf = this.clock) {
    const entry = this.byUri.get(task.uri);
    if (!entry && this.isBeingCreated(task)) {
      this.held.push(task);
      return null;
    }
    if (!entry) {
      const added = this.entry(task.uri, task);
      this.touch(added);
      return added;
    }
    const older = entry.settled > asOf || (entry.task && task.updated_at < entry.task.updated_at);
    if (older || (entry.task?.etag === task.etag && !entry.deleted)) return entry;
    entry.task = task;
    entry.deleted = false;
    this.touch(entry);
    return entry;
  }

  /** Whether a create of such a task is on its way. Its response says whether it is this task. */
  isBeingCreated(task) {
    return [...this.unsaved].some((entry) => isCreating(entry, task.title));
  }

  /** Takes the news that a task is in the trash or gone. */
  removed(uri, asOf = this.clock) {
    const entry = this.byUri.get(uri);
    if (!entry || entry.settled > asOf || entry.deleted) return;
    entry.deleted = true;
    entry.settled = ++this.clock;
    this.touch(entry);
  }

  // What the user does. Each method adds a write or changes one that the service cannot have yet.

  create(members) {
    const entry = this.entry(`new-${++this.created}-${this.newKey()}`);
    this.enqueue(entry, { kind: "create", changes: { ...NEW_TASK, ...members }, body: members, key: this.newKey() });
    return entry;
  }

  enqueue(entry, write) {
    entry.writes.push({ state: "waiting", sent: false, failure: null, conflicts: [], ...write });
    this.touch(entry);
  }

  /**
   * Changes members. `base` holds what the user saw when they began, if that is not what is shown now. Returns
   * the members' former values, or null when nothing differs.
   */
  change(entry, members, base = {}) {
    dropAsked(this, entry);
    const before = { ...shown(entry), ...base };
    // Back to the end of the list, where a new task is: its order is then its id.
    if (members.order === Infinity && entry.uri) members = { ...members, order: firstOrder(entry) };
    const changes = differences(members, before);
    const names = Object.keys(changes);
    if (names.length === 0) return null;
    const former = pick(before, names);
    const last = entry.writes.at(-1);
    if (last && this.joins(last, changes)) this.join(entry, last, changes, former);
    else this.enqueue(entry, { kind: "change", changes, base: former });
    followTick(this, entry, changes.done);
    return former;
  }

  /** Whether `changes` can become part of `write`: the service must not have it, or have rejected it. */
  joins(write, changes) {
    if (write.state === "sending" || (write.sent && write.state !== "failed")) return false;
    if (write.kind === "create") return !("done" in changes);
    return write.kind === "change" && write.state !== "conflicted" && write.state !== "gone";
  }

  join(entry, write, changes, former) {
    write.changes = { ...write.changes, ...changes };
    if (write.kind === "create") {
      write.body = { ...write.body, ...changes };
      if (!Number.isFinite(write.body.order)) delete write.body.order;
      if (write.state === "failed") write.key = this.newKey();
    } else {
      write.base = { ...former, ...write.base };
      write.changes = differences(write.changes, write.base);
      if (Object.keys(write.changes).length === 0) entry.writes = entry.writes.filter((other) => other !== write);
    }
    Object.assign(write, { state: "waiting", sent: false, failure: null });
    this.touch(entry);
  }

  remove(entry) {
    remove(this, entry);
  }

  restore(entry) {
    restore(this, entry);
  }

  /** Keeps what is being typed. The base is what the member was when typing began. */
  type(entry, name, value) {
    const base = entry.drafts[name]?.base ?? shown(entry)[name];
    if (Object.keys(differences({ [name]: value }, { [name]: base })).length === 0) delete entry.drafts[name];
    else entry.drafts[name] = { base, value };
    this.touch(entry);
  }

  /** Turns what was typed into a write. Returns the former value, or null when there is nothing to save. */
  commit(entry, name) {
    if (!entry.drafts[name]) return null;
    dropAsked(this, entry);
    const draft = entry.drafts[name];
    delete entry.drafts[name];
    const former = this.change(entry, { [name]: draft.value }, { [name]: draft.base });
    this.touch(entry);
    return former;
  }

  /** Forgets what was typed and returns it. */
  discardDraft(entry, name) {
    const draft = entry.drafts[name] ?? null;
    delete entry.drafts[name];
    this.touch(entry);
    return draft;
  }

  // Decisions.

  tryAgain(entry) {
    const write = question(entry);
    if (write) Object.assign(write, { state: "waiting", failure: null });
    this.touch(entry);
  }

  /** Gives up the write that was rejected, or what there is left of a conflict. */
  discard(entry) {
    const write = question(entry);
    entry.writes = entry.writes.filter((other) => other !== write);
    this.rebaseLater(entry, Object.keys(write?.changes ?? {}));
    if (!entry.task) {
      entry.writes = [];
      this.entries.delete(entry.key);
    } else if (write?.state === "gone") {
      entry.writes = [];
      entry.deleted = true;
    }
    if (write?.kind === "delete") unstash(this, entry);
    this.touch(entry);
    return write;
  }

  /** Later changes of `names` begin from the task as it is, because an earlier one is given up. */
  rebaseLater(entry, names) {
    for (const { kind, changes, base } of entry.writes) {
      if (kind !== "change") continue;
      for (const name of names) if (name in changes) base[name] = entry.task?.[name];
      names = names.filter((name) => !(name in changes));
    }
  }

  keepMine(entry) {
    const write = question(entry);
    Object.assign(write, { state: "waiting", conflicts: [], sent: false });
    if (write.changes) write.base = pick(entry.task, Object.keys(write.changes));
    this.touch(entry);
  }

  takeTheirs(entry) {
    const write = question(entry);
    if (write.kind === "delete") return void this.discard(entry);
    for (const name of write.conflicts) for (const { changes } of entry.writes) delete changes?.[name];
    Object.assign(write, { state: "waiting", conflicts: [], sent: false });
    if (!write.changes || Object.keys(write.changes).length === 0) entry.writes = entry.writes.filter((other) => other !== write);
    this.touch(entry);
  }

  /** Brings back a task that was deleted elsewhere, and sends the write again after that. */
  restoreGone(entry) {
    const write = question(entry);
    Object.assign(write, { state: "waiting", sent: false });
    const again = { kind: "restore", state: "waiting", sent: false, failure: null, conflicts: [] };
    entry.writes.unshift(again);
    this.touch(entry);
  }

  /** Creates the task anew, because it is not even in the trash any more. */
  createAgain(entry) {
    const { title, description, due, repeat, priority, tags, steps, order, list, done } = shown(entry);
    this.byUri.delete(entry.uri);
    Object.assign(entry, { uri: null, task: null, deleted: false, writes: [] });
    const members = { title, description, due, repeat, priority, tags, steps, order, list };
    this.enqueue(entry, { kind: "create", changes: { ...NEW_TASK, ...members }, body: members, key: this.newKey() });
    if (done) this.change(entry, { done });
  }

  // Responses, each for one write.

  /** The write to send next, or null. A change that conflicts with what is known already is not sent. */
  next(entry) {
    const write = entry.writes[0];
    if (!write || write.state !== "waiting") return null;
    if (write.kind === "change") {
      const { changes, conflicts } = rebase(write.changes, write.base, entry.task);
      if (conflicts.length > 0) {
        Object.assign(write, { state: "conflicted", conflicts });
        this.touch(entry);
        return null;
      }
      if (Object.keys(changes).length === 0) {
        entry.writes.shift();
        this.touch(entry);
        return this.next(entry);
      }
    }
    return write;
  }

  sending(entry, write) {
    Object.assign(write, { state: "sending", sent: true });
    this.touch(entry);
  }

  settle(entry, write) {
    entry.writes = entry.writes.filter((other) => other !== write);
    entry.settled = ++this.clock;
  }

  /** Takes in the tasks that were held back, now that a create has been answered. */
  release() {
    const held = this.held;
    this.held = [];
    for (const task of held) this.upsert(task);
  }

  /** The service did it. */
  succeeded(entry, write, body) {
    const { repeat } = { ...entry.task, ...write.changes };
    this.settle(entry, write);
    if (write.kind === "delete" || write.kind === "purge") entry.deleted = true;
    const other = write.kind === "create" && this.byUri.get(body.task.uri);
    if (write.kind === "create") beginFrom(body.task, write.body, entry.writes);
    if (other && other !== entry) unite(this, entry, other, body.task);
    else if (body?.task) {
      entry.task = body.task;
      entry.uri = body.task.uri;
      entry.deleted = false;
      this.byUri.set(entry.uri, entry);
    }
    if (write.kind === "create") this.release();
    if (body?.next_task) follow(this, entry, body.next_task, repeat);
    this.touch(entry);
  }

  /**
   * The service did not do it. `verdict` is retry (nobody knows, or later), rejected, gone (404) or changed
   * (412). Returns whether the task must be read, to be reported with `reread`.
   */
  failed(entry, write, verdict, failure) {
    write.failure = failure;
    // A restore whose response was lost finds nothing in the trash when it is repeated.
    if (verdict === "changed" || (verdict === "gone" && write.kind === "restore" && write.state === "sending")) return true;
    if (verdict === "retry") write.state = "waiting";
    else if (verdict === "rejected" && dropUndone(entry, write)) entry.settled = ++this.clock;
    else if (verdict === "rejected") Object.assign(write, { state: "failed", sent: false });
    else if (write.kind === "delete" || write.kind === "purge") this.succeeded(entry, write, null);
    else if (write.kind === "restore" && entry.writes.length > 1) this.createAgain(entry);
    else write.state = "gone";
    if (write.kind === "create") this.release();
    this.touch(entry);
    return false;
  }

  /** The task as it is now, after a 412. Only what both sides changed is left as a conflict. */
  reread(entry, write, theirs) {
    if (write.kind === "restore") return this.succeeded(entry, write, { task: theirs });
    const known = entry.task;
    entry.task = theirs;
    entry.settled = ++this.clock;
    Object.assign(write, { sent: false, failure: null });
    if (dropUndone(entry, write)) return this.touch(entry);
    if (write.kind !== "change") {
      // Only the ETag was old, or there is something in the task that the user has not seen.
      const unseen = Object.keys(theirs).some((name) => !UNSEEN.includes(name) && !same(theirs[name], known[name]));
      write.state = unseen ? "conflicted" : "waiting";
    } else {
      const { changes, conflicts } = rebase(write.changes, write.base, theirs);
      Object.assign(write, { changes, conflicts, state: conflicts.length > 0 ? "conflicted" : "waiting" });
      write.base = { ...pick(theirs, Object.keys(changes)), ...pick(write.base, conflicts) };
      if (Object.keys(changes).length === 0) entry.writes = entry.writes.filter((other) => other !== write);
    }
    this.touch(entry);
  }
}
