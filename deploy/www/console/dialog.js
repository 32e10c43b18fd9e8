// Dialogs: the browser's own, which keep the focus inside, close with Escape, and give the focus back.

import { button, h, newId } from "./dom.js";
import { t } from "./texts.js";
import { wordsFor } from "./words.js";

// Shows a dialog with what `build(close)` answers; promises what close() was given, null if it was dismissed.
export function openDialog(title, build) {
  return new Promise((resolve) => {
    const id = newId("dialog");
    const dialog = h("dialog", { "aria-labelledby": id });
    const close = (result) => {
      dialog.returned = result;
      dialog.close();
    };
    dialog.append(h("h2", { id }, title), ...[build(close)].flat());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returned ?? null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// Asks before `run` is done; stays open, and says why, if it was refused. Promises what `run` answered, or null.
export function confirmThat({ title, consequences, action, run }) {
  return openDialog(title, (close) => {
    const message = h("p", { class: "message", role: "alert" });
    const go = button("danger", action, async () => {
      message.textContent = "";
      try {
        close((await run()) ?? true);
      } catch (error) {
        message.textContent = wordsFor(error);
      }
    });
    return [
      ...consequences.map((sentence) => h("p", {}, sentence)),
      message,
      h("div", { class: "buttons" }, button(null, t("cancel"), () => close(null), { autofocus: true }), go),
    ];
  });
}
