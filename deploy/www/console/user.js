// One user: name, email and roles; activity, sessions, password and deletion. Also the form for a new one.

import { get, Refusal, request } from "./api.js";
import { confirmThat, openDialog } from "./dialog.js";
import { button, h, typed } from "./dom.js";
import { checkbox, choices, field, form } from "./form.js";
import { notice, noticeOfFailure } from "./notice.js";
import { passwordField } from "./password.js";
import { isOperator, link, nameOfCustomer, session } from "./session.js";
import { t } from "./texts.js";
import { differences, nameOf, read, rebased, undo, write } from "./update.js";
import { statePill } from "./users.js";

const FIELD_OF = { "User already exists.": "email", "Conflict.": "email" };

const isMe = (id) => Number(id) === session.account?.id;

async function load({ id }, signal) {
  if (!/^(new|[1-9][0-9]*)$/.test(id)) {
    throw new Refusal(404, {});
  }
  const roles = get({ roles: "/", query: { assignable: true, limit: 1000 } }, signal);
  if (id === "new") {
    return { grantable: (await roles).roles };
  }
  const [version, { roles: grantable }, account] = await Promise.all([read(id, signal), roles, isMe(id) && get({ account: "/" }, signal)]);
  return { ...version, grantable, account };
}

const nameField = (value) => field({ name: "name", label: t("name"), value, maxlength: 255, required: true });
const emailField = (value, properties) => field({
  name: "email", label: t("email"), value, inputmode: "email", autocapitalize: "none", spellcheck: "false", maxlength: 255, required: true, ...properties,
});

// Roles that only an operator may grant are shown where they are held, and stay.
function roleChoices(ticked, held, grantable) {
  const isIn = (roles, role) => roles.some((each) => each.id === role.id);
  const fixed = held.filter((role) => !isIn(grantable, role));
  return choices({
    name: "roles", label: t("roles"), empty: t("roles.none.grantable"),
    options: [
      ...grantable.map((role) => ({ value: role, label: role.name, checked: isIn(ticked, role) })),
      ...fixed.map((role) => ({ value: role, label: t("role.fixed", { name: role.name }), checked: true, disabled: true })),
    ],
  });
}

function showNew(box, { grantable }) {
  const { customer } = session;
  const name = nameField("");
  const email = emailField("");
  const password = passwordField({ label: t("password"), hint: t("password.first") });
  const active = checkbox({ name: "active", label: t("user.active"), checked: true });
  const roles = roleChoices([], [], grantable);
  let isSaved = false;
  const element = form({
    fields: [name, email, password, roles, active],
    submit: t("user.add"),
    fieldOf: FIELD_OF,
    cancel: () => {
      location.hash = listAddress();
    },
    onSubmit: async (given) => {
      const document = { ...given, roles: given.roles.map((role) => ({ id: role.id })) };
      if (customer !== null) {
        document.customer = { id: customer.id };
      }
      const { body } = await request("POST", { users: "/" }, { document });
      isSaved = true;
      notice(t(body.active ? "user.added" : "user.added.inactive", { name: body.name }));
      location.hash = link(`users/${body.id}`);
      await new Promise(() => {}); // busy until the page goes
    },
  });
  box.append(back(), h("h1", {}, t("user.add")), customer && h("p", { class: "lead" }, t("user.add.customer", { name: nameOfCustomer(customer) })) || "",
    h("section", { class: "card" }, element));
  const isChanged = () => !isSaved && [name, email, password, roles].some((each) => each.value().length > 0);
  return { title: t("user.add"), isChanged };
}

// The list as it was left, with its search and page.
function listAddress() {
  return session.list !== null && session.list.customer === session.customer?.id ? session.list.hash : link("users");
}

function back() {
  return h("p", {}, h("a", { href: listAddress() }, `‹ ${t("users")}`));
}

function inWords(name, value) {
  if (name === "roles") {
    return value.map((role) => role.name).join(", ") || t("roles.none");
  }
  return name === "active" ? t(value ? "active" : "inactive") : value;
}

