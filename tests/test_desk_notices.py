"""Notices at the desk: a notice becomes a draft with a source, awards, parties and citations, all in one save."""

import json
import logging
import re
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from lxml import html

from tenders import integrity
from tenders.admin.notices.masking import masked
from tenders.choices import EditorialState, Fact
from tenders.models import (
    Award,
    Change,
    Citation,
    Company,
    Institution,
    NoticeIntake,
    Source,
    SourceFile,
    Tender,
)
from tenders.models.changes import change_set
from tenders.notices.readings import Span
from tenders.undoing import undo
from tests.factories import cite_all, create_award, create_company, create_institution, create_tender

SAMPLES = Path(__file__).parent / "notices"
NAMES = sorted(path.stem for path in SAMPLES.glob("open-*.json"))
UPLOAD = "/admin/tenders/tender/notice/"


@pytest.fixture(autouse=True)
def folder(evidence_folder):
    """Keep files in a folder of the test."""
    return evidence_folder


@pytest.fixture
def regions(db):
    call_command("loaddata", "regions", verbosity=0)


def sample(name):
    """Return (path of a notice, what must come out of it)."""
    expected = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return SAMPLES / expected["notice"], expected


def uploaded(path):
    file = BytesIO(path.read_bytes())
    file.name = path.name
    return file


def form_of(text):
    """Return what a browser posts of the form of a tender, without a button."""
    values = {}
    for name, value in html.fromstring(text).get_element_by_id("tender_form").form_values():
        values.setdefault(name, []).append(value.removeprefix("\n"))
    return values


def read(client, path):
    """Upload a notice; return (address of its form, the page)."""
    response = client.post(UPLOAD, {"file": uploaded(path)})
    assert response.status_code == 302, html.fromstring(response.text).xpath("string(//ul[@role='alert'])")
    return response["Location"], client.get(response["Location"])


def errors_of(response):
    found = html.fromstring(response.text).xpath(
        "//ul[contains(@class, 'messagelist') or contains(@class, 'errorlist')]"
    )
    return [" ".join(one.text_content().split()) for one in found]


def save(client, path, **changes):
    """Upload a notice and save its form; return the answer."""
    location, page = read(client, path)
    response = client.post(location, {**form_of(page.text), **changes})
    assert response.status_code == 302, errors_of(response)
    return response


