// One task in the list: shown, edited, in conflict, or deleted and not yet gone.

import { call, inWords, newKey } from "./api.js";
import { complain, dueInWords, h, icon, quote, say } from "./ui.js";

/** How long a deletion can be undone. Only then is the service told. */
const UNDO_MS = 6000;

let rows = 0;

export class Row {
  /** `list` has `without(row)`, `changed(row)` and `create(body, key)`. */
  constructor(task, list) {
    const id = `task-${++rows}`;
    this.list = list;
    this.turns = Promise.resolve();
    this.turn = 0;
    this.form = null;
    this.deletion = null;

    this.box = h("input", { type: "checkbox", "aria-labelledby": id });
    this.box.onchange = () => this.tick(this.box.checked);
    this.title = h("span", { id, className: "title", dir: "auto" });
    this.description = h("p", { className: "description", dir: "auto" });
    this.due = h("p", { className: "when" });
    this.text = h("div", { className: "what" }, this.title, this.description, this.due);
    this.text.onclick = () => getSelection().isCollapsed && this.edit();
    this.editButton = h("button", { type: "button", className: "quiet square" }, icon("edit"));
    this.editButton.onclick = () => this.edit();
    this.deleteButton = h("button", { type: "button", className: "quiet square" }, icon("bin"));
    this.deleteButton.onclick = () => this.delete();
    const check = h("label", { className: "check" }, this.box);
    this.view = [check, this.text, this.editButton, this.deleteButton];
    this.element = h("li", { className: "card task" }, ...this.view);
    this.show(task);
  }

  /** Takes what the service says of the task. An edit that is going on stays as it is. */
  show(task) {
    this.task = task;
    this.title.textContent = task.title;
    this.description.textContent = task.description;
    this.description.hidden = task.description === "";
    this.due.hidden = task.due === null;
    this.due.className = "when";
    if (task.due !== null) {
      const { text, overdue } = dueInWords(task.due, task.done);
      this.due.textContent = text;
      this.due.classList.toggle("overdue", overdue);
    }
    this.box.checked = task.done;
    this.element.classList.toggle("done", task.done);
    this.editButton.setAttribute("aria-label", `Edit ${quote(task.title)}`);
    this.deleteButton.setAttribute("aria-label", `Delete ${quote(task.title)}`);
  }

  /** Whether a new list must not drop this row. */
  get busy() {
    return this.form !== null || this.deletion !== null;
  }

  /** Whether what is typed here has not been saved. */
  get dirty() {
    return this.form !== null && Object.keys(this.changes()).length > 0;
  }

  focus() {
    (this.form?.elements.title ?? this.undoButton ?? this.box).focus();
  }

  // Ticking. Without If-Match: it says what is to hold, and touches nothing else of the task.

  tick(done) {
    const turn = ++this.turn;
    this.element.classList.toggle("done", done);
    this.turns = this.turns.then(async () => {
      if (turn !== this.turn) return;
      try {
        const { body } = await call("PATCH", this.task.uri, { body: { done } });
        if (turn !== this.turn) return;
        this.show(body.task);
        this.excuse(body.task);
        say(`${done ? "Done" : "Open again"}: ${quote(body.task.title)}`);
        this.list.changed(this);
      } catch (error) {
        if (turn !== this.turn) return;
        this.show(this.task);
        if (error.status === 404) return this.lost();
        if (!error.unauthorized) {
          const what = `${quote(this.task.title)} is not ${done ? "ticked" : "open"}. `;
          complain(what + inWords(error), () => this.tick(done));
        }
      }
    });
  }

  /** An edit that began while a tick was on its way is not in conflict with that tick. */
  excuse(task) {
    const same = this.form && Object.keys(this.base).every((name) => task[name] === this.base[name]);
    if (same && !this.theirs) this.etag = task.etag;
  }

  // Editing.

