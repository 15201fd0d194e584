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
