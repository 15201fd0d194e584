// Shows the fields of the measure of a claim as soon as it is chosen: the form is sent, not saved, and its part taken over.

"use strict";

const PART = "claim-fields";
const SHOW = "_show_fields";

function removeButton() {
  document.querySelector(`#${PART} button[name=${SHOW}]`)?.remove();
}

async function showFields(form) {
  const data = new FormData(form);
  data.append(SHOW, "on");
  document.getElementById(PART).inert = true; // so that nothing is typed that the answer does not have
  const response = await fetch(location.href, { method: "POST", body: data });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const part = page.getElementById(PART);
  if (!response.ok || !part) throw new Error(response.statusText);
  document.getElementById(PART).replaceWith(part);
  removeButton();
  part.dispatchEvent(new CustomEvent("formset:added", { bubbles: true })); // for select2, and the names of its boxes
  document.getElementById("id_measure").focus();
}

document.addEventListener("change", ({ target }) => {
  if (target.id !== "id_measure") return;
  showFields(target.form).catch(() => {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: SHOW, value: "on" });
    target.form.append(field);
    target.form.submit();
  });
});

addEventListener("DOMContentLoaded", removeButton);
