"""The shipped data set: it loads, its figures are right, and what the research marks arrives as that."""

import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Count

from tenders.choices import Certainty, EditorialState, Fact, NameStatus
from tenders.models import Award, Citation, Company, Institution, Region, Source, Tender

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
ALL = ("regions", "categories", "blockchain_2018_2019", "later_tenders")


def counts(tenders, column):
    return dict(tenders.order_by().values_list(column).annotate(Count("pk")))


def test_figures_of_the_article(article_data):
    tenders = Tender.objects.published()

    assert counts(tenders, "year") == {2018: 10, 2019: 24}
    assert Institution.objects.count() == 28
    assert counts(Company.objects, "kind") == {"company": 4, "public-institution": 1}
    assert tenders.with_figures().filter(award_amount__isnull=False).count() == 4
    assert Award.objects.count() == 5
    assert counts(tenders.filter(year=2018), "region__code") == {"CN-BJ": 6, "CN-SC": 2, "CN-GD": 1, None: 1}
    assert counts(tenders.filter(year=2019), "region__code") == {
        "CN-BJ": 7,
        "CN-FJ": 3,
        "CN-YN": 3,
        "CN-GX": 3,
        "CN-GD": 2,
        "CN-SD": 1,
        "CN-TJ": 1,
        "CN-GS": 1,
        "CN-HA": 1,
        "CN-HB": 1,
        None: 1,
    }
    assert tenders.filter(buyer=None).count() == 3
    assert Region.objects.count() == 34


def test_categories_of_the_article(article_data):
    top = Counter()
    for tender in Tender.objects.select_related("category__parent__parent"):
        top[tender.year, tender.category and tender.category.path[0].slug] += 1

    assert top == {
        (2018, "blockchain-application"): 3,
        (2018, "industrial-service"): 3,
        (2018, None): 4,
        (2019, "blockchain-application"): 7,
        (2019, "industrial-service"): 1,
        (2019, None): 16,
    }


def test_with_the_later_tenders_there_are_45(all_data):
    assert Tender.objects.published().count() == 45
    assert Institution.objects.count() == 32
    assert Company.objects.count() == 9
    assert Citation.objects.count() == 599
    assert set(Tender.objects.filter(year__in=[2016, 2020, 2021]).values_list("year", flat=True)) == {2016, 2020, 2021}


def test_everything_shipped_is_published_and_valid(all_data):
    for model in (Tender, Institution, Company, Award, Source, Citation, Region):
        for record in model.objects.all():
            record.full_clean()
            assert getattr(record, "state", EditorialState.PUBLISHED) == EditorialState.PUBLISHED


def test_the_top_award_keeps_all_its_statements(article_data):
    award = Award.objects.get(tender__title_en__startswith="Blockchain-based development zone")
    statements = award.citations.filter(fact=Fact.AWARD_AMOUNT)

    assert award.amount == Decimal(8595000)
    assert counts(statements, "value") == {"8595000": 1, "8995000": 1, ">8500000": 2}
    chosen = statements.get(is_chosen=True)
    assert chosen.value == "8595000"
    assert chosen.source.slug == "bda-contract-copy"
    assert "digit slip" in chosen.reason


def test_disputed_facts_are_those_of_the_research(all_data):
    disputed = Tender.objects.with_figures().filter(is_disputed=True)

    assert {(tender.year, tender.region.code) for tender in disputed} == {
        (2019, "CN-BJ"),
        (2020, "CN-SX"),
        (2021, "CN-SH"),
    }
    court = disputed.get(region__code="CN-SH")
    assert court.awards.get().amount is None
    assert set(court.citations.filter(fact=Fact.AWARD_AMOUNT).values_list("value", "is_chosen")) == {
        ("91000000", False),
        ("910000", False),
    }


def test_what_is_doubtful_suggested_or_ours_arrives_as_that(article_data):
    tenders = Tender.objects.all()

    doubtful = tenders.get(certainty=Certainty.LOW)
    assert doubtful.region.code == "CN-HB"
    assert doubtful.buyer is None
    assert tenders.filter(is_title_descriptive=True).count() == 7
    assert tenders.filter(suggested_categories__isnull=False, category=None).distinct().count() == 6
    assert not tenders.filter(suggested_categories__isnull=False, category__isnull=False).exists()
    assert tenders.filter(possibly_same_as__isnull=False).distinct().count() == 5
    assert counts(Institution.objects, "name_zh_status") == {
        NameStatus.SOURCED: 3,
        NameStatus.COMMON_KNOWLEDGE: 16,
        NameStatus.UNVERIFIED: 9,
    }
    assert tenders.filter(category_basis="implied").count() == 3
    assert counts(tenders, "is_main_subject") == {True: 11, None: 23}


def test_no_mention_without_a_tender_is_loaded(all_data):
    assert not Tender.objects.exclude(citations__fact=Fact.EXISTENCE).exists()


def test_every_fact_has_one_chosen_source(all_data):
    call_command("check_data")


def test_loads_in_one_go_and_twice_without_harm(db):
    call_command("loaddata", *ALL, verbosity=0)
    before = [model.objects.count() for model in (Tender, Institution, Company, Award, Source, Citation)]
    same = Tender.possibly_same_as.through.objects.count()

    call_command("loaddata", *ALL, verbosity=0)

    assert [model.objects.count() for model in (Tender, Institution, Company, Award, Source, Citation)] == before
    assert Tender.possibly_same_as.through.objects.count() == same
    call_command("check_data")


def test_fixtures_are_what_the_tables_give(tmp_path):
    call_command("build_fixtures", output=tmp_path)

    for name in ALL:
        assert (tmp_path / f"{name}.json").read_bytes() == (FIXTURES / f"{name}.json").read_bytes()
    call_command("build_fixtures", check=True)


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("companies", "small or micro", "tiny", "column 'size': 'tiny' is wrong; expected one of micro, small"),
        ("tenders", "cfie,CN-BJ", "cfie,CN-XX", "column 'region': 'CN-XX' is wrong; expected a key"),
        ("citations", "tender,2018-capp", "tender,2018-cap", "citations.csv, row .*, column 'target_key'"),
        ("awards", "active,yes", "active,no", "column 'is_joint'"),
        ("regions", "CN-BJ", "CN-AH", "column 'code': 'CN-AH' is wrong; expected a key that no other row has"),
    ],
)  # fmt: skip
def test_a_fault_in_a_table_is_named_and_nothing_is_written(tmp_path, table, old, new, message):
    source, output = tmp_path / "source", tmp_path / "fixtures"
    shutil.copytree(FIXTURES / "source", source)
    output.mkdir()
    path = source / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(CommandError, match=message):
        call_command("build_fixtures", source=source, output=output)

    assert not list(output.iterdir())


def test_check_reports_a_fixture_that_is_not_what_the_tables_give(tmp_path):
    with pytest.raises(CommandError, match=r"regions\.json"):
        call_command("build_fixtures", output=tmp_path, check=True)

    assert not list(tmp_path.iterdir())


def test_data_is_never_loaded_over_somebodys_work(db, capsys):
    call_command("loaddata", "regions", verbosity=0)

    call_command("loaddata_if_empty", *ALL)

    assert "kept as it is" in capsys.readouterr().out
    assert not Tender.objects.exists()
