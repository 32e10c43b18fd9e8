// What the service answers, in words of the reader's language.

import { h, typed } from "./dom.js";
import { knows, locale, t, textOf } from "./texts.js";

// Of the message, with what it names in parentheses: "You may not grant or remove the editor role(s)."
const MESSAGES = [
  [/^You may not grant or remove the (.*) role\(s\)\.$/, "refused.grant", "roles"],
  [/^You don't have the (.*) role\(s\)\.$/, "refused.role", "roles"],
  [/^User '(.*)' doesn't exist\.$/, "refused.User not found."],
  [/^Other data refers to the .*\.$/, "refused.data"],
];

const STATUSES = { 0: "refused.unreachable", 401: "refused.session", 403: "refused.forbidden", 404: "refused.missing", 412: "refused.changed", 413: "refused.large" };

function wait(seconds) {
  return /^[0-9]+$/.test(seconds || "") ? t("refused.wait", { n: Number(seconds) }) : t("refused.later");
}

export function wordsFor(refusal) {
  if (refusal.status === undefined) {
    return t("refused.other");
  }
  if (knows(`refused.${refusal.message}`)) {
    return t(`refused.${refusal.message}`);
  }
  for (const [pattern, key, name] of MESSAGES) {
    const found = pattern.exec(refusal.message);
    if (found !== null) {
      return t(key, { [name]: found[1] });
    }
  }
  if (refusal.status === 429 || refusal.status === 503) {
    return `${t(`refused.${refusal.status}`)} ${wait(refusal.wait)}`;
  }
  return STATUSES[refusal.status] ? t(STATUSES[refusal.status]) : t("refused.other");
}

const SENTENCES = [
  [/^(max length|min length|min value|max value) is (-?[0-9]+)$/, (found) => [`field.${found[1]}`, { n: Number(found[2]) }]],
  [/^must be of .* type$/, () => ["field.type", {}]],
  [/^null character not allowed$/, () => ["field.control character not allowed", {}]],
  [/^null value not allowed$/, () => ["field.required field", {}]],
];

function wordsForSentence(sentence, name) {
  if (typeof sentence !== "string") {
    // {"0":["unknown role"]}: of an item of a list.
    return Object.values(sentence).flat().map((each) => wordsForSentence(each, name)).join(" ");
  }
  if (knows(`field.${name}.${sentence}`)) {
    return t(`field.${name}.${sentence}`);
  }
  if (knows(`field.${sentence}`)) {
    return t(`field.${sentence}`);
  }
  for (const [pattern, key] of SENTENCES) {
    const found = pattern.exec(sentence);
    if (found !== null) {
      const [stem, values] = key(found);
      return t(name === "password" && knows(`${stem}.password`) ? `${stem}.password` : stem, values);
    }
  }
  return sentence;
}

export function wordsForField(sentences, name) {
  return [...new Set(sentences.map((sentence) => wordsForSentence(sentence, name)))].join(" ");
}

// A sentence whose {names} are replaced by elements.
export function sentence(key, parts) {
  return textOf(key).split(/(\{[a-z]+\})/).map((piece) => {
    const name = /^\{([a-z]+)\}$/.exec(piece);
    return name === null ? piece : parts[name[1]] ?? "";
  });
}

// An event in words: who did what to whom. `nameOf` makes the element for a person.
export function eventInWords(event, nameOf) {
  const { actor, user, data, kind } = event;
  const by = actor === null ? "" : user?.id === actor.id ? ".self" : ".by";
  const whole = kind === "session.ended" && data.all ? "session.ended.all" : kind === "user.created" && data.users ? "user.imported" : kind;
  const key = [`${whole}${by}`, whole].map((each) => `event.${each}`).find(knows);
  const parts = {
    actor: actor === null ? "" : nameOf(actor),
    user: user === null ? h("em", {}, t("event.somebody")) : nameOf(user),
    role: typed(String(data.role ?? "")),
    n: String(data.users ?? ""),
    name: typed(String(data.name ?? (event.customer && t("customer.no", { id: event.customer.id })) ?? "")),
    changed: (data.changed || []).map((each) => knows(`change.${each}`) ? t(`change.${each}`) : each).join(", "),
    what: kind,
  };
  const words = sentence(key || `event.other${actor === null ? "" : ".by"}`, parts);
  if (typeof data.by === "string" && actor === null) {
    words.push(...sentence("event.command", { by: typed(data.by) }));
  }
  if (event.address !== null) {
    words.push(...sentence("event.from", { address: typed(event.address) }));
  }
  return words;
}

const minute = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const second = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });

// In the reader's own time zone; the exact one, with its zone, is the element's title.
export function moment(text) {
  const at = new Date(text);
  return h("time", { datetime: text, title: second.format(at) }, minute.format(at));
}
