// Customers, for operators: quota and use, and whose users one works with.

import { h, typed } from "./dom.js";
import { field } from "./form.js";
import { recordScreen } from "./records.js";
import { nameOfCustomer, session } from "./session.js";
import { number, t } from "./texts.js";

function fieldsOf(customer) {
  return [
    field({ name: "name", label: t("name"), value: customer?.name ?? "", maxlength: 255, required: true }),
    field({ name: "max_user_quota", label: t("customer.quota"), hint: t("customer.quota.hint"), inputmode: "numeric", maxlength: 10, value: customer?.max_user_quota ?? "" }),
  ];
}

// An empty field is no limit; what is no number is sent as it is, and the service says what is wrong.
function quotaOf(value) {
  const text = String(value ?? "").trim();
  return text === "" ? null : /^-?[0-9]+$/.test(text) ? Number(text) : text;
}

function use({ users, max_user_quota: quota }) {
  return quota === null ? number(users) : t("of", { n: users, all: quota });
}

const columns = () => [
  { head: t("number"), class: "id", cell: (customer) => String(customer.id) },
  {
    head: t("name"),
    cell: (customer) => [typed(nameOfCustomer(customer)), customer.id === session.account.customer.id && [" ", h("span", { class: "pill" }, t("customer.own"))]],
  },
  { head: t("users"), cell: use },
];

export const screen = recordScreen({
  kind: "customer",
  nameOf: nameOfCustomer,
  fieldsOf,
  documentOf: ({ name, max_user_quota: quota }) => ({ name: name ?? "", max_user_quota: quotaOf(quota) }),
  mayChange: () => true,
  columns,
  lead: () => t("customers.lead"),
  links: (customer) => h("a", { class: "button", href: `#/users?customer=${customer.id}`, "aria-label": t("about", { what: t("customer.work"), subject: nameOfCustomer(customer) }) }, t("customer.work")),
});
