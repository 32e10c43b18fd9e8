// Roles: who holds each. Operators add, rename and delete them.

import { get, request } from "./api.js";
import { confirmThat, openDialog } from "./dialog.js";
import { h, typed } from "./dom.js";
import { checkbox, field, form } from "./form.js";
import { pageNumber, pages, table } from "./list.js";
import { notice } from "./notice.js";
import { isOperator, link } from "./session.js";
import { number, t } from "./texts.js";

const PAGE = 25;

// The list has names and codes alone; how many hold a role, each role says itself.
async function load({ query }, signal) {
  const page = pageNumber(query.get("page"));
  const { roles, has_next: hasNext } = await get({ roles: "/", query: { limit: PAGE, offset: (page - 1) * PAGE } }, signal);
  return { page, hasNext, roles: await Promise.all(roles.map((role) => get({ roles: `/${role.id}` }, signal))) };
}

function edit(role, reload) {
  const isNew = role === null;
  return openDialog(t(isNew ? "role.add" : "role.change"), (close) => {
    const code = isNew && field({ name: "code", label: t("role.code"), hint: t("role.code.hint"), autocapitalize: "none", spellcheck: "false", maxlength: 255, required: true });
    const name = field({ name: "name", label: t("name"), hint: t("role.name.hint"), value: isNew ? "" : role.name, maxlength: 255, required: true });
    const assignable = checkbox({ name: "assignable", label: t("role.assignable"), hint: t("role.assignable.hint"), checked: isNew || role.assignable });
    return form({
      fields: [code, name, assignable].filter((each) => each !== false),
      submit: t(isNew ? "role.add" : "save"),
      cancel: () => close(null),
      fieldOf: { "Role already exists.": "code" },
      onSubmit: async (document) => {
        const { body } = await request(isNew ? "POST" : "PUT", { roles: isNew ? "/" : `/${role.id}` }, { document });
        close(body);
        notice(t(isNew ? "role.added" : "role.saved", { name: body.name }), async () => {
          await (isNew ? request("DELETE", { roles: `/${body.id}` })
            : request("PUT", { roles: `/${role.id}` }, { document: { name: role.name, assignable: role.assignable } }));
          reload();
          return t("undone");
        });
        reload();
      },
    });
  });
}

function remove(role, reload) {
  confirmThat({
    title: t("role.delete.title", { name: role.name }),
    consequences: [t("role.delete.why", { code: role.code })],
    action: t("delete"),
    run: async () => {
      await request("DELETE", { roles: `/${role.id}` });
      notice(t("role.deleted", { name: role.name }), async () => {
        const { code, name, assignable } = role;
        await request("POST", { roles: "/" }, { document: { code, name, assignable } });
        reload();
        return t("undone");
      });
      reload();
    },
  });
}

function buttonsOf(role, reload) {
  return h("div", { class: "buttons" },
    h("button", { type: "button", "aria-label": t("role.change.this", { name: role.name }), on: { click: () => edit(role, reload) } }, t("change")),
    h("button", { type: "button", class: "danger quiet", "aria-label": t("role.delete.title", { name: role.name }), on: { click: () => remove(role, reload) } }, t("delete")));
}

function show(box, { roles, page, hasNext }, address, { reload }) {
  const columns = [
    { head: t("name"), cell: (role) => typed(role.name) },
    { head: t("role.code"), cell: (role) => h("code", {}, typed(role.code)) },
    { head: t("role.assignable.head"), cell: (role) => t(role.assignable ? "role.by.admins" : "role.by.operators") },
    {
      head: t(isOperator() ? "role.users.all" : "users"),
      cell: (role) => h("a", { href: link("users", { role: role.code }), "aria-label": t("role.holders", { name: role.name, n: role.users }) }, number(role.users)),
    },
    ...(isOperator() ? [{ head: h("span", { class: "unseen" }, t("actions")), class: "actions", cell: (role) => buttonsOf(role, reload) }] : []),
  ];
  box.append(
    h("div", { class: "top" }, h("h1", {}, t("roles")),
      isOperator() && h("button", { type: "button", class: "primary", on: { click: () => edit(null, reload) } }, t("role.add"))),
    h("p", { class: "lead" }, t(isOperator() ? "roles.lead.operator" : "roles.lead")),
    table({ caption: t("roles"), columns, items: roles, empty: t("roles.empty") }),
    pages({ page, last: hasNext ? page + 1 : page, addressOf: (target) => link("roles", { page: target }) }) || "",
  );
}

export const screen = { title: "roles", load, show };
