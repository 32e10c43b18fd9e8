"use strict";

const api = document.body.dataset.api;
const page = document.body.dataset.page;
const INACTIVE = "User is not active.";
const element = (id) => document.getElementById(id);

// The rules of src/http/redirect.c: a path on this site, however often it is decoded; null for any other place.
function localPath(target) {
  const harmful = /[\u0000-\u001f\u007f\\]/;
  if (target.length > 2048 || harmful.test(target)) {
    return null;
  }
  let path = target.split(/[?#]/, 1)[0];
  for (let turn = 0; turn <= 4; turn += 1) {
    const dots = path.split("/").some((segment) => segment === "." || segment === "..");
    if (!path.startsWith("/") || path.startsWith("//") || harmful.test(path) || dots) {
      return null;
    }
    if (!path.includes("%")) {
      return path;
    }
    try {
      path = decodeURIComponent(path);
    } catch {
      return null;
    }
  }
  return null;
}

function isLocal(target) {
  return localPath(target) !== null;
}

// It would sign out the person who has just signed in: from this API, or from the application that was asked for.
function isLogout(target) {
  return /\/logout\/*([;?#]|$)/i.test(localPath(target));
}

// Servers show this page in place of one that they refuse, under that one's address.
const isInPlace = !location.pathname.startsWith(page);

// Browsers keep the fragment of the page that was asked for, and tell no server.
function placeToReturnTo() {
  const given = new URLSearchParams(location.search).get("next");
  const target = isInPlace ? location.pathname + location.search : given;
  if (target === null || !isLocal(target) || isLogout(target) || new URL(target, location.origin).origin !== location.origin) {
    return "/";
  }
  return target.includes("#") ? target : target + location.hash;
}

function goOn() {
  const place = placeToReturnTo();
  if (isInPlace && place.includes("#")) {
    location.reload(); // To go to a fragment of this address would load nothing.
  } else {
    location.replace(place);
  }
}

function say(text) {
  element("message").textContent = text;
  element("message").hidden = text === "";
}

function show(session) {
  const refused = session !== null && isInPlace;
  const title = session === null ? "Sign in" : refused ? "No access" : "Signed in";
  const site = document.body.dataset.site || location.host;
  document.title = `${title} – ${site}`;
  element("site").textContent = site;
  element("title").textContent = title;
  element("login").hidden = session !== null;
  element("session").hidden = session === null;
  element("refused").hidden = !refused;
  element("continue").hidden = refused;
  element("back").hidden = !refused || (history.length === 1 && location.pathname === "/");
  element("logout").classList.toggle("quiet", !refused);
  element("logout").textContent = refused ? "Sign in as somebody else" : "Sign out";
  if (session !== null) {
    element("who").textContent = session.name || session.email;
    element("mail").textContent = session.email;
    element("address").hidden = !session.name;
  }
}

function wordsFor(status, message, wait) {
  const later = /^[0-9]+$/.test(wait || "") ? `Try again in ${wait} seconds.` : "Try again in a moment.";
  if (status === 401 && message === INACTIVE) {
    return "This account is not active. Ask the administrator of this site.";
  }
  if (status === 401 || status === 422) {
    return "The email or the password is wrong.";
  }
  if (status === 403) {
    return "Signing in is not allowed from this address. Ask the administrator of this site.";
  }
  if (status === 429) {
    return `Too many attempts. ${later}`;
  }
  return status === 503 ? `Signing in is not possible right now. ${later}` : "Something went wrong. Try again in a moment.";
}

async function ask(method, path, document) {
  const options = { method, credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } };
  if (document !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(document);
  }
  const answer = await fetch(api + path, options);
  const body = await answer.json().catch(() => ({}));
  return { answer, body };
}

// As it was typed: some emails of long ago have blanks around them. The server also looks without the blanks at its end.
// What else a copied email has around it is left out then, unless the server has done so: it counts what fails.
async function logIn(email, password) {
  const typed = await ask("POST", "/login", { email, password });
  const bare = email.trim();
  if (typed.answer.status !== 401 || typed.body.message === INACTIVE || email.replace(/\p{Z}+$/u, "") === bare) {
    return typed;
  }
  return ask("POST", "/login", { email: bare, password });
}

// Mouse and finger leave the focus, and with it the caret, where they are.
function keepFocus(event) {
  event.preventDefault();
}

function reveal(shown) {
  const field = element("password");
  const { selectionStart, selectionEnd, selectionDirection } = field;
  field.type = shown ? "text" : "password";
  field.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
  element("reveal").setAttribute("aria-pressed", String(shown));
}

async function signIn(event) {
  event.preventDefault();
  reveal(false); // Password managers save what is in a password's field.
  const fields = [element("email"), element("password")];
  element("submit").disabled = true;
  say("");
  fields.forEach((field) => ["aria-invalid", "aria-describedby"].forEach((name) => field.removeAttribute(name)));
  try {
    const { answer, body } = await logIn(fields[0].value, fields[1].value);
    if (answer.ok) {
      goOn();
      return;
    }
    say(wordsFor(answer.status, body.message, answer.headers.get("Retry-After")));
    if (answer.status === 401) {
      fields.forEach((field) => {
        field.setAttribute("aria-invalid", "true");
        field.setAttribute("aria-describedby", "message");
      });
      fields[1].value = "";
      fields[1].focus();
    }
  } catch {
    say("The server cannot be reached. Check your connection and try again.");
  } finally {
    element("submit").disabled = false;
  }
}

async function signOut() {
  element("logout").disabled = true;
  say("");
  try {
    const { answer } = await ask("POST", "/logout");
    if (answer.ok || answer.status === 401) {
      show(null);
      element("email").focus();
    } else {
      say("You are still signed in. Try again in a moment.");
    }
  } catch {
    say("The server cannot be reached, so you are still signed in.");
  } finally {
    element("logout").disabled = false;
  }
}

function goBack(event) {
  event.preventDefault();
  history.back();
}

// A new tab has nothing to go back to, and keeps the link to the start page.
function offerTheWayBack() {
  if (history.length > 1) {
    element("back").textContent = "Go back";
    element("back").addEventListener("click", goBack);
  }
}

async function start() {
  element("login").addEventListener("submit", signIn);
  element("reveal").addEventListener("mousedown", keepFocus);
  element("reveal").addEventListener("click", () => reveal(element("password").type === "password"));
  element("logout").addEventListener("click", signOut);
  element("continue").setAttribute("href", placeToReturnTo());
  element("path").textContent = location.pathname.length > 100 ? location.pathname.slice(0, 100) + "…" : location.pathname;
  offerTheWayBack();
  try {
    const { answer, body } = await ask("GET", "/token");
    show(answer.ok ? body : null);
  } catch {
    show(null);
  }
  (element("session").hidden ? element("email") : element("title")).focus();
}

start();