// Both versions side by side. Promises "mine", "theirs", or null: go on writing.
function askWhich(now, mine) {
  const names = ["name", "email", "active", "roles"];
  return openDialog(t("conflict", { name: now.name }), (close) => [
    h("p", {}, t("conflict.why")),
    h("table", { class: "versions" },
      h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, t("conflict.theirs")), h("th", { scope: "col" }, t("conflict.mine")))),
      h("tbody", {}, names.map((name) => h("tr", { class: Object.hasOwn(differences(now, mine), name) ? "differs" : null },
        h("th", { scope: "row" }, t(name === "active" ? "state" : name)), h("td", { "data-head": t("conflict.theirs") }, typed(inWords(name, now[name]))),
        h("td", { "data-head": t("conflict.mine") }, typed(inWords(name, mine[name] ?? now[name]))))))),
    h("div", { class: "buttons" },
      button(null, t("conflict.stay"), () => close(null)),
      button(null, t("conflict.take"), () => close("theirs")),
      button("primary", t("conflict.keep"), () => close("mine"))),
  ]);
}

// Answers the saved user, and what it was before; null where nothing was saved.
async function save(user, etag, changes, reload) {
  try {
    return { former: user, saved: await write(user, etag, changes) };
  } catch (error) {
    if (error.status !== 412) {
      throw error;
    }
  }
  const now = await read(user.id);
  const mine = rebased(user, changes, now.user);
  const choice = await askWhich(now.user, mine);
  if (choice === "theirs") {
    await reload();
  }
  return choice === "mine" ? save(now.user, now.etag, differences(now.user, mine), reload) : null;
}

// `typedBefore`: what somebody had changed and not saved when the page was drawn again.
function editForm({ user, etag, grantable }, typedBefore, isGuarded, reload) {
  const shown = { ...user, ...typedBefore };
  const name = nameField(shown.name);
  const email = emailField(shown.email, { readonly: isGuarded });
  const roles = roleChoices(shown.roles, user.roles, grantable);
  const wanted = () => differences(user, { name: name.value(), email: email.value(), roles: roles.value() });
  let isSaved = false;
  const forget = () => {
    isSaved = true;
  };
  const drawAnew = () => {
    forget();
    return reload();
  };
  const element = form({
    fields: [name, email, roles],
    submit: t("save"),
    fieldOf: FIELD_OF,
    extra: [h("p", { class: "hint" }, t("user.save.why"))],
    onSubmit: async () => {
      const changes = wanted();
      if (Object.keys(changes).length === 0) {
        notice(t("user.unchanged"));
        return;
      }
      const isMine = isMe(user.id) && changes.roles !== undefined;
      if (isMine && (await confirmThat({ title: t("user.roles.me"), consequences: [t("user.roles.me.why")], action: t("save"), run: async () => true })) === null) {
        return;
      }
      const done = await save(user, etag, changes, drawAnew);
      if (done !== null && isMine) {
        forget();
        location.reload();
      } else if (done !== null) {
        notice(t("saved", { name: nameOf(done.saved) }), async () => {
          await undo(done.former, done.saved);
          reload();
          return t("undone");
        });
        await drawAnew();
      }
    },
  });
  const unsaved = () => (isSaved || Object.keys(wanted()).length === 0 ? null : { user, changes: wanted() });
  return { element, unsaved, isChanged: () => unsaved() !== null, forget };
}

// Throws the Refusal if it was refused.
async function changeActive(user, active, reload) {
  const set = async (wanted) => {
    const { user: now, etag } = await read(user.id);
    await write(now, etag, { active: wanted });
    if (isMe(user.id)) {
      location.reload();
    }
    reload();
    return now.active !== wanted;
  };
  const isChanged = await set(active);
  notice(t(active ? "user.activated" : "user.deactivated", { name: nameOf(user) }), isMe(user.id) || !isChanged ? null : async () => {
    await set(!active);
    return t("undone");
  });
}

// `texts`: the title and the consequences.
function ask(user, texts, action, run) {
  const [title, ...consequences] = texts.map((key) => t(key, { name: nameOf(user) }));
  confirmThat({ title, consequences, action: t(action), run });
}

