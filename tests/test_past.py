"""The past: ``as_of`` gives what was public then, byte for byte, on every public address."""

import datetime
import fcntl
import gzip
import os
import re
from io import StringIO
from itertools import chain
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.connection import ConnectionDoesNotExist
from django.utils.http import http_date
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders import actions, past
from tenders.anonymising import remove_words
from tenders.choices import ChangeKind, EditorialState, ReportState
from tenders.derived import all_derived_fields
from tenders.merging import merge
from tenders.models import (
    Article,
    Award,
    Change,
    Claim,
    Company,
    Institution,
    Page,
    Report,
    Tender,
    TenderFigures,
    VerdictChange,
)
from tenders.models.changes import change_set, tracked_models
from tenders.past import moments
from tenders.past.copies import SUFFIX
from tenders.past.hidden import hidden_today
from tenders.past.reading import PAST
from tenders.urls import (
    citation_urlpatterns,
    feed_urlpatterns,
    machine_urlpatterns,
    text_urlpatterns,
    urlpatterns,
)
from tenders.views.as_of import PRESENT_ONLY
from tests.factories import create_tender
from tests.test_undoing import EDITS, last, make_edit, records, rows  # noqa: F401 a fixture

pytestmark = pytest.mark.django_db
MOMENTS = [
    datetime.datetime(2026, 1, 5, 10, 0, 0, 200_000, tzinfo=timezone.get_default_timezone()),
    datetime.datetime(2026, 1, 5, 10, 1, 59, tzinfo=timezone.get_default_timezone()),
    datetime.datetime(2026, 2, 1, tzinfo=timezone.get_default_timezone()),
]
WITHOUT_PAST = ("/report/", "/subscribe/", "/data/versions/", "/data/compare/", "/data/api/", "/openapi.json")
DOWNLOADS = ["/tenders.json", "/tenders.csv", "/institutions.json", "/companies.json"]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """Keep the copies in a folder of the test, and return it."""
    settings.PAST_ROOT = tmp_path / "past"
    return settings.PAST_ROOT


@pytest.fixture
def tender(db):
    """A public tender, whose history has begun."""
    return create_tender(title_en="Platform")


def moment(change):
    """Return the moment of a change, as an address has it."""
    return change.made_at.isoformat()


def content(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200, (address, query)
    return b"".join(response.streaming_content) if response.streaming else response.content


def change(record, **values):
    with change_set(ChangeKind.CHANGED):
        for name, value in values.items():
            setattr(record, name, value)
        record.save()


def copies(folder):
    return sorted(folder.glob(f"*{SUFFIX}"))


# What was public then


def state():
    """Return all rows of what has a history, and what is computed from them."""
    figures = TenderFigures.objects.order_by("pk").values()
    computed = {"figures": [{name: _in_order(value) for name, value in row.items()} for row in figures]}
    for model in filter(all_derived_fields, tracked_models()):
        names = [field.attname for field in all_derived_fields(model)]
        computed[model.__name__] = list(model._base_manager.order_by("pk").values_list("pk", *names))
    verdicts = list(VerdictChange.objects.order_by("pk").values())
    return rows(), computed, verdicts, list(Change.objects.order_by("pk").values())


def _in_order(value):
    """Return a figure that is a list in the order of its items, which each engine has in another."""
    return sorted(value.split(",")) if isinstance(value, str) else value


def hide(found):
    """Give rows of then the states that they have today, where they are not public any more."""
    for name, hidden in hidden_today().items():
        model = apps.get_model("tenders", name)
        place = [field.attname for field in model._meta.concrete_fields].index("state")
        for pk, today in hidden:
            values = found.get((model.__name__, pk), [[]])[0]
            if values and values[place] == EditorialState.PUBLISHED:
                values[place] = today


SERIES = st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9)


@settings(max_examples=3)
@given(SERIES, st.integers(0, 8))
def test_after_any_edits_the_records_are_read_as_they_were_before_some_of_them(records, edits, place):  # noqa: F811
    with transaction.atomic():
        before = {}
        for number, edit in enumerate(edits):
            before[last().pk] = state()
            make_edit(number, *edit)
        number, expected = list(before.items())[place % len(before)]
        hide(expected[0])

        with past.reading_as_of(number):
            assert state() == expected
        transaction.set_rollback(True)


