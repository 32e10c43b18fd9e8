// What the screens of roles and of customers have in common: a list with pages, a dialog that adds or changes a record,
// and one that deletes it.

import { get, Refusal, request } from "./api.js";
import { confirmThat, openDialog } from "./dialog.js";
import { button, h } from "./dom.js";
import { form } from "./form.js";
import { pageNumber, pages, table } from "./list.js";
import { notice } from "./notice.js";
import { link } from "./session.js";
import { t } from "./texts.js";

const PAGE = 25;
const MOST = 1000;

// kind: "role" or "customer", of the texts; paths are /roles/ and /customers/.
//   complete(record, customer, signal)  what the list does not tell of a record
//   fieldsOf(record)                    of the form; null: of a new record
//   documentOf(given)                   what is sent of what was typed, or of a record
//   links(record)                       before the buttons of a row
//   isRestored                          whether a deleted record can be added again
export function recordScreen({ kind, complete, nameOf, fieldsOf, documentOf, fieldOf, mayChange, columns, lead, links = () => [], isRestored = false }) {
  const list = `${kind}s`;
  const send = (method, id, document) => request(method, { [list]: `/${id ?? ""}` }, { document });

  // These have no ETag; what somebody else has changed in the meantime is seen by reading it again.
  async function change(known, document) {
    const now = await get({ [list]: `/${known.id}` });
    if (JSON.stringify(documentOf(now)) !== JSON.stringify(documentOf(known))) {
      throw new Refusal(412, {});
    }
    return send("PUT", known.id, document);
  }

  async function load({ query, customer }, signal) {
    const page = pageNumber(query.get("page"));
    // The service does not count these: the rest of the list says how many pages there are.
    const rest = (await get({ [list]: "/", query: { limit: MOST, offset: (page - 1) * PAGE } }, signal))[list];
    const listed = rest.slice(0, PAGE);
    const records = complete ? await Promise.all(listed.map((record) => complete(record, customer, signal))) : listed;
    return { page, last: Math.max(page, page - 1 + Math.ceil(rest.length / PAGE)), records };
  }

  function edit(record, reload) {
    const isNew = record === null;
    openDialog(isNew ? t(`${kind}.add`) : t("about", { what: t("change"), subject: nameOf(record) }), (close) => form({
      fields: fieldsOf(record),
      submit: t(isNew ? `${kind}.add` : "save"),
      cancel: () => close(null),
      fieldOf,
      onSubmit: async (given) => {
        // The service takes an empty name. People could not read it.
        if (given.name.trim() === "") {
          throw new Refusal(422, { payload: { name: ["required field"] } });
        }
        const { body } = await (isNew ? send("POST", null, documentOf(given)) : change(record, documentOf(given)));
        close(body);
        notice(t(isNew ? "added" : "saved", { name: nameOf(body) }), async () => {
          await (isNew ? send("DELETE", body.id) : change(body, documentOf(record)));
          reload();
          return t("undone");
        });
        reload();
      },
    }));
  }

  function remove(record, reload) {
    const name = nameOf(record);
    confirmThat({
      title: t("delete.this", { name }),
      consequences: [t(`${kind}.delete.why`, { name, code: record.code }), !isRestored && t("forever")],
      action: t("delete"),
      run: async () => {
        await send("DELETE", record.id);
        notice(t("deleted", { name }), isRestored ? async () => {
          await send("POST", null, { ...documentOf(record), code: record.code });
          reload();
          return t("undone");
        } : null);
        reload();
      },
    });
  }

  function buttons(record, reload) {
    const name = nameOf(record);
    return h("div", { class: "buttons" }, links(record),
      button(null, t("change"), () => edit(record, reload), { "aria-label": t("about", { what: t("change"), subject: name }) }),
      button("danger quiet", t("delete"), () => remove(record, reload), { "aria-label": t("delete.this", { name }) }));
  }

  function show(box, { records, page, last }, address, { reload }) {
    const actions = { head: h("span", { class: "unseen" }, t("actions")), class: "actions", cell: (record) => buttons(record, reload) };
    box.append(
      h("div", { class: "top" }, h("h1", {}, t(list)),
        mayChange() ? button("primary", t(`${kind}.add`), () => edit(null, reload)) : ""),
      h("p", { class: "lead" }, lead()),
      table({ caption: t(list), columns: [...columns(), ...(mayChange() ? [actions] : [])], items: records, empty: t("pages.empty") }),
      pages({ page, last, addressOf: (target) => link(list, { page: target }) }) || "",
    );
  }

  return { title: list, load, show };
}
