"""Feeds of what changed: valid by their standards, the same in both forms, with nothing that is not public."""

from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from django.utils.translation import override

from tenders import actions
from tenders.audit import backfill_history
from tenders.choices import ChangeKind, EditorialState
from tenders.feeds.items import PER_PAGE
from tenders.merging import merge
from tenders.models import VerdictChange
from tenders.models.changes import change_set
from tests.factories import (
    cite_all,
    create_article,
    create_claim,
    create_institution,
    create_region,
    create_tender,
)

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
KINDS = {"text", "html", "xhtml"}


def edit(record, reason="A letter says so.", **values):
    with change_set(ChangeKind.CHANGED, reason=reason):
        for name, value in values.items():
            setattr(record, name, value)
        record.save()


def atom(response):
    """Return a feed as Atom after checking what RFC 4287 demands of it."""
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = ElementTree.fromstring(response.content)  # noqa: S314 our own
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"{ATOM}{name}")
            assert found.text
        assert urlsplit(element.findtext(f"{ATOM}id")).scheme == "tag"
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo
        assert [link.get("rel") for link in element.findall(f"{ATOM}link")].count("alternate") == 1
        assert all(urlsplit(link.get("href")).netloc for link in element.findall(f"{ATOM}link"))
    assert len(feed.findall(f"{ATOM}link[@rel='self']")) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert all(found.get("type") in KINDS for found in feed.iter(f"{ATOM}summary"))
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    return feed


def entries_of(feed):
    return feed.findall(f"{ATOM}entry")


def titles(client, path):
    return [entry.findtext(f"{ATOM}title") for entry in entries_of(atom(client.get(path)))]


def test_both_forms_have_the_same_items(client):
    tender = create_tender(title_en="A <b>platform</b>", buyer=create_institution())
    edit(tender, city="<script>Foshan</script>")
    edit(tender.buyer, notes="A note")

    for path in ("/changes", "/tenders", "/institutions", f"/tenders/{tender.reference}", "/zh-hans/changes"):
        feed = atom(client.get(f"{path}.atom"))
        response = client.get(f"{path}.feed.json")
        found = response.json()

        assert response["Content-Type"] == "application/feed+json; charset=utf-8"
        assert found["version"] == "https://jsonfeed.org/version/1.1"
        assert found["title"] == feed.findtext(f"{ATOM}title")
        assert found["language"] == feed.get("{http://www.w3.org/XML/1998/namespace}lang")
        assert found["home_page_url"] == feed.find(f"{ATOM}link[@rel='alternate']").get("href")
        assert [(item["id"], item["title"], item["url"], item["content_html"]) for item in found["items"]] == [
            (
                entry.findtext(f"{ATOM}id"),
                entry.findtext(f"{ATOM}title"),
                entry.find(f"{ATOM}link").get("href"),
                entry.findtext(f"{ATOM}summary"),
            )
            for entry in entries_of(feed)
        ]
        assert [datetime.fromisoformat(item["date_published"]) for item in found["items"]] == [
            datetime.fromisoformat(entry.findtext(f"{ATOM}updated")).replace(
                microsecond=datetime.fromisoformat(item["date_published"]).microsecond
            )
            for entry, item in zip(entries_of(feed), found["items"], strict=True)
        ]
        assert found["items"]
        assert "<script>" not in str(found["items"])


def test_a_list_has_the_changes_of_the_records_that_match_today_newest_first(client):
    beijing, shanghai = create_region("CN-BJ"), create_region("CN-SH")
    one, two, other = (
        create_tender(title_en=title, region=region)
        for title, region in (("One", beijing), ("Two", beijing), ("Other", shanghai))
    )
    for tender in (two, other, one):
        edit(tender, notes="A note")

    assert titles(client, "/tenders.atom?region=CN-BJ") == [
        "One: Changed", "Two: Changed", "Two: Published", "One: Published",
    ]  # fmt: skip
    assert titles(client, f"/tenders/{other.reference}.atom") == ["Other: Changed", "Other: Published"]
    assert titles(client, "/companies.atom") == []


