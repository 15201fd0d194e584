"""Sources that the rows of an import name: found again by their address, else created."""

import pytest
from django.core.management import call_command

from tenders.choices import Fact, SourceKind, SourceLanguage
from tenders.models import Citation, Source, Tender
from tests.factories import create_region, create_source
from tests.test_imports import NEW, csv_of, imported, planned, problems_of

pytestmark = pytest.mark.django_db

ADDRESS = "https://example.org/notices/1"
NOTICE = {
    "source_address": ADDRESS,
    "source_title": "某区块链平台采购公告",
    "source_date": "2019-06-19",
    "source_kind": "official-notice",
}


def test_the_facts_of_a_row_are_cited_from_the_source_that_it_names():
    of_file = create_source(language=SourceLanguage.CHINESE)

    imported(csv_of(NEW | NOTICE, {**NEW, "title_zh": "另一个平台"}), of_file)

    source = Source.objects.exclude(pk=of_file.pk).get()
    assert (source.url, source.title, source.kind) == (ADDRESS, "某区块链平台采购公告", SourceKind.OFFICIAL_NOTICE)
    assert (source.published_date, source.language) == ("2019-06-19", SourceLanguage.CHINESE)
    assert source.slug == "mou-qu-kuai-lian-ping-tai-cai-gou-gong-gao"
    first, second = Tender.objects.order_by("pk")
    assert set(first.citations.values_list("fact", "source")) == {
        (fact, source.pk) for fact in (Fact.EXISTENCE, Fact.YEAR, Fact.TITLE_ZH)
    }
    assert set(second.citations.values_list("source", flat=True)) == {of_file.pk}
    assert source.history.count() == 1


def test_the_source_is_found_again_by_its_address():
    source = create_source(url=ADDRESS, title_zh="某公告", published_date="2019-06")

    imported(csv_of(NEW | {"source_address": f" {ADDRESS} ", "source_title": "某公告", "source_date": "2019年6月"}))

    assert Source.objects.get() == source
    assert {*Citation.objects.values_list("source", flat=True)} == {source.pk}


def test_rows_of_one_address_share_a_new_source():
    imported(csv_of(NEW | NOTICE, {**NEW, "title_zh": "另一个平台", "source_address": ADDRESS}))

    assert Source.objects.count() == 1
    assert Tender.objects.filter(citations__source=Source.objects.get()).distinct().count() == 2


def test_the_name_of_a_new_party_is_cited_from_the_first_row_that_names_it():
    other = {**NOTICE, "source_address": f"{ADDRESS}0", "source_title": "另一公告"}

    imported(
        csv_of(NEW | NOTICE | {"institution": "某市某局"}, {**NEW, **other, "institution": "某市某局", "year": "2020"})
    )

    assert Citation.objects.get(institution__name_zh="某市某局").source.url == ADDRESS


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"source_address": "ftp://example.org/1"}, "source_address", "http"),
        ({"source_address": "example.org/1"}, "source_address", "http"),
        ({"source_address": ""}, "source_address", "Add the address"),
        ({"source_title": ""}, "source_title", "Add the title"),
        ({"source_kind": ""}, "source_kind", "Add the kind"),
        ({"source_kind": "leaflet"}, "source_kind", "There is no such code."),
        ({"source_kind": "common-knowledge"}, "source_kind", "Choose the kind of a document"),
        ({"source_date": "2019-02-30"}, "source_date", "isn’t a date"),
    ],
)
def test_a_source_that_is_not_complete_is_refused(cells, column, words):
    (problem,) = problems_of(csv_of(NEW | NOTICE | cells))

    assert problem.column == column
    assert words in problem.message


def test_what_a_row_says_otherwise_of_a_source_is_refused():
    create_source(url=f"{ADDRESS}0", slug="old")
    other = {"source_address": ADDRESS, "source_title": "另一标题"}
    old = {"source_address": f"{ADDRESS}0", "source_date": "2019"}

    in_file, of_record = problems_of(csv_of(NEW | NOTICE, NEW | other | {"year": "2018"}, NEW | old | {"year": "2017"}))

    assert (in_file.column, of_record.column) == ("source_title", "source_date")
    assert "row 2" in in_file.message
    assert "old" in of_record.message


def test_of_several_sources_with_one_address_the_title_decides():
    one, _other = (create_source(url=ADDRESS, slug=slug) for slug in ("one", "other"))

    (problem,) = problems_of(csv_of(NEW | {"source_address": ADDRESS}))
    imported(csv_of(NEW | {"source_address": ADDRESS, "source_title": "one"}))

    assert "Several sources" in problem.message
    assert {*Citation.objects.values_list("source", flat=True)} == {one.pk}


def test_another_source_is_another_plan():
    digests = {planned(csv_of(NEW | NOTICE | {"source_title": title}))[1].digest for title in ("甲", "乙")}

    assert len(digests) == 2


def test_a_value_with_which_no_source_can_be_cited_is_refused(capsys):
    create_region("PE-LI")

    (problem,) = problems_of(csv_of(NEW | NOTICE | {"region": "PE-LI"}))

    assert (problem.column, problem.message) == (
        "region",
        "No source can be cited for this value. Write the region’s code, such as CN-BJ.",
    )


def test_all_that_is_written_with_sources_is_valid():
    imported(csv_of(NEW | NOTICE | {"institution": "某市某局", "award_companies": "某公司; Some Company"}))

    call_command("check_data")


def test_the_report_says_which_source_a_row_names(tmp_path, capsys):
    create_source(url=ADDRESS, slug="a-notice")
    path = tmp_path / "file.csv"
    other = {**NOTICE, "title_zh": "另一个平台", "source_address": f"{ADDRESS}2"}
    path.write_bytes(csv_of(NEW | {"source_address": ADDRESS}, NEW | other))

    call_command("import_tenders", path, dry_run=True)

    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("source:")] == [
        "source: a-notice",
        "source: 某区块链平台采购公告 (new)",
    ]