  edit() {
    if (this.busy) return;
    const { title, description, due } = this.task;
    const id = this.title.id;
    const field = (name, label, control) => {
      control.id = `${id}-${name}`;
      control.name = name;
      control.setAttribute("aria-describedby", `${id}-problem`);
      return h("p", { className: "field" }, h("label", { htmlFor: control.id }, label), control);
    };
    const titleBox = h("input", { value: title, dir: "auto", autocomplete: "off" });
    const textBox = h("textarea", { value: description, rows: 3, dir: "auto" });
    const dateBox = h("input", { type: "date", min: "0001-01-01", max: "9999-12-31" });
    dateBox.value = due ?? "";
    this.problem = h("p", { id: `${id}-problem`, className: "problem", role: "alert" });
    this.other = h("div", { className: "other-version" });
    this.saveButton = h("button", { className: "primary", textContent: "Save" });
    this.cancelButton = h("button", { type: "button", className: "quiet", textContent: "Cancel" });
    this.cancelButton.onclick = () => (this.theirs ? this.takeTheirs() : this.leave());
    this.form = h(
      "form",
      { className: "edit", "aria-label": `Edit ${quote(title)}` },
      this.other,
      field("title", "Title", titleBox),
      field("description", "Description", textBox),
      field("due", "Due date", dateBox),
      this.problem,
      h("p", { className: "buttons" }, this.saveButton, this.cancelButton),
    );
    this.base = { title, description, due };
    this.etag = this.task.etag;
    this.theirs = null;
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.save();
    };
    this.form.onkeydown = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
      if (event.key !== "Escape" || event.isComposing) return;
      if (!this.dirty) this.leave();
      else this.problem.textContent = "What you typed is not saved. Save it, or choose Cancel.";
    };
    this.element.replaceChildren(this.form);
    titleBox.focus();
  }

  draft() {
    const { title, description, due } = this.form.elements;
    return { title: title.value, description: description.value, due: due.value || null };
  }

  /** What the person has changed. A text area has its own idea of line ends. */
  changes() {
    const same = (one, other) => one === other?.replace(/\r\n?/g, "\n");
    const entries = Object.entries(this.draft());
    return Object.fromEntries(
      entries.filter(([name, value]) => value !== this.base[name] && !same(value, this.base[name])),
    );
  }

  async save() {
    // What is seen beside the other version is what is kept, all of it.
    const body = this.theirs ? this.draft() : this.changes();
    if (Object.keys(body).length === 0) return this.leave();
    if (this.saving) return;
    this.saving = true;
    this.invalid(null);
    this.problem.textContent = "";
    try {
      const headers = { "If-Match": this.etag };
      const answer = await call("PATCH", this.task.uri, { body, headers });
      this.show(answer.body.task);
      this.leave();
      say(`Saved ${quote(this.task.title)}`);
      this.list.changed(this);
    } catch (error) {
      if (error.status === 412) await this.conflict();
      else if (error.status === 404) this.offerAgain();
      else this.refuse(error);
    } finally {
      this.saving = false;
    }
  }

  refuse(error) {
    this.problem.textContent = error.unauthorized
      ? "Not saved yet, because you were signed out."
      : `Not saved. ${inWords(error)}`;
    this.invalid(error.field);
  }

  invalid(name) {
    for (const control of this.form.querySelectorAll("[name]")) {
      const wrong = control.name === name;
      control.setAttribute("aria-invalid", wrong);
      if (wrong) control.focus();
    }
  }

  leave() {
    this.form = this.theirs = null;
    this.element.replaceChildren(...this.view);
    this.element.classList.remove("conflict");
    this.editButton.focus();
  }

  // The same task changed elsewhere: the person sees both and chooses.

  async conflict() {
    try {
      const { body } = await call("GET", this.task.uri);
      this.theirs = body.task;
    } catch (error) {
      if (error.status === 404) this.offerAgain();
      else this.refuse(error);
      return;
    }
    this.etag = this.theirs.etag;
    const { title, description, due, done } = this.theirs;
    const line = (name, value) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)];
    const heading = h("h2", { tabIndex: -1 }, "Changed elsewhere meanwhile");
    this.other.replaceChildren(
      heading,
      h("p", {}, "This is the other version; yours is below it and not saved yet."),
      h(
        "dl",
        {},
        ...line("Title", title),
        ...line("Description", description || "none"),
        ...line("Due", due === null ? "no date" : dueInWords(due, true).text.replace("Due ", "")),
        ...line("State", done ? "done" : "open"),
      ),
    );
    this.saveButton.textContent = "Keep mine";
    this.cancelButton.textContent = "Take theirs";
    this.element.classList.add("conflict");
    this.problem.textContent = "The task was changed elsewhere: keep yours, or take the other version?";
    heading.focus();
  }

  takeTheirs() {
    this.show(this.theirs);
    this.leave();
    say(`The other version of ${quote(this.task.title)} stays`);
    this.list.changed(this);
  }

  offerAgain() {
    this.problem.textContent = "This task was deleted elsewhere. Your version can be added as a new one.";
    this.saveButton.textContent = "Add as new";
    this.cancelButton.textContent = "Let it go";
    this.cancelButton.onclick = () => this.list.without(this);
    // The same key for the same words, however often they are sent.
    let key;
    let sent;
    this.form.onsubmit = async (event) => {
      event.preventDefault();
      const body = JSON.stringify(this.draft());
      if (body !== sent) key = newKey();
      sent = body;
      try {
        await this.list.create(body, key);
        this.list.without(this);
      } catch (error) {
        this.refuse(error);
      }
    };
    this.saveButton.focus();
  }

  /** The task is gone, and nothing of it has been typed here. */
  lost() {
    say(`${quote(this.task.title)} was deleted elsewhere`);
    this.list.without(this);
  }

  // Deleting. The service is told after a while, so that Undo brings back the very same task.

  delete() {
    this.undoButton = h("button", { type: "button", className: "quiet", textContent: "Undo" });
    this.undoButton.onclick = () => this.undo();
    const words = h("p", { className: "what" }, `Deleted ${quote(this.task.title)}`);
    this.element.classList.add("deleted");
    this.element.replaceChildren(words, this.undoButton);
    this.undoButton.focus();
    say(`Deleted ${quote(this.task.title)}. Undo is offered for ${UNDO_MS / 1000} seconds.`);
    this.deletion = setTimeout(() => this.reallyDelete(), UNDO_MS);
  }

  undo() {
    clearTimeout(this.deletion);
    this.restore();
    this.deleteButton.focus();
    say(`${quote(this.task.title)} is back`);
  }

  restore() {
    this.deletion = this.undoButton = null;
    this.element.classList.remove("deleted");
    this.element.replaceChildren(...this.view);
  }

  /** Tells the service now, if it is still to be told. */
  async reallyDelete(keepalive = false) {
    if (this.deletion === null || this.undoButton === null) return;
    clearTimeout(this.deletion);
    // Too late to undo; without the button the focus would fall out of the list.
    const focused = this.undoButton === document.activeElement;
    const headers = { "If-Match": this.task.etag };
    this.undoButton = null;
    try {
      await call("DELETE", this.task.uri, { headers, keepalive });
    } catch (error) {
      if (error.status !== 404) return this.notDeleted(error);
    }
    this.deletion = null;
    this.list.without(this, focused);
  }

  async notDeleted(error) {
    this.restore();
    if (error.unauthorized) return;
    const what = `${quote(this.task.title)} is not deleted. `;
    complain(what + inWords(error), error.status === 412 ? null : () => this.delete());
    if (error.status !== 412) return;
    try {
      this.show((await call("GET", this.task.uri)).body.task);
    } catch (again) {
      if (again.status === 404) this.lost();
    }
  }
}
