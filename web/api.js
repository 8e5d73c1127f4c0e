// Requests to the service, the session, and error messages. Only the path of the index is written
// here; every other URI comes from a response, so that the client works under any stage or host.

const TIMEOUT_MS = 30_000;
const TAB_SECONDS = 8 * 3600;
const STAY_SECONDS = 30 * 86_400;
// The path is in the key because several stages of one API may share an origin.
const SESSION_KEY = `todo-session ${location.pathname}`;

/** A response with an error status, or no response at all (status 0). */
export class Failure extends Error {
  constructor(status, body = {}, headers = new Headers()) {
    super(body.error ?? "no response");
    this.status = status;
    this.detail = body.detail;
    this.field = body.field;
    this.retryAfter = Number.parseInt(headers.get("Retry-After"), 10) || null;
    // A setting of the service selects the status for rejected credentials; the challenge is always sent.
    this.unauthorized = status === 401 || (status === 403 && headers.has("WWW-Authenticate"));
  }
}

let onSignedOut = () => {};

export const currentSession = () => session;
/** The index, once it was read. It always was before a session begins. */
export const currentIndex = () => index;

/** Calls `listener` when the service rejects the session's token, or when another window signed out. */
export function whenSignedOut(listener) {
  onSignedOut = listener;
}

/** Storage can be disabled or full. The page then goes on without it. */
export function tryStorage(access) {
  try {
    return access();
  } catch {
    return null;
  }
}

const stored = (storage) => tryStorage(() => JSON.parse(globalThis[storage].getItem(SESSION_KEY)));
const isValid = (kept) => kept && Date.parse(kept.expires_at) > Date.now();

let session = readSession();
/** The URIs of the service's resources. The session keeps them, so that the first view needs one request less. */
let index = session?.index ?? null;

/**
 * The session of this tab, or the one that this browser keeps because the user asked for it. A tab whose session
 * has ended is still its user's: it takes up nobody else's session.
 */
function readSession() {
  const [tab, browser] = ["sessionStorage", "localStorage"].map(stored);
  return [tab, tab && browser?.username !== tab.username ? null : browser].find(isValid) ?? null;
}

/** The user who stays signed in in this browser. */
export const keptUser = () => [stored("localStorage")].find(isValid)?.username ?? null;

function setSession(next, stay) {
  const ended = session;
  session = next;
  tryStorage(() => {
    sessionStorage.removeItem(SESSION_KEY);
    const kept = stored("localStorage");
    // Another user may stay signed in here in the meantime. End only the session that ends.
    if (!kept?.token || (next ? stay : kept.token === ended?.token)) localStorage.removeItem(SESSION_KEY);
    if (next) (stay ? localStorage : sessionStorage).setItem(SESSION_KEY, JSON.stringify(next));
  });
}

/** Ends the session without a sign-out. The tab remembers whose it is, and the other windows are told. */
function expire() {
  const { username, token } = session;
  const mark = JSON.stringify({ username });
  session = null;
  tryStorage(() => {
    sessionStorage.setItem(SESSION_KEY, mark);
    if (stored("localStorage")?.token === token) localStorage.setItem(SESSION_KEY, mark);
  });
}

addEventListener("storage", ({ key, oldValue, newValue }) => {
  if (key !== SESSION_KEY || !session || JSON.parse(oldValue)?.token !== session.token) return;
  const next = JSON.parse(newValue);
  if (next?.token) return;
  session = null;
  onSignedOut(next ? undefined : "You signed out in another window.");
});

/** Sends a request. Resolves with `{ body, headers }` of a successful response, rejects with a Failure. */
async function send(method, uri, { body, headers = {}, authorization, signal, keepalive } = {}) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
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
  let json;
  try {
    response = await fetch(uri, request);
    // A response that breaks off is none: nobody knows what was in it. An error is told by its status.
    json = await response.json().catch((error) => (response.ok ? Promise.reject(error) : {}));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure(0);
  }
  if (!response.ok) throw new Failure(response.status, json, response.headers);
  return { body: json, headers: response.headers };
}

