// The breadcrumb of a record leads back to the list as it was left, at the row of the record.
// Without JavaScript, or from elsewhere, it leads to the whole list.

for (const link of document.querySelectorAll(".breadcrumb a")) {
  const list = sessionStorage.getItem(`list ${link.pathname}`);
  if (list) link.href = `${list}#${location.pathname.split("/").at(-2)}`;
}
