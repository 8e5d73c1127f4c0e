// Helpers that build the page. Strings are inserted as text nodes, never as markup, so that a title
// cannot inject elements.

export const byId = (id) => document.getElementById(id);

/** Creates an element. `role` and names with a dash are set as attributes, other names as properties. */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const ICONS = {
  edit: "M4 20h4L19 9l-4-4L4 16zM13.5 6.5l4 4",
  bin: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5.5M13.5 11v5.5",
};

/** A decorative icon, hidden from screen readers: the button that contains it has the label. */
export function icon(name) {
  const make = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const svg = make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" });
  svg.append(make("path", { d: ICONS[name] }));
  return svg;
}

/** A title for use in a sentence: at most 60 characters, and isolated so that right-to-left text in it
 * does not reorder the sentence. */
export function quote(title) {
  const points = [...title];
  const short = points.length > 60 ? `${points.slice(0, 60).join("")}…` : title;
  return `“\u2068${short}\u2069”`;
}

/** Shows a message in the status line above the list. Screen readers announce it. */
export function announce(text) {
  const status = byId("status");
  // Screen readers announce a repeated text only when the element was empty in between.
  if (status.textContent === text) status.textContent = "";
  setTimeout(() => (status.textContent = text), 50);
}

/** Shows a problem until the user closes it or retries. */
export function showProblem(text, retry = null) {
  const close = h("button", { type: "button", className: "quiet", textContent: "Close" });
  const tryAgain = h("button", { type: "button", className: "quiet", textContent: "Try again" });
  close.onclick = hideProblem;
  tryAgain.onclick = () => {
    hideProblem();
    retry();
  };
  byId("alert").replaceChildren(h("p", {}, text), ...(retry ? [tryAgain] : []), close);
}

export function hideProblem() {
  byId("alert").replaceChildren();
}

/** The local date plus `offset` days, as `YYYY-MM-DD` like the service's dates. */
function today(offset = 0) {
  const now = new Date();
  const day = new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() + offset));
  return day.toISOString().slice(0, 10);
}

const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** A due date as text. The text says that it is overdue, because a colour alone is not accessible. */
export function dueText(due, done) {
  const nearby = { [today(-1)]: "yesterday", [today()]: "today", [today(1)]: "tomorrow" }[due];
  const day = nearby ?? dateFormat.format(new Date(`${due}T00:00:00Z`));
  const overdue = !done && due < today();
  return { overdue, text: `${overdue ? "Overdue: " : "Due "}${day}` };
}
