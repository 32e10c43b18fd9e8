// Tables and their pages.

import { h } from "./dom.js";
import { t } from "./texts.js";

// columns: [{ head, cell(item), class }]. On a phone each row is a card, and each cell shows its column's head.
export function table({ caption, columns, items, empty, ...properties }) {
  if (items.length === 0) {
    return h("p", { class: "empty" }, empty);
  }
  return h("table", properties,
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col", class: column.class, "aria-sort": column.sort }, column.head)))),
    h("tbody", {}, items.map((item) => h("tr", {}, columns.map((column) =>
      h("td", { class: column.class, "data-head": typeof column.head === "string" ? column.head : column.label }, column.cell(item)))))));
}

// The service takes % and _ for wildcards; here they are letters like others.
export const escaped = (text) => text.trim().replace(/[\\%_]/g, "\\$&");

// The number of a page in an address: "3" is 3, everything else 1.
export function pageNumber(text) {
  return /^[1-9][0-9]{0,6}$/.test(text || "") ? Number(text) : 1;
}

// addressOf(page) answers where a page is.
export function pages({ page, last, addressOf }) {
  if (last <= 1 && page === 1) {
    return null;
  }
  const to = (target, text, label) => target < 1 || target > last || target === page
    ? h("span", { class: "button quiet off", "aria-hidden": "true" }, text)
    : h("a", { class: "button quiet", href: addressOf(target), "aria-label": label }, text);
  return h("nav", { class: "pages", "aria-label": t("pages") },
    to(1, "⟪", t("pages.first")), to(page - 1, `‹ ${t("pages.previous")}`, t("pages.previous")),
    h("span", { "aria-current": "page" }, t("of", { n: page, all: last })),
    to(page + 1, `${t("pages.next")} ›`, t("pages.next")), to(last, "⟫", t("pages.last")));
}