def everything_written():
    """Return all that the database has, as text."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 names of tables
            texts += [str(row) for row in cursor.fetchall()]
    return "\n".join(texts)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_becomes_the_right_draft(admin_client, regions, caplog, name):
    caplog.set_level(logging.DEBUG)
    path, expected = sample(name)

    location, page = read(admin_client, path)
    response = admin_client.post(location, {**form_of(page.text), "_publish": "1"}, follow=True)
    assert not [error for error in errors_of(response) if "was published" not in error and "was added" not in error], (
        errors_of(response)
    )

    tender = Tender.objects.get()
    assert tender.is_published
    assert tender.title_zh == (expected["project_name"] or "")
    assert tender.status == (expected["tender_status"] or "")
    assert [str(tender.buyer)] == expected["buyer"] or (tender.buyer is None and len(expected["buyer"]) != 1)
    assert (tender.region and tender.region.code) == expected["region"]
    assert tender.budget_amount == expected["budget_cny"]
    awards = list(tender.awards.order_by("number"))
    assert len(awards) == len(expected["lots"])
    for award, lot in zip(awards, expected["lots"], strict=True):
        assert {str(one) for one in award.suppliers.all()} == set(lot["winners"])
        assert award.amount == lot["amount_cny"]
        assert award.status == lot["status"]
    assert list(integrity.find_problems()) == []
    assert not integrity.uncited_facts(integrity.fresh(tender))
    kept = everything_written() + caplog.text + page.text + response.text
    assert found_in(expected["never"], kept) == []


def found_in(words, text):
    """Return the words that stand in a text; digits as a number of their own, not within another one."""
    return [word for word in words if re.search(rf"(?<![0-9A-Za-z.]){re.escape(word)}(?![0-9A-Za-z])", text)]


AWARD, CORRECTION = "open-01-ccgp-award-2019", "open-07-correction-of-award"


@pytest.fixture
def contributor_client(client, django_user_model, db):
    user = django_user_model.objects.create_user("contributor", is_staff=True)
    user.groups.add(Group.objects.get(name="Contributors"))
    client.force_login(user)
    return client


def create_known(name, *, amount, state=EditorialState.PUBLISHED, **fields):
    """Create the tender that a sample is a notice of, as another document states it."""
    _path, expected = sample(name)
    with change_set("added"):
        buyer = create_institution(name_en="", name_zh=expected["buyer"][0], name_zh_status="sourced", state=state)
        company = create_company(
            name_en="", name_zh=expected["lots"][0]["winners"][0], name_zh_status="sourced", state=state
        )
        tender = create_tender(
            title_zh=expected["project_name"],
            title_zh_status="sourced",
            official_number=expected["project_number"],
            buyer=buyer,
            state=state,
            **fields,
        )
        create_award(tender, company, amount=amount, status="active")
    for record in (buyer, company, tender):
        cite_all(record)
    return tender


def values_of(tender):
    tender = integrity.fresh(tender)
    targets = [tender, *tender.awards.all()]
    return [{fact: target.canonical(fact) for fact in target.FACTS} for target in targets]


def test_another_notice_of_a_known_tender_adds_statements_and_overwrites_nothing(admin_client, regions):
    tender = create_known(AWARD, amount=3_000_000, budget_amount=5_000_000)
    before = values_of(tender)

    location, page = read(admin_client, sample(AWARD)[0])
    response = admin_client.post(location, form_of(page.text))

    assert location.endswith(f"/{tender.pk}/")
    assert f"This tender is here already as <strong>{tender.reference}</strong>" in page.text
    assert response.status_code == 302, errors_of(response)
    after = values_of(tender)
    assert [
        fact for old, new in zip(before, after, strict=True) for fact in old if old[fact] not in ("", new[fact])
    ] == []
    assert after[0]["region"] == "CN-BJ"  # was unknown
    amounts = tender.citations.filter(fact=Fact.AWARD_AMOUNT).order_by("value")
    assert [(one.value, one.is_chosen) for one in amounts] == [("3000000", True), ("3865000", False)]
    assert all(one.shown_reason for one in amounts)
    assert "386.5" in amounts[1].stated
    assert Tender.objects.with_figures().get().is_disputed
    assert list(integrity.find_problems()) == []


def test_a_correction_shows_before_and_after_and_is_followed_with_one_tick(admin_client, regions):
    tender = create_known(CORRECTION, amount=1_896_000)

    location, page = read(admin_client, sample(CORRECTION)[0])
    form = form_of(page.text)
    (name,) = (key for key, value in form.items() if key.endswith("-value") and value == ["1698000"])
    response = admin_client.post(location, {**form, name.replace("-value", "-is_chosen"): "on"})

    assert "<del" in page.text
    assert "1,896,000.00元" in page.text
    assert "1,698,000.00元" in page.text
    assert response.status_code == 302, errors_of(response)
    assert tender.awards.get().amount == 1_698_000
    amounts = tender.citations.filter(fact=Fact.AWARD_AMOUNT).order_by("value")
    assert [(one.value, one.is_chosen) for one in amounts] == [("1698000", True), ("1896000", False)]
    assert list(integrity.find_problems()) == []


def test_a_correction_is_not_followed_unasked(admin_client, regions):
    tender = create_known(CORRECTION, amount=1_896_000)

    save(admin_client, sample(CORRECTION)[0])

    assert tender.awards.get().amount == 1_896_000
    assert tender.citations.filter(fact=Fact.AWARD_AMOUNT).count() == 2


def test_the_draft_is_one_change_and_is_undone_as_one(admin_client, regions):
    save(admin_client, sample(AWARD)[0])
    change = Change.objects.get()

    undo(change, reason="The wrong notice.")

    assert not Tender.objects.exists()
    assert not Award.objects.exists()
    assert not Institution.objects.exists()
    assert not Company.objects.exists()
    assert not Citation.objects.exists()
    assert SourceFile.objects.count() == Source.objects.count() == 1  # evidence stays


def test_after_an_undo_the_same_file_makes_a_draft_again_from_its_source(admin_client, regions):
    save(admin_client, sample(AWARD)[0])
    undo(Change.objects.get(), reason="To begin again.")

    save(admin_client, sample(AWARD)[0])

    assert Tender.objects.count() == Source.objects.count() == 1
    assert Citation.objects.filter(source=Source.objects.get()).count() > 5


def test_the_same_notice_again_leads_to_its_tender(admin_client, regions):
    save(admin_client, sample(AWARD)[0])

    location, _page = read(admin_client, sample(AWARD)[0])

    assert location.endswith(f"/{Tender.objects.get().pk}/")


def test_a_contributor_makes_a_draft_and_may_submit_it(contributor_client, regions):
    save(contributor_client, sample(AWARD)[0], _submit="1")

    assert Tender.objects.get().state == EditorialState.IN_REVIEW
    assert contributor_client.get("/admin/").text.count("Paste or upload a notice") == 1


def test_a_contributor_is_told_of_a_known_tender_that_only_editors_change(contributor_client, regions):
    tender = create_known(AWARD, amount=3_000_000)

    response = contributor_client.post(UPLOAD, {"file": uploaded(sample(AWARD)[0])}, follow=True)

    assert f"{tender.reference} is here already, and you can’t change it." in response.text
    assert tender.citations.filter(fact=Fact.AWARD_AMOUNT).count() == 1


def test_who_may_add_no_tenders_reads_no_notices(client, django_user_model, admin_client, regions):
    location, _page = read(admin_client, sample(AWARD)[0])
    user = django_user_model.objects.create_user("nobody", is_staff=True)
    user.user_permissions.add(*user.user_permissions.model.objects.filter(codename="view_tender"))
    client.force_login(user)

    assert "Paste or upload a notice" not in client.get("/admin/").text
    assert client.get(UPLOAD).status_code == client.get(location).status_code == 403
    assert client.get(f"{UPLOAD}changes/").status_code == 403


def test_a_notice_is_seen_by_who_uploaded_it_alone(admin_client, contributor_client, regions):
    location, _page = read(admin_client, sample(AWARD)[0])

    assert contributor_client.get(location).status_code == 404


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        ({}, "Paste the text of a notice, or choose a saved page."),
        ({"text": "  \n "}, "Paste the text of a notice, or choose a saved page."),
        ({"text": "中标公告", "file": (b"<html>", "a.html")}, "Paste the text or choose a file, not both."),
        ({"text": "中" * 400_000}, "The notice has 1,200,000 bytes; the limit is 1,048,576 (1 MiB)."),
        ({"file": (b"x" * 1_048_577, "a.txt")}, "The notice has 1,048,577 bytes; the limit is 1,048,576 (1 MiB)."),
    ],
)
def test_what_is_no_notice_is_refused_in_words(admin_client, db, posted, message):
    if file := posted.get("file"):
        posted = {**posted, "file": BytesIO(file[0])}
        posted["file"].name = file[1]

    response = admin_client.post(UPLOAD, posted)

    assert response.status_code == 200
    assert message in response.text
    assert not NoticeIntake.objects.exists()


def test_a_wrong_address_keeps_the_text_without_what_is_masked(admin_client, db):
    path, expected = sample("open-06-failed")
    text = path.read_text(encoding="utf-8")

    response = admin_client.post(UPLOAD, {"text": text, "url": "no address"})

    assert "Enter a valid URL." in response.text
    assert expected["project_name"] in response.text
    assert found_in(expected["never"], response.text) == []
    assert not NoticeIntake.objects.exists()


def test_pasted_text_is_kept_as_a_copy_by_the_editor(admin_client, regions):
    text = sample("open-06-failed")[0].read_text(encoding="utf-8")

    response = admin_client.post(UPLOAD, {"text": text.replace("\n", "\r\n")})
    page = admin_client.get(response["Location"])
    admin_client.post(response["Location"], form_of(page.text))

    file = SourceFile.objects.get()
    assert (file.name, file.format, file.is_publishable) == ("copy-by-the-editor.txt", "text", False)
    with file.open() as stored:
        assert stored.read() == text.strip().encode()
    assert Source.objects.get(files=file).kind == "unofficial-copy"


def test_an_emptied_fact_is_not_cited_and_one_entered_by_hand_is(admin_client, regions):
    location, page = read(admin_client, sample(AWARD)[0])
    form = {**form_of(page.text), "region": "", "budget_amount": "400万元"}

    response = admin_client.post(location, form)

    assert response.status_code == 302, errors_of(response)
    tender = Tender.objects.get()
    assert not tender.citations.filter(fact=Fact.REGION).exists()
    budget = tender.citations.get(fact=Fact.BUDGET)
    assert (budget.value, budget.stated, budget.is_chosen) == ("4000000", "", True)


def test_a_party_that_looks_like_one_that_is_here_is_left_to_the_editor(admin_client, regions):
    _path, expected = sample(AWARD)
    like = create_institution(name_en="", name_zh=f"{expected['buyer'][0]}办公室", name_zh_status="sourced")

    location, page = read(admin_client, sample(AWARD)[0])
    taken = admin_client.post(location, {**form_of(page.text), "_take": "0:buyer:0"})
    response = admin_client.post(location, form_of(taken.text))

    assert not form_of(page.text).get("buyer")
    assert "looks like a record that is here" in page.text
    assert taken.status_code == 200
    assert response.status_code == 302, errors_of(response)
    assert Tender.objects.get().buyer == like
    assert Tender.objects.get().citations.get(fact=Fact.INSTITUTION).stated == expected["buyer"][0]


def test_what_editors_change_is_counted_by_field(admin_client, regions):
    location, page = read(admin_client, sample(AWARD)[0])
    admin_client.post(location, {**form_of(page.text), "region": "", "year": "2018", "budget_amount": "400万元"})

    text = " ".join(html.fromstring(admin_client.get(f"{UPLOAD}changes/").text).text_content().split())

    intake = NoticeIntake.objects.get()
    assert (intake.tender, intake.source) == (Tender.objects.get().reference, Source.objects.get(files__isnull=False))
    assert "1 notice" in text
    assert "Chinese title 1 1 (100 %) 0 0 0" in text
    assert "Year 1 0 (0 %) 1 0 0" in text
    assert "Region of the purchase 1 0 (0 %) 0 1 0" in text
    assert "Budget (yuan) 0 0 0 0 1" in text
    assert "Companies 1 1 (100 %) 0 0 0" in text


@pytest.mark.parametrize(
    "text",
    [
        "单一来源采购小组成员：甲一夫、乙二夫",
        "评审专家(采购人代表)名单：甲一\n夫、乙二夫\n七、公告期限：1个工作日",
        "项目负责人\t甲一夫\t乙二夫",
        "甲方联系人\t甲一夫\t联系电话\t010-00000001",
        "项目联系人\n甲一夫\n采购方式：公开招标",
        "第一中标候选人：某公司，得分95.10",
    ],
)
def test_nothing_is_shown_after_a_label_of_persons(text):
    shown = masked(text, [])

    assert len(shown) == len(text)
    assert not [words for words in ("甲一夫", "乙二夫", "甲一", "010-", "95.10") if words in shown]
    assert [words for words in ("公告期限：1个工作日", "采购方式：公开招标") if words in text] == [
        words for words in ("公告期限：1个工作日", "采购方式：公开招标") if words in shown
    ]


def test_quoted_words_are_shown_wherever_they_are():
    text = "联系人：甲一夫　采购人：某市数据局"
    start = text.index("某市")

    assert masked(text, [Span(start, len(text))]).endswith("某市数据局")


def test_a_notice_of_yesterday_is_to_be_uploaded_again(admin_client, regions, folder):
    location, _page = read(admin_client, sample(AWARD)[0])
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()

    response = admin_client.get(location, follow=True)

    assert "Paste or upload the notice again: it is kept for a day." in response.text
