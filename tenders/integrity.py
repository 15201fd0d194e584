"""
What is wrong in the database that no constraint can forbid: each check yields plain sentences.

Editors and programs may change one column at a time, so that a column and its citation, or a tender and its buyer, can
come to disagree. ``manage.py check_data`` reports all of it.
"""

from collections import defaultdict
from functools import cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.choices import Fact
from tenders.fields import PartialDateField
from tenders.kinds import Named
from tenders.models import Article, Award, Category, Citation, Claim, Company, Institution, Region, Source, Tender
from tenders.models.articles import MARK
from tenders.models.tenders import MAX_DEPTH

CHUNK = 500  # records whose relations are loaded at a time: SQLite takes no statement of any length


def problems():
    """Yield one plain sentence for each thing that is wrong in the database."""
    yield from unknown_codes()
    yield from unreadable_values()
    yield from wrong_citations()
    yield from too_deep_categories()
    yield from marks_of_no_claim()
    for model in (Institution, Company, Tender):
        for record in with_citations(model.objects.published().order_by("reference")).iterator(CHUNK):
            yield from citation_problems(record)
    tenders = Tender.objects.published().select_related("buyer__region", "region").order_by("reference")
    for tender in tenders.prefetch_related("awards__suppliers").iterator(CHUNK):
        yield from tender_problems(tender)


def with_citations(records):
    """Load with records what ``citation_problems`` asks of them."""
    records = records.prefetch_related("citations__source", "citations__award")
    if records.model is Tender:
        return records.select_related("buyer", "region", "category").prefetch_related("awards__suppliers")
    return records.select_related("region")


def citation_problems(record):
    """Yield what is wrong between the facts of a record (and its awards) and their citations."""
    chosen = defaultdict(list)
    for citation in record.citations.all():
        if citation.is_chosen:
            chosen[citation.award_id, citation.fact].append(citation)
    for award_id, target in _targets(record):
        name = record.reference
        if award_id is not None:
            name = _("%(reference)s, award %(number)s") % {"reference": name, "number": target.number}
        for fact in target.FACTS:
            column = target.canonical(fact)
            citations = chosen.pop((award_id, fact), [])
            words = {"record": name, "fact": _words(fact), "value": column or _("unknown")}
            if column and not citations:
                yield _("%(record)s: %(fact)s is cited from no source.") % words
            for citation in citations:
                words |= {"stated": citation.value, "source": citation.source.slug}
                if citation.value != column:
                    text = _(
                        "%(record)s: %(fact)s is %(value)s in the record, but %(stated)s in its chosen citation "
                        "(%(source)s)."
                    )
                    yield text % words
                if fact == Fact.EXISTENCE and not citation.source.is_document:
                    yield _("%(record)s: its existence rests on no document (%(source)s).") % words
    for (_award_id, fact), citations in chosen.items():
        for citation in citations:
            words = {"record": record.reference, "fact": _words(fact), "source": citation.source.slug}
            yield _("%(record)s: %(source)s is cited for %(fact)s, a fact it does not have.") % words


def uncited_facts(record):
    """Return (target, fact) for what a record and its awards hold and no chosen citation states."""
    chosen = {
        (citation.award_id, citation.fact): citation.value for citation in record.citations.all() if citation.is_chosen
    }
    return [
        (target, fact)
        for award_id, target in _targets(record)
        for fact in target.known_facts()
        if chosen.get((award_id, fact)) != target.canonical(fact)
    ]


def facts_of(record):
    """
    Return each fact of a record and its awards, by the award's id and the fact.

    Each is its canonical value and that of the statement that is chosen; empty text where there is none.
    """
    chosen = {(each.award_id, each.fact): each.value for each in record.citations.all() if each.is_chosen}
    return {
        (award_id, fact): (target.canonical(fact), chosen.get((award_id, fact), ""))
        for award_id, target in _targets(record)
        for fact in target.FACTS
    }


def uncited_changes(record, before):
    """
    Yield what was changed of a record's facts, or of what is chosen, and is not cited now, in plain sentences.

    ``before`` is what ``facts_of`` gave before the change.
    """
    targets = dict(_targets(record))
    for (award_id, fact), (value, stated) in facts_of(record).items():
        old, old_stated = before.get((award_id, fact), ("", ""))
        if value == stated or (value, stated) == (old, old_stated):
            continue
        words = {"fact": _words(fact), "old": old or _("unknown"), "new": value or _("unknown"), "stated": stated}
        if award_id is not None:
            words["fact"] = _("%(fact)s of award %(number)s") % {**words, "number": targets[award_id].number}
        if not value:
            yield _("%(fact)s is no longer known, but a statement of %(stated)s is still chosen.") % words
        elif value != old:
            yield _("%(fact)s is changed from %(old)s to %(new)s: cite a source that says so.") % words
        elif stated:
            yield _("%(fact)s is %(new)s, but the chosen statement says %(stated)s.") % words
        else:
            yield _("%(fact)s is %(new)s, and no source would say so any more: keep its citation, or add one.") % words


