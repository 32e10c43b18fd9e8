// A field for a new password, which can be shown, or made.

import { button, h } from "./dom.js";
import { field } from "./form.js";
import { t } from "./texts.js";

// Without characters that look like one another: 16 of 57 are 93 bits.
const LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LENGTH = 16;

// Bytes beyond the last whole multiple are drawn again: all letters are equally likely.
function randomPassword() {
  let password = "";
  while (password.length < LENGTH) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < 256 - (256 % LETTERS.length)) {
      password += LETTERS[byte % LETTERS.length];
    }
  }
  return password;
}

export function passwordField({ name = "password", label = t("password.new"), hint = t("password.rules"), email, autocomplete = "new-password", suggest = true } = {}) {
  const input = h("input", { type: "password", name, autocomplete, autocapitalize: "none", spellcheck: "false", required: true });
  const reveal = button("quiet", t("password.show"), () => show(input.type === "password"), { "aria-pressed": "false" });
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    reveal.setAttribute("aria-pressed", String(shown));
  };
  const make = button("quiet", t("password.suggest"), () => {
    input.value = randomPassword();
    input.dispatchEvent(new Event("input", { bubbles: true }));
    show(true);
    input.focus();
    input.select();
  });
  // For password managers: whose password this is.
  const who = email && h("input", { type: "text", autocomplete: "username", value: email, hidden: true, readonly: true });
  input.wrapper = h("div", { class: "secret" }, who, input, reveal, suggest && make);
  const made = field({ name, label, hint, control: input });
  // Password managers save what is in a password's field.
  return { ...made, value: () => input.value, hide: () => show(false) };
}
