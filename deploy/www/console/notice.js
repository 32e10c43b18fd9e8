// What has just been done, at the foot of the page, with a button that undoes it.

import { button, h } from "./dom.js";
import { t } from "./texts.js";
import { wordsFor } from "./words.js";

const region = h("div", { class: "notices", role: "status" });
let pages = 0;

export function noticeRegion() {
  return region;
}

function shown(text, buttons, isWrong) {
  pages = 0;
  region.replaceChildren(
    h("p", { class: isWrong ? "notice wrong" : "notice" }, h("span", {}, text), ...buttons,
      button("quiet", "×", close, { "aria-label": t("close") })),
  );
}

function clear() {
  region.replaceChildren();
}

// The button goes, and the focus that was on it with it.
function close() {
  clear();
  document.querySelector("main h1")?.focus();
}

// `undo`, where there is one, promises the text that says what was undone.
export function notice(text, undo = null) {
  const undoIt = async () => {
    try {
      shown(await undo(), [], false);
    } catch (error) {
      noticeOfFailure(error);
    }
  };
  shown(text, undo ? [button("quiet", t("undo"), undoIt)] : [], false);
}

export function noticeOfFailure(error) {
  shown(wordsFor(error), [], true);
}

// A notice outlives one change of the page: many things end with one.
export function pageHasChanged() {
  pages += 1;
  if (pages > 1) {
    clear();
  }
}
