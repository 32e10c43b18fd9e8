// A table as a file that spreadsheets open.

// A formula at the beginning of a cell, or behind what a spreadsheet of some language takes for the end of one: quotes
// count only where that begins a cell.
const FORMULA = /(^|[;,\t\r\n|])([\s"']*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

function cell(value) {
  const text = String(value ?? "");
  const harmless = text.replace(FORMULA, "$1'$2").replace(/^[\t\r\n]/, "'$&");
  return /[",;\t\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export function csvOf(heads, rows) {
  return [heads, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

// Some programs take a file for UTF-8 by its first character.
export function download(name, text) {
  const address = URL.createObjectURL(new Blob(["\uFEFF", text], { type: "text/csv;charset=utf-8" }));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
