"""Values computed by triggers: the figures of tenders and the version of the records."""

from decimal import Decimal
from functools import partial

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.models import (
    Article,
    Award,
    AwardSupplier,
    Category,
    Citation,
    Company,
    DatasetVersion,
    Inclusion,
    Page,
    Region,
    Source,
    Tender,
    TenderFigures,
)
from tenders.models.sources import TYPED_FACTS
from tests.factories import (
    create_article,
    create_award,
    create_citation,
    create_company,
    create_region,
    create_source,
    create_tender,
    serial,
)


def figures_of(tender):
    """Return the figures of a tender, computed in Python."""
    amounts = [award.amount for award in tender.awards.all()]
    seats = [
        company and company.region for award in tender.awards.all() for company in list(award.suppliers.all()) or [None]
    ]
    stated = {}
    for citation in tender.citations.all():
        if citation.fact in TYPED_FACTS:
            stated.setdefault((citation.award_id, citation.fact), set()).add(citation.value)
    if tender.region is not None and tender.region in seats:
        is_same_region = True
    elif tender.region is None or not seats or None in seats:
        is_same_region = None
    else:
        is_same_region = False
    suppliers = [company for award in tender.awards.all() for company in award.suppliers.all()]
    return {
        "award_amount": sum(amounts) if amounts and None not in amounts else None,
        "is_same_region": is_same_region,
        "companies": {company.reference for company in suppliers},
        "company_sizes": {company.size for company in suppliers if company.size},
        "company_regions": {company.region.code for company in suppliers if company.region},
        "is_disputed": any(len(values) > 1 for values in stated.values()),
        "source_kinds": {citation.source.kind for citation in tender.citations.all()},
        "articles": {
            article.slug
            for article in Article.objects.all()
            if article.inclusions.filter(tender=tender)
            or any(c.fact == "existence" and c.source in article.sources.all() for c in tender.citations.all())
        },
    }


def assert_figures_are_right():
    stored = {figures.pop("tender_id"): figures for figures in TenderFigures.objects.values()}
    for figures in stored.values():
        for name, value in figures.items():
            if isinstance(value, str):
                figures[name] = set(filter(None, value.split(",")))
                assert value == "" or len(value.split(",")) == len(figures[name]) + 2
    assert stored == {tender.pk: figures_of(tender) for tender in Tender.objects.for_page()}


def pick(model, number):
    rows = list(model.objects.order_by("pk"))
    return rows[number % len(rows)] if rows else None


def write(kind, number, amount):
    """Make a kind of write; do nothing if there is no record to write to."""
    tender, award, company = pick(Tender, number), pick(Award, number), pick(Company, number)
    region = pick(Region, number) if number % 3 else None
    article = pick(Article, number)
    if kind == "tender":
        create_tender(region=region)
    elif kind == "company":
        create_company(region=region)
    elif kind == "delete":
        tender and tender.delete()
    elif kind == "region" and tender:
        Tender.objects.filter(pk=tender.pk).update(region=region)
    elif kind == "save" and tender:
        tender.region = region
        tender.save()
    elif kind == "seat" and company:
        Company.objects.filter(pk=company.pk).update(region=region)
    elif kind == "size" and company:
        Company.objects.filter(pk=company.pk).update(size=["", "micro", "large"][number % 3])
    elif kind == "kind":
        Source.objects.filter(citations__value="2018").update(kind="study")
    elif kind == "code" and region:
        free = sorted({"CN-AH", "CN-BJ", "CN-SH"} - set(Region.objects.values_list("code", flat=True)))
        Region.objects.filter(pk=region.pk).update(code=free[0])
    elif kind == "award" and tender:
        create_award(tender, *[company] if company else [], number=tender.awards.count() + 100, amount=amount)
    elif kind == "amount" and award:
        Award.objects.filter(pk=award.pk).update(amount=amount, amount_qualifier="" if amount is None else "exact")
    elif kind == "suppliers" and award and company:
        award.suppliers.set([company] if number % 2 else [])
    elif kind == "bulk" and award and company:
        AwardSupplier.objects.bulk_create([AwardSupplier(award=award, company=company)], ignore_conflicts=True)
    elif kind == "no award":
        Award.objects.filter(number=100).delete()
    elif kind == "citation" and tender:
        create_citation(tender, "year", str(2018 + number % 2), source=create_source())
    elif kind == "article":
        create_article(sources=Source.objects.order_by("pk")[number : number + 2])
    elif kind == "slug" and article:
        Article.objects.filter(pk=article.pk).update(slug=f"{article.slug}-{number}")
    elif kind == "no article" and article:
        article.delete()
    elif kind == "existence" and tender:
        source = pick(Source, number + 1) or create_source()
        create_citation(tender, "existence", "yes", source=source, place=f"page {next(serial)}")
    elif kind == "other fact":
        Citation.objects.filter(fact="existence").update(fact="year", value="2017")
    elif kind == "sources" and article:
        article.sources.set(Source.objects.order_by("-pk")[: number % 3])
    elif kind == "inclusion" and article and tender:
        Inclusion.objects.get_or_create(article=article, tender=tender, defaults={"reason": "It must be."})
    elif kind == "no inclusion":
        Inclusion.objects.filter(tender=tender).delete()
    elif kind == "no citation":
        Citation.objects.filter(value="2018").delete()


KINDS = [
    *("tender", "company", "delete", "region", "save", "seat", "award", "amount", "suppliers", "bulk", "no award"),
    *("citation", "no citation", "size", "kind", "code"),
    *("article", "slug", "no article", "existence", "other fact", "sources", "inclusion", "no inclusion"),
]
AMOUNTS = st.none() | st.decimals(0, 10**9, places=2)