def test_the_pages_of_a_feed_have_every_change_once(client):
    tender = create_tender(title_en="A platform")
    for number in range(PER_PAGE + 5):
        edit(tender, notes=f"Note {number}")

    first = atom(client.get("/tenders.atom?year=2019"))
    following = first.find(f"{ATOM}link[@rel='next']").get("href")
    edit(tender, notes="Meanwhile")
    second = atom(client.get(following))

    ids = [entry.findtext(f"{ATOM}id") for feed in (first, second) for entry in entries_of(feed)]
    assert len(ids) == len(set(ids)) == PER_PAGE + 6
    assert second.find(f"{ATOM}link[@rel='next']") is None
    assert first.findtext(f"{ATOM}id") == second.findtext(f"{ATOM}id")
    assert (
        client.get("/tenders.feed.json?year=2019").json()["next_url"].startswith("http://testserver/tenders.feed.json?")
    )


def test_all_changes_have_those_of_verdicts(client):
    tender = create_tender(title_en="A platform")
    claim = create_claim(create_article(), "count", code="A1", printed=1)
    for verdict in ("agrees", "contradicted"):
        VerdictChange.objects.create(claim=claim, verdict=verdict, cause="checked", changed_at=timezone.now())
    edit(tender, notes="A note")

    assert titles(client, "/changes.atom")[:2] == ["A platform: Changed", f"{claim}: Verdict changed"]


def test_importing_the_data_set_is_no_news(client):
    create_tender()
    backfill_history()
    with change_set(ChangeKind.BASELINE):
        create_tender(title_en="Imported")

    assert len(titles(client, "/changes.atom")) == 1


def test_a_feed_has_nothing_of_what_is_gone(client):
    withdrawn, dropped, keep = (create_tender(title_en=title) for title in ("A secret", "Dropped", "Kept"))
    cite_all(keep)
    actions.withdraw(withdrawn, reason="It was wrong.")
    merge(keep=keep, drop=dropped, reason="One thing.")
    create_tender(title_en="A secret", state=EditorialState.DRAFT)

    for path in ("/changes.atom", "/tenders.feed.json"):
        text = client.get(path).text
        assert "A secret" not in text
        assert withdrawn.reference not in text
    assert client.get(f"/tenders/{withdrawn.reference}.atom").status_code == 410
    assert client.get("/tenders/TW-000000.atom").status_code == 404
    moved = client.get(f"/tenders/{dropped.reference}.feed.json")
    assert (moved.status_code, moved["Location"]) == (301, f"/tenders/{keep.reference}.feed.json")


def test_a_feed_is_in_the_language_of_its_address(client):
    tender = create_tender(title_en="A platform", title_zh="平台", title_zh_status="sourced")
    with override("en"):
        text = client.get("/zh-hans/tenders.atom").text

    assert f"http://testserver/zh-hans/tenders/{tender.reference}/" in text
    assert "<title>平台：已发布</title>" in text
    assert 'xml:lang="zh-Hans"' in text


def test_a_feed_that_has_not_changed_is_not_sent_again(client):
    edit(create_tender(), notes="A note")
    first = client.get("/tenders.atom?year=2019")

    again = client.get("/tenders.atom?year=2019", headers={"if-none-match": first["ETag"]})
    head = client.head("/tenders.atom?year=2019")

    assert again.status_code == 304
    assert (head.status_code, head.content, head["Last-Modified"]) == (200, b"", first["Last-Modified"])
    assert first["Access-Control-Allow-Origin"] == "*"
    assert client.get("/tenders.atom?year=2019").content == first.content


@pytest.mark.parametrize(
    "path", ["/tenders.atom?yaer=2019", "/tenders.atom?year=x", "/changes.atom?month=2026-11", "/changes.atom?before=x"]
)
def test_a_parameter_that_cannot_be_read_is_an_error(client, path):
    response = client.get(path)

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_pages_name_their_feeds(client):
    tender = create_tender(region=create_region("CN-BJ"))

    for page, feed in (
        ("/changes/", "/changes.atom"),
        ("/zh-hans/changes/?month=", "/zh-hans/changes.atom"),
        ("/tenders/?region=CN-BJ", "/tenders.atom?region=CN-BJ"),
        (tender.get_absolute_url(), f"/tenders/{tender.reference}.atom"),
    ):
        text = client.get(page).text
        assert f'<link rel="alternate" type="application/atom+xml" href="http://testserver{feed}">' in text, page
