// Who is signed in, what they may do, and whose users they look at.

import { get } from "./api.js";
import { t } from "./texts.js";

export const session = { account: null, customer: null };

export function isOperator() {
  return session.account.rights.includes("operator");
}

export function isManager() {
  return session.account.rights.length > 0;
}

// The customer that an address names: "#/users?customer=2". It is for operators; the service would tell everybody else
// that the argument is unknown. Before anybody knows who is signed in, it is taken as it is.
export function customerIn(query) {
  const id = query.get("customer");
  const isMeant = session.account === null || isOperator();
  return isMeant && /^[1-9][0-9]{0,9}$/.test(id || "") ? Number(id) : undefined;
}

export async function chooseCustomer(address, signal) {
  if (session.customer?.id === address.customer) {
    return;
  }
  session.customer = null;
  if (address.customer !== undefined) {
    session.customer = await get({ customers: `/${address.customer}` }, signal);
  }
}

export function link(path, query = {}) {
  const given = { ...query };
  if (session.customer !== null) {
    given.customer = session.customer.id;
  }
  const text = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== undefined && value !== null && value !== "")).toString();
  return `#/${path}${text === "" ? "" : `?${text}`}`;
}

export function nameOfCustomer(customer) {
  return customer.name || t("customer.number", { id: customer.id });
}
