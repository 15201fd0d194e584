/* Buttons that copy a field or the text of an element (data-copy is its id) and say so; without script they are hidden. */
"use strict";

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const copied = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText("value" in copied ? copied.value : copied.textContent);
  } catch { // no permission, or plain HTTP: what is selected is copied
    if ("select" in copied) copied.select();
    else getSelection().selectAllChildren(copied);
    if (!document.execCommand("copy")) return;
  }
  button.parentElement.querySelector("[role=status], output").textContent = button.dataset.done;
});

/* The address of a page with #cite opens what it names. */
const cited = document.querySelector("#cite[popover]");
if (cited?.showPopover && location.hash === "#cite") cited.showPopover();
