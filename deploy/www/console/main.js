// The frame: who is signed in, the navigation, and which screen an address names.

import { screen as accountScreen } from "./account.js";
import { get, Refusal, request, watchSession } from "./api.js";
import { screen as customersScreen } from "./customers.js";
import { confirmThat } from "./dialog.js";
import { button, h, typed } from "./dom.js";
import { screen as eventsScreen } from "./events.js";
import { noticeOfFailure, noticeRegion, pageHasChanged } from "./notice.js";
import { screen as overviewScreen } from "./overview.js";
import { screen as rolesScreen } from "./roles.js";
import { customerIn, customerOf, isManager, isOperator, link, nameOfCustomer, session } from "./session.js";
import { signInAgain, signInPage } from "./signin.js";
import { language, t } from "./texts.js";
import { screen as userScreen } from "./user.js";
import { screen as usersScreen } from "./users.js";
import { wordsFor } from "./words.js";

// load(address, signal) asks the service, perhaps before anybody knows who is signed in; show(box, loaded, address, page)
// draws, and may answer { title, isChanged(), unsaved(), update(address) }. update(): only the arguments differ.
// page: { signal, moveTo(hash), reload(), carried }. carried: what unsaved() answered before reload().
const SCREENS = [
  { name: "overview", screen: overviewScreen, may: isManager },
  { name: "users", screen: usersScreen, may: isManager },
  { name: "user", screen: userScreen, may: isManager },
  { name: "roles", screen: rolesScreen, may: isManager },
  { name: "customers", screen: customersScreen, may: isOperator },
  { name: "events", screen: eventsScreen, may: isManager },
  { name: "account", screen: accountScreen, may: () => true },
];

const site = document.body.dataset.site || location.host;
const main = h("main", { id: "main", tabindex: "-1" });
const header = h("header", {});
let current = null;

function addressOf(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?", 2);
  const parts = path.split("/").filter((part) => part !== "");
  const name = parts.length === 0 ? "" : parts[0] === "users" && parts.length > 1 ? "user" : parts[0];
  const given = new URLSearchParams(query || "");
  return { hash, name, id: parts[1] || null, query: given, customer: customerIn(given) };
}

function screenFor(address) {
  const name = address.name || (session.account !== null && !isManager() ? "account" : "overview");
  return SCREENS.find((each) => each.name === name) || null;
}

function navigation(entry) {
  const items = SCREENS.filter((each) => each.name !== "user" && each.may()).map((each) => {
    const isHere = each.name === entry.name || (each.name === "users" && entry.name === "user");
    return h("li", {}, h("a", { href: link(each.name), "aria-current": isHere ? "page" : null }, t(each.name)));
  });
  header.replaceChildren(
    h("p", { class: "site" }, site),
    h("nav", { "aria-label": t("nav") }, h("ul", {}, items)),
    h("div", { class: "me" }, typed(session.account.name || session.account.email),
      button("quiet", t("signout"), signOut)),
  );
}

function banner() {
  if (session.customer === null) {
    return null;
  }
  return h("p", { class: "banner" }, h("span", {}, t("customer.here"), " ", h("strong", {}, typed(nameOfCustomer(session.customer)))),
    h("a", { href: "#/customers" }, t("customer.leave")));
}

async function signOut() {
  try {
    await request("POST", { users: "/logout" }, { signingIn: true });
  } catch (error) {
    if (error.status !== 401) {
      noticeOfFailure(error);
      return;
    }
  }
  leaveTo(() => location.replace(location.pathname));
}

// Nothing that was typed keeps anybody here, and what the browser keeps for its Back button is empty.
function leaveTo(next) {
  if (current !== null) {
    current.view = null;
  }
  document.body.replaceChildren();
  next();
}

function named(title) {
  document.title = `${title} – ${site}`;
}

function showProblem(title, text, retry) {
  main.replaceChildren(h("div", { class: "screen" }, h("h1", {}, title), h("p", {}, text), retry && button("primary", t("retry"), retry)));
  named(title);
  focusOnTitle();
}

// Into a box of its own: an older screen that is still busy cannot draw over it.
function draw(entry, loaded, address, { abort, carried }) {
  const box = h("div", { class: "screen" });
  const moveTo = (hash) => {
    history.replaceState(history.state, "", hash);
    current.address = addressOf(hash);
    return current.address;
  };
  // Perhaps of a later page by now: what is typed there is kept.
  const reload = async () => {
    const kept = current.view?.unsaved?.();
    if (kept || !isTyping()) {
      await go(current.address, { carried: kept });
    }
  };
  const view = entry.screen.show(box, loaded, address, { signal: abort.signal, carried, moveTo, reload }) || {};
  navigation(entry);
  main.replaceChildren(...[banner()].filter((each) => each !== null), box);
  named(view.title || t(entry.screen.title));
  return view;
}

