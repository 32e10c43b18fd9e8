// Customers, for operators: quota and use, and whose users one works with.

import { get, request } from "./api.js";
import { confirmThat, openDialog } from "./dialog.js";
import { h, typed } from "./dom.js";
import { field, form } from "./form.js";
import { pageNumber, pages, table } from "./list.js";
import { notice } from "./notice.js";
import { nameOfCustomer, session } from "./session.js";
import { number, t } from "./texts.js";

const PAGE = 25;

async function load({ query }, signal) {
  const page = pageNumber(query.get("page"));
  const { customers, has_next: hasNext } = await get({ customers: "/", query: { limit: PAGE, offset: (page - 1) * PAGE } }, signal);
  return { page, hasNext, customers };
}

// An empty field is no limit; what is no number is sent as it is, and the service says what is wrong.
function quotaOf(text) {
  const trimmed = text.trim();
  return trimmed === "" ? null : /^-?[0-9]{1,15}$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function edit(customer, reload) {
  const isNew = customer === null;
  return openDialog(t(isNew ? "customer.add" : "customer.change"), (close) => {
    const name = field({ name: "name", label: t("name"), value: isNew ? "" : customer.name || "", maxlength: 255, required: true });
    const quota = field({
      name: "max_user_quota", label: t("customer.quota"), hint: t("customer.quota.hint"), inputmode: "numeric", maxlength: 10,
      value: isNew || customer.max_user_quota === null ? "" : String(customer.max_user_quota),
    });
    return form({
      fields: [name, quota],
      submit: t(isNew ? "customer.add" : "save"),
      cancel: () => close(null),
      onSubmit: async (document) => {
        const given = { name: document.name, max_user_quota: quotaOf(document.max_user_quota) };
        const { body } = await request(isNew ? "POST" : "PUT", { customers: isNew ? "/" : `/${customer.id}` }, { document: given });
        close(body);
        const former = customer && { name: customer.name, max_user_quota: customer.max_user_quota };
        const undo = isNew || former.name !== null ? async () => {
          await (isNew ? request("DELETE", { customers: `/${body.id}` }) : request("PUT", { customers: `/${body.id}` }, { document: former }));
          reload();
          return t("undone");
        } : null;
        notice(t(isNew ? "customer.added" : "customer.saved", { name: body.name }), undo);
        reload();
      },
    });
  });
}

function remove(customer, reload) {
  const name = nameOfCustomer(customer);
  confirmThat({
    title: t("customer.delete.title", { name }),
    consequences: [t("customer.delete.why"), t("forever")],
    action: t("delete"),
    run: async () => {
      await request("DELETE", { customers: `/${customer.id}` });
      notice(t("customer.deleted", { name }));
      reload();
    },
  });
}

function useOf(customer) {
  if (customer.max_user_quota === null) {
    return number(customer.users);
  }
  return [t("customer.use", { n: customer.users, quota: customer.max_user_quota }),
    h("meter", { min: 0, max: Math.max(customer.max_user_quota, 1), value: customer.users, "aria-hidden": "true" })];
}

function actionsOf(customer, reload) {
  const name = nameOfCustomer(customer);
  const labelled = (key) => t(`${key}.this`, { name });
  return h("div", { class: "buttons" },
    h("a", { class: "button", href: `#/users?customer=${customer.id}`, "aria-label": labelled("customer.work") }, t("customer.work")),
    h("button", { type: "button", "aria-label": labelled("customer.change"), on: { click: () => edit(customer, reload) } }, t("change")),
    h("button", { type: "button", class: "danger quiet", "aria-label": t("customer.delete.title", { name }), on: { click: () => remove(customer, reload) } }, t("delete")));
}

function show(box, { customers, page, hasNext }, address, { reload }) {
  const columns = [
    { head: t("number"), class: "id", cell: (customer) => String(customer.id) },
    {
      head: t("name"),
      cell: (customer) => [typed(nameOfCustomer(customer)), customer.id === session.account.customer.id && [" ", h("span", { class: "pill" }, t("customer.own"))]],
    },
    { head: t("customer.users"), cell: useOf },
    { head: h("span", { class: "unseen" }, t("actions")), class: "actions", cell: (customer) => actionsOf(customer, reload) },
  ];
  box.append(
    h("div", { class: "top" }, h("h1", {}, t("customers")),
      h("button", { type: "button", class: "primary", on: { click: () => edit(null, reload) } }, t("customer.add"))),
    h("p", { class: "lead" }, t("customers.lead")),
    table({ caption: t("customers"), columns, items: customers, empty: t("customers.empty") }),
    pages({ page, last: hasNext ? page + 1 : page, addressOf: (target) => `#/customers?page=${target}` }) || "",
  );
}

export const screen = { title: "customers", load, show };
