// Users: search as one types, filters, pages that have addresses, several at once, and the list as a file.

import { get } from "./api.js";
import { csvOf, download } from "./csv.js";
import { confirmThat } from "./dialog.js";
import { button, h, newId, typed } from "./dom.js";
import { picker } from "./form.js";
import { escaped, pageNumber, pages, table } from "./list.js";
import { notice, noticeOfFailure } from "./notice.js";
import { link, session } from "./session.js";
import { t } from "./texts.js";
import { nameOf, setActive } from "./update.js";
import { wordsFor } from "./words.js";

const PAGE = 50;
const MOST = 1000;
const PAUSE = 250;

function filterOf({ query, customer }) {
  const text = escaped(query.get("search") || "");
  const active = ["true", "false"].includes(query.get("active")) ? query.get("active") : undefined;
  return { customer, email: text, name: text, role: query.get("role"), active };
}

// The service lists by id ascending; the last ones first are its last pages, turned around.
async function list(address, signal) {
  const filter = filterOf(address);
  const page = pageNumber(address.query.get("page"));
  const ask = (query) => get({ users: "/", query: { ...filter, ...query } }, signal);
  if (address.query.get("sort") !== "-id") {
    const { users, count } = await ask({ count: true, limit: PAGE, offset: (page - 1) * PAGE });
    return { page, users, count };
  }
  const { count } = await ask({ count: true, limit: 0 });
  const end = Math.max(count - (page - 1) * PAGE, 0);
  const start = Math.max(end - PAGE, 0);
  const { users } = await ask({ limit: end - start, offset: start });
  return { page, users: users.reverse(), count };
}

async function load(address, signal) {
  const [listed, { roles }] = await Promise.all([list(address, signal), get({ roles: "/", query: { limit: MOST } }, signal)]);
  return { listed, roles };
}

async function exported(address, signal) {
  const rows = [];
  let after = 0;
  for (;;) {
    const { users, has_next: hasNext } = await get({ users: "/", query: { ...filterOf(address), limit: MOST, after } }, signal);
    rows.push(...users.map((user) => [user.id, user.name, user.email, t(user.active ? "active" : "inactive"), user.customer.id]));
    if (!hasNext) {
      return rows;
    }
    after = users[users.length - 1].id;
  }
}

export function statePill(user) {
  return h("span", { class: user.active ? "pill good" : "pill bad" }, t(user.active ? "active" : "inactive"));
}

function namesOf(users) {
  const names = users.slice(0, 5).map(nameOf);
  return users.length > 5 ? t("users.more", { names: names.join(", "), n: users.length - 5 }) : names.join(", ");
}

function outcome(key, done, failed) {
  return [t(key, { n: done.length }), ...failed.map(({ name, error }) => `${name}: ${wordsFor(error)}`)].join(" ");
}

function deactivate(chosen, reload) {
  confirmThat({
    title: t("users.deactivate.title", { n: chosen.length }),
    consequences: [namesOf(chosen), t("users.deactivate.why", { n: chosen.length })],
    action: t("deactivate"),
    run: async () => {
      const { done, failed } = await setActive(chosen, false);
      notice(outcome("users.deactivated", done, failed), done.length === 0 ? null : async () => {
        const back = await setActive(done, true);
        reload();
        return outcome("users.activated", back.done, back.failed);
      });
      reload();
    },
  });
}

// Which users of the page are ticked. One's own row has no box: it would sign one out.
function selection(users, onChange) {
  const chosen = new Set();
  const boxes = new Map();
  const all = h("input", { type: "checkbox", "aria-label": t("users.select.all") });
  const changed = () => {
    all.checked = boxes.size > 0 && chosen.size === boxes.size;
    all.indeterminate = chosen.size > 0 && chosen.size < boxes.size;
    onChange(users.filter((user) => chosen.has(user.id)));
  };
  const set = (id, isChosen) => {
    boxes.get(id).checked = isChosen;
    chosen[isChosen ? "add" : "delete"](id);
  };
  all.addEventListener("change", () => {
    [...boxes.keys()].forEach((id) => set(id, all.checked));
    changed();
  });
  const boxFor = (user) => {
    if (user.id === session.account.id) {
      return null;
    }
    const box = h("input", { type: "checkbox", "aria-label": t("users.select", { name: nameOf(user) }) });
    box.addEventListener("change", () => {
      set(user.id, box.checked);
      changed();
    });
    boxes.set(user.id, box);
    return box;
  };
  return { all, boxFor };
}

