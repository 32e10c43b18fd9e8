// Signing in: as a page for a visitor, and as a dialog over what somebody was doing when the session ended.

import { request } from "./api.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { field, form } from "./form.js";
import { passwordField } from "./password.js";
import { t } from "./texts.js";

const WRONG = "Wrong login or / and password.";

// As on the login page: as it was typed, then without what a copied email has around it. The service leaves out blanks
// at the end by itself, and counts what fails.
async function logIn({ email, password }) {
  const attempt = (name) => request("POST", { users: "/login" }, { document: { email: name, password }, signingIn: true });
  try {
    return await attempt(email);
  } catch (error) {
    const bare = email.trim();
    if (error.message !== WRONG || bare === email.replace(/\p{Z}+$/u, "")) {
      throw error;
    }
    return attempt(bare);
  }
}

function signInForm({ email, onSignedIn, cancel }) {
  const address = field({
    name: "email", label: t("email"), value: email, inputmode: "email", autocomplete: "username", autocapitalize: "none",
    spellcheck: "false", maxlength: 255, required: true,
  });
  const password = passwordField({ label: t("password"), hint: null, autocomplete: "current-password", suggest: false });
  const element = form({
    fields: [address, password],
    submit: t("signin"),
    cancel,
    fieldOf: { [WRONG]: "password" },
    onSubmit: async (document) => {
      password.hide();
      try {
        onSignedIn((await logIn(document)).body);
      } catch (error) {
        if (error.status === 401) {
          password.input.value = "";
        }
        throw error;
      }
    },
  });
  return { element, focus: () => (email ? password : address).focus() };
}

// Promises once somebody is signed in.
export function signInPage(main, site) {
  return new Promise((resolve) => {
    const { element, focus } = signInForm({ onSignedIn: resolve });
    const isFirst = document.body.dataset.hint === "terminal";
    main.replaceChildren(h("div", { class: "signin" },
      h("p", { class: "site" }, site),
      h("h1", {}, t("signin")),
      isFirst && h("p", { class: "lead" }, t("signin.terminal")),
      element));
    document.title = `${t("signin")} – ${site}`;
    focus();
  });
}

let asking = null;

function ask(account) {
  return openDialog(t("signin.again"), (close) => {
    const { element, focus } = signInForm({ email: account.email, onSignedIn: close, cancel: () => close(null) });
    setTimeout(focus);
    return [h("p", {}, t("signin.again.why")), element];
  });
}

// Promises the user who is back, or null. Requests that fail at the same time share one dialog.
export function signInAgain(account) {
  asking = asking || ask(account).finally(() => {
    asking = null;
  });
  return asking;
}
