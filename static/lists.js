// Completes htmx when it swaps a list: no empty parameters in addresses, groups of filters stay open until they are
// applied, the focus is restored, the new count is announced (errors are alerts), and an error response is loaded as a
// page. The address of the list is stored for back.js.
// Without JavaScript the list is a plain form with links.

const list = () => document.getElementById("list");
let isOpen = new Map();  // by id of a group of filters
let focused = null;  // selector of the element with the focus

// Returns a selector that finds the same element in the new list.
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

// The suggestions of the site's search are swapped too.
const isOfList = ({ detail }) => detail.target.id === "list";

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isOfList(event)) return;
  isOpen = new Map([...list().querySelectorAll("details")].map((group) => [group.id, group.open]));
  const { activeElement } = document;
  const stays = list().contains(activeElement) && (activeElement.id || activeElement.name);
  focused = stays ? selectorOf(activeElement) : null;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!isOfList(event)) return;
  const { detail } = event;
  const isSubmit = detail.requestConfig.triggeringEvent?.type === "submit";
  for (const group of list().querySelectorAll("details")) {
    const isApplied = isSubmit && ["filters", "columns"].includes(group.id);
    if (isOpen.has(group.id) && !isApplied) group.open = isOpen.get(group.id);
  }
  const results = document.getElementById("results");
  const isNewPage = detail.requestConfig.elt.closest(".pager");
  const found = focused && !isNewPage ? document.querySelector(focused) : null;
  const restored = found?.checkVisibility() ? found : null;
  (restored || results).focus({ preventScroll: true });
  const { top } = results.getBoundingClientRect();
  const isBelow = top > window.innerHeight / 2;
  if (isNewPage || (isBelow && (isSubmit || !restored)) || (top < 0 && !restored)) results.scrollIntoView();
  document.getElementById("live-region").textContent = list().querySelector(".result-count")?.textContent ?? "";
});

for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => {
    if (isOfList(event)) window.location.assign(event.detail.pathInfo.finalRequestPath);
  });
}

const remember = () => sessionStorage.setItem(`list ${location.pathname}`, location.pathname + location.search);
remember();
document.addEventListener("htmx:pushedIntoHistory", remember);

// On going back to a list or reloading it, restore the focus.
const storageKey = () => `focus at ${window.location.pathname}${window.location.search}`;

document.addEventListener("focusin", ({ target }) => {
  const found = list().contains(target) && selectorOf(target);
  if (found) sessionStorage.setItem(storageKey(), found);
});

if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") {
  const selector = sessionStorage.getItem(storageKey());
  if (selector) document.querySelector(selector)?.focus({ preventScroll: true });
}
