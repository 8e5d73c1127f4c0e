// The page for signing in and registering.

import { errorMessage, register, signIn } from "./api.js";
import { waiting } from "./persist.js";
import { byId, plural } from "./ui.js";

let registering = false;
let onSignedIn = () => {};

export function showSignIn(note = "", user = null) {
  // An open dialog would lie over this page.
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  byId("app").hidden = true;
  byId("sign-in-page").hidden = false;
  byId("sign-in-note").textContent = note;
  addWaiting(note);
  byId("sign-in-problem").textContent = "";
  document.title = "Sign in – To-do";
  if (user) byId("username").value = user;
  (byId("username").value ? byId("password") : byId("username")).focus();
}

/** Unsaved work is sent for its own user only. */
async function addWaiting(note) {
  const kept = await waiting();
  if (!kept || byId("sign-in-note").textContent !== note) return;
  const text = `${plural(kept.count, "change")} by ${kept.user} ${kept.count === 1 ? "is" : "are"} not saved yet. Sign in as ${kept.user} to save; signing in as somebody else discards this.`;
  byId("sign-in-note").textContent = [note, text].filter(Boolean).join(" ");
}

export function setMode(toRegister) {
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
        username: username.value.trim(),
        password: password.value,
        ...(email.value && { email: email.value }),
        ...(code.value && { registration_code: code.value }),
      });
      // The account exists now. If the sign-in fails, the next attempt must not register it again.
      setMode(false);
    }
    await signIn(username.value, password.value, stay.checked);
    password.value = code.value = "";
    byId("sign-in-page").hidden = true;
    onSignedIn();
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

export function startSignIn(signedIn) {
  onSignedIn = signedIn;
  byId("sign-in").onsubmit = submit;
  byId("switch-mode").onclick = () => setMode(!registering);
}