def test_downloads_of_a_moment_before_twelve_edits_are_the_very_bytes_of_then(client, records):  # noqa: F811
    before, then = {address: content(client, address) for address in DOWNLOADS}, last()
    kinds = [edit for edit in EDITS if edit.__name__ not in ("publish", "withdraw", "delete_draft")]
    made = [make_edit(number, edit, number, number + 1) for number, edit in enumerate(kinds)]
    merge(keep=Company.objects.all()[0], drop=Company.objects.all()[2], reason="One thing.")
    Award.objects.order_by("pk").first().delete()
    after = {address: content(client, address) for address in DOWNLOADS}

    assert len(list(filter(None, made))) >= 10
    assert all(after[address] != before[address] for address in DOWNLOADS)
    assert {address: content(client, address, as_of=moment(then)) for address in DOWNLOADS} == before


def test_every_public_address_answers_as_of_a_moment(client, records):  # noqa: F811
    then = last()
    tender, article = Tender.objects.first(), Article.objects.get()
    change(tender, title_en="Renamed")
    references = {"tender": tender, "institution": Institution.objects.first(), "company": Company.objects.first()}
    arguments = {
        "slug": lambda name: article.slug if name.startswith(("article", "claim")) else Page.objects.first().slug,
        "code": lambda name: "A1",
        "reference": lambda name: references.get(name.partition("-")[0], tender).reference,
        "form": lambda name: {"chart-data": "csv", "chart-picture": "svg", "feed": "atom"}.get(
            "feed" if name.endswith("feed") else name, "json"
        ),
        "plural": lambda name: "tenders",
        "name": lambda name: "year",
        "extension": lambda name: "json",
        "section": lambda name: "tenders",
    }
    asked = []
    groups = (urlpatterns, machine_urlpatterns, citation_urlpatterns, feed_urlpatterns, text_urlpatterns)
    for pattern in chain(*groups):
        if pattern.name not in {*PRESENT_ONLY, "croissant", "ocds-release"}:  # of a version, and of a moment of its own
            names = pattern.pattern.converters or pattern.pattern.regex.groupindex
            address = reverse(pattern.name, kwargs={name: arguments[name](pattern.name) for name in names})
            query = {"as_of": moment(then), **({"from": moment(then)} if pattern.name == "compare-data" else {})}
            response = client.get(address, query, follow=True, headers={"accept": "text/html"})
            asked.append(address)
            assert (response.status_code, response["X-Robots-Tag"]) == (200, "noindex"), address
            found = b"".join(response.streaming_content) if response.streaming else response.content
            assert b"Renamed" not in found, address
    assert len(asked) > 25


def test_verdicts_are_found_from_the_records_of_then(client, records):  # noqa: F811
    then, address = last(), Claim.objects.get().get_absolute_url()
    before = client.get(address).context["evaluation"]
    change(Tender.objects.first(), year=2018)

    assert client.get(address).context["evaluation"] != before
    assert client.get(address, {"as_of": moment(then)}).context["evaluation"] == before


def test_histories_and_news_end_with_the_moment(client, records):  # noqa: F811
    tender, then = Tender.objects.first(), last()
    change(tender, city="Foshan")

    assert "Foshan" in client.get(tender.get_absolute_url()).text
    for address in (tender.get_absolute_url(), "/changes/", "/"):
        assert "Foshan" not in client.get(address, {"as_of": moment(then)}).text


def test_a_merged_record_has_its_own_page_before_the_merger(client, records):  # noqa: F811
    then, dropped, kept = last(), Company.objects.all()[2], Company.objects.all()[0]
    address = dropped.get_absolute_url()
    merge(keep=kept, drop=dropped, reason="One thing.")

    assert client.get(address).status_code == 301
    assert client.get(address, {"as_of": moment(then)}).status_code == 200
    assert client.get(address, {"as_of": moment(last())}, follow=True).status_code == 200


# Moments


