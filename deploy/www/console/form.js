// Forms whose errors stand beside their fields.

import { button, h, newId, whileBusy } from "./dom.js";
import { Refusal } from "./api.js";
import { t } from "./texts.js";
import { wordsFor, wordsForField } from "./words.js";

// A labelled control with a hint and room for an error.
export function field({ name, label, hint, control, ...properties }) {
  const id = newId(name);
  const input = control || h("input", { type: "text", autocomplete: "off", ...properties, name });
  input.id = id;
  input.setAttribute("aria-describedby", `${id}-error${hint ? ` ${id}-hint` : ""}`);
  const error = h("p", { id: `${id}-error`, class: "error" });
  const say = (text) => {
    error.textContent = text;
    input.setAttribute("aria-invalid", text !== "");
  };
  const row = h("div", { class: "field" }, h("label", { for: id }, label), hint && h("p", { id: `${id}-hint`, class: "hint" }, hint),
    control?.wrapper || input, error);
  return { name, row, input, say, focus: () => input.focus(), value: () => input.value };
}

export function checkbox({ name, label, hint, ...properties }) {
  const id = newId(name);
  const input = h("input", { type: "checkbox", id, name, ...properties, "aria-describedby": hint ? `${id}-hint` : null });
  const row = h("div", { class: "check" }, input, h("label", { for: id }, label), hint && h("p", { id: `${id}-hint`, class: "hint" }, hint));
  return { name, row, input, say: () => {}, focus: () => input.focus(), value: () => input.checked };
}

// options: [value, text]
export function picker(label, options, choose) {
  const select = h("select", { id: newId("picker"), on: { change: () => choose(select.value) } }, options.map(([value, text]) => h("option", { value }, text)));
  return { select, row: h("div", { class: "field" }, h("label", { for: select.id }, label), select) };
}

// Checkboxes under one heading. options: [{ value, label, checked, disabled }]
export function choices({ name, label, options, empty }) {
  const boxes = options.map((option) => checkbox({ name, ...option }));
  const error = h("p", { id: newId(name), class: "error" });
  const row = h("fieldset", { "aria-describedby": error.id }, h("legend", {}, label),
    boxes.length === 0 ? h("p", { class: "hint" }, empty) : h("div", { class: "checks" }, boxes.map((box) => box.row)), error);
  return {
    name, row,
    say: (text) => {
      error.textContent = text;
    },
    focus: () => boxes[0]?.focus(),
    value: () => options.filter((option, index) => boxes[index].input.checked).map((option) => option.value),
  };
}

// Says the errors of a refused document beside the fields; answers those of fields that are not there.
function sayInFields(fields, payload) {
  const wrong = fields.filter(({ name }) => Object.hasOwn(payload, name));
  wrong.forEach(({ name, say }) => say(wordsForField(payload[name], name)));
  wrong[0]?.focus();
  const rest = Object.keys(payload).filter((name) => !wrong.some((each) => each.name === name));
  return rest.map((name) => `${name}: ${wordsForField(payload[name], name)}`);
}

// fieldOf: which field a message without a payload speaks of, such as { "User already exists.": "email" }
export function form({ fields, submit, cancel, onSubmit, fieldOf = {}, extra = [] }) {
  const message = h("p", { class: "message", role: "alert" });
  const go = h("button", { type: "submit", class: "primary" }, submit);
  const refuse = (error) => {
    const wrong = fields.find((each) => each.name === fieldOf[error.message]);
    if (wrong !== undefined) {
      wrong.say(wordsFor(error));
      wrong.focus();
      return;
    }
    const rest = error.payload === null ? [wordsFor(error)] : sayInFields(fields, error.payload);
    message.textContent = rest.join(" ");
  };
  const element = h("form", { novalidate: true }, message, fields.map((each) => each.row), extra,
    h("div", { class: "buttons" }, cancel && button(null, t("cancel"), cancel), go));
  const send = async () => {
    message.textContent = "";
    fields.forEach((each) => each.say(""));
    try {
      await onSubmit(Object.fromEntries(fields.map((each) => [each.name, each.value()])));
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      refuse(error);
    }
  };
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(go, send);
  });
  return element;
}
