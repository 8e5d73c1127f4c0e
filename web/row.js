// One task in the list, in one of four states: shown, being edited, in conflict, or deleted with Undo.

import { call, errorMessage, newIdempotencyKey } from "./api.js";
import { announce, dueText, h, icon, quote, showProblem } from "./ui.js";

/** How long a deletion can be undone. The request is sent after that. */
const UNDO_MS = 6000;

let created = 0;

export class Row {
  /** `list` has `remove(row)`, `changed(row)` and `create(body, key)`. */
  constructor(task, list) {
    const id = `task-${++created}`;
    this.list = list;
    this.tickQueue = Promise.resolve();
    this.latestTick = 0;
    this.form = null;
    this.deletion = null;

    this.box = h("input", { type: "checkbox", "aria-labelledby": id });
    this.box.onchange = () => this.tick(this.box.checked);
    this.title = h("span", { id, className: "title", dir: "auto" });
    this.description = h("p", { className: "description", dir: "auto" });
    this.due = h("p", { className: "due-text" });
    this.text = h("div", { className: "text" }, this.title, this.description, this.due);
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

  /** Shows the task as the service returned it. An edit in progress is not changed. */
  show(task) {
    this.task = task;
    this.title.textContent = task.title;
    this.description.textContent = task.description;
    this.description.hidden = task.description === "";
    this.due.hidden = task.due === null;
    this.due.className = "due-text";
    if (task.due !== null) {
      const { text, overdue } = dueText(task.due, task.done);
      this.due.textContent = text;
      this.due.classList.toggle("overdue", overdue);
    }
    this.box.checked = task.done;
    this.element.classList.toggle("done", task.done);
    this.editButton.setAttribute("aria-label", `Edit ${quote(task.title)}`);
    this.deleteButton.setAttribute("aria-label", `Delete ${quote(task.title)}`);
  }

  /** Whether the row must stay when the list is reloaded. */
  get busy() {
    return this.form !== null || this.deletion !== null;
  }

  /** Whether the edit form has changes that are not saved. */
  get dirty() {
    return this.form !== null && Object.keys(this.changes()).length > 0;
  }

  focus() {
    (this.form?.elements.title ?? this.undoButton ?? this.box).focus();
  }

  // Ticking. It sends no If-Match, because it sets `done` and no other member, so it cannot undo another edit.

  tick(done) {
    const number = ++this.latestTick;
    this.element.classList.toggle("done", done);
    this.tickQueue = this.tickQueue.then(async () => {
      if (number !== this.latestTick) return;
      try {
        const { body } = await call("PATCH", this.task.uri, { body: { done } });
        if (number !== this.latestTick) return;
        this.show(body.task);
        this.adoptEtag(body.task);
        announce(`${done ? "Done" : "Open again"}: ${quote(body.task.title)}`);
        this.list.changed(this);
      } catch (error) {
        if (number !== this.latestTick) return;
        this.show(this.task);
        if (error.status === 404) return this.removeDeleted();
        if (!error.unauthorized) {
          const problem = `${quote(this.task.title)} is not ${done ? "ticked" : "open"}. `;
          showProblem(problem + errorMessage(error), () => this.tick(done));
        }
      }
    });
  }

  /** Takes the new ETag into an edit that began while a tick was being sent, so that the two do not conflict. */
  adoptEtag(task) {
    const unchanged = this.form && Object.keys(this.base).every((name) => task[name] === this.base[name]);
    if (unchanged && !this.theirs) this.etag = task.etag;
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
    this.otherVersion = h("div", { className: "other-version" });
    this.saveButton = h("button", { className: "primary", textContent: "Save" });
    this.cancelButton = h("button", { type: "button", className: "quiet", textContent: "Cancel" });
    this.cancelButton.onclick = () => (this.theirs ? this.takeTheirs() : this.closeForm());
    this.form = h(
      "form",
      { className: "edit", "aria-label": `Edit ${quote(title)}` },
      this.otherVersion,
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
      if (!this.dirty) this.closeForm();
      else this.problem.textContent = "What you typed is not saved. Save it, or choose Cancel.";
    };
    this.element.replaceChildren(this.form);
    titleBox.focus();
  }

  draft() {
    const { title, description, due } = this.form.elements;
    return { title: title.value, description: description.value, due: due.value || null };
  }

  /** The members that the user has changed. A text area turns CR LF into LF, which is not a change. */
  changes() {
    const sameLines = (typed, saved) => typed === saved?.replace(/\r\n?/g, "\n");
    const entries = Object.entries(this.draft());
    return Object.fromEntries(
      entries.filter(([name, value]) => value !== this.base[name] && !sameLines(value, this.base[name])),
    );
  }

  async save() {
    // In a conflict the user chooses one of two whole versions, so the whole form is sent.
    const body = this.theirs ? this.draft() : this.changes();
    if (Object.keys(body).length === 0) return this.closeForm();
    if (this.saving) return;
    this.saving = true;
    this.markInvalid(null);
    this.problem.textContent = "";
    try {
      const headers = { "If-Match": this.etag };
      const response = await call("PATCH", this.task.uri, { body, headers });
      this.show(response.body.task);
      this.closeForm();
      announce(`Saved ${quote(this.task.title)}`);
      this.list.changed(this);
    } catch (error) {
      if (error.status === 412) await this.conflict();
      else if (error.status === 404) this.offerToAdd();
      else this.showRefusal(error);
    } finally {
      this.saving = false;
    }
  }

  showRefusal(error) {
    this.problem.textContent = error.unauthorized
      ? "Not saved yet, because you were signed out."
      : `Not saved. ${errorMessage(error)}`;
    this.markInvalid(error.field);
  }

  markInvalid(name) {
    for (const control of this.form.querySelectorAll("[name]")) {
      const wrong = control.name === name;
      control.setAttribute("aria-invalid", wrong);
      if (wrong) control.focus();
    }
  }

  closeForm() {
    this.form = this.theirs = null;
    this.element.replaceChildren(...this.view);
    this.element.classList.remove("conflict");
    this.editButton.focus();
  }

  // Conflict: the task was changed elsewhere. The user sees both versions and chooses.

  async conflict() {
    try {
      const { body } = await call("GET", this.task.uri);
      this.theirs = body.task;
    } catch (error) {
      if (error.status === 404) this.offerToAdd();
      else this.showRefusal(error);
      return;
    }
    this.etag = this.theirs.etag;
    const { title, description, due, done } = this.theirs;
    const line = (name, value) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)];
    const heading = h("h2", { tabIndex: -1 }, "Changed elsewhere in the meantime");
    this.otherVersion.replaceChildren(
      heading,
      h("p", {}, "This is the other version. Yours is below and not saved yet."),
      h(
        "dl",
        {},
        ...line("Title", title),
        ...line("Description", description || "none"),
        ...line("Due", due === null ? "no date" : dueText(due, true).text.replace("Due ", "")),
        ...line("State", done ? "done" : "open"),
      ),
    );
    this.saveButton.textContent = "Keep mine";
    this.cancelButton.textContent = "Take theirs";
    this.element.classList.add("conflict");
    this.problem.textContent = "The task was changed elsewhere. Keep your version, or take the other one?";
    heading.focus();
  }

  takeTheirs() {
    this.show(this.theirs);
    this.closeForm();
    announce(`Kept the other version of ${quote(this.task.title)}`);
    this.list.changed(this);
  }

  offerToAdd() {
    this.problem.textContent = "This task was deleted elsewhere. You can add your version as a new task.";
    this.saveButton.textContent = "Add as new";
    this.cancelButton.textContent = "Discard";
    this.cancelButton.onclick = () => this.list.remove(this);
    // A retry of the same body uses the same idempotency key. A changed body needs a new one.
    let key;
    let sentBody;
    this.form.onsubmit = async (event) => {
      event.preventDefault();
      const body = JSON.stringify(this.draft());
      if (body !== sentBody) key = newIdempotencyKey();
      sentBody = body;
      try {
        await this.list.create(body, key);
        this.list.remove(this);
      } catch (error) {
        this.showRefusal(error);
      }
    };
    this.saveButton.focus();
  }

  /** Removes the row of a task that was deleted elsewhere. */
  removeDeleted() {
    announce(`${quote(this.task.title)} was deleted elsewhere`);
    this.list.remove(this);
  }

  // Deleting. The request is sent only when the time for Undo is over, so Undo needs no request.

  delete() {
    this.undoButton = h("button", { type: "button", className: "quiet", textContent: "Undo" });
    this.undoButton.onclick = () => this.undo();
    const message = h("p", { className: "text" }, `Deleted ${quote(this.task.title)}`);
    this.element.classList.add("deleted");
    this.element.replaceChildren(message, this.undoButton);
    this.undoButton.focus();
    announce(`Deleted ${quote(this.task.title)}. You can undo this for ${UNDO_MS / 1000} seconds.`);
    this.deletion = setTimeout(() => this.sendDeletion(), UNDO_MS);
  }

  undo() {
    clearTimeout(this.deletion);
    this.showView();
    this.deleteButton.focus();
    announce(`Restored ${quote(this.task.title)}`);
  }

  showView() {
    this.deletion = this.undoButton = null;
    this.element.classList.remove("deleted");
    this.element.replaceChildren(...this.view);
  }

  /** Sends the deletion now, unless it was undone or sent already. */
  async sendDeletion(keepalive = false) {
    if (this.deletion === null || this.undoButton === null) return;
    clearTimeout(this.deletion);
    // When the row is removed, a focus on its Undo button must move to a neighbour.
    const focused = this.undoButton === document.activeElement;
    const headers = { "If-Match": this.task.etag };
    this.undoButton = null;
    try {
      await call("DELETE", this.task.uri, { headers, keepalive });
    } catch (error) {
      if (error.status !== 404) return this.handleFailedDeletion(error);
    }
    this.deletion = null;
    this.list.remove(this, focused);
  }

  async handleFailedDeletion(error) {
    this.showView();
    if (error.unauthorized) return;
    const problem = `${quote(this.task.title)} is not deleted. `;
    showProblem(problem + errorMessage(error), error.status === 412 ? null : () => this.delete());
    if (error.status !== 412) return;
    try {
      this.show((await call("GET", this.task.uri)).body.task);
    } catch (readError) {
      if (readError.status === 404) this.removeDeleted();
    }
  }
}
