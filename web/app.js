// The page: who is here, what they see first, and what happens when they leave.

import { currentSession, inWords, register, signIn, signOut, whenSignedOut } from "./api.js";
import * as list from "./list.js";
import { at, complain, say, uncomplain } from "./ui.js";

/** Whose tasks are on the page, perhaps behind the sign-in. */
let owner = null;
let registering = false;

function showEntrance(note = "") {
  at("app").hidden = true;
  at("entrance").hidden = false;
  at("entrance-note").textContent = note;
  at("entrance-problem").textContent = "";
  document.title = "Sign in – To-do";
  if (owner) at("username").value = owner;
  (at("username").value ? at("password") : at("username")).focus();
}

function showTasks() {
  const { username } = currentSession();
  if (owner !== username) list.forget();
  owner = username;
  at("who").textContent = username;
  at("entrance").hidden = true;
  at("app").hidden = false;
  document.title = "To-do";
  at("new-title").focus();
  list.load();
  list.retrySignedOut();
}

function choose(toRegister) {
  registering = toRegister;
  const title = registering ? "Create an account" : "Sign in";
  at("entrance").classList.toggle("registering", registering);
  at("entrance-title").textContent = title;
  at("enter").textContent = title;
  at("other-question").textContent = registering ? "Have an account?" : "New here?";
  at("other").textContent = registering ? "Sign in" : "Create an account";
  at("code-field").hidden = true;
  at("entrance-problem").textContent = "";
  at("password").autocomplete = registering ? "new-password" : "current-password";
  for (const name of ["username", "password"]) {
    if (registering) at(name).setAttribute("aria-describedby", `${name}-hint`);
    else at(name).removeAttribute("aria-describedby");
  }
  at("username").focus();
}

async function enter(event) {
  event.preventDefault();
  if (at("enter").getAttribute("aria-disabled")) return;
  const { username, password, email, code, stay } = at("sign-in").elements;
  at("enter").setAttribute("aria-disabled", "true");
  at("entrance-problem").textContent = "";
  try {
    if (registering) {
      await register({
        username: username.value,
        password: password.value,
        ...(email.value && { email: email.value }),
        ...(code.value && { registration_code: code.value }),
      });
      // From here on it is a sign-in, also if the next step fails.
      choose(false);
    }
    await signIn(username.value, password.value, stay.checked);
    password.value = code.value = "";
    showTasks();
  } catch (error) {
    refuse(error);
  } finally {
    at("enter").removeAttribute("aria-disabled");
  }
}

function refuse(error) {
  const wrong = "User name or password is wrong.";
  at("entrance-problem").textContent = error.unauthorized ? wrong : inWords(error);
  const wantsCode = registering && error.status === 403 && /code/.test(error.detail ?? "");
  if (wantsCode) at("code-field").hidden = false;
  if (wantsCode) at("code").focus();
  else if (error.field === "email") at("email").focus();
  else if (error.field === "username" || error.status === 409) at("username").focus();
  else if (error.unauthorized || error.field === "password") at("password").select();
}

async function leave() {
  if (list.unsaved()) {
    complain("Something you typed is not saved yet. Save or cancel it first, then sign out.");
    return;
  }
  await list.finishDeletions();
  let note = "You are signed out.";
  try {
    await signOut();
  } catch (error) {
    // The token ends by itself; an expired one has ended already.
    if (!error.unauthorized && error.status !== 404)
      note = "You are signed out here. The service could not be told, so your sign-in ends there within 8 hours.";
  }
  list.forget();
  uncomplain();
  say("");
  owner = null;
  at("sign-in").reset();
  at("add").reset();
  showEntrance(note);
}

at("sign-in").onsubmit = enter;
at("other").onclick = () => choose(!registering);
at("sign-out").onclick = leave;
at("add").onsubmit = (event) => {
  event.preventDefault();
  const { title, due } = at("add").elements;
  const blank = title.value.trim() === "";
  at("add-problem").textContent = blank ? "Type what is to be done first." : "";
  if (!blank) {
    list.add({ title: title.value.trim(), ...(due.value && { due: due.value }) });
    at("add").reset();
  }
  title.focus();
};
at("new-title").oninput = () => (at("add-problem").textContent = "");

whenSignedOut(() => {
  uncomplain();
  choose(false);
  showEntrance("Your sign-in has ended. Sign in again to go on; nothing you typed is lost.");
});
addEventListener("pagehide", () => list.finishDeletions(true));
addEventListener("pageshow", (event) => event.persisted && currentSession() && list.load());
addEventListener("beforeunload", (event) => list.unsaved() && event.preventDefault());

list.start();
if (currentSession()) showTasks();
else showEntrance();
