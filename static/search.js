// Keys for the suggestions under the search field: arrows move through them, Escape closes them. Without JavaScript the
// field is a plain form; without these keys the suggestions are links that the tab key reaches.

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("#site-search");
  if (!form) return;
  const [field, list] = [form.querySelector("input"), form.querySelector(".suggestions")];
  const stops = [field, ...list.querySelectorAll("a")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const place = stops.indexOf(event.target);
  if (step && place >= 0 && stops.length > 1) {
    stops[(place + step + stops.length) % stops.length].focus();
    event.preventDefault();
  } else if (event.key === "Escape" && list.firstElementChild) {
    list.replaceChildren();
    field.focus();
    event.preventDefault();
  }
});