def test_a_text_means_the_end_of_the_time_that_it_names(db):
    first, second, third = (Change.objects.create(kind=ChangeKind.CHANGED, made_at=at) for at in MOMENTS)

    assert [past.resolve(text).change for text in ("2026", "2026-01", "2026-01-05", "2026-01-06")] == [third.pk] + 3 * [
        second.pk
    ]
    for text in (
        "2026-01-05T10:00:00+08:00",
        "2026-01-05T02:00Z",
        "2026-01-05T02:00:00 00:00",
        "2026-01-05 10:00:00.2",
        "2026-01-05T10:00:00.250000+0800",
    ):
        assert past.resolve(text).change == first.pk, text
    assert past.resolve("2026-01-05T10:01").change == second.pk
    assert [past.resolve(text).is_current for text in ("2026-01", "2026-02")] == [False, True]


def test_what_is_no_moment_or_lies_in_the_future_is_refused_with_what_would_be_right(client, tender):
    for text in ("", "x", "2026-02-30", "2026-1-1", "0000", "9999-12-31", "2099", "2026-01-05T10:00+99:00", "1" * 400):
        response = client.get("/tenders.json", {"as_of": text})

        assert response.status_code == 400, text
        assert "Write a day as 2026-12-01" in response.text or "in the future" in response.text


def test_before_the_history_begins_the_answer_names_its_first_moment(client, tender):
    began = timezone.localtime(Change.objects.order_by("pk").first().made_at).isoformat(timespec="seconds")

    page, data = client.get("/zh-hans/tenders/?as_of=2001"), client.get("/tenders.json?as_of=2001")
    assert [response.status_code for response in (page, data)] == [400, 400]
    assert began in page.text
    assert began in data.json()["detail"]
    assert data.json()["type"] == "http://testserver/data/api/#history-begins"
    assert (data["Content-Type"], data["Access-Control-Allow-Origin"]) == ("application/problem+json", "*")
    assert content(client, "/tenders.json", as_of=began)


def test_a_version_means_its_last_change(client, tender, monkeypatch):
    change(tender, title_en="Released")
    version = SimpleNamespace(name="2026.1", change=last().pk, changed_at=last().made_at)
    monkeypatch.setattr(moments, "versions_in", lambda folder: [version])
    change(tender, title_en="Renamed")

    assert "Released" in client.get("/tenders/?as_of=2026.1").text
    assert "There is no version 2026.2." in client.get("/tenders.json?as_of=2026.2").json()["detail"]
    version.change = last().pk
    assert "doesn’t reach back" in client.get("/tenders.json?as_of=2026.1").json()["detail"]


def test_without_a_history_there_is_no_past(client, db):
    assert "No history has been recorded" in client.get("/tenders.json?as_of=2026").json()["detail"]


def test_two_moments_are_refused(client, tender):
    response = client.get("/tenders.json?as_of=2026-01-01&as_of=2026-01-02")

    assert response.status_code == 400
    assert "only once" in response.json()["detail"]


def test_the_history_of_all_that_has_one_begins_at_once(article_data):
    call_command("begin_history", stdout=StringIO())

    for model in tracked_models():
        assert model.objects.count() == model.history.values("id").distinct().count(), model


def test_what_was_there_when_its_history_began_was_there_before(client, db):
    with change_set(ChangeKind.CHANGED):
        tender = create_tender(title_en="Old")
    Page.history.all().delete()
    then = last()
    call_command("begin_history", stdout=StringIO())
    change(tender, title_en="New")

    assert client.get("/about/method/", {"as_of": moment(then)}).status_code == 200
    assert "Old" in client.get("/tenders/", {"as_of": moment(then)}).text


# What is not public today


def test_what_is_not_public_today_is_not_shown_then_either_and_the_page_says_how_much(client, records):  # noqa: F811
    tender, then = Tender.objects.first(), last()
    actions.withdraw(tender, reason="Wrong.")

    page = client.get("/tenders/", {"as_of": moment(then)})
    assert tender.reference not in page.text
    assert "We leave out 1 record that is no longer public." in " ".join(page.text.split())
    assert tender.reference.encode() not in content(client, "/tenders.json", as_of=moment(then))
    assert client.get(tender.get_absolute_url(), {"as_of": moment(then)}).status_code == 410

    actions.publish(tender)

    page = client.get("/tenders/", {"as_of": moment(then)})
    assert tender.reference in page.text
    assert "We leave out" not in page.text


