// Helpers that build the page. Strings are inserted as text nodes, never as markup, so that a title
// cannot inject elements.

/** Whether keys that are pressed in an element are for it, as in a text field. */
export const takesKeys = (element) => element.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

export const byId = (id) => document.getElementById(id);

/** Creates an element. `role` and names with a dash are set as attributes, other names as properties. */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const ICONS = {
  bin: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5.5M13.5 11v5.5",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  menu: "M4 7h16M4 12h16M4 17h16",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  grip: "M9 6v.01M9 12v.01M9 18v.01M15 6v.01M15 12v.01M15 18v.01",
  today: "M5 5h14v15H5zM5 9.5h14M9 3v4M15 3v4M9 13.5h3v3H9z",
  upcoming: "M5 5h14v15H5zM5 9.5h14M9 3v4M15 3v4M8.5 13h7M8.5 16.5h4",
  all: "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
  done: "M4 12.5l5 5L20 6.5",
  list: "M5 6h14M5 12h14M5 18h9",
  inbox: "M4 13h4.5l1.5 3h4l1.5-3H20M4 13l3-8h10l3 8v6H4z",
  repeat: "M4 11a6 6 0 016-5h8l-3-3M20 13a6 6 0 01-6 5H6l3 3",
  note: "M5 6h14M5 11h14M5 16h8",
  flag: "M6 21V4h11l-2.5 4L17 12H6",
  steps: "M4 7l2 2 3-3.5M4 16l2 2 3-3.5M12.5 7.5H20M12.5 16.5H20",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  search: "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13M15.5 15.5L20.5 20.5",
};

/** A decorative icon, hidden from screen readers: the button or text beside it has the label. */
export function icon(name) {
  const make = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const svg = make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: `icon icon-${name}` });
  svg.append(make("path", { d: ICONS[name] }));
  return svg;
}

/** A button with text, or with an icon and a label for screen readers and as a tooltip. */
export function button(text, onclick, properties = {}) {
  return h("button", { type: "button", className: "quiet", textContent: text, onclick, ...properties });
}

export function iconButton(name, label, onclick, properties = {}) {
  const element = h("button", { type: "button", className: "square", onclick, ...properties }, icon(name));
  setLabel(element, label);
  return element;
}

export function setLabel(element, label) {
  if (element.getAttribute("aria-label") === label) return;
  element.setAttribute("aria-label", label);
  element.title = label;
}

/** A title for use in a sentence: at most 60 characters, and isolated so that right-to-left text in it
 * does not reorder the sentence. */
export function quote(title) {
  const points = [...title];
  const short = points.length > 60 ? `${points.slice(0, 60).join("")}…` : title;
  return `“\u2068${short}\u2069”`;
}

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Tells screen readers what happened. What is seen changes where it happens. */
export function announce(text) {
  if (text === "") announcing.length = 0;
  const status = byId("status");
  // Screen readers announce a repeated text only when the element was empty in between.
  if (status.textContent === text) status.textContent = "";
  if (announcing.push(text) > 1) return;
  setTimeout(() => (status.textContent = [...new Set(announcing.splice(0))].join(". ")), 50);
}

/** What happens at the same time is announced together. */
const announcing = [];

/** Shows a problem under a name until the user closes it or it is over. Problems do not replace each other. */
export function showNotice(name, text, action = null, run = null) {
  const items = byId("notices");
  const old = [...items.children].find((item) => item.dataset.name === name);
  if (old?.dataset.text === text) return;
  const item = h("div", { className: "notice", role: "alert" }, h("p", {}, text));
  Object.assign(item.dataset, { name, text });
  const act = () => {
    hideNotice(name);
    run();
  };
  if (action) item.append(button(action, act));
  item.append(iconButton("close", "Close", () => hideNotice(name)));
  if (old) old.replaceWith(item);
  else items.append(item);
}

export function hideNotice(name) {
  for (const item of [...byId("notices").children]) if (item.dataset.name === name) item.remove();
}

/** Puts the children of `parent` into this order, with as few moves as possible, and keeps the focus. */
export function arrange(parent, wanted) {
  const focused = document.activeElement;
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  let next = parent.firstChild;
  for (const child of wanted) {
    if (child === next) next = next.nextSibling;
    else parent.insertBefore(child, next);
  }
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}

/** A modal dialog with a form. `submit` may reject: its message is then shown, and the dialog stays. */
export function ask(title, content, action, submit, { danger = false } = {}) {
  const problem = h("p", { className: "problem", role: "alert" });
  const confirm = h("button", { className: danger ? "primary danger" : "primary", textContent: action });
  const form = h("form", { method: "dialog" }, h("h2", { id: "dialog-title" }, title), ...content, problem);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
  form.append(h("p", { className: "buttons" }, confirm, button("Cancel", () => dialog.close())));
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (confirm.getAttribute("aria-disabled")) return;
    confirm.setAttribute("aria-disabled", "true");
    problem.textContent = "";
    try {
      await submit();
      dialog.close();
    } catch (error) {
      problem.textContent = error.userMessage ?? String(error.message);
    } finally {
      confirm.removeAttribute("aria-disabled");
    }
  };
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
