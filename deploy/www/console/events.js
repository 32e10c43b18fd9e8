// Events: what happened, newest first, in words.

import { get } from "./api.js";
import { button, h, newId, typed } from "./dom.js";
import { picker } from "./form.js";
import { escaped } from "./list.js";
import { link, session } from "./session.js";
import { keysOf, knows, t } from "./texts.js";
import { eventInWords, moment } from "./words.js";

const PAGE = 30;
const KINDS = keysOf("kind.");

const isNumber = (text) => /^[0-9]{1,19}$/.test(text || "");

async function load({ query, customer }, signal) {
  const [user, before] = ["user", "before"].map((name) => (isNumber(query.get(name)) ? query.get(name) : undefined));
  const page = get({ events: "/", query: { customer, kind: query.get("kind"), user, before, limit: PAGE } }, signal);
  // Somebody who was deleted has events, and no name but in them.
  const person = user === undefined ? null : get({ users: `/${user}` }, signal).catch(() => ({ id: Number(user), name: null }));
  const [{ events, has_next: hasMore }, who] = await Promise.all([page, person]);
  return { events, hasMore, who: who && { ...who, name: who.name || events.find((event) => event.user?.id === who.id)?.user.name } };
}

function nameOf(person) {
  const name = person.name || t("user.number", { id: person.id });
  return h("a", { href: link(`users/${person.id}`) }, typed(name));
}

export function eventList(events) {
  if (events.length === 0) {
    return h("p", { class: "empty" }, t("events.none"));
  }
  return h("ol", { class: "events" }, events.map((event) => h("li", {}, h("p", {}, eventInWords(event, nameOf)), moment(event.at))));
}

// Search as one types, with the people who match as buttons below.
function personFilter(who, choose, signal) {
  if (who !== null) {
    return h("div", { class: "field" }, h("span", { class: "label" }, t("events.person")),
      button("chip", [typed(who.name || t("user.number", { id: who.id })), " ×"], () => choose(""), { "aria-label": t("about", { what: t("events.everybody"), subject: who.name || who.id }) }));
  }
  const id = newId("person");
  const input = h("input", { type: "search", id, placeholder: t("search.example"), autocomplete: "off", maxlength: 255 });
  const found = h("div", { class: "found", role: "status" });
  let timer = null;
  let asked = null;
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    asked?.abort();
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    asked?.abort();
    asked = new AbortController();
    const text = escaped(input.value);
    if (text === "") {
      found.replaceChildren();
      return;
    }
    timer = setTimeout(async () => {
      const query = { customer: session.customer?.id, email: text, name: text, limit: 6 };
      const { users } = await get({ users: "/", query }, asked.signal).catch(() => ({ users: null }));
      if (users !== null) {
        found.replaceChildren(...(users.length === 0 ? [t("users.none.match")] : users.map((user) =>
          button("chip", typed(user.name || user.email), () => choose(user.id)))));
      }
    }, 250);
  });
  return h("div", { class: "field" }, h("label", { for: id }, t("events.person")), input, found);
}

function kindFilter(kind, choose) {
  const known = kind === "" || KINDS.includes(kind) ? KINDS : [...KINDS, kind];
  return picker(t("events.kind"), [["", t("events.all")], ...known.map((each) => [each, knows(`kind.${each}`) ? t(`kind.${each}`) : each])], choose);
}

function show(box, loaded, { query }, { signal }) {
  let filter = null;
  const linkTo = (changes) => link("events", { ...filter, ...changes });
  const choose = (changes) => {
    location.hash = linkTo(changes);
  };
  const kinds = kindFilter(query.get("kind") || "", (kind) => choose({ kind }));
  const filters = h("div", { class: "filters" }, kinds.row);
  const results = h("div", {});

  // Leaves in place what the reader has the focus on: through the kinds one goes by the arrow keys.
  function draw({ events, hasMore, who }, wanted) {
    const { user } = filter || {};
    filter = { kind: wanted.get("kind"), user: wanted.get("user") };
    kinds.select.value = filter.kind || "";
    if (user !== filter.user) {
      filters.replaceChildren(kinds.row, personFilter(who, (chosen) => choose({ user: chosen }), signal));
    }
    results.replaceChildren(eventList(events), h("nav", { class: "pages", "aria-label": t("pages") },
      wanted.has("before") && h("a", { class: "button quiet", href: linkTo() }, t("events.newest")),
      hasMore && h("a", { class: "button quiet", href: linkTo({ before: events[events.length - 1].id }) }, t("events.older"))));
  }

  draw(loaded, query);
  box.append(h("h1", {}, t("events")), filters, results);
  let latest = null;
  return {
    update: async (next) => {
      latest = next;
      const found = await load(next, signal);
      if (latest === next) {
        draw(found, next.query);
      }
    },
  };
}

export const screen = { title: "events", load, show };
