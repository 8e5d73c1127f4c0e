// What the other modules build the page with. Text only ever becomes text, never markup.

export const at = (id) => document.getElementById(id);

/** An element. Properties are set as such, or as attributes where there is a dash in the name. */
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

/** A drawing without a name of its own: whatever holds it has one. */
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

/** A title inside a sentence: not too long, and unable to turn the sentence's direction. */
export function quote(title) {
  const points = [...title];
  const short = points.length > 60 ? `${points.slice(0, 60).join("")}…` : title;
  return `“\u2068${short}\u2069”`;
}

/** Tells everybody, in the line above the list, what has happened. */
export function say(text) {
  const status = at("status");
  // The same words twice are read out twice only if they go in between.
  if (status.textContent === text) status.textContent = "";
  setTimeout(() => (status.textContent = text), 50);
}

/** Shows what went wrong until it is closed or tried again. */
export function complain(text, retry = null) {
  const close = h("button", { type: "button", className: "quiet", textContent: "Close" });
  const again = h("button", { type: "button", className: "quiet", textContent: "Try again" });
  close.onclick = uncomplain;
  again.onclick = () => {
    uncomplain();
    retry();
  };
  at("alert").replaceChildren(h("p", {}, text), ...(retry ? [again] : []), close);
}

export function uncomplain() {
  at("alert").replaceChildren();
}

/** The day it is here, written as the service writes days. */
function today(offset = 0) {
  const now = new Date();
  const day = new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() + offset));
  return day.toISOString().slice(0, 10);
}

const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** A due date in words. Being overdue is one of the words, not only a colour. */
export function dueInWords(due, done) {
  const near = { [today(-1)]: "yesterday", [today()]: "today", [today(1)]: "tomorrow" }[due];
  const day = near ?? days.format(new Date(`${due}T00:00:00Z`));
  const overdue = !done && due < today();
  return { overdue, text: `${overdue ? "Overdue: " : "Due "}${day}` };
}