/** Sends a request with the session's token. */
export async function call(method, uri, options = {}) {
  const used = session;
  if (!used) throw new Failure(401);
  try {
    return await send(method, uri, { authorization: `Bearer ${used.token}`, ...options });
  } catch (error) {
    // End only the session that was rejected: the user may have signed in again since the request.
    if (error.unauthorized && session === used) {
      expire();
      onSignedOut();
    }
    throw error;
  }
}

/** Deletes what may take several requests: the service says when to continue. */
export async function deleteWhole(uri) {
  for (let attempts = 0; ; attempts++) {
    try {
      return await call("DELETE", uri);
    } catch (error) {
      if (error.status !== 503 || attempts === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, (error.retryAfter ?? 1) * 1000));
    }
  }
}

/** The index: the URIs of the service's resources. It is read once. */
export async function readIndex() {
  if (!index) {
    const { body } = await send("GET", new URL("todo/api/v1.0", document.baseURI).href);
    if (new URL(body.tasks).origin !== location.origin) {
      const failure = new Failure(0);
      failure.serviceUrl = body.tasks.replace(/todo\/api\/.*$/, "");
      throw failure;
    }
    index = body;
  }
  return index;
}

/** Exchanges the password for a token and starts a session with it. */
export async function signIn(username, password, stay) {
  const { tokens } = await readIndex();
  const name = username.trim().toLowerCase();
  const utf8 = new TextEncoder().encode(`${name}:${password}`);
  const authorization = `Basic ${btoa(String.fromCharCode(...utf8))}`;
  const newToken = { label: "web", scope: "write", duration: stay ? STAY_SECONDS : TAB_SECONDS };
  const { body } = await send("POST", tokens, { authorization, body: newToken });
  const { token, uri, expires_at } = body.token;
  setSession({ username: name, token, uri, expires_at, index }, stay);
}

export async function register(account) {
  const { users } = await readIndex();
  await send("POST", users, { body: account });
}

/** Ends the session in this browser in any case. Rejects when the service did not delete the token. */
export async function signOut() {
  const ended = session;
  setSession(null);
  if (!ended) return;
  const authorization = `Bearer ${ended.token}`;
  await send("DELETE", ended.uri, { authorization, keepalive: true });
}

/** An idempotency key for one create and its retries. Browsers have `randomUUID` on secure origins only. */
export function newIdempotencyKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function waitText(seconds) {
  const quantity = (count, unit) => `${count} ${unit}${count === 1 ? "" : "s"}`;
  if (seconds < 90) return `in ${quantity(seconds, "second")}`;
  const end = new Date(Date.now() + seconds * 1000);
  const clock = end.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return `in ${quantity(Math.ceil(seconds / 60), "minute")} (${clock})`;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;

/** An error message for the user. The service writes `detail` so that it can be shown. */
export function errorMessage(error) {
  if (!(error instanceof Failure)) return "Something went wrong on this page. Reload it to continue.";
  if (error.serviceUrl) return `This service's address is ${error.serviceUrl} – open it there.`;
  if (error.unauthorized) return "You are no longer signed in.";
  switch (error.status) {
    case 0:
      return "The service cannot be reached. Check the connection and try again.";
    case 400:
    case 403:
    case 409:
      return error.detail ? sentence(error.detail) : "The service did not accept this.";
    case 404:
      return "It no longer exists. It was deleted elsewhere.";
    case 412:
      return "It was changed elsewhere in the meantime.";
    case 413:
      return "This is too long to save.";
    case 429:
      return `Too many attempts. Try again ${waitText(error.retryAfter ?? 60)}.`;
    case 503:
    case 504:
      return `The service is busy. Try again ${waitText(error.retryAfter ?? 1)}.`;
    default:
      return "The service had an internal error. Try again in a moment.";
  }
}
