// The side bar: views and lists as links with the numbers of open tasks, and search.

import { newList } from "./lists.js";
import { go, onRender, page, today } from "./page.js";
import { arrange, byId, h, icon } from "./ui.js";
import { counts, findList, idOf, writeAddress } from "./views.js";

const VIEWS = { today: "Today", upcoming: "Upcoming", all: "All tasks", done: "Done", trash: "Trash" };
const ICONS = { today: "today", upcoming: "upcoming", all: "all", done: "done", trash: "bin" };
const links = new Map();
const narrow = matchMedia("(max-width: 50rem)");

let numbers = null;
let countedFor = "";

function draw() {
  const marks = [page.state.id, page.state.revision, today()].join(" ");
  if (marks !== countedFor) numbers = counts(page.state, today());
  countedFor = marks;
  const view = (show) => link(show, { show, list: null }, VIEWS[show], ICONS[show], numbers[show]);
  arrange(byId("views"), Object.keys(VIEWS).map(view));
  const list = ({ uri, name }) => {
    const id = idOf(uri);
    return link(`list ${id}`, { show: "list", list: id }, name, id === "inbox" ? "inbox" : "list", numbers.lists.get(uri));
  };
  arrange(byId("lists"), page.state.lists.map(list));
  if (byId("search") !== document.activeElement && byId("search").value !== page.view.q) byId("search").value = page.view.q;
}

/** A link to a view, made once and then brought up to date. */
function link(name, target, text, iconName, count = 0) {
  let item = links.get(name);
  if (!item) {
    item = { text: h("span", { className: "name", dir: "auto" }), count: h("span", { className: "count" }), words: h("span", { className: "visually-hidden" }) };
    item.anchor = h("a", {}, icon(iconName), item.text, item.count, item.words);
    item.anchor.onclick = (event) => follow(event, target);
    item.element = h("li", {}, item.anchor);
    item.element.dataset.view = name;
    links.set(name, item);
  }
  const address = writeAddress({ ...target, q: "", sort: "", done: false, task: null });
  item.anchor.href = address || location.pathname;
  if (item.text.textContent !== text) item.text.textContent = text;
  const number = count > 0 ? String(count) : "";
  if (item.count.textContent !== number) {
    item.count.textContent = number;
    item.words.textContent = number && ` open ${count === 1 ? "task" : "tasks"}`;
  }
  const current = page.view.show === target.show && page.view.list === target.list && !page.view.q.trim();
  if (current) item.anchor.setAttribute("aria-current", "page");
  else item.anchor.removeAttribute("aria-current");
  return item.element;
}

function follow(event, target) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(target);
}

/** Goes to a view and puts the focus on its heading, as a new page would. */
export function show(target) {
  byId("search").value = "";
  go({ ...target, q: "", sort: "", done: false, task: null });
  closeMenu();
  byId("view-title").focus({ preventScroll: true });
  scrollTo(0, 0);
}

// On a phone the side bar is a drawer over the page.

export function openMenu() {
  byId("app").classList.add("menu-open");
  byId("menu").setAttribute("aria-expanded", "true");
  byId("main").inert = true;
  byId("sidebar").querySelector("[aria-current], a").focus();
}

export function closeMenu() {
  if (!byId("app").classList.contains("menu-open")) return;
  byId("app").classList.remove("menu-open");
  byId("menu").setAttribute("aria-expanded", "false");
  byId("main").inert = false;
  byId("menu").focus();
}

export const currentList = () => (page.view.show === "list" ? findList(page.state, page.view.list) : null);

export function startSidebar() {
  onRender(draw);
  byId("new-list").onclick = newList;
  byId("menu").onclick = openMenu;
  byId("close-menu").onclick = closeMenu;
  byId("backdrop").onclick = closeMenu;
  narrow.onchange = closeMenu;
  addEventListener("popstate", closeMenu);
  byId("search-form").onsubmit = (event) => {
    event.preventDefault();
    closeMenu();
  };
  byId("search").oninput = () => {
    const { q } = page.view;
    const typed = byId("search").value;
    // The first character makes a step for Back, the following ones do not.
    go({ q: typed, task: null }, { replace: q !== "" });
  };
}
