"""The shipped data set loads, has the right figures, and preserves the marks of the research."""

import re
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.http import QueryDict

from tenders.choices import Certainty, EditorialState, Fact, Measure, NameStatus, Verdict
from tenders.claims.evaluation import evaluate_article
from tenders.facets import UNKNOWN
from tenders.filters import TenderFilter
from tenders.models import Article, Award, Citation, Claim, Company, Institution, Region, Source, Tender
from tenders.search import HAN
from tests.conftest import ALL_DATA

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
MODELS = (Tender, Institution, Company, Award, Source, Citation, Article, Claim)
MAIN = "interchain-pulse-2019"
STUDIES = {"panews-2019": 32, "padata-2020": 10, "01caijing-2020": 9, "odaily-2019": 2}
# Counts of claims over the 34 tenders, by code.
COUNTED = {
    "A01": 34, "A02": 10, "A03": 24, "A08a": 3, "A08b": 1, "A08c": 0, "A08d": 1, "A10": 2, "A11a": 2, "A11ar": 2,
    "A11b": 3, "A11br": 3, "A11c": 3, "A11cr": 3, "A11d": 3, "A11dr": 3, "A12": 3, "A14": 2, "A15": 1, "A17": 3,
    "A18": 3, "A19": 0, "A20": 7, "A21": 1, "A22": 0, "A28": 2, "A32": 4, "A33": 1, "A34": 0, "A53": 1,
    "A61a": 1, "A61b": 1, "A61c": 1, "A62a": 3, "A62b": 0, "A62c": 0,
}  # fmt: skip
# The two counts of claims with a share or a ratio.
COMPARED = {
    "A05": (24, 10), "A07r": (13, 34), "A25": (2, 3), "A25r": (2, 10), "A26": (7, 7), "A27": (7, 2), "A31r": (4, 7),
    "A36": (0, 1), "A36r": (0, 1), "A38": (9, 10), "A43": (1, 4), "A54": (13, 2), "A56": (12, 19), "A60": (3, 0),
}  # fmt: skip
# The largest or n-th largest awards in yuan.
AWARDED = {"A44": 4940000, "A45r": 8595000, "A46": 8595000, "A47": 4750000, "A48": 4662000}


def rows_of(query):
    """Return the tenders of a query string, after a check that it is valid and in canonical form."""
    filterset = TenderFilter(QueryDict(query))
    assert filterset.parameter_errors == []
    assert filterset.unknown_parameters == []
    assert filterset.query_string() == query
    return filterset.qs


def known_amounts(query):
    """Return the known award amounts of a query string."""
    return Award.objects.filter(tender__in=rows_of(query), amount__isnull=False).values_list("amount", flat=True)


def queries_of(claim):
    """Return all query strings of a claim."""
    arguments = [claim.arguments.get(name, "") for name in ("to_query", "to_base_query")]
    return [query for query in (claim.query, claim.base_query, *arguments) if query]


def marks(text):
    """Return the codes of the claims that a text marks with ``[[code]]``."""
    return re.findall(r"\[\[(.*?)\]\]", text)


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


def test_with_the_later_tenders_there_are_46(all_data):
    assert Tender.objects.published().count() == 46
    assert Institution.objects.count() == 33
    assert Company.objects.count() == 10
    assert Citation.objects.count() == 657
    assert set(Tender.objects.filter(year__in=[2016, 2020, 2021]).values_list("year", flat=True)) == {2016, 2020, 2021}


def test_everything_shipped_is_published_and_valid(all_data):
    for model in (*MODELS, Region):
        related = [field.name for field in model._meta.concrete_fields if field.is_relation]
        for record in model.objects.select_related(*related):
            record.full_clean()
            assert getattr(record, "state", EditorialState.PUBLISHED) == EditorialState.PUBLISHED


def test_the_largest_award_has_all_its_statements(article_data):
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


def test_doubts_suggestions_and_translations_are_marked(article_data):
    tenders = Tender.objects.all()

    doubtful = tenders.get(certainty=Certainty.LOW)
    assert doubtful.region.code == "CN-HB"
    assert doubtful.buyer is None
    assert tenders.filter(is_title_descriptive=True).count() == 7
    assert tenders.filter(suggested_categories__isnull=False, category=None).distinct().count() == 8
    assert not tenders.filter(suggested_categories__isnull=False, category__isnull=False).exists()
    assert tenders.filter(possibly_same_as__isnull=False).distinct().count() == 5
    assert counts(Institution.objects, "name_zh_status") == {
        NameStatus.SOURCED: 4,
        NameStatus.COMMON_KNOWLEDGE: 16,
        NameStatus.UNVERIFIED: 8,
    }
    assert tenders.filter(category_basis="implied").count() == 3
    assert counts(tenders, "is_main_subject") == {True: 11, None: 23}


