// Who is signed in, what they may do, and whose users they look at.

import { argumentsOf, get } from "./api.js";
import { t } from "./texts.js";

// `customer` is that of the page that is shown; `list` is where the last list of users was.
export const session = { account: null, customer: null, list: null };

export function isOperator() {
  return session.account.rights.includes("operator");
}

export function isManager() {
  return session.account.rights.length > 0;
}

// The customer that an address names: "#/users?customer=2". To others than operators the argument is unknown. Before
// anybody knows who is signed in, it is taken as it is.
export function customerIn(query) {
  const id = query.get("customer");
  const isMeant = session.account === null || isOperator();
  return isMeant && /^[1-9][0-9]{0,9}$/.test(id || "") ? Number(id) : undefined;
}

// Promises the customer to work in; null: one's own.
export async function customerOf(address, signal) {
  return address.customer === undefined ? null : get({ customers: `/${address.customer}` }, signal);
}

export function link(path, query = {}) {
  return `#/${path}${argumentsOf({ ...query, customer: session.customer?.id })}`;
}

export function nameOfCustomer(customer) {
  return customer.name || t("customer.number", { id: customer.id });
}