def _targets(record):
    """Return what citations of a record may speak of: itself and, by their ids, a tender's awards."""
    awards = record.awards.all() if isinstance(record, Tender) else []
    return [(None, record), *((award.pk, award) for award in awards)]


def tender_problems(tender):
    """Yield what is wrong within a published tender, and between it and its parties."""
    if tender.notice_date and tender.notice_date[:4] != str(tender.year):
        yield f"{tender.reference}: its year is {tender.year}, but its date of notice is {tender.notice_date}."
    buyer = tender.buyer
    if buyer and tender.region and buyer.region and tender.region != buyer.region and not tender.notes.strip():
        yield (
            f"{tender.reference}: its region is {tender.region.code}, but that of {buyer.reference} is "
            f"{buyer.region.code}, and no note says why."
        )
    if buyer and not buyer.is_published:
        yield f"{tender.reference}: it is published, but its institution {buyer.reference} is not."
    for company in tender.suppliers:
        if not company.is_published:
            yield f"{tender.reference}: it is published, but its company {company.reference} is not."


def unknown_codes():
    """Yield each code that stands in a record and in no codelist."""
    for model in (Region, Category, Source, Institution, Company, Tender, Award, Citation, Article, Claim):
        for field in model._meta.concrete_fields:
            if field.choices is None:
                continue
            codes = [code for code, _label in field.flatchoices]
            strange = model.objects.exclude(**{f"{field.name}__in": [*codes, ""]}).order_by("pk")
            for record in strange:
                yield f"{_key(record)}: '{getattr(record, field.name)}' is no code of {field.verbose_name}."


def unreadable_values():
    """Yield each column that its own validators would not let in, such as a day that no calendar has."""
    for model in (Institution, Company, Tender, Award, Source, Article):
        fields = [field for field in model._meta.concrete_fields if isinstance(field, PartialDateField)]
        fields += [field for field in model._meta.concrete_fields if field.name == "credit_code"]
        for record in model.objects.order_by("pk").iterator(CHUNK):
            for field in fields:
                value = getattr(record, field.name)
                if value and (message := _refusal(field.run_validators, value)):
                    yield f"{_key(record)}: {field.verbose_name} cannot be read. {message}"


def wrong_citations():
    """Yield each citation of another tender's award, with an unknown code, or not written as its fact is written."""
    codes = cache(lambda model, lookup: set(model.objects.values_list(lookup, flat=True)))
    related = ("tender", "award__tender", "institution", "company", "source")
    for citation in Citation.objects.select_related(*related).order_by("pk").iterator(CHUNK):
        fact, value = citation.fact, citation.value
        about = f"{citation.record.reference}: {citation.source.slug} is cited with “{value}” for {_words(fact)}"
        if citation.award and citation.award.tender != citation.tender:
            yield f"{about}, but of an award of {citation.award.tender.reference}."
        kind = citation.attribute and citation.attribute.kind
        if kind and (message := _refusal(kind.validate, value)):
            yield f"{about}. {message}"
        elif isinstance(kind, Named) and not codes(kind.model, kind.lookup).issuperset(kind.codes(value)):
            yield f"{about}, which is not in the database."


def _refusal(validate, *values):
    """Return why a validator refuses something; empty text when it does not."""
    try:
        validate(*values)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _key(record):
    """Return the whole natural key: awards and citations have no name of their own."""
    return ":".join(str(part) for part in record.natural_key())


def too_deep_categories():
    """Yield each category that stands deeper than the classification goes."""
    for category in Category.objects.select_related("parent__parent__parent").order_by("slug"):
        if len(category.path) > MAX_DEPTH:
            yield f"{category.slug}: it stands deeper than {MAX_DEPTH} levels."


def marks_of_no_claim():
    """Yield each mark in the text of an article that shows no claim of it."""
    for article in Article.objects.prefetch_related("claims").order_by("slug"):
        codes = {claim.code for claim in article.claims.all()}
        for code in sorted(set(MARK.findall(article.text_en + article.text_zh)) - codes):
            yield f"{article.slug}: its text marks {code}, which is no claim of it."


def _words(fact):
    return f"“{Fact(fact).label}”" if fact in Fact.values else f"“{fact}”"
