// The service: requests to it, the session, and what goes wrong in words. Every address but that of
// the index comes out of an answer.

const PATIENCE_MS = 30_000;
const SESSION_SECONDS = 8 * 3600;
// Several stages of one API may share an origin.
const SESSION_KEY = `todo-session ${location.pathname}`;

/** An answer that is no success, or none at all (status 0). */
export class Failure extends Error {
  constructor(status, body = {}, headers = new Headers()) {
    super(body.error ?? "no answer");
    this.status = status;
    this.detail = body.detail;
    this.field = body.field;
    this.wait = Number.parseInt(headers.get("Retry-After"), 10) || null;
    // The status of refused credentials is a setting of the service; the challenge is not.
    this.unauthorized = status === 401 || (status === 403 && headers.has("WWW-Authenticate"));
  }
}

let session = read();
let index = null;
let onSignedOut = () => {};

export const currentSession = () => session;

/** `listener` is called when the service no longer takes the session's token. */
export function whenSignedOut(listener) {
  onSignedOut = listener;
}

function read() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(SESSION_KEY));
    return kept && Date.parse(kept.expires_at) > Date.now() ? kept : null;
  } catch {
    return null;
  }
}

function keep(next, stay) {
  session = next;
  try {
    if (next && stay) sessionStorage.setItem(SESSION_KEY, JSON.stringify(next));
    else sessionStorage.removeItem(SESSION_KEY);
  } catch {
    // A browser that stores nothing still has the session in memory.
  }
}

/** Sends a request; resolves with `{body, headers}` of a success, rejects with a Failure. */
async function send(method, uri, { body, headers = {}, authorization, signal, keepalive } = {}) {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const request = {
    method,
    headers: { Accept: "application/json", ...headers },
    credentials: "omit",
    cache: "no-store",
    signal: signal && AbortSignal.any ? AbortSignal.any([signal, timeout]) : signal ?? timeout,
    keepalive: keepalive ?? false,
  };
  if (authorization) request.headers.Authorization = authorization;
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = typeof body === "string" ? body : JSON.stringify(body);
  }
  let response;
  let answer;
  try {
    response = await fetch(uri, request);
    answer = await response.json().catch(() => ({}));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure(0);
  }
  if (!response.ok) throw new Failure(response.status, answer, response.headers);
  return { body: answer, headers: response.headers };
}

/** Sends a request as whoever is signed in. */
export async function call(method, uri, options = {}) {
  const used = session;
  if (!used) throw new Failure(401);
  try {
    return await send(method, uri, { authorization: `Bearer ${used.token}`, ...options });
  } catch (error) {
    // Only the session that was refused: another may have begun meanwhile.
    if (error.unauthorized && session === used) {
      keep(null);
      onSignedOut();
    }
    throw error;
  }
}

/** Where everything is. */
export async function addresses() {
  if (!index) {
    const { body } = await send("GET", new URL("todo/api/v1.0", document.baseURI).href);
    if (new URL(body.tasks).origin !== location.origin) {
      const failure = new Failure(0);
      failure.elsewhere = body.tasks.replace(/todo\/api\/.*$/, "");
      throw failure;
    }
    index = body;
  }
  return index;
}

/** Exchanges the password for a token. */
export async function signIn(username, password, stay) {
  const { tokens } = await addresses();
  const utf8 = new TextEncoder().encode(`${username}:${password}`);
  const authorization = `Basic ${btoa(String.fromCharCode(...utf8))}`;
  const wanted = { label: "web", scope: "write", duration: SESSION_SECONDS };
  const { body } = await send("POST", tokens, { authorization, body: wanted });
  const { token, uri, expires_at } = body.token;
  keep({ username: username.toLowerCase(), token, uri, expires_at }, stay);
}

export async function register(account) {
  const { users } = await addresses();
  await send("POST", users, { body: account });
}

/** Ends the session here whatever happens, and there if the service can be reached. */
export async function signOut() {
  const ended = session;
  keep(null);
  if (!ended) return;
  const authorization = `Bearer ${ended.token}`;
  await send("DELETE", ended.uri, { authorization, keepalive: true });
}

/** A key for one create and its repetitions. `randomUUID` is there on secure origins only. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function inTime(seconds) {
  const span = (count, unit) => `${count} ${unit}${count === 1 ? "" : "s"}`;
  if (seconds < 90) return `in ${span(seconds, "second")}`;
  const when = new Date(Date.now() + seconds * 1000);
  const clock = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return `in ${span(Math.ceil(seconds / 60), "minute")} (${clock})`;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;

/** What went wrong, for people. `detail` is the service's own wording, made to be shown. */
export function inWords(error) {
  if (!(error instanceof Failure)) return "Something in this page went wrong. Reload it to go on.";
  if (error.elsewhere) return `This service is to be used at ${error.elsewhere} – open it there.`;
  if (error.unauthorized) return "You are no longer signed in.";
  switch (error.status) {
    case 0:
      return "The service cannot be reached. Check the connection and try again.";
    case 400:
    case 403:
    case 409:
      return error.detail ? sentence(error.detail) : "The service did not accept this.";
    case 404:
      return "This task is no longer there; it was deleted elsewhere.";
    case 412:
      return "The task was changed elsewhere meanwhile.";
    case 413:
      return "This is too long to be saved.";
    case 429:
      return `That was tried too often. Try again ${inTime(error.wait ?? 60)}.`;
    case 503:
    case 504:
      return `The service is busy just now. Try again ${inTime(error.wait ?? 1)}.`;
    default:
      return "The service has failed. Try again in a moment.";
  }
}
