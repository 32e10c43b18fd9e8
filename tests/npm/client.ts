// A client whose types are made from the service's OpenAPI document: client.js URL EMAIL PASSWORD.
// An admin logs in, works on a user, and logs out. Each printed line is a result, as JSON.
import createClient from "openapi-fetch";

import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];
type Result<T> = { data?: T; error?: Schemas["Error"] | undefined; response: Response };

const [url = "", email = "", password = ""] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url });

function say(what: string, seen: unknown): void {
  console.log(JSON.stringify({ what, seen }));
}

/** Returns the document of the answer, or throws if it is an error. */
function expect<T>(result: Result<T>): T {
  if (result.error !== undefined || result.data === undefined) {
    throw new Error(`${result.response.url} answered ${result.response.status}: ${result.error?.message}`);
  }
  return result.data;
}

/** The token in the cookie that a login sets, in base64. */
function tokenOf(response: Response): string {
  const cookie = response.headers.getSetCookie().find((line) => line.startsWith("user-api-credentials="));
  const value = cookie?.split(/[=;]/)[1] ?? "";
  return atob(decodeURIComponent(value));
}

async function logIn(): Promise<void> {
  const login = await client.POST("/api/users/login", { body: { email, password } });
  const session: Schemas["Session"] = expect(login);
  say("login", session.email);
  const token = tokenOf(login.response);
  client.use({
    onRequest: ({ request }) => {
      request.headers.set("Authorization", `Bearer ${token}`);
    },
  });
}

async function register(): Promise<Schemas["UserWithRoles"]> {
  const body: Schemas["NewUser"] = {
    active: true,
    email: "generated@example.org",
    name: "Generated",
    password: "correct horse battery",
    roles: [],
  };
  const made = expect(await client.POST("/api/users/", { body }));
  say("registered", made);
  const again = await client.POST("/api/users/", { body });
  say("registered again", [again.response.status, again.error?.error_code, again.error?.message]);
  return made;
}

async function list(): Promise<void> {
  const query = { count: true, email: "generated@%", limit: 10 };
  const page = expect(await client.GET("/api/users/", { params: { query } }));
  say("listed", [page.count, page.has_next, page.users.map((user) => user.name)]);
}

async function update(id: number): Promise<void> {
  const path = { id };
  const found = await client.GET("/api/users/{id}", { params: { path } });
  const { active, email: address } = expect(found);
  const params = { path, header: { "If-Match": found.response.headers.get("ETag") ?? "" } };
  const body: Schemas["UserUpdate"] = { active, email: address, name: "Renamed" };
  say("updated", expect(await client.PUT("/api/users/{id}", { params, body })).name);
  const late = await client.PUT("/api/users/{id}", { params, body });
  say("updated again", [late.response.status, late.error?.error_code]);
  say("read back", expect(await client.GET("/api/users/{id}", { params: { path } })).name);
}

async function logOut(): Promise<void> {
  say("logout", expect(await client.POST("/api/users/logout")).message);
  const session = await client.GET("/api/users/token");
  say("session", [session.response.status, session.error?.message]);
}

await logIn();
const user = await register();
await list();
await update(user.id);
await logOut();
