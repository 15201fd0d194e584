"""Factories of valid records; a test states only the values that it is about."""

from itertools import count

from tenders.choices import Certainty, ChangeKind, EditorialState, Fact, NameStatus, SourceKind
from tenders.models import Article, Award, Category, Citation, Claim, Company, Institution, Region, Source, Tender
from tenders.models.changes import change_set, record_created_history

serial = count(1)


def create_region(code="CN-BJ", **fields):
    names = {"name_en": f"Region {code}", "name_zh": f"地区{code}", "kind": "province"}
    return Region.objects.get_or_create(code=code, defaults={**names, **fields})[0]


def create_category(slug, *, parent=None, **fields):
    names = {"name_en": slug.title(), "name_zh": slug}
    return Category.objects.create(slug=slug, parent=parent, **{**names, **fields})


def create_institution(*, name_en=None, state=EditorialState.PUBLISHED, **fields):
    name_en = f"Institution {next(serial)}" if name_en is None else name_en
    status = NameStatus.SOURCED if name_en else ""
    return Institution.objects.create(name_en=name_en, name_en_status=status, state=state, **fields)


def create_company(*, name_en=None, state=EditorialState.PUBLISHED, **fields):
    name_en = f"Company {next(serial)}" if name_en is None else name_en
    status = NameStatus.SOURCED if name_en else ""
    return Company.objects.create(name_en=name_en, name_en_status=status, state=state, **fields)


def create_tender(*, state=EditorialState.PUBLISHED, year=2019, certainty=Certainty.HIGH, title_en="", **fields):
    if title_en:
        fields.setdefault("title_en_status", NameStatus.SOURCED)
    return Tender.objects.create(state=state, year=year, certainty=certainty, title_en=title_en, **fields)


def create_award(tender, *suppliers, number=1, amount=None, **fields):
    if amount is not None:
        fields.setdefault("amount_qualifier", "exact")
    award = Award.objects.create(tender=tender, number=number, amount=amount, **fields)
    award.suppliers.set(suppliers)
    return award


def create_source(*, slug=None, kind=SourceKind.NEWS, **fields):
    slug = slug or f"source-{next(serial)}"
    return Source.objects.create(slug=slug, kind=kind, title=slug, **fields)


def create_citation(record, fact, value, *, award=None, source=None, is_chosen=False, **fields):
    return Citation.objects.create(
        **{record._meta.model_name: record},
        award=award,
        fact=fact,
        value=value,
        source=source or create_source(),
        is_chosen=is_chosen,
        **fields,
    )


def cite_all(record, *, source=None):
    """Cite every known fact of a record and, for a tender, of its awards."""
    source = source or create_source()
    targets = [(record, None)]
    if isinstance(record, Tender):
        targets += [(award, award) for award in record.awards.all()]
    stated = {"source": source, "is_chosen": True, record._meta.model_name: record}
    citations = [
        Citation(**stated, award=award, fact=Fact(fact), value=target.canonical(fact))
        for target, award in targets
        for fact in target.known_facts()
    ]
    with change_set(ChangeKind.ADDED):
        record_created_history(Citation.objects.bulk_create(citations))


def create_article(slug=None, *, state=EditorialState.PUBLISHED, sources=(), **fields):
    slug = slug or f"article-{next(serial)}"
    article = Article.objects.create(slug=slug, state=state, **{"title_en": slug, "publisher": "A paper", **fields})
    article.sources.set(sources)
    return article


def create_claim(article, measure, *, code=None, printed=None, **fields):
    """Create a claim that prints exactly ``printed``; not checkable without a printed number or with measure "none"."""
    if printed is not None:
        fields |= {"printed_as": "exactly", "printed_low": printed, "printed_high": printed}
    if measure == "none" or "printed_as" not in fields:
        fields.setdefault("not_checkable_reason", "No figure is printed.")
    code = code or f"Z{next(serial) % 1000}"  # tests that state a code use other letters
    return Claim.objects.create(
        **{"article": article, "measure": measure, "code": code, "statement_en": code, "unit": "tenders", **fields}
    )
