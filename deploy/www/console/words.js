// What the service answers, in words of the reader's language.

import { h, typed } from "./dom.js";
import { knows, locale, t, textOf } from "./texts.js";

const MESSAGES = [
  [/^You may not grant or remove the (.*) role\(s\)\.$/, "refused.grant", "roles"],
  [/^You don't have the (.*) role\(s\)\.$/, "refused.role", "roles"],
  [/^User '(.*)' doesn't exist\.$/, "refused.missing"],
  [/^Other data refers to the .*\.$/, "refused.data"],
];

const STATUSES = { 0: "refused.unreachable", 401: "refused.session", 403: "refused.forbidden", 404: "refused.missing", 412: "refused.changed", 422: "refused.address" };

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
  // What is rare is said as the service says it.
  return STATUSES[refusal.status] ? t(STATUSES[refusal.status]) : (refusal.status === 409 && refusal.message) || t("refused.other");
}

const SENTENCES = [
  [/^(max length|min length|min value|max value) is (-?[0-9]+)$/, (found) => [`field.${found[1]}`, { n: Number(found[2]) }]],
  [/^must be of .* type$/, () => ["field.type", {}]],
  [/^(control|null) character not allowed$/, () => ["field.invisible character not allowed", {}]],
  [/^(empty values|null value) not allowed$/, () => ["field.required field", {}]],
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

// What an event is about, where it is not about a user.
const SUBJECTS = { role: "role", customer: "name" };

function partsOf({ actor, user, customer, data, kind }, nameOf) {
  const changed = Array.isArray(data.changed) ? data.changed.map((each) => (knows(`change.${each}`) ? t(`change.${each}`) : each)).join(", ") : "";
  return {
    actor: actor === null ? null : nameOf(actor),
    user: user === null ? null : nameOf(user),
    role: typed(String(data.role ?? "")),
    name: typed(data.name ?? (customer === null ? "" : t("customer.number", { id: customer.id }))),
    n: String(data.users ?? ""),
    changed,
    what: knows(`kind.${kind}`) ? t(`kind.${kind}`) : kind,
  };
}

// By nobody known, or of a kind that is not known here: "User added: Ann".
function otherInWords(parts, kind) {
  const subject = parts[SUBJECTS[kind.split(".", 1)[0]] || "user"];
  return [
    ...(subject === null ? [parts.what] : sentence("about", { ...parts, subject })),
    parts.changed === "" ? "" : ` (${parts.changed})`,
    ...(parts.actor === null ? [] : sentence("event.other.actor", parts)),
  ];
}

// An event in words: who did what to whom, as text and elements. `nameOf` makes the element for a person.
export function eventInWords(event, nameOf) {
  const { actor, user, address, kind } = event;
  const data = event.data ?? {};
  const by = actor === null ? "" : user?.id === actor.id ? ".self" : ".by";
  const whole = kind === "session.ended" && data.all ? "session.ended.all" : kind === "user.created" && data.users ? "user.imported"
    : kind === "login.blocked" && data.counter === "address" ? "address.blocked" : kind;
  const key = [by, by && ".by", ""].map((each) => `event.${whole}${each}`).find(knows);
  const parts = partsOf({ ...event, data }, nameOf);
  return [
    ...(key === undefined ? otherInWords(parts, kind) : sentence(key, { ...parts, user: parts.user || h("em", {}, t("event.somebody")) })),
    ...(typeof data.by === "string" && actor === null ? sentence("event.command", { by: typed(data.by) }) : []),
    ...(address === null ? [] : sentence("event.from", { address: typed(address) })),
  ];
}

const minute = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const second = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });

// In the reader's own time zone; the exact one, with its zone, is the element's title.
export function moment(text) {
  const at = new Date(text);
  return h("time", { datetime: text, title: second.format(at) }, minute.format(at));
}
