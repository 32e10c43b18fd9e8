// Changes of a user, each made on the version that was read (If-Match), so that nobody's change is lost.

import { request, Refusal } from "./api.js";

export async function read(id, signal) {
  const { body, etag } = await request("GET", { users: `/${id}` }, { signal });
  return { user: body, etag };
}

export const nameOf = (user) => user.name || user.email;

const ids = (roles) => roles.map((role) => role.id).sort((a, b) => a - b);
const sameRoles = (a, b) => ids(a).join() === ids(b).join();

// What of `wanted` differs from `user`: { name?, email?, active?, roles? }.
export function differences(user, wanted) {
  const changed = Object.entries(wanted).filter(([name, value]) => (name === "roles" ? !sameRoles(user.roles, value) : user[name] !== value));
  return Object.fromEntries(changed);
}

// The same changes on another version: roles are added to and taken from those that are there.
export function rebased(base, changes, now) {
  if (changes.roles === undefined) {
    return { ...changes };
  }
  const [before, after] = [ids(base.roles), ids(changes.roles)];
  const kept = now.roles.filter((role) => after.includes(role.id) || !before.includes(role.id));
  const added = changes.roles.filter((role) => !before.includes(role.id) && !ids(kept).includes(role.id));
  return { ...changes, roles: [...kept, ...added] };
}

// Roles that are not changed are not sent, so that nobody's are put back.
export async function write(user, etag, changes) {
  const { name, email, active } = { ...user, ...changes };
  const document = { name, email, active };
  if (changes.roles !== undefined) {
    document.roles = changes.roles.map((role) => ({ id: role.id }));
  }
  if (changes.password !== undefined) {
    document.password = changes.password;
  }
  return (await request("PUT", { users: `/${user.id}` }, { document, etag })).body;
}

const writable = ({ name, email, active, roles }) => ({ name, email, active, roles });

// Puts back what `changes` had changed, unless somebody has changed the user since.
export async function undo(former, saved) {
  const { user, etag } = await read(former.id);
  if (Object.keys(differences(user, writable(saved))).length > 0) {
    throw new Refusal(412, {}, null);
  }
  return write(user, etag, differences(user, writable(former)));
}

// One by one; answers who was changed, and why others were not. After a session has ended, nobody else is tried.
export async function setActive(users, active) {
  const done = [];
  const failed = [];
  for (const each of users) {
    try {
      const { user, etag } = await read(each.id);
      if (user.active !== active) {
        await write(user, etag, { active });
        done.push(user);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      failed.push({ name: nameOf(each), error });
      if (error.status === 401 || error.status === 0) {
        break;
      }
    }
  }
  return { done, failed };
}
