// Gives select2's boxes the accessible name of their field: select2 sets none.

"use strict";

function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = select.labels[0];
    const box = select.nextElementSibling;
    if (!label || !box || !box.matches(".select2")) continue;
    label.id ||= `${select.id}_label`;
    for (const element of box.querySelectorAll("[role=combobox], [role=searchbox], [role=textbox]")) {
      const chosen = element.getAttribute("role") === "combobox" ? box.querySelector("[role=textbox]")?.id : "";
      element.setAttribute("aria-labelledby", `${label.id} ${chosen || ""}`.trim());
    }
  }
}

// After other load handlers, among them select2's.
addEventListener("load", () => setTimeout(nameBoxes));
document.addEventListener("formset:added", () => setTimeout(nameBoxes));

// Suggests records in the list of a field in which one is typed, and gives a list of several another empty field.

let asked = 0;

async function suggest(field) {
  const number = (asked += 1);
  const text = field.value.replace(/^[+＋]\s*/, "").trim();
  if (!text) return;
  const response = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ q: text })}`);
  if (!response.ok || number !== asked) return;
  const { names } = await response.json();
  field.list.replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("[data-suggest]")) return;
  clearTimeout(target.waiting);
  target.waiting = setTimeout(() => suggest(target), 200);
  const names = target.closest(".names");
  if (names && target.value && target === [...names.querySelectorAll("input")].at(-1)) {
    const another = target.cloneNode();
    another.removeAttribute("id");
    another.value = "";
    another.setAttribute("aria-label", target.labels[0]?.textContent ?? target.getAttribute("aria-label"));
    target.after(another);
  }
});
