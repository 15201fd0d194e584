// Names the boxes in which records are searched after the fields that they stand for: select2 leaves them nameless.

"use strict";

function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = select.labels[0];
    const box = select.nextElementSibling;
    if (!label || !box || !box.matches(".select2")) continue;
    label.id ||= `${select.id}_label`;
    for (const each of box.querySelectorAll("[role=combobox], [role=searchbox], [role=textbox]")) {
      const chosen = each.getAttribute("role") === "combobox" ? box.querySelector("[role=textbox]")?.id : "";
      each.setAttribute("aria-labelledby", `${label.id} ${chosen || ""}`.trim());
    }
  }
}

// Others that wait for the page, select2 among them, come first.
addEventListener("load", () => setTimeout(nameBoxes));
document.addEventListener("formset:added", () => setTimeout(nameBoxes));