function focusOnTitle() {
  const title = main.querySelector("h1");
  title?.setAttribute("tabindex", "-1");
  title?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function showFailure(entry, error) {
  if (error.name === "AbortError") {
    return;
  }
  navigation(entry);
  const isMissing = error.status === 404;
  showProblem(t(isMissing ? "missing" : "failed"), wordsFor(error), isMissing ? null : () => go(addressOf(location.hash)));
  if (error.status === undefined) {
    throw error;
  }
}

// While the next page loads, the one before must not be used any more.
function setBusy(isBusy) {
  main.inert = isBusy;
  if (isBusy) {
    main.setAttribute("aria-busy", "true");
  } else {
    main.removeAttribute("aria-busy");
  }
}

async function go(address, { loading = null, customer = null, carried = null } = {}) {
  const entry = screenFor(address);
  const abort = new AbortController();
  current?.abort?.abort();
  current = { address, entry, abort };
  pageHasChanged();
  const isAllowed = entry !== null && entry.may();
  setBusy(isAllowed);
  if (!isAllowed) {
    session.customer = null;
    navigation({ name: "" });
    showProblem(t("missing"), t(entry === null ? "missing.page" : "missing.right"));
    return;
  }
  try {
    const asked = loading || entry.screen.load(address, abort.signal);
    asked.catch(() => {});
    // First: of a customer that does not exist, this says so.
    const chosen = await (customer || customerOf(address, abort.signal)).catch((error) => {
      session.customer = error.status === 404 ? null : session.customer;
      throw error;
    });
    const loaded = await asked;
    abort.signal.throwIfAborted();
    session.customer = chosen;
    current.view = draw(entry, loaded, address, { abort, carried });
  } catch (error) {
    showFailure(entry, error);
  } finally {
    if (current.abort === abort) {
      setBusy(false);
      focusOnTitle();
    }
  }
}

function isTyping() {
  return current?.view?.isChanged?.() || document.querySelector("dialog[open] form") !== null;
}

// Whether what somebody typed may be lost; an address that was left by mistake is put back. A dialog goes with its page.
async function mayLeave() {
  if (isTyping() && (await confirmThat({ title: t("leave"), consequences: [t("leave.why")], action: t("leave.go"), run: async () => true })) === null) {
    return false;
  }
  document.querySelectorAll("dialog").forEach((each) => each.close());
  return true;
}

// The states of the history are numbers of steps, which tell the way back to a page that is not left.
let step = history.state ?? 0;
let isAsking = false;

async function addressHasChanged() {
  if (isAsking || location.hash === current?.address.hash) {
    return;
  }
  isAsking = true;
  const leaves = await mayLeave();
  isAsking = false;
  const there = history.state ?? step + 1;
  if (!leaves) {
    if (there !== step) {
      history.go(step - there);
    }
    return;
  }
  step = there;
  history.replaceState(step, "");
  const address = addressOf(location.hash);
  const isSame = screenFor(address) === current?.entry && address.id === current.address.id
    && address.query.get("customer") === current.address.query.get("customer");
  if (isSame && current.view?.update) {
    current.address = address;
    try {
      await current.view.update(address);
    } catch (error) {
      showFailure(current.entry, error);
    }
    if (document.activeElement === document.body) {
      focusOnTitle();
    }
  } else {
    go(address);
  }
}

// Whether it is the same person. Who has signed in in another tab must not see this page, nor do what was begun here.
async function lookAgain() {
  const account = await get({ account: "/" });
  if (account.id !== session.account.id) {
    leaveTo(() => location.reload());
    return false;
  }
  session.account = account;
  return true;
}

async function begin(address) {
  // Asked together with who is there; what the wrong person is answered is not shown.
  const entry = screenFor(address);
  const abort = new AbortController();
  const loading = entry?.screen.load(address, abort.signal);
  loading?.catch(() => {});
  const customer = customerOf(address, abort.signal);
  customer.catch(() => {});
  try {
    session.account = await get({ account: "/" });
    if (screenFor(address) === entry && addressOf(address.hash).customer === address.customer) {
      return { loading, customer };
    }
    return { loading: screenFor(address)?.screen === accountScreen ? Promise.resolve(session.account) : null };
  } catch (error) {
    abort.abort();
    if (error.status !== 401) {
      throw error;
    }
    await signInPage(main, site);
    session.account = await get({ account: "/" }).catch((again) => {
      throw again.status === 401 ? new Refusal(401, { message: "cookie" }) : again;
    });
    return {};
  }
}

async function start() {
  document.documentElement.lang = language;
  document.body.replaceChildren(h("a", { class: "skip", href: "#main", on: { click: skip } }, t("skip")), header, main, noticeRegion());
  try {
    const begun = await begin(addressOf(location.hash));
    watchSession({ hasEnded: async () => (await signInAgain(session.account)) && lookAgain(), isSame: lookAgain });
    history.replaceState(step, "");
    window.addEventListener("hashchange", addressHasChanged);
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
    window.addEventListener("beforeunload", (event) => current?.view?.isChanged?.() && event.preventDefault());
    // Where that fails, the next thing that somebody does says it.
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && lookAgain().catch(() => {}));
    await go(addressOf(location.hash), begun);
  } catch (error) {
    showProblem(t("failed"), wordsFor(error), () => location.reload());
    if (error.status === undefined) {
      throw error;
    }
  }
}

function skip(event) {
  event.preventDefault();
  main.focus();
}

start();
