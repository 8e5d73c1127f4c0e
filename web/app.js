// The page: signing in, registering, showing the tasks, and signing out.

import { currentSession, errorMessage, register, signIn, signOut, whenSignedOut } from "./api.js";
import * as list from "./list.js";
import { announce, byId, hideProblem, showProblem } from "./ui.js";

/** The user whose tasks are on the page. They stay, hidden, while an ended session is renewed. */
let owner = null;
let registering = false;

function showSignIn(note = "") {
  byId("app").hidden = true;
  byId("sign-in-page").hidden = false;
  byId("sign-in-note").textContent = note;
  byId("sign-in-problem").textContent = "";
  document.title = "Sign in – To-do";
  if (owner) byId("username").value = owner;
  (byId("username").value ? byId("password") : byId("username")).focus();
}

function showTasks() {
  const { username } = currentSession();
  if (owner !== username) list.reset();
  owner = username;
  byId("current-user").textContent = username;
  byId("sign-in-page").hidden = true;
  byId("app").hidden = false;
  document.title = "To-do";
  byId("new-title").focus();
  list.load();
  list.retryAfterSignIn();
}

function setMode(toRegister) {
  registering = toRegister;
  const title = registering ? "Create an account" : "Sign in";
  byId("sign-in-page").classList.toggle("registering", registering);
  byId("sign-in-title").textContent = title;
  byId("submit-button").textContent = title;
  byId("mode-question").textContent = registering ? "Have an account?" : "New here?";
  byId("switch-mode").textContent = registering ? "Sign in" : "Create an account";
  byId("code-field").hidden = true;
  byId("sign-in-problem").textContent = "";
  byId("password").autocomplete = registering ? "new-password" : "current-password";
  for (const name of ["username", "password"]) {
    if (registering) byId(name).setAttribute("aria-describedby", `${name}-hint`);
    else byId(name).removeAttribute("aria-describedby");
  }
  byId("username").focus();
}

async function submit(event) {
  event.preventDefault();
  if (byId("submit-button").getAttribute("aria-disabled")) return;
  const { username, password, email, code, stay } = byId("sign-in").elements;
  byId("submit-button").setAttribute("aria-disabled", "true");
  byId("sign-in-problem").textContent = "";
  try {
    if (registering) {
      await register({
        username: username.value,
        password: password.value,
        ...(email.value && { email: email.value }),
        ...(code.value && { registration_code: code.value }),
      });
      // The account exists now. If the sign-in fails, the next attempt must not register it again.
      setMode(false);
    }
    await signIn(username.value, password.value, stay.checked);
    password.value = code.value = "";
    showTasks();
  } catch (error) {
    showRefusal(error);
  } finally {
    byId("submit-button").removeAttribute("aria-disabled");
  }
}

function showRefusal(error) {
  const wrongLogin = "User name or password is wrong.";
  byId("sign-in-problem").textContent = error.unauthorized ? wrongLogin : errorMessage(error);
  const needsCode = registering && error.status === 403 && /code/.test(error.detail ?? "");
  if (needsCode) byId("code-field").hidden = false;
  if (needsCode) byId("code").focus();
  else if (error.field === "email") byId("email").focus();
  else if (error.field === "username" || error.status === 409) byId("username").focus();
  else if (error.unauthorized || error.field === "password") byId("password").select();
}

async function endSession() {
  if (list.hasUnsaved()) {
    showProblem("Something you typed is not saved yet. Save or cancel it before you sign out.");
    return;
  }
  await list.sendDeletions();
  let note = "You are signed out.";
  try {
    await signOut();
  } catch (error) {
    // A token that is unknown or rejected is no longer valid, so the user is signed out anyway.
    if (!error.unauthorized && error.status !== 404)
      note = "You are signed out in this browser, but the service could not be reached. The session's token expires within 8 hours.";
  }
  list.reset();
  hideProblem();
  announce("");
  owner = null;
  byId("sign-in").reset();
  byId("add").reset();
  showSignIn(note);
}

byId("sign-in").onsubmit = submit;
byId("switch-mode").onclick = () => setMode(!registering);
byId("sign-out").onclick = endSession;
byId("add").onsubmit = (event) => {
  event.preventDefault();
  const { title, due } = byId("add").elements;
  const blank = title.value.trim() === "";
  byId("add-problem").textContent = blank ? "Type a task first." : "";
  if (!blank) {
    list.add({ title: title.value.trim(), ...(due.value && { due: due.value }) });
    byId("add").reset();
  }
  title.focus();
};
byId("new-title").oninput = () => (byId("add-problem").textContent = "");

whenSignedOut(() => {
  hideProblem();
  setMode(false);
  showSignIn("Your session has ended. Sign in again to continue; nothing you typed is lost.");
});
addEventListener("pagehide", () => list.sendDeletions(true));
addEventListener("pageshow", (event) => event.persisted && currentSession() && list.load());
addEventListener("beforeunload", (event) => list.hasUnsaved() && event.preventDefault());

list.start();
if (currentSession()) showTasks();
else showSignIn();
