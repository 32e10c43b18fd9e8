const search = document.getElementById("search");
const found = document.getElementById("found");
const items = [...document.querySelectorAll(".item")].map((element) => ({
  element,
  words: element.textContent.replace(/\s+/g, " ").toLowerCase(),
  link: document.querySelector(`nav a[href="#${element.id}"]`).parentElement,
}));

// All words have to be there, in any order; in quotes, one after the other.
function wordsOf(text) {
  return (text.toLowerCase().match(/"[^"]+"?|[^\s"]+/g) || []).map((word) => word.replaceAll('"', ""));
}

function hasVisible(list) {
  return list.some((element) => !element.hidden);
}

function filter() {
  const wanted = wordsOf(search.value);
  items.forEach(({ element, words, link }) => {
    element.hidden = !wanted.every((word) => words.includes(word));
    link.hidden = element.hidden;
  });
  document.querySelectorAll("main section").forEach((section) => {
    section.hidden = !hasVisible([...section.querySelectorAll(".item")]);
  });
  document.querySelectorAll("nav > ul > li").forEach((group) => {
    group.hidden = !hasVisible([...group.querySelectorAll("li")]);
  });
  const left = items.filter(({ element }) => !element.hidden).length;
  document.getElementById("nothing").hidden = left > 0;
  found.textContent = wanted.length === 0 ? "" : `${left} of ${items.length}`;
}

function clear() {
  search.value = "";
  filter();
}

// A link may lead to what the search has hidden.
function showTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target !== null && target.closest("[hidden]") !== null) {
    clear();
    target.scrollIntoView();
  }
}

function onKey(event) {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Escape") {
    clear();
    search.blur();
  } else if (event.key === "Enter" && event.target === search) {
    document.querySelector(".item:not([hidden]) h3 a")?.focus();
  }
}

async function copy(event) {
  const button = event.currentTarget;
  try {
    await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied";
  }
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2000);
}

function addButton(lines) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", copy);
  lines.append(button);
}

// The page is served by the site whose API it describes.
if (location.protocol.startsWith("http")) {
  document.getElementById("origin").textContent = location.origin;
}
// Browsers let no page copy that came over plain HTTP from another machine.
if (navigator.clipboard) {
  document.querySelectorAll("pre.curl, pre.setup").forEach(addButton);
}
document.getElementById("finder").hidden = false;
search.addEventListener("input", filter);
document.addEventListener("keydown", onKey);
window.addEventListener("hashchange", showTarget);
filter(); // A browser that comes back to the page puts in what was typed.
showTarget();
