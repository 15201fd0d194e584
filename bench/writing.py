"""
Concurrent writes in the admin: what editors do, each in a process of its own, and the check of the result.

An editor adds a unique word to the notes of one of a few drafts, with the admin's form, and opens the form again when
somebody else has saved meanwhile. In the end the notes must have all words: a missing one was overwritten.
"""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from random import Random

from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.urls import reverse

from bench.forms import Fields
from tenders.choices import Certainty
from tenders.models import Tender

DRAFTS = 6  # few, so that editors collide
MAX_TRIES = 100  # to save one word


def write_at_once(num_editors, num_saves):
    """Let editors write, each in a fork of this process, which has loaded the site; print the outcome as JSON."""
    set_up(num_editors)
    connections.close_all()
    with ProcessPoolExecutor(num_editors, multiprocessing.get_context("fork")) as editors:
        reports = list(editors.map(write, range(num_editors), repeat(num_saves)))
    refused = sum(num_refused for num_refused, _errors in reports)
    errors = [error for _refused, found in reports for error in found]
    print(json.dumps({**examine(num_editors, num_saves), "refused": refused, "errors": errors}))


def set_up(num_editors):
    """Create the editors and the drafts that they share."""
    for number in range(num_editors):
        User.objects.create_superuser(f"editor-{number}")
    for number in range(DRAFTS):
        Tender.objects.create(year=2019, certainty=Certainty.HIGH, notes=f"Draft {number}.")


def write(number, num_saves):
    """Save words as one of the editors; return the number of refused saves, and the errors."""
    client, chance, refused, errors = Client(SERVER_NAME="127.0.0.1"), Random(number), 0, []
    client.force_login(User.objects.get(username=f"editor-{number}"))
    drafts = list(Tender.objects.order_by("pk").values_list("pk", flat=True))
    for n in range(num_saves):
        for _ in range(MAX_TRIES):
            address = reverse("admin:tenders_tender_change", args=[chance.choice(drafts)])
            try:
                fields = Fields(client.get(address).text).values
                fields["notes"] = f"{fields['notes'].strip()} {word(number, n)}"
                status = client.post(address, fields | {"_save": "Save"}).status_code
            except Exception as error:  # every exception is reported
                status = repr(error)
            if status == 302:
                break
            if status in {200, 409}:
                refused += 1
            else:
                errors.append(str(status))
        else:
            errors.append(f"{word(number, n)} was refused {MAX_TRIES} times")
    return refused, errors


def examine(num_editors, num_saves):
    """Return which saved words are missing in the drafts and in their history."""
    saved = {word(number, n) for number in range(num_editors) for n in range(num_saves)}
    found = {word for tender in Tender.objects.all() for word in tender.notes.split()}
    before, recorded = {}, set()
    rows = Tender.history.order_by("history_id").select_related("change__by")
    for row in rows:
        after = set(row.notes.split())
        editor = row.change.by and row.change.by.username.removeprefix("editor-")
        recorded |= {word for word in after - before.get(row.id, set()) if word.startswith(f"e{editor}.")}
        before[row.id] = after
    return {"lost": sorted(saved - found), "unrecorded": sorted(saved - recorded), "rows": len(rows) - DRAFTS}


def word(number, n):
    """Return the word of the n-th save of an editor."""
    return f"e{number}.{n}"
