// Roles: who holds each. Operators add, rename and delete them.

import { get } from "./api.js";
import { h, typed } from "./dom.js";
import { checkbox, field } from "./form.js";
import { recordScreen } from "./records.js";
import { isOperator, link } from "./session.js";
import { t } from "./texts.js";

function fieldsOf(role) {
  const code = field({ name: "code", label: t("role.code"), hint: t("role.code.hint"), autocapitalize: "none", spellcheck: "false", maxlength: 255, required: true });
  return [
    ...(role === null ? [code] : []),
    field({ name: "name", label: t("name"), hint: t("role.name.hint"), value: role?.name, maxlength: 255, required: true }),
    checkbox({ name: "assignable", label: t("role.assignable"), hint: t("role.assignable.hint"), checked: role?.assignable ?? true }),
  ];
}

const columns = () => [
  { head: t("name"), cell: (role) => typed(role.name) },
  { head: t("role.code"), cell: (role) => h("code", {}, typed(role.code)) },
  { head: t("role.assignable.head"), cell: (role) => t(role.assignable ? "role.by.admins" : "role.by.operators") },
  {
    head: t("users"),
    cell: (role) => [h("a", { href: link("users", { role: role.code }) }, t("users.count", { n: role.here })),
      role.here !== role.users && ` (${t("role.users.all", { n: role.users })})`],
  },
];

export const screen = recordScreen({
  kind: "role",
  // The list has names and codes alone. How many hold a role, an operator is told of all customers.
  complete: async ({ id, code }, customer, signal) => {
    const holders = { users: "/", query: { customer, role: code, count: true, limit: 0 } };
    const [role, { count }] = await Promise.all([get({ roles: `/${id}` }, signal), get(holders, signal)]);
    return { ...role, here: count };
  },
  nameOf: (role) => role.name,
  fieldsOf,
  documentOf: ({ code, name, assignable }) => ({ code, name, assignable }),
  fieldOf: { "Role already exists.": "code" },
  mayChange: isOperator,
  columns,
  lead: () => [t("roles.lead"), isOperator() && ` ${t("roles.shared")}`],
  isRestored: true,
});