@given(
    writes=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 8), AMOUNTS), min_size=1, max_size=30),
)
@settings(max_examples=25)
def test_figures_follow_every_kind_of_write(db, writes):
    with transaction.atomic():
        for code in ("CN-BJ", "CN-SH"):
            create_region(code)
        for arguments in writes:
            write("tender", 1, None)
            write(*arguments)
        assert_figures_are_right()
        transaction.set_rollback(True)


def test_loaddata_computes_the_figures(all_data):
    assert TenderFigures.objects.count() == 46
    assert_figures_are_right()


def test_cents_are_exact(db):
    tender = create_tender()
    for number, amount in enumerate(["0.10", "0.20", "1234567890123.45"], start=1):
        create_award(tender, number=number, amount=Decimal(amount))

    assert TenderFigures.objects.get().award_amount == Decimal("1234567890123.75")
    assert Tender.objects.with_figures().filter(award_amount=Decimal("1234567890123.75")).exists()


def test_a_sum_too_large_for_its_column_is_unknown(db):
    tender = create_tender()
    for number in (1, 2):
        create_award(tender, number=number, amount=Decimal("9999999999999.99"))

    assert TenderFigures.objects.get().award_amount is None


def changes_version(change):
    before = DatasetVersion.current()
    change()
    return DatasetVersion.current() != before


def test_a_write_to_any_table_changes_the_version(all_data):
    for model in apps.get_app_config("tenders").get_models(include_auto_created=True):
        if model in {DatasetVersion, TenderFigures}:
            continue
        row = model._base_manager.first()
        if row is None:
            continue
        field = next(f.name for f in model._meta.concrete_fields if not f.primary_key and not f.unique)
        same = {field: getattr(row, field)}
        assert changes_version(partial(model._base_manager.filter(pk=row.pk).update, **same)), model


def test_the_version_changes_with_every_kind_of_write_and_not_with_reads(db):
    assert len(DatasetVersion.current()) == 32
    assert changes_version(lambda: create_tender())
    assert changes_version(lambda: Tender.objects.update(year=2018))
    assert changes_version(lambda: Tender.objects.all().delete())
    assert changes_version(lambda: Region.objects.bulk_create([Region(code="CN-AH", name_en="A", name_zh="A")]))
    assert changes_version(lambda: call_command("loaddata", "categories", verbosity=0))
    assert not changes_version(lambda: list(Category.objects.all()))


def test_a_rollback_restores_the_version(db):
    before = DatasetVersion.current()
    with transaction.atomic():
        create_tender()
        inside = DatasetVersion.current()
        transaction.set_rollback(True)

    assert inside != before
    assert DatasetVersion.current() == before
    create_tender()
    assert DatasetVersion.current() not in {before, inside}


def test_a_committed_write_changes_the_version(committed):
    before = DatasetVersion.current()
    create_tender()
    after = DatasetVersion.current()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tenders_tender SET year = 2017")

    assert len({before, after, DatasetVersion.current()}) == 3


def test_installing_triggers_recomputes_what_was_written_without_them(all_data):
    from tenders import triggers

    app = apps.get_app_config("tenders")
    with transaction.atomic():
        triggers.remove(sender=app, using="default", plan=["a migration"])
        Award.objects.update(amount=None, amount_qualifier="")
        Tender._base_manager.update(search_text="")
        before = DatasetVersion.current()
        triggers.install(sender=app, using="default")

    assert_figures_are_right()
    assert not Tender.objects.filter(search_text="").exists()
    assert DatasetVersion.current() != before
    assert changes_version(lambda: Page.objects.update(position=1))


def test_migrate_without_migrations_writes_nothing(article_data):
    assert not changes_version(lambda: call_command("migrate", verbosity=0))
    create_tender()
    assert_figures_are_right()


@pytest.mark.parametrize("natural", [True, False])
def test_a_dump_has_no_computed_values(all_data, tmp_path, natural):
    path = tmp_path / "dump.json"
    call_command("dumpdata", "tenders", output=path, use_natural_foreign_keys=natural, use_natural_primary_keys=natural)
    before = DatasetVersion.current()
    create_award(Tender.objects.filter(awards=None).first(), amount=77)

    call_command("loaddata", path, verbosity=0)

    assert before not in path.read_text(encoding="utf-8")
    assert DatasetVersion.current() != before
    assert_figures_are_right()


def test_during_a_migration_there_is_no_version(all_data):
    from tenders import triggers

    app = apps.get_app_config("tenders")
    triggers.remove(sender=app, using="default", plan=["a migration"])
    assert DatasetVersion.current() == ""

    old = apps.get_model("tenders", "Tender")._base_manager.filter(notes="")
    old.update(notes="Written by a migration: walrus.")
    triggers.install(sender=app, using="default", plan=["a migration"])

    assert DatasetVersion.current()
    assert not Tender.objects.filter(notes__contains="walrus").exclude(search_text__contains="walrus").exists()


def test_rows_may_be_written_in_any_order(db):
    tender, company, region = create_tender(), create_company(), create_region("CN-BJ")
    Tender.objects.update(region=region)
    create_award(tender, company)
    row = Company.objects.values().get()
    with connection.constraint_checks_disabled():
        Company._base_manager.filter(pk=company.pk)._raw_delete("default")
        Company._base_manager.bulk_create([Company(**row | {"size": "large", "region_id": region.pk})])

    assert TenderFigures.objects.get().company_sizes == ",large,"
    assert_figures_are_right()