def test_the_article_has_72_claims_and_15_readings(article_data):
    claims = Claim.objects.filter(article__slug=MAIN)

    assert claims.filter(reading_of=None).count() == 72
    readings = claims.exclude(reading_of=None)
    assert readings.count() == 15
    assert all(claim.code == f"{claim.reading_of.code}r" for claim in readings.select_related("reading_of"))
    assert not claims.filter(statement_zh="").exists()


def test_the_other_studies_have_53_claims_and_no_set_of_the_article(all_data):
    claims = Claim.objects.exclude(article__slug=MAIN)

    assert counts(claims, "article__slug") == STUDIES
    assert claims.count() == 53
    assert {article.slug: rows_of(f"article={article.slug}").count() for article in Article.objects.all()} == {
        MAIN: 34,
        "panews-2019": 1,
        "padata-2020": 1,
        "01caijing-2020": 0,
        "odaily-2019": 0,
    }


def test_the_other_studies_need_no_later_tenders(article_data):
    call_command("loaddata", "other_studies", verbosity=0)

    assert Claim.objects.count() == 140
    assert Tender.objects.count() == 34


def test_every_query_of_a_claim_is_one_of_the_tender_list_about_its_article(all_data):
    for claim in Claim.objects.select_related("article"):
        for query in queries_of(claim):
            rows_of(query)
            parameters = QueryDict(query)
            assert parameters.getlist("article") == [claim.article.slug]
            # A claim is about all tenders, not about the state of the records.
            assert not {"q", "certainty", "source_kind", "disputed", "sort", "page", "per_page"} & set(parameters)
            assert not {UNKNOWN, "known"} & {value for values in dict(parameters.lists()).values() for value in values}


def test_every_claim_can_be_evaluated_or_has_a_reason_why_not(all_data):
    for article in Article.objects.all():
        evaluations = evaluate_article(article)
        for claim in article.claims.all():
            evaluation = evaluations[claim.code]
            assert evaluation.problem == ""
            assert (evaluation.verdict == Verdict.NOT_CHECKABLE) == bool(claim.not_checkable_reason)


def test_sums_of_claims_add_up(all_data):
    for claim in Claim.objects.filter(measure=Measure.SUM_OF_CLAIMS):
        printed = dict(claim.article.claims.values_list("code", "printed_low"))
        assert sum(printed[code] for code in claim.arguments["claims"]) == printed[claim.arguments["total"]]
        assert claim.printed_low == printed[claim.arguments["total"]]


def test_claims_have_the_results_of_the_research(article_data):
    claims = Claim.objects.filter(article__slug=MAIN)

    results = {claim.code: rows_of(claim.query).count() for claim in claims.filter(measure=Measure.COUNT)}
    assert results == COUNTED
    compared = claims.filter(measure__in=[Measure.SHARE, Measure.RATIO])
    results = {claim.code: (rows_of(claim.query).count(), rows_of(claim.base_query).count()) for claim in compared}
    assert results == COMPARED
    results = {
        claim.code: sorted(known_amounts(claim.query))[-claim.arguments.get("n", 1)]
        for claim in claims.filter(measure__in=[Measure.LARGEST_AWARD, Measure.NTH_AWARD])
    }
    assert results == AWARDED
    for claim in claims.filter(measure=Measure.EXISTS):
        assert list(rows_of(claim.query)) == [claim.tender]


def test_the_sizes_of_a_set_and_the_margins_are_those_of_the_article(all_data):
    sizes = Claim.objects.filter(is_set_size=True)
    margins = Claim.objects.filter(is_margin=True)

    assert set(sizes.values_list("article__slug", "code")) == {
        (MAIN, "A02"),
        (MAIN, "A03"),
        ("panews-2019", "P02"),
        ("padata-2020", "D01"),
        *(("01caijing-2020", f"Z0{number}") for number in range(4, 9)),
    }
    assert set(margins.values_list("article__slug", "code")) == {(MAIN, f"A{number}") for number in range(17, 23)}
    for article in Article.objects.all():
        parts = [set(rows_of(claim.query)) for claim in sizes.filter(article=article)]
        assert sum(map(len, parts)) == len(set().union(*parts))


def test_a_claim_has_a_source_of_its_own_or_of_its_article(all_data):
    for claim in Claim.objects.select_related("article"):
        assert not set(claim.sources.all()) & set(claim.article.sources.all())
        assert claim.sources.exists() or claim.article.sources.exists()


