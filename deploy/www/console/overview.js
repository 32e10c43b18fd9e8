// Overview: is the service healthy, how many users there are, blocked logins, and what happened last.

import { get, isReady } from "./api.js";
import { h } from "./dom.js";
import { eventList } from "./events.js";
import { link } from "./session.js";
import { number, t } from "./texts.js";

const DAY = 24 * 60 * 60 * 1000;
const MOST_BLOCKS = 100;

async function load({ customer }, signal) {
  const counted = (active) => get({ users: "/", query: { customer, active, count: true, limit: 0 } }, signal).then((page) => page.count);
  const [ready, active, inactive, blocks, last] = await Promise.all([
    isReady(signal),
    counted(true),
    counted(false),
    get({ events: "/", query: { customer, kind: "login.blocked", limit: MOST_BLOCKS } }, signal),
    get({ events: "/", query: { customer, limit: 8 } }, signal),
  ]);
  return { ready, active, inactive, blocks: blocks.events, last: last.events };
}

function card(title, figure, text, address, words) {
  return h("section", { class: "card" }, h("h2", {}, title), h("p", { class: "figure" }, figure), h("p", {}, text),
    address && h("p", {}, h("a", { href: address }, words)));
}

function show(box, { ready, active, inactive, blocks, last }) {
  const since = Date.now() - DAY;
  const today = blocks.filter((event) => Date.parse(event.at) > since).length;
  const { docs } = document.body.dataset;
  box.append(
    h("h1", {}, t("overview")),
    h("div", { class: "cards" },
      ready !== null && card(t("overview.health"), h("span", { class: ready ? "pill good" : "pill bad" }, t(ready ? "overview.well" : "overview.unwell")),
        t(ready ? "overview.well.why" : "overview.unwell.why")),
      card(t("users"), number(active + inactive), t("overview.inactive", { n: inactive }), link("users"), t("users")),
      card(t("overview.blocked"), today === MOST_BLOCKS ? `${number(today)}+` : number(today), t("overview.blocked.why"),
        link("events", { kind: "login.blocked" }), t("events"))),
    h("h2", {}, t("overview.last")),
    eventList(last),
    h("p", {}, h("a", { href: link("events") }, t("events"))),
    docs === "" ? "" : h("p", { class: "lead" }, t("overview.docs"), " ", h("a", { href: docs }, docs)),
  );
}

export const screen = { title: "overview", load, show };
