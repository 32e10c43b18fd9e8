// Elements made without HTML: whatever people typed becomes text, never markup.

function put(element, name, value) {
  if (value === undefined || value === null || value === false) {
    return;
  }
  if (name === "on") {
    Object.entries(value).forEach(([type, handler]) => element.addEventListener(type, handler));
  } else if (name === "value" || name === "checked") {
    element[name] = value;
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

// h("a", { href: "#/users" }, "Users"). What is false, null or undefined is left out; `value` comes after the options.
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  Object.entries(properties).forEach(([name, value]) => put(element, name, value));
  return element;
}

// A name or an address that somebody typed: letters that run from right to left must not turn the sentence around it.
export function typed(text) {
  return h("bdi", {}, text);
}

// `look`: primary, danger, quiet, or several; null: plain. While what `action` promises is not done, the button keeps the
// focus and does nothing.
export function button(look, text, action, properties = {}) {
  const element = h("button", { type: "button", class: look, ...properties }, text);
  element.addEventListener("click", () => whileBusy(element, action));
  return element;
}

export async function whileBusy(element, action) {
  if (element.getAttribute("aria-disabled") === "true") {
    return;
  }
  element.setAttribute("aria-disabled", "true");
  try {
    await action();
  } finally {
    element.removeAttribute("aria-disabled");
  }
}

let ids = 0;

export function newId(stem) {
  ids += 1;
  return `${stem}-${ids}`;
}