def test_both_texts_of_the_article_mark_the_same_claims(article_data):
    article = Article.objects.get(slug=MAIN)
    codes = set(article.claims.values_list("code", flat=True))
    shown = marks(article.text_en)

    assert len(shown) == len(set(shown)) == 84
    assert sorted(shown) == sorted(marks(article.text_zh))
    assert codes - set(shown) == {"A44r", "A47r", "A48r"}
    assert set(shown) <= codes
    for text in (article.text_en, article.text_zh):
        assert text.count("\n## ") == 4
        assert not re.search(r"^# ", text, re.MULTILINE)


def test_no_mention_without_a_tender_is_loaded(all_data):
    assert not Tender.objects.exclude(citations__fact=Fact.EXISTENCE).exists()


def test_every_fact_has_one_chosen_source(all_data):
    call_command("check_data")


def test_what_is_stated_is_quoted_or_empty(all_data):
    for citation in Citation.objects.exclude(stated="").select_related("source"):
        assert citation.source.is_document
        assert citation.source.language
        assert citation.source.language != "zh" or HAN.search(citation.stated)
        assert citation.quotation_problem == ""


def test_every_document_has_a_language(all_data):
    assert {source.slug for source in Source.objects.filter(language="")} == {"common-knowledge", "editors-translation"}


def test_a_sourced_title_is_the_printed_one_and_a_corrected_one_is_not(all_data):
    def is_printed(tender):
        stated = tender.citations.get(fact=Fact.TITLE_EN, is_chosen=True).stated
        return re.sub("[“”]", "", stated).casefold() == tender.title_en.casefold()

    assert all(map(is_printed, Tender.objects.filter(title_en_status=NameStatus.SOURCED)))
    corrected = Tender.objects.filter(title_en_status=NameStatus.CORRECTED)
    assert not any(map(is_printed, corrected))
    assert corrected.count() == 4


def test_our_translations_are_cited_as_ours(all_data):
    for model, names in ((Tender, "title"), (Institution, "name"), (Company, "name")):
        for language, fact in (("en", names), ("zh", f"{names}_zh")):
            for record in model.objects.filter(**{f"{names}_{language}_status": NameStatus.UNVERIFIED}):
                assert not record.citations.get(fact=fact, is_chosen=True).source.is_document


def test_loading_twice_changes_nothing(db):
    call_command("loaddata", *ALL_DATA, verbosity=0)
    before = [model.objects.count() for model in MODELS]
    same = Tender.possibly_same_as.through.objects.count()

    call_command("loaddata", *ALL_DATA, verbosity=0)

    assert [model.objects.count() for model in MODELS] == before
    assert Tender.possibly_same_as.through.objects.count() == same
    call_command("check_data")


def test_fixtures_equal_the_built_ones(tmp_path):
    call_command("build_fixtures", output=tmp_path)

    for name in ALL_DATA:
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
        ("articles", "padata-2020,2016", "padata-2021,2016", "column 'sources': 'padata-2021' is wrong"),
        ("claims", "odaily-2019,O02", "odaily-2020,O02", "column 'article': 'odaily-2020' is wrong; expected the slug"),
        ("claims", "odaily-2019,O02", "odaily-2019,O01", "column 'code': 'O01' is wrong; expected a code that no"),
        ("claims", "cut off", "cut", "column 'printed_as': 'cut' is wrong; expected one of exactly, at least, more"),
        ("claims", "institution=cac&", "institution=caca&", "column 'query': .* the keys of institutions"),
        ("claims", "&year=2018&institution", "&year2018&institution", "column 'query'"),
        ("claims", '{""n"": 2}', '{""n"": 2', "column 'arguments': .* expected a JSON object"),
        ("claims", "light-load-infinite", "light-load", "column 'about_key': 'light-load' is wrong"),
    ],
)  # fmt: skip
def test_an_error_in_a_table_is_reported_and_nothing_is_written(tmp_path, table, old, new, message):
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


def test_a_text_without_an_article_is_an_error(tmp_path):
    shutil.copytree(FIXTURES / "source", tmp_path, dirs_exist_ok=True)
    (tmp_path / "articles" / "padata-2021.en.md").write_text("Nothing", encoding="utf-8")

    with pytest.raises(CommandError, match=r"articles/padata-2021\.en\.md belongs to no article"):
        call_command("build_fixtures", source=tmp_path, check=True)


def test_check_reports_an_outdated_fixture(tmp_path):
    with pytest.raises(CommandError, match=r"regions\.json"):
        call_command("build_fixtures", output=tmp_path, check=True)

    assert not list(tmp_path.iterdir())


def test_loaddata_if_empty_loads_nothing_into_a_database_with_records(db, capsys):
    call_command("loaddata", "regions", verbosity=0)

    call_command("loaddata_if_empty", *ALL_DATA)

    assert "kept as it is" in capsys.readouterr().out
    assert not Tender.objects.exists()
