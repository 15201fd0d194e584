"""The page of changes of public records."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from tenders import actions
from tenders.audit import backfill_history
from tenders.choices import ChangeKind, EditorialState, Fact
from tenders.models import Change, VerdictChange
from tenders.models.changes import change_set
from tests.factories import (
    cite_all,
    create_article,
    create_award,
    create_citation,
    create_claim,
    create_company,
    create_institution,
    create_tender,
)

pytestmark = pytest.mark.django_db


def test_a_change_is_shown_with_its_record_values_and_reason(client):
    tender = create_tender(title_en="A platform")
    with change_set(ChangeKind.CHANGED, reason="The notice says so."):
        tender.city = "Foshan"
        tender.save()

    text = client.get("/changes/").text

    assert f'<a href="{tender.get_absolute_url()}"><span lang="en">A platform</span></a>' in text
    assert "The notice says so." in text
    assert text.index("Added") < text.index("Corrected or completed") < text.index("Foshan")


def test_a_tender_without_a_title_is_named_by_its_reference_once(client):
    titled, untitled = create_tender(title_en="A platform"), create_tender()

    text = client.get("/changes/").text

    for tender in (titled, untitled):
        assert text.count(f"/tenders/{tender.reference}/") + 1 == text.count(tender.reference)


def test_the_page_exists_in_chinese(client):
    tender = create_tender(title_zh="区块链平台", title_zh_status="sourced")

    with override("en"):  # and leave it at that
        text = client.get("/zh-hans/changes/").text

    assert f'href="/zh-hans/tenders/{tender.reference}/"' in text


def test_an_empty_site_says_so(client):
    assert "No change of a public record has been recorded yet." in client.get("/changes/").text


def test_hidden_records_change_no_byte(client, article_data):
    backfill_history()
    shown, article = create_tender(title_en="Shown", buyer=create_institution()), create_article()
    company, claim = create_company(), create_claim(article, "count", printed=1)
    addresses = [
        "/changes/",
        "/zh-hans/changes/",
        "/sitemap.xml",
        *(record.get_absolute_url() for record in (shown, shown.buyer, article, company)),
    ]
    with override("en"):
        before = [client.get(address).content for address in addresses]

    for number, state in enumerate(set(EditorialState) - {EditorialState.PUBLISHED}):
        with change_set(ChangeKind.IMPORTED, reason="A secret"):
            hidden = create_tender(state=state, title_en="Hidden", buyer=shown.buyer)
            create_award(hidden, create_company(state=state, name_en="Hidden"), company, amount=10**9)
            cite_all(hidden)
        hidden.city = "Hidden"
        hidden.save()
        shown.possibly_same_as.add(hidden)
        company.institution = create_institution(state=state, name_en="Hidden")
        company.save()
        article.inclusions.create(tender=hidden, reason="Hidden")
        claim.tender = hidden
        claim.save()
        create_claim(create_article(state=state), "count", printed=number)

    with override("en"):
        assert [client.get(address).content for address in addresses] == before


def test_changes_of_a_withdrawn_record_are_not_shown(client):
    tender = create_tender(title_en="A secret", buyer=create_institution(name_en="The bureau"))
    assert "A secret" in client.get("/changes/").text

    actions.withdraw(tender, reason="It was wrong.")

    text = client.get("/changes/").text
    assert "A secret" not in text
    assert "It was wrong." not in text
    assert "The bureau" in text


def test_every_change_is_on_one_page(client):
    for number in range(60):
        with change_set(ChangeKind.ADDED):
            create_tender(title_en=f"Tender-{number:02}")
            create_tender(state=EditorialState.DRAFT)

    pages = [client.get(f"/changes/?kind=added&page={page}").text for page in (1, 2, 3)]

    found = [sorted(number for number in range(60) if f"Tender-{number:02}" in page) for page in pages]
    assert found == [list(range(35, 60)), list(range(10, 35)), list(range(10))]
    assert 'rel="next"' in pages[1]
    assert 'rel="next"' not in pages[2]
    assert client.get("/changes/?kind=added&page=4").status_code == 404
    assert client.get("/changes/?page=2").status_code == 404  # at a glance there is one


def test_importing_the_data_set_is_no_news(client, article_data):
    backfill_history()

    for page in ("/", "/changes/"):
        text = client.get(page).text
        assert (
            f"Nothing has changed since the original data set was imported on {timezone.localdate():%-d %B %Y}" in text
        )
        assert "history-changes" not in text


def test_each_kind_of_news_is_counted_and_each_count_opens_its_list(client, django_user_model):
    old = create_tender(title_en="A platform", buyer=create_institution(state=EditorialState.PUBLISHED))
    create_citation(old, Fact.REGION, "CN-BJ")
    backfill_history()
    Change.objects.update(kind=ChangeKind.BASELINE)
    with change_set(ChangeKind.ADDED):
        claim = create_claim(create_article(), "count", code="A1", printed=2, query="year=2019")
    VerdictChange.objects.create(claim=claim, changed_at=timezone.now(), verdict="undecided", cause="first")
    VerdictChange.objects.create(claim=claim, changed_at=timezone.now(), verdict="agrees", cause="added")
    hidden = create_claim(create_article(state=EditorialState.DRAFT), "count", printed=2)
    VerdictChange.objects.create(claim=hidden, changed_at=timezone.now(), verdict="agrees", cause="added")
    create_tender(title_en="A new one")
    with change_set(ChangeKind.CHANGED, by=django_user_model.objects.create(first_name="Mei")):
        old.city = "Foshan"
        old.save()
    with change_set(ChangeKind.CHANGED):
        create_citation(old, Fact.REGION, "CN-SH")

    text = client.get("/changes/").text

    counts = dict(re.findall(r'kind=(\w+)" data-count="(\d+)"', text))
    assert counts == {"added": "2", "corrected": "1", "disputed": "1", "verdict": "1"}  # an article is added too
    words = {
        "added": ["A new one"],
        "corrected": ["by Mei", "Foshan"],
        "disputed": ["(automatic)", "sources disagree about: Region"],
        "verdict": ["A1", "Inconclusive", "Matches so far"],
    }
    for kind, number in counts.items():
        shown = client.get(re.search(rf'href="([^"]+kind={kind})"', text)[1].replace("&amp;", "&")).text
        assert f'data-total="{number}"' in shown
        assert shown.count("history-head") == int(number)
        assert all(word in shown for word in words[kind]), kind


def test_a_second_publication_is_no_addition(client):
    tender = create_tender(title_en="A platform")
    cite_all(tender)
    Change.objects.update(kind=ChangeKind.BASELINE)
    actions.withdraw(tender, reason="To compare.")
    actions.publish(tender, reason="It is right.")

    text = client.get("/changes/").text

    assert "kind=added" not in text
    assert "It is right." in text


def test_a_month_shows_its_own_news_and_leads_to_the_others(client):
    create_tender(title_en="Of January")
    Change.objects.update(made_at=datetime(2026, 1, 31, 23, 30, tzinfo=timezone.get_current_timezone()))
    create_tender(title_en="Of now")

    january = client.get("/changes/?month=2026-01").text

    assert "Of January" in january
    assert "Of now" not in january
    assert "month=2026-02" in january
    assert 'rel="prev"' not in january
    assert "Of January" not in client.get("/changes/?month=2026-02").text
    assert "Of now" in client.get("/changes/").text
    assert client.get("/changes/?month=2025-12").status_code == 404
    assert client.get("/changes/?month=2999-12").status_code == 404


@pytest.mark.parametrize(
    "query", ["month=2026", "month=2026-13", "month=0000-01", "kind=nothing", "month=2026-01&month=2026-02"]
)
def test_an_invalid_month_or_kind_is_answered_400(client, query):
    assert client.get(f"/changes/?{query}").status_code == 400


def test_a_month_without_news_leaves_the_latest_on_the_page(client):
    create_tender(title_en="Long ago")
    Change.objects.update(made_at=timezone.now() - timedelta(days=70))

    assert "Long ago" in client.get("/changes/").text


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "%00", "1&page=2"])
def test_an_invalid_page_number_is_answered_400(client, page):
    assert client.get(f"/changes/?page={page}").status_code == 400


def test_a_large_change_shows_its_first_records_and_that_there_are_more(client):
    with change_set(ChangeKind.IMPORTED):
        for _number in range(14):
            create_tender(title_en="A row")
            create_tender(title_en="A row", state=EditorialState.DRAFT)

    glance, text = (client.get(page).text for page in ("/changes/", "/changes/?kind=added"))

    assert (glance.count("A row"), text.count("A row")) == (3, 10)
    assert "and more records" in glance
    assert "and more records" in text


def test_records_saved_without_changes_are_not_counted(client):
    tenders = [create_tender(title_en="A row") for _number in range(30)]
    with change_set(ChangeKind.IMPORTED, reason="An import"):
        for tender in tenders:
            tender.save()
        tenders[-1].city = "Foshan"
        tenders[-1].save()

    text = client.get("/changes/").text

    assert "more record" not in text
    assert text.split("An import")[1].split("</ul>")[0].count("Foshan") == 1


def test_the_page_takes_as_many_queries_for_many_changes_as_for_few(client, django_assert_max_num_queries):
    for number in range(40):
        with change_set(ChangeKind.CHANGED):
            tender = create_tender(buyer=create_institution())
            create_award(tender, create_company(), amount=number)
            cite_all(tender)
        with change_set(ChangeKind.CHANGED):
            tender.buyer = create_institution()
            tender.save()

    with django_assert_max_num_queries(60):
        client.get("/changes/")


def test_a_matching_etag_is_answered_304(client):
    tender = create_tender()
    tag = client.get("/changes/")["ETag"]

    assert client.get("/changes/", headers={"if-none-match": tag}).status_code == 304
    tender.city = "Foshan"
    tender.save()
    assert client.get("/changes/", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("make", [create_tender, create_institution, create_company, create_article])
def test_the_page_of_a_record_has_its_history(client, make):
    record = make()
    for number in range(7):
        with change_set(ChangeKind.CHANGED, reason=f"Reason {number}"):
            setattr(record, "publisher" if make is create_article else "city", f"Value {number}")
            record.save()

    text = client.get(record.get_absolute_url()).text.split('id="history"')[1]

    assert text.index("Reason 6") < text.index("<details>") < text.index("Reason 0") < text.index("Published")
