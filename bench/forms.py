"""Forms of pages, as a browser would submit them."""

from html.parser import HTMLParser


class Fields(HTMLParser):
    """The values that a browser would submit with the form of a page, unchanged."""

    def __init__(self, page):
        super().__init__()
        self.values, self._name, self._is_text = {}, None, False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        name, value = attributes.get("name"), attributes.get("value") or ""
        if tag == "input" and name and attributes.get("type") not in {"submit", "button", "checkbox", "radio", "file"}:
            self._add(name, value)
        elif tag == "input" and name and "checked" in attributes:
            self._add(name, value or "on")
        elif tag in {"select", "textarea"}:
            self._name, self._is_text = name, tag == "textarea"
            if self._is_text:
                self.values[name] = ""
        elif tag == "option" and self._name and "selected" in attributes:
            self.values.setdefault(self._name, []).append(value)

    def _add(self, name, value):
        """Add the value of an input; those of one name are a list."""
        before = self.values.get(name)
        self.values[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]

    def handle_data(self, data):
        if self._is_text:
            self.values[self._name] += data

    def handle_endtag(self, tag):
        if tag in {"select", "textarea"}:
            self._name, self._is_text = None, False