function show(box, { listed, roles }, address, { signal, moveTo, reload }) {
  let here = address;
  let asked = null;
  let timer = null;
  const searchId = newId("search");
  const search = h("input", { type: "search", id: searchId, placeholder: t("search.example"), maxlength: 255, autocomplete: "off", spellcheck: "false" });
  const count = h("p", { class: "count", role: "status" });
  const results = h("div", {});
  const tools = h("div", { class: "buttons" });

  const linkWith = (changes) => link("users", { ...Object.fromEntries(here.query), page: null, ...changes });
  const role = picker(t("role"), [["", t("roles.any")], ...roles.map((each) => [each.code, each.name])], (chosen) => move({ role: chosen }));
  const active = picker(t("state"), [["", t("states.any")], ["true", t("active")], ["false", t("inactive")]], (chosen) => move({ active: chosen }));

  function drawTools(chosen, total) {
    const save = button("quiet", t("users.export"), async () => {
      try {
        const rows = await exported(here, signal);
        download("users.csv", csvOf([t("number"), t("name"), t("email"), t("state"), t("customer")], rows));
        notice(t("users.exported", { n: rows.length }));
      } catch (error) {
        if (error.name !== "AbortError") {
          noticeOfFailure(error);
        }
      }
    }, { disabled: total === 0 });
    tools.replaceChildren(chosen.length > 0 ? button("danger", t("users.deactivate", { n: chosen.length }), () => deactivate(chosen, reload)) : "", save);
  }

  function draw({ users, page, count: total }) {
    const isTurned = here.query.get("sort") === "-id";
    const { all, boxFor } = selection(users, (chosen) => drawTools(chosen, total));
    const sort = h("a", { href: linkWith({ sort: isTurned ? null : "-id" }), "aria-label": t(isTurned ? "sort.oldest" : "sort.newest") }, t("number"), isTurned ? " ▾" : " ▴");
    const columns = [
      { head: all, class: "tick", cell: boxFor },
      { head: sort, label: t("number"), class: "id", sort: isTurned ? "descending" : "ascending", cell: (user) => String(user.id) },
      { head: t("name"), class: "name", cell: (user) => [h("a", { href: link(`users/${user.id}`) }, typed(nameOf(user))), user.id === session.account.id && [" ", h("span", { class: "pill" }, t("you"))]] },
      { head: t("email"), class: "mail", cell: (user) => typed(user.email) },
      { head: t("state"), class: "state", cell: statePill },
    ];
    const isFiltered = ["search", "role", "active"].some((name) => here.query.get(name));
    const last = Math.max(Math.ceil(total / PAGE), 1);
    const empty = total > 0 ? t("pages.empty") : t(isFiltered ? "users.none.match" : "users.none");
    session.list = { customer: here.customer, hash: here.hash };
    count.textContent = t("users.count", { n: total });
    drawTools([], total);
    results.replaceChildren(table({ caption: t("users"), columns, items: users, empty, class: "ticks" }),
      pages({ page, last, addressOf: (target) => linkWith({ page: target === 1 ? null : target }) }) || "");
  }

  async function refresh(next, whenDrawn) {
    clearTimeout(timer);
    asked?.abort();
    asked = new AbortController();
    const { signal: mine } = asked;
    here = next;
    results.setAttribute("aria-busy", "true");
    try {
      const found = await list(here, mine);
      if (!mine.aborted) {
        draw(found);
        results.removeAttribute("aria-busy");
        whenDrawn?.();
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        results.replaceChildren(h("p", { class: "message", role: "alert" }, wordsFor(error)));
        results.removeAttribute("aria-busy");
      }
    }
  }

  // With what was typed and not yet searched for.
  function move(changes) {
    refresh(moveTo(linkWith({ search: search.value.trim(), ...changes })));
  }

  search.addEventListener("input", () => {
    clearTimeout(timer);
    asked?.abort();
    timer = setTimeout(move, PAUSE);
  });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    asked?.abort();
  });
  box.append(
    h("div", { class: "top" }, h("h1", {}, t("users")), h("a", { class: "button primary", href: link("users/new") }, t("user.add"))),
    h("div", { class: "filters", role: "search" }, h("div", { class: "field wide" }, h("label", { for: searchId }, t("search")), search), role.row, active.row),
    h("div", { class: "top" }, count, tools),
    results,
  );
  const fill = ({ query }) => {
    [[search, "search"], [role.select, "role"], [active.select, "active"]].forEach(([control, name]) => {
      control.value = query.get(name) || "";
    });
  };
  fill(here);
  draw(listed);
  return {
    update: (next) => {
      fill(next);
      const isTurned = next.query.get("sort") !== here.query.get("sort");
      return refresh(next, () => {
        box.querySelector(isTurned ? "th.id a" : "h1")?.focus({ preventScroll: true });
        window.scrollTo(0, 0);
      });
    },
  };
}

export const screen = { title: "users", load, show };
