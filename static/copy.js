/* Buttons that copy the text of an element (data-copies is its id) and say so. They are hidden without script, and where the browser does not copy. */
"use strict";

for (const button of document.querySelectorAll("[data-copies]")) {
  if (!navigator.clipboard) break;
  const status = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    status.textContent = button.dataset.done;
    setTimeout(() => { status.textContent = ""; }, 4000);
  });
}

/* The address of a page with #cite opens what it names. */
const cited = document.querySelector("#cite[popover]");
if (cited?.showPopover && location.hash === "#cite") cited.showPopover();
