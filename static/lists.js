// What htmx leaves to us when it changes a list in place: short addresses, groups that stay as they were opened,
// the focus, the new count for screen readers (problems say themselves), and a whole page when an answer is no list.
// Without scripts the list is a plain form with links.

const list = () => document.getElementById("list");
let opened = new Map();
let focused = null;

// How to find an element again in the same list made anew.
function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.name) return `#list [name="${element.name}"][value="${CSS.escape(element.value)}"]`;
  const link = element.getAttribute("href");
  return link && `#list a[href="${CSS.escape(link)}"]`;
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  for (const [name, value] of Object.entries(detail.parameters)) {
    if (value === "") delete detail.parameters[name];
  }
});

document.addEventListener("htmx:beforeSwap", () => {
  opened = new Map([...list().querySelectorAll("details")].map((group) => [group.id, group.open]));
  const { activeElement } = document;
  const stays = list().contains(activeElement) && (activeElement.id || activeElement.name);
  focused = stays ? selectorOf(activeElement) : null;
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  for (const group of list().querySelectorAll("details")) {
    if (opened.has(group.id)) group.open = opened.get(group.id);
  }
  const results = document.getElementById("results");
  const turnedPage = detail.requestConfig.elt.closest(".pager");
  const again = focused && !turnedPage ? document.querySelector(focused) : null;
  (again || results).focus({ preventScroll: true });
  const asked = detail.requestConfig.triggeringEvent?.type === "submit";
  const { top } = results.getBoundingClientRect();
  const isBelow = top > window.innerHeight / 2;
  if (turnedPage || (isBelow && (asked || !again)) || (top < 0 && !again)) results.scrollIntoView();
  document.getElementById("live-region").textContent = list().querySelector(".tally")?.textContent ?? "";
});

for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, ({ detail }) => window.location.assign(detail.pathInfo.finalRequestPath));
}

// Where one was: a list that one comes back to has the focus where it was left.
const place = () => `focus at ${window.location.pathname}${window.location.search}`;

document.addEventListener("focusin", ({ target }) => {
  const found = list().contains(target) && selectorOf(target);
  if (found) sessionStorage.setItem(place(), found);
});

if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") {
  const left = sessionStorage.getItem(place());
  if (left) document.querySelector(left)?.focus({ preventScroll: true });
}
