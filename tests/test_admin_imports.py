"""Import in the admin: who may, what is shown before anything is written, and that only what was shown is done."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tenders.choices import EditorialState
from tenders.imports.plans import Planner, TooSlow
from tenders.imports.readers import open_table
from tenders.models import Change, Tender, Upload
from tests.factories import (
    cite_all,
    create_article,
    create_citation,
    create_claim,
    create_institution,
    create_source,
    create_tender,
)
from tests.test_imports import NEW, csv_of, xlsx_of

UPLOAD = "admin:tenders_tender_import"


@pytest.fixture
def editor(client, db):
    user = User.objects.create_user("editor", is_staff=True)
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)
    return user


SAMPLES = Path(__file__).parent / "imports_samples"


def upload(client, data, name="file.csv", source=None, encoding=""):
    """Upload a file and return the answer: the preview, or the form with what is wrong."""
    form = {"file": SimpleUploadedFile(name, data), "source": source.pk if source else "", "encoding": encoding}
    return client.post(reverse(UPLOAD), form, follow=True)


def confirm(client, preview, **data):
    """Confirm what a preview shows."""
    (digest,) = re.findall(r'name="digest" value="([^"]*)"', preview.text)
    return client.post(preview.request["PATH_INFO"], {"digest": digest, **data}, follow=True)


def addresses(upload):
    return [
        reverse(UPLOAD),
        reverse(f"{UPLOAD}_template", args=["csv"]),
        reverse(f"{UPLOAD}_preview", args=[upload.token]),
    ]


@pytest.mark.parametrize(("groups", "status"), [([], 302), (["Contributors"], 403)])  # 302: to log in
def test_only_editors_import(client, db, groups, status):
    user = User.objects.create_user("somebody")
    user.groups.set(Group.objects.filter(name__in=groups))
    client.force_login(user)
    own = Upload.objects.create(name="file.csv", content=csv_of(NEW), by=user)

    for address in addresses(own):
        for answer in (client.get(address), client.post(address, {"digest": "forged", "another": "2"})):
            assert answer.status_code == status, address

    assert not Tender.objects.exists()
    if groups:
        assert reverse(UPLOAD) not in client.get(reverse("admin:tenders_tender_changelist")).text


def test_visitors_are_asked_to_log_in(client, db):
    assert client.get(reverse(UPLOAD)).status_code == 302


def test_the_way_from_the_list_to_the_import(client, editor):
    create_tender(state=EditorialState.DRAFT)

    text = client.get(reverse("admin:tenders_tender_changelist")).text

    assert reverse(UPLOAD) in text
    assert client.get(reverse(UPLOAD)).status_code == 200


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_nothing_is_written_before_it_is_confirmed(client, editor, make):
    preview = upload(client, make({**NEW, "budget_amount": "30万元"}))
    number = Tender.objects.count()

    answer = confirm(client, preview)

    assert "is read as 300000" in preview.text
    assert (number, Tender.objects.count(), Upload.objects.count()) == (0, 1, 0)
    assert "Imported: 1 new tender (draft)" in answer.text
    assert Change.objects.get(kind="imported").by == editor


def test_errors_are_shown_all_at_once_and_nothing_can_be_confirmed(client, editor):
    preview = upload(client, csv_of({**NEW, "year": "19", "regoin": "x"}, {**NEW, "certainty": "sure"}))

    for words in ("19", "sure", "regoin", "Did you mean “region”?"):
        assert words in preview.text
    assert 'value="Import"' not in preview.text
    confirm(client, preview)
    assert not Tender.objects.exists()


def test_a_probable_duplicate_is_left_out_unless_it_is_accepted(client, editor):
    create_tender(title_zh="某区块链平台", title_zh_status="sourced", buyer=create_institution(name_en="Bureau of X"))
    row = {**NEW, "institution_name_en": "Bureau of X", "budget_amount": "5"}

    preview = upload(client, csv_of(row))
    confirm(client, preview)
    left_out = Tender.objects.count()
    confirm(client, upload(client, csv_of(row)), another=["2", "x", "9" * 30])

    assert "Row 2 is a different tender" in preview.text
    assert (left_out, Tender.objects.count()) == (1, 2)


def test_an_organisation_that_a_row_before_may_spell_differently_is_shown_with_that_row(client, editor):
    names = ["Hefei Data Resources Bureau", "Hefei Bureau of Data Resources"]
    rows = [{**NEW, "title_zh": title, "institution_name_en": name} for title, name in zip("票医", names, strict=True)]

    preview = upload(client, csv_of(*rows))

    assert "“Hefei Data Resources Bureau”, named in row 2 of this file" in preview.text


def test_what_has_changed_since_is_shown_anew_and_not_done(client, editor):
    tender = create_tender(state=EditorialState.DRAFT, title_en="A")
    preview = upload(client, csv_of({"reference": tender.reference, "city": "Hefei"}))
    Tender.objects.update(city="Wuhu")

    again = confirm(client, preview)
    tender.refresh_from_db()

    assert "the records have changed since" in again.text
    assert "Wuhu" in again.text
    assert tender.city == "Wuhu"
    confirm(client, again)
    tender.refresh_from_db()
    assert tender.city == "Hefei"


def test_the_public_reason_of_an_import_does_not_have_the_name_of_the_file(client, editor):
    source = create_source(slug="notices")
    preview = upload(client, csv_of(NEW), name="from-somebody.csv", source=source)

    confirm(client, preview, change_reason="Corrected after a letter")

    assert 'value="From: notices"' in preview.text
    assert Change.objects.get(kind="imported").reason == "Corrected after a letter"


@pytest.mark.parametrize("reason", ["\0", "x" * 501])
def test_nonsense_for_a_reason_is_refused(client, editor, reason):
    answer = confirm(client, upload(client, csv_of(NEW)), change_reason=reason)

    assert 'class="errorlist"' in answer.text
    assert "the records have changed" not in answer.text
    assert not Tender.objects.exists()


def test_a_forged_confirmation_does_nothing(client, editor):
    preview = upload(client, csv_of(NEW))

    client.post(preview.request["PATH_INFO"], {"digest": "0"})

    assert not Tender.objects.exists()


def test_verdicts_that_would_turn_are_shown(client, editor):
    source = create_source()
    article = create_article(sources=[source])
    tender = create_tender(title_en="A")
    cite_all(tender, source=source)
    create_claim(article, "count", code="A1", printed=1, query="year=2019")

    preview = upload(client, csv_of({"reference": tender.reference, "year": "2018"}), source=source)

    assert "Verdicts this would change" in preview.text
    assert Tender.objects.get().year == 2019
    confirm(client, preview)
    assert Tender.objects.get().year == 2018


def test_a_fact_of_a_published_tender_needs_a_source(client, editor):
    tender, source = create_tender(title_en="A"), create_source()
    create_citation(tender, "year", "2019", source=source, is_chosen=True)
    data = csv_of({"reference": tender.reference, "year": "2018"})

    assert "choose the source of the file" in upload(client, data).text
    confirm(client, upload(client, data, source=source), change_reason="")
    assert Tender.objects.get().year == 2018
    assert tender.citations.get(is_chosen=True).reason == f"From: {source}"


def test_a_cell_that_cannot_be_read_has_no_second_error(client, editor):
    tender = create_tender(notice_date="2018-05")
    cite_all(tender)

    text = upload(client, csv_of({"reference": tender.reference, "notice_date": "2019-13-45"})).text

    assert "isn’t a date" in text
    assert "choose the source" not in text


def test_a_source_that_is_not_there_yet_can_be_added_from_the_forms_that_ask_for_it(client, editor):
    assert 'id="add_id_source"' in client.get(reverse(UPLOAD)).text
    assert 'name="new_source-title"' in client.get(reverse("admin:tenders_tender_add")).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The submitted file is empty."),
        (b"year\n", "The file has no rows."),
        (b"PK\x03\x04", "The workbook is damaged."),
        ("year\n2019\n".encode("utf-16-le"), "UTF-16LE"),
        (b"year\n" + b"2019\n" * 2_001, "The file has 2001 rows."),
    ],
)
def test_a_file_that_cannot_be_shown_is_refused_in_words(client, editor, data, words):
    assert words in upload(client, data).text
    assert not Upload.objects.exists()


@pytest.mark.parametrize("source", ["x", "0", "9" * 40, "\0"])
def test_nonsense_for_a_source_is_refused(client, editor, source):
    answer = client.post(reverse(UPLOAD), {"file": SimpleUploadedFile("file.csv", csv_of(NEW)), "source": source})

    assert answer.status_code == 200
    assert not Upload.objects.exists()


def test_a_file_is_seen_by_who_uploaded_it_and_for_a_day(client, editor):
    other = User.objects.create_user("other")
    ones = [
        Upload.objects.create(name="a.csv", content=csv_of(NEW), by=other),
        Upload.objects.create(
            name="b.csv", content=csv_of(NEW), by=editor, uploaded_at=timezone.now() - timedelta(days=2)
        ),
    ]

    for one in ones:
        assert client.get(reverse(f"{UPLOAD}_preview", args=[one.token])).status_code == 404
    assert list(Upload.objects.all()) == ones[:1]


def test_a_file_can_be_discarded(client, editor):
    preview = upload(client, csv_of(NEW))

    client.post(preview.request["PATH_INFO"], {"_discard": "Discard"})

    assert not Upload.objects.exists()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_empty_table_can_be_filled_in_and_imported(client, editor, form):
    data = client.get(reverse(f"{UPLOAD}_template", args=[form])).getvalue()
    table = open_table(io.BytesIO(data))
    assert list(table.rows()) == []
    assert set(NEW) <= set(table.header)
    confirm(client, upload(client, csv_of({name: NEW.get(name, "") for name in table.header})))
    assert Tender.objects.get().title_zh == NEW["title_zh"]


def test_of_many_errors_the_first_200_are_shown(client, editor):
    preview = upload(client, csv_of(*({**NEW, "year": f"x{n}"} for n in range(250))))

    assert "Showing the first 200 of 250 errors." in preview.text
    assert "x199<" in preview.text
    assert "x200<" not in preview.text


def test_a_long_text_is_shown_in_part(client, editor):
    preview = upload(client, csv_of({**NEW, "notes": "x" * 5_000}))

    assert "x" * 499 in preview.text
    assert "x" * 501 not in preview.text
    confirm(client, preview)
    assert Tender.objects.get().notes == "x" * 5_000


def test_the_preview_says_what_was_read_of_a_workbook_and_how(client, editor):
    preview = upload(client, (SAMPLES / "merged-buyer.xlsx").read_bytes(), "file.xlsx")
    hidden = upload(client, (SAMPLES / "hidden-row.xlsx").read_bytes(), "file.xlsx")

    assert "The sheet “Sheet” was read." in preview.text
    assert preview.text.count("“merged cells E2:E4” is read as 某市大数据局") == 2
    assert "1 hidden row was read as well: row 3." in hidden.text
    confirm(client, preview)
    assert {str(tender.buyer) for tender in Tender.objects.all()} == {"某市大数据局"}


def test_a_cell_that_is_not_read_with_certainty_is_an_error_with_its_place(client, editor):
    preview = upload(client, (SAMPLES / "number-format-units.xlsx").read_bytes(), "file.xlsx")

    assert "USD 120,000" in preview.text
    assert "15%" in preview.text
    assert "Nothing can be imported." in preview.text


def test_an_encoding_is_chosen_where_it_is_not_certain(client, editor):
    data = (SAMPLES / "big5.csv").read_bytes()

    refused = upload(client, data)
    wrong = upload(client, data, encoding="UTF-8")
    preview = upload(client, data, encoding="Big5")

    assert "Choose the encoding of the file" in refused.text
    assert "Choose another encoding: this file isn’t UTF-8." in wrong.text
    assert "Read as CSV, Big5: 1 row." in preview.text
    confirm(client, preview)
    assert "區塊鏈" in Tender.objects.get().title_zh


def test_a_file_that_takes_too_long_is_refused_in_words_and_can_be_discarded(client, editor, monkeypatch):
    preview = upload(client, csv_of(NEW))
    monkeypatch.setattr("tenders.imports.plans.Planner.check_time", too_slow)

    again = client.get(preview.request["PATH_INFO"])
    confirmed = client.post(preview.request["PATH_INFO"], {"digest": "x", "change_reason": ""})

    for answer in (again, confirmed):
        assert "It takes too long." in answer.text
    assert not Tender.objects.exists()
    assert client.post(preview.request["PATH_INFO"], {"_discard": "on"}).status_code == 302


def too_slow(planner):
    if planner.num_rows:  # it is read, and planned now
        raise TooSlow("It takes too long.")


def test_the_time_of_a_plan_is_limited(db):
    with pytest.raises(TooSlow, match="more than 0 seconds"):
        Planner(open_table(io.BytesIO(csv_of(NEW))), seconds=0)

    assert Planner(open_table(io.BytesIO(csv_of(NEW))), seconds=60).check().num_rows == 1


def test_the_preview_shows_the_source_that_a_row_names(client, editor):
    own = {"source_address": "https://example.org/1", "source_title": "某公告", "source_kind": "official-notice"}

    preview = upload(client, csv_of(NEW | own, {**NEW, "title_zh": "另一个平台"}), source=create_source())

    assert preview.text.count("Source of this row") == 1
    assert "Source of this row, which will be added: 某公告" in preview.text
