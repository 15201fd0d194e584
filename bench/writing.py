"""
Editors who write at once: what each of them does, in a process of its own, and what has become of it.

Each adds a word of its own to the notes of one of a few drafts, with the admin's own form, and opens that anew when
somebody else has saved meanwhile. So in the end all words stand there: one that is missing was undone by another save.
"""

import json
from html.parser import HTMLParser
from random import Random

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tenders.choices import Certainty
from tenders.models import Tender

DRAFTS = 6  # fewer than the editors have at hand on any day, so that they meet
PATIENCE = 100  # how often an editor opens the form anew for one word


class Fields(HTMLParser):
    """What a browser would send of the form of a page, if somebody sent it as it was opened."""

    def __init__(self, page):
        super().__init__()
        self.values, self._name, self._is_text = {}, None, False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "input" and name and given.get("type") not in {"submit", "button", "checkbox", "radio", "file"}:
            self.values[name] = value
        elif tag == "input" and name and "checked" in given:
            self.values[name] = value or "on"
        elif tag in {"select", "textarea"}:
            self._name, self._is_text = name, tag == "textarea"
            if self._is_text:
                self.values[name] = ""
        elif tag == "option" and self._name and "selected" in given:
            self.values.setdefault(self._name, []).append(value)

    def handle_data(self, data):
        if self._is_text:
            self.values[self._name] += data

    def handle_endtag(self, tag):
        if tag in {"select", "textarea"}:
            self._name, self._is_text = None, False


def begin(num_editors):
    """Make the editors and the drafts that they share."""
    for number in range(num_editors):
        User.objects.create_superuser(f"editor-{number}")
    for number in range(DRAFTS):
        Tender.objects.create(year=2019, certainty=Certainty.HIGH, notes=f"Draft {number}.")


def write(number, num_saves):
    """Save so many words as one of the editors; print what was refused, and what went wrong."""
    client, chance, refused, errors = Client(SERVER_NAME="127.0.0.1"), Random(number), 0, []
    client.force_login(User.objects.get(username=f"editor-{number}"))
    drafts = list(Tender.objects.order_by("pk").values_list("pk", flat=True))
    for n in range(num_saves):
        for _ in range(PATIENCE):
            address = reverse("admin:tenders_tender_change", args=[chance.choice(drafts)])
            try:
                fields = Fields(client.get(address).text).values
                fields["notes"] = f"{fields['notes'].strip()} {word(number, n)}"
                status = client.post(address, fields | {"_save": "Save"}).status_code
            except Exception as error:  # whatever it is, the editor is told of it
                status = repr(error)
            if status == 302:
                break
            if status in {200, 409}:
                refused += 1
            else:
                errors.append(str(status))
        else:
            errors.append(f"{word(number, n)} was refused {PATIENCE} times")
    print(json.dumps({"refused": refused, "errors": errors}))


def examine(num_editors, num_saves):
    """Print what is missing of what the editors have saved, in the drafts and in their history."""
    written = {word(number, n) for number in range(num_editors) for n in range(num_saves)}
    kept = {word for tender in Tender.objects.all() for word in tender.notes.split()}
    before, told = {}, set()
    rows = Tender.history.order_by("history_id").select_related("change__by")
    for row in rows:
        words = set(row.notes.split())
        editor = row.change.by and row.change.by.username.removeprefix("editor-")
        told |= {each for each in words - before.get(row.id, set()) if each.startswith(f"e{editor}.")}
        before[row.id] = words
    print(json.dumps({"lost": sorted(written - kept), "untold": sorted(written - told), "rows": len(rows) - DRAFTS}))


def word(number, n):
    return f"e{number}.{n}"
