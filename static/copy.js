// Copies the text of a field to the clipboard, and says so beside the button. Without script the field can be selected.

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  const text = "value" in field ? field.value : field.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    field.select?.(); // no permission, or plain HTTP: Ctrl-C copies what is selected
    if (!document.execCommand("copy")) return;
  }
  const output = button.parentElement.querySelector("output");
  if (output) output.textContent = button.dataset.done;
});