def test_words_that_are_removed_from_the_history_are_in_no_copy_that_is_read(client, records, folder):  # noqa: F811
    tender, then = Tender.objects.first(), last()
    change(tender, notes="Ask Zhang Wei.")
    named = last()
    change(tender, notes="")
    assert "Zhang Wei" in client.get(tender.get_absolute_url(), {"as_of": moment(named)}).text

    remove_words("Zhang Wei", reason="They asked for it.")

    assert "Zhang Wei" not in client.get(tender.get_absolute_url(), {"as_of": moment(named)}).text
    assert client.get("/tenders/", {"as_of": moment(then)}).status_code == 200


def test_copies_hold_no_accounts_reports_or_drafts_of_editors(client, records, folder):  # noqa: F811
    editor = get_user_model().objects.create_user("mei.l", "mei@tenders.example", "secret", first_name="Mei")
    then = last()
    with change_set(ChangeKind.CHANGED, by=editor):
        change(Tender.objects.first(), city="Foshan")
    corrected = {"change": last(), "state": ReportState.CORRECTED, "answer": "Thanks", "answered_at": timezone.now()}
    Report.objects.create(about="/tenders/", text="A slip", email="reader@readers.example", **corrected)
    change(Tender.objects.first(), city="Zhuhai")

    client.get("/tenders/", {"as_of": moment(last())})
    for then in Change.objects.order_by("-pk")[1:3]:
        assert client.get("/tenders/", {"as_of": moment(then)}).status_code == 200

    for path in copies(folder):
        found = path.read_bytes()
        for private in (b"mei.l", b"mei@", b"md5$", b"reader@", b"A slip", b"Thanks"):
            assert private not in found
    assert oct(folder.stat().st_mode & 0o777) == "0o700"


# Links and what a page says


def test_links_and_forms_of_a_page_lead_to_the_same_past(client, records):  # noqa: F811
    tender, then = Tender.objects.first(), last()
    change(tender, title_en="Renamed")
    query = urlencode({"as_of": moment(then)})

    for address in ("/tenders/?year=2019", tender.get_absolute_url(), "/zh-hans/tenders/?view=charts", "/data/"):
        response = client.get(f"{address}{'&' if '?' in address else '?'}{query}")
        page, twins = response.text, re.findall(r'<([^>]+)>; rel="alternate"', response["Link"])
        assert twins
        assert all(twin.count(query) == 1 for twin in twins), twins
        body = page[page.index("<body") :]
        for tag, link in re.findall(r'(<a\b[^>]*href="(/[^"]*)"[^>]*>)', body):
            if "data-present" in tag or link.removeprefix("/zh-hans").startswith(WITHOUT_PAST):
                assert "as_of" not in link
            else:
                assert link.count(query) == 1, link
        for form in re.findall(r"<form\b[^>]*>.{120}", body, re.DOTALL):
            assert 'name="as_of"' in form
        assert f'href="http://testserver{address.partition("?")[0]}' in page  # the canonical address
        assert '<meta name="robots" content="noindex">' in page


def test_a_page_says_which_past_it_shows_and_leads_to_today(client, tender):
    then = last()
    assert "Nothing has changed since." in client.get("/tenders/", {"as_of": moment(then)}).text
    change(Tender.objects.first(), city="Foshan")

    response = client.get("/tenders/?year=2019", {"as_of": moment(then), "year": "2019"})

    assert f"Records as of {moment(then)}." in response.text
    assert '<a href="/tenders/?year=2019" data-present>' in response.text
    twin = f"http://testserver/tenders.json?year=2019{{}}{urlencode({'as_of': moment(then)})}"
    assert f'href="{twin.format("&amp;")}"' in response.text
    assert f'<{twin.format("&")}>; rel="alternate"' in response["Link"]
    assert response["Memento-Datetime"] == http_date(then.made_at.timestamp())
    assert '<http://testserver/tenders/?year=2019>; rel="original"' in response["Link"]
    assert "的记录" in client.get("/zh-hans/tenders/", {"as_of": moment(then)}).text


