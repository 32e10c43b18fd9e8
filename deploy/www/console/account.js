// My account: who I am, what I may do, my password.

import { get, request } from "./api.js";
import { h, typed } from "./dom.js";
import { form } from "./form.js";
import { notice } from "./notice.js";
import { passwordField } from "./password.js";
import { session } from "./session.js";
import { t } from "./texts.js";
import { moment } from "./words.js";

async function load(address, signal) {
  return get({ account: "/" }, signal);
}

function facts(account) {
  const rights = account.rights.length === 0 ? t("right.none") : account.rights.map((right) => t(`right.${right}`)).join(" ");
  const rows = [
    [t("name"), typed(account.name)],
    [t("email"), typed(account.email)],
    [t("roles"), account.roles.length === 0 ? t("roles.none") : h("ul", { class: "pills" }, account.roles.map((role) => h("li", { class: "pill" }, typed(role.name))))],
    [t("customer"), t("customer.number", { id: account.customer.id })],
    [t("rights"), rights],
    ...(account.created_at ? [[t("created"), moment(account.created_at)]] : []),
  ];
  return h("dl", { class: "facts" }, rows.map(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]));
}

function passwordForm(account) {
  const password = passwordField({ email: account.email });
  const element = form({
    fields: [password],
    submit: t("password.change"),
    onSubmit: async (document) => {
      await request("POST", { users: "/reset-password" }, { document: { email: account.email, password: document.password } });
      password.hide();
      password.input.value = "";
      notice(t("password.changed"));
    },
  });
  return { element, isChanged: () => password.input.value !== "" };
}

function show(box, account) {
  session.account = account;
  const { element, isChanged } = passwordForm(account);
  box.append(h("h1", {}, t("account")), facts(account), h("section", { class: "card" }, h("h2", {}, t("password.change")),
    h("p", {}, t("password.own")), element));
  return { isChanged };
}

export const screen = { title: "account", load, show };