function askToDeactivate(user, reload) {
  const after = isMe(user.id) ? "user.deactivate.me" : "user.deactivate.short";
  ask(user, ["user.deactivate.title", "user.deactivate.why", after], "deactivate", () => changeActive(user, false, reload));
}

function askToEndSessions(user) {
  ask(user, ["user.sessions.title", "user.sessions.why", ...(isMe(user.id) ? ["user.sessions.me"] : [])], "user.sessions", async () => {
    await request("POST", { users: `/${user.id}/logout` });
    notice(t("user.sessions.ended", { name: nameOf(user) }));
  });
}

function askForPassword(user, reload) {
  const name = nameOf(user);
  openDialog(t("user.password.title", { name }), (close) => {
    const password = passwordField({ email: user.email });
    return [
      h("p", {}, t(isMe(user.id) ? "password.own" : "user.password.why", { name })),
      form({
        fields: [password],
        submit: t("password.set"),
        cancel: () => close(null),
        onSubmit: async (document) => {
          const now = await read(user.id);
          await write(now.user, now.etag, { password: document.password });
          close(true);
          notice(t("user.password.set", { name }));
          reload();
        },
      }),
    ];
  });
}

function askToDelete(user, etag, { reload, leave }) {
  ask(user, ["delete.this", "user.delete.why", "user.delete.rather", "forever"], "delete", async () => {
    try {
      await request("DELETE", { users: `/${user.id}` }, { etag });
    } catch (error) {
      if (error.status !== 412) {
        throw error;
      }
      noticeOfFailure(error);
      reload();
      return;
    }
    notice(t("deleted", { name: nameOf(user) }));
    leave();
  });
}

function actions(user, etag, isGuarded, page) {
  const one = (key, why, action, look = null) => h("li", {}, h("p", {}, why), button(look, t(key), action, { disabled: isGuarded }));
  return h("section", { class: "card" }, h("h2", {}, t("user.access")),
    h("ul", { class: "actions" },
      user.active ? one("deactivate", t("user.deactivate.short"), () => askToDeactivate(user, page.reload), "danger quiet")
        : one("activate", t("user.activate.short"), () => changeActive(user, true, page.reload).catch(noticeOfFailure)),
      one("user.sessions", t("user.sessions.short"), () => askToEndSessions(user)),
      one("password.set", t("user.password.short"), () => askForPassword(user, page.reload)),
      !isMe(user.id) && one("delete", t("user.delete.short"), () => askToDelete(user, etag, page), "danger quiet")));
}

function show(box, loaded, address, { moveTo, reload, carried }) {
  const { user, etag, grantable } = loaded;
  if (user === undefined) {
    return showNew(box, loaded);
  }
  // Names and rights of one's own may just have changed.
  session.account = loaded.account || session.account;
  // A user is shown as work in the customer of that user.
  const own = user.customer.id === session.account.customer.id;
  if (isOperator() && address.customer !== (own ? undefined : user.customer.id)) {
    moveTo(`#/users/${user.id}${own ? "" : `?customer=${user.customer.id}`}`);
    reload();
    return {};
  }
  const name = nameOf(user);
  const isGuarded = !isOperator() && user.roles.some((role) => !grantable.some((each) => each.id === role.id));
  const typedBefore = carried && rebased(carried.user, carried.changes, user);
  const edited = editForm(loaded, typedBefore, isGuarded, reload);
  const leave = () => {
    edited.forget();
    location.hash = listAddress();
  };
  box.append(
    back(),
    h("h1", {}, typed(name), " ", statePill(user)),
    h("p", { class: "lead" }, t("user.number", { id: user.id }), " · ", t("customer.number", { id: user.customer.id }), " · ",
      h("a", { href: link("events", { user: user.id }) }, t("user.events"))),
    isGuarded ? h("p", { class: "message" }, t("user.guarded", { name })) : "",
    h("div", { class: "cards two" }, h("section", { class: "card" }, h("h2", {}, t("user.details")), edited.element), actions(user, etag, isGuarded, { reload, leave })),
  );
  return { title: name, ...edited };
}

export const screen = { title: "users", load, show };
