// Requests to the API. The session is the cookie, which no script can read.

const base = document.body.dataset;

// What the service has refused; status 0: it could not be reached.
export class Refusal extends Error {
  constructor(status, body, wait = null) {
    super(body.message || "");
    this.status = status;
    this.code = body.error_code || "";
    this.payload = body.payload || null;
    this.wait = wait;
  }
}

let watch = null;

// hasEnded() is asked when the session has ended, and isSame() before anything is changed: they promise whether the same
// person is back, or still there.
export function watchSession(handlers) {
  watch = handlers;
}

// Those that are empty are left out.
export function argumentsOf(query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}

// Paths: { users: "/12" } or { users: "/", query: { limit: 50 } }
function addressOf({ query = {}, ...place }) {
  const [[name, path]] = Object.entries(place);
  return base[name] + path + argumentsOf(query);
}

async function send(method, place, { document, etag, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (document !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  if (etag) {
    headers["If-Match"] = etag;
  }
  const body = document === undefined ? undefined : JSON.stringify(document);
  try {
    const answer = await fetch(addressOf(place), { method, headers, body, signal, credentials: "same-origin", cache: "no-store" });
    return { answer, body: answer.status === 204 ? {} : await answer.json().catch(() => ({})) };
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new Refusal(0, {});
  }
}

// Answers { body, etag }, or throws a Refusal. A request that nobody was signed in for has done nothing, so it is sent
// again once the person is back.
export async function request(method, place, options = {}) {
  const isWatched = watch !== null && !options.signingIn;
  if (isWatched && method !== "GET" && !(await watch.isSame())) {
    throw new Refusal(401, {});
  }
  const { answer, body } = await send(method, place, options);
  if (answer.ok) {
    return { body, etag: answer.headers.get("ETag") };
  }
  if (answer.status === 401 && isWatched) {
    if (await watch.hasEnded()) {
      options.signal?.throwIfAborted();
      return request(method, place, options);
    }
  }
  throw new Refusal(answer.status, body, answer.headers.get("Retry-After"));
}

export async function get(place, signal) {
  return (await request("GET", place, { signal })).body;
}

export async function isReady(signal) {
  if (base.health === "") {
    return null;
  }
  try {
    const { answer, body } = await send("GET", { health: "" }, { signal });
    return body.status === "ready" ? true : answer.status === 503 ? false : null;
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    return false;
  }
}
