"""The page of changes of public records."""

import pytest
from django.utils.translation import override

from tenders import actions
from tenders.audit import backfill_history
from tenders.choices import ChangeKind, EditorialState
from tenders.models.changes import change_set
from tests.factories import (
    cite_all,
    create_article,
    create_award,
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
    assert text.index("Foshan") < text.index("Published")


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

    pages = [client.get(f"/changes/?page={page}").text for page in (1, 2, 3)]

    found = [sorted(number for number in range(60) if f"Tender-{number:02}" in page) for page in pages]
    assert found == [list(range(35, 60)), list(range(10, 35)), list(range(10))]
    assert 'rel="next"' in pages[1]
    assert 'rel="next"' not in pages[2]
    assert client.get("/changes/?page=4").status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "%00", "1&page=2"])
def test_an_invalid_page_number_is_answered_400(client, page):
    assert client.get(f"/changes/?page={page}").status_code == 400


def test_a_large_change_shows_its_first_records_and_that_there_are_more(client):
    with change_set(ChangeKind.IMPORTED):
        for _number in range(14):
            create_tender(title_en="A row")
            create_tender(title_en="A row", state=EditorialState.DRAFT)

    text = client.get("/changes/").text

    assert text.count("A row") == 10
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
