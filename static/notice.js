// The screen of a notice: lights the words of the fact that has the focus, takes an option with one press, and leads to
// the next fact to check. Without this script the same is done by links and by the buttons of the form.

"use strict";

const lines = document.querySelector(".notice-lines");
const button = document.querySelector("[data-next-check]");
const toCheck = () => [...document.querySelectorAll(".notice-row.is-check")];
const fieldOf = (row) => row.querySelector("input:not([type=hidden]), select, textarea, button, a");

function light(row) {
  const wanted = (row.dataset.words || "").split(" ").filter(Boolean);
  let first = null;
  for (const mark of lines.querySelectorAll("mark")) {
    const isOne = mark.dataset.words.split(" ").some((anchor) => wanted.includes(anchor));
    mark.classList.toggle("is-lit", isOne);
    if (isOne) first ??= mark;
  }
  document.querySelectorAll(".notice-row.is-lit").forEach((lit) => lit.classList.toggle("is-lit", lit === row));
  row.classList.add("is-lit");
  if (first && lines.scrollHeight > lines.clientHeight) {
    lines.scrollTop += first.getBoundingClientRect().top - lines.getBoundingClientRect().top - lines.clientHeight / 3;
  }
}

function go(row) {
  row.closest("details")?.setAttribute("open", "");
  row.scrollIntoView({ block: "center" });
  fieldOf(row)?.focus({ preventScroll: true });
  light(row);
}

function goToNextCheck() {
  const rows = toCheck();
  const here = document.activeElement?.closest?.(".notice-row");
  const next = rows.find((row) => !here || here.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING);
  if (rows.length) go(next ?? rows[0]);
}

// A list of names has an input for each, and an empty one.
function fill(name, values) {
  const inputs = [...document.getElementsByName(name)];
  values.forEach((value, place) => {
    if (place >= inputs.length) {
      const another = inputs.at(-1).cloneNode();
      another.removeAttribute("id");
      inputs.at(-1).after(another);
      inputs.push(another);
    }
    inputs[place].value = value;
  });
  inputs.slice(values.length).forEach((input) => (input.value = ""));
}

function settle(row) {
  row.classList.replace("is-check", "is-changed") || row.classList.add("is-changed");
  row.querySelector(".notice-state").textContent = row.dataset.changed;
}

document.addEventListener("focusin", ({ target }) => {
  const row = target.closest(".notice-row");
  if (row) light(row);
});

document.addEventListener("change", ({ target }) => {
  const row = target.closest(".notice-row");
  if (row) settle(row);
});

document.addEventListener("click", (event) => {
  const press = event.target.closest("[data-fills]");
  if (press) {
    event.preventDefault();
    for (const [name, values] of Object.entries(JSON.parse(press.dataset.fills))) fill(name, values);
    settle(press.closest(".notice-row"));
    return;
  }
  const mark = event.target.closest(".notice-lines mark");
  if (mark && !getSelection().toString()) {
    const anchors = mark.dataset.words.split(" ");
    const rows = [...document.querySelectorAll(".notice-row")];
    const row = rows.find(({ dataset }) => dataset.words.split(" ").some((anchor) => anchors.includes(anchor)));
    if (row) go(row);
  }
  if (event.target.closest("[data-next-check]")) goToNextCheck();
});

document.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyN") {
    event.preventDefault();
    goToNextCheck();
  }
});

if (button) button.hidden = false;