def test_redirects_stay_in_the_past(client, tender):
    then = last()
    change(Tender.objects.first(), city="Foshan")

    assert client.get("/about/", {"as_of": moment(then)})["Location"].endswith(urlencode({"as_of": moment(then)}))


@pytest.mark.parametrize(
    "address", ["/report/", "/search/suggestions/?q=a", "/robots.txt", "/healthz", "/admin/login/"]
)
def test_what_has_no_past_takes_no_moment(client, tender, address):
    response = client.get(f"{address}{'&' if '?' in address else '?'}as_of=2001")

    assert response.status_code == 200
    assert "Memento-Datetime" not in response


def test_a_page_that_is_kept_is_that_of_its_moment(client, tender, settings):
    settings.PAGE_CACHE_MB = 1
    cache.clear()
    reader, then = Client(), last()
    change(tender, title_en="Renamed")

    pages = [reader.get("/tenders/", query).text for query in 3 * ({}, {"as_of": moment(then)})]
    compressed = reader.get("/tenders/", {"as_of": moment(then)}, headers={"accept-encoding": "gzip"}).content

    assert gzip.decompress(compressed).decode() == pages[5]
    assert ["Renamed" in page for page in pages] == 3 * [True, False]
    assert pages[2:4] == pages[4:6]


# Copies


def test_the_last_change_needs_no_copy(client, tender, folder):
    for _ in range(2):
        assert client.get("/tenders/", {"as_of": moment(last())}).status_code == 200

    assert not folder.exists()


def test_a_copy_is_made_once_and_those_that_nobody_has_asked_for_longest_go(tender, folder, settings):
    settings.PAST_COPIES = 2
    made = [last()]
    for number in range(3):
        change(Tender.objects.first(), city=f"City {number}")
        made.append(last())

    def ask(place):
        with past.reading_as_of(made[place].pk):
            return Tender.objects.first().city

    assert [ask(0), ask(1)] == ["", "City 0"]
    made_at = copies(folder)[0].stat().st_mtime_ns
    for place, path in enumerate(copies(folder)):
        os.utime(path, ns=(place, path.stat().st_mtime_ns))
    ask(0)
    assert copies(folder)[0].stat().st_mtime_ns == made_at
    assert ask(2) == "City 1"
    assert [path.name.partition("-")[0] for path in copies(folder)] == [str(made[0].pk), str(made[2].pk)]


def test_while_a_copy_is_made_others_are_asked_to_come_again(client, tender, folder):
    then = last()
    change(Tender.objects.first(), city="Foshan")
    folder.mkdir()
    (folder / "left.part").write_text("by a process that was killed")

    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        page, data = (client.get(address, {"as_of": moment(then)}) for address in ("/tenders/", "/tenders.json"))
        assert [(response.status_code, response["Retry-After"]) for response in (page, data)] == 2 * [(503, "30")]

    assert client.get("/tenders/", {"as_of": moment(then)}).status_code == 200
    assert len(list(folder.iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_answered_in_words(client, tender, settings, tmp_path):
    (tmp_path / "file").write_text("no folder")
    settings.PAST_ROOT = tmp_path / "file" / "past"
    then = last()
    change(Tender.objects.first(), city="Foshan")

    assert client.get("/tenders.json", {"as_of": moment(then)}).status_code == 503
    assert client.get("/tenders.json").status_code == 200


def test_the_past_may_be_read_inside_another_and_ends_with_its_block(tender):
    changes = [last()]
    for city in ("Foshan", "Zhuhai"):
        change(tender, city=city)
        changes.append(last())

    with past.reading_as_of(changes[1].pk):
        with past.reading_as_of(changes[0].pk):
            assert Tender.objects.get(pk=tender.pk).city == ""
        with past.reading_as_of(changes[2].pk):
            assert Tender.objects.get(pk=tender.pk).city == "Zhuhai"
        assert Tender.objects.get(pk=tender.pk).city == "Foshan"
    assert Tender.objects.get(pk=tender.pk).city == "Zhuhai"
    with pytest.raises(ConnectionDoesNotExist):
        connections[PAST].cursor()
