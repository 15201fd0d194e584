"""
Consistency checks that database constraints cannot express; every check yields problems as plain sentences.

Columns can be changed one at a time, so a column and its citation, or a tender and its buyer, may become
inconsistent. ``manage.py check_data`` runs all checks.
"""

from functools import cache

from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from tenders.choices import Fact, NameStatus
from tenders.credit_codes import validate_credit_code
from tenders.fields import PartialDateField
from tenders.kinds import RelatedRecord
from tenders.models import Article, Award, Category, Citation, Claim, Company, Institution, Region, Source, Tender
from tenders.models.categories import MAX_DEPTH
from tenders.models.sources import disputed

RECORDS_PER_QUERY = 500  # whose relations are loaded at a time: SQLite limits the length of a statement


def find_problems(read=lambda label, queryset: queryset.iterator(RECORDS_PER_QUERY)):
    """
    Run all checks; yield one plain sentence per problem.

    ``read`` is the function that iterates the rows of a large query set, by which a command may show its progress.
    """
    yield from unknown_codes()
    yield from unreadable_values(read)
    yield from wrong_citations(read)
    yield from too_deep_categories()
    yield from marks_of_no_claim()
    for model in (Institution, Company, Tender):
        records = with_citations(model.objects.published().order_by("reference"))
        for record in read(f"Sources of {model._meta.verbose_name_plural}", records):
            yield from citation_problems(record)
    tenders = Tender.objects.published().select_related("buyer__region", "region").order_by("reference")
    for tender in read("Tenders", tenders.prefetch_related("awards__suppliers")):
        yield from tender_problems(tender)


def with_citations(records):
    """Load the relations that ``citation_problems`` needs."""
    related = [
        attribute.name
        for attribute in records.model.FACTS.values()
        if isinstance(attribute.kind, RelatedRecord) and not attribute.kind.is_list
    ]
    citations = Prefetch("citations", Citation.objects.select_related("source"))
    records = records.select_related(*related).prefetch_related(citations)
    return records.prefetch_related("awards__suppliers") if records.model is Tender else records


def fresh(record):
    """Return a record as the database has it, with the relations that the checks need."""
    return with_citations(type(record).objects.filter(pk=record.pk)).get()


def citation_problems(record):
    """Yield inconsistencies between the facts of a record and its awards, and their citations."""
    chosen = _chosen(record)
    disputes = disputed(record.citations.all())
    for award_id, target in _targets(record):
        for fact in target.FACTS:
            citation = chosen.pop((award_id, fact), None)
            texts = list(_fact_problems(target, fact, citation, is_disputed=(award_id, fact) in disputes))
            if texts:  # the names of facts and records take most of the time
                value = target.canonical(fact) or _("unknown")
                params = {"record": _name(record, target), "fact": _quoted_label(fact), "value": value}
                if citation is not None:
                    params |= {"stated": citation.value, "source": citation.source.slug}
                yield from (text % params for text in texts)
    for (_award_id, fact), citation in chosen.items():
        params = {"record": record.reference, "fact": _quoted_label(fact), "source": citation.source.slug}
        yield _("%(record)s: %(source)s is cited for %(fact)s, a fact that the record doesn’t have.") % params


def _fact_problems(target, fact, citation, *, is_disputed):
    """Yield what is wrong between a fact and its chosen citation, or None, with placeholders."""
    column = target.canonical(fact)
    if citation is None:
        if column:
            yield _("%(record)s: %(fact)s has no source.")
        return
    if target.as_stored(fact, citation.value) != column:
        yield _("%(record)s: %(fact)s is %(value)s in the record, but %(stated)s in the citation we use (%(source)s).")
    yield from _untrue_choice(citation, target.status_of(fact), is_disputed)


def untrue_choices(record):
    """
    Return the choices of statements that nobody may write, as {(award id, fact): (sentences, statements of the fact)}.

    One that was there before, with the same statements, is not of those who write something else.
    """
    targets, disputes, found = dict(_targets(record)), disputed(record.citations.all()), {}
    for key, citation in _chosen(record).items():
        target, fact = targets.get(key[0]), citation.fact
        if target is None or fact not in target.FACTS:
            continue
        params = {"record": _name(record, target), "fact": _quoted_label(fact), "source": citation.source.slug}
        texts = _untrue_choice(citation, target.status_of(fact), key in disputes)
        if sentences := tuple(text % params for text in texts):
            same = [other for other in record.citations.all() if (other.award_id, other.fact) == key]
            found[key] = (
                sentences,
                frozenset((other.pk, other.source_id, other.value, other.is_chosen) for other in same),
            )
    return found


def new_untrue_choices(record, before):
    """Return the sentences of the ``untrue_choices`` of a record that are not in those of before."""
    found = untrue_choices(record)
    return [sentence for key in found if found[key] != before.get(key) for sentence in found[key][0]]


def _untrue_choice(citation, status, is_disputed):
    """Yield why a citation may not be chosen, with placeholders; ``status`` is that of a name or title, else empty."""
    if is_disputed and not citation.shown_reason.strip():
        yield _("%(record)s: sources disagree on %(fact)s, and there is no reason for following %(source)s.")
    if status == NameStatus.UNVERIFIED and citation.source.is_document:
        yield _("%(record)s: %(fact)s is our translation, but cited from a document (%(source)s).")
    if status == NameStatus.CORRECTED and not citation.stated:
        yield _("%(record)s: we corrected %(fact)s, but %(source)s is cited without its exact words.")
    if citation.fact == Fact.EXISTENCE and not citation.source.is_document:
        yield _("%(record)s: no document shows that it exists (%(source)s).")


def uncited_facts(record):
    """Return (target, fact) for the known facts of a record and its awards that no chosen citation states."""
    targets = dict(_targets(record))
    return [
        (targets[award_id], fact)
        for (award_id, fact), (value, stated) in facts_of(record).items()
        if value and value != stated
    ]


def facts_of(record):
    """
    Return {(award id, fact): (canonical value, value of the chosen citation)} of a record and its awards.

    Award ids are None for facts of the record itself; missing values are empty texts.
    """
    stated = {key: citation.value for key, citation in _chosen(record).items()}
    return {
        (award_id, fact): (target.canonical(fact), target.as_stored(fact, stated.get((award_id, fact), "")))
        for award_id, target in _targets(record)
        for fact in target.FACTS
    }


def uncited_changes(record, before):
    """Yield problems of uncited facts whose value or chosen citation differs from ``before`` (``facts_of``)."""
    targets = dict(_targets(record))
    for (award_id, fact), (value, stated) in facts_of(record).items():
        old, old_stated = before.get((award_id, fact), ("", ""))
        if value == stated or (value, stated) == (old, old_stated):
            continue
        label = _quoted_label(fact)
        if award_id is not None:
            label = _("%(fact)s of award %(number)s") % {"fact": label, "number": targets[award_id].number}
        params = {"fact": label, "old": old or _("unknown"), "new": value or _("unknown"), "stated": stated}
        if not value:
            yield _("%(fact)s is now unknown, but a statement of %(stated)s is still used.") % params
        elif value != old:
            yield _("%(fact)s was changed from %(old)s to %(new)s: cite a source for it.") % params
        elif stated:
            yield _("%(fact)s is %(new)s, but the statement we use has %(stated)s.") % params
        else:
            yield (
                _("%(fact)s is %(new)s, but would be left without a source: keep its citation or add another.") % params
            )


def _chosen(record):
    """Return the chosen citations of a record and its awards by (award id, fact)."""
    return {(citation.award_id, citation.fact): citation for citation in record.citations.all() if citation.is_chosen}


def _targets(record):
    """Return (award id, target) pairs: (None, record), and the awards of a tender."""
    awards = record.awards.all() if isinstance(record, Tender) else []
    return [(None, record), *((award.pk, award) for award in awards)]


def _name(record, target):
    """Return how a problem names a record, or an award of it."""
    if target is record:
        return record.reference
    return _("%(reference)s, award %(number)s") % {"reference": record.reference, "number": target.number}


def tender_problems(tender):
    """Yield inconsistencies within a published tender, and between it and its parties."""
    if tender.notice_date and tender.notice_date[:4] != str(tender.year):
        yield f"{tender.reference}: its year is {tender.year}, but its date of notice is {tender.notice_date}."
    buyer = tender.buyer
    if buyer and tender.region and buyer.region and tender.region != buyer.region and not tender.shown_notes.strip():
        yield (
            f"{tender.reference}: its region is {tender.region.code}, but {buyer.reference} is in "
            f"{buyer.region.code}; no note explains the difference."
        )
    if buyer and not buyer.is_published:
        yield f"{tender.reference}: it is published, but its institution {buyer.reference} is not."
    for company in tender.suppliers:
        if not company.is_published:
            yield f"{tender.reference}: it is published, but its company {company.reference} is not."


def unknown_codes():
    """Yield codes of records that are in no codelist."""
    for model in (Region, Category, Source, Institution, Company, Tender, Award, Citation, Article, Claim):
        for field in model._meta.concrete_fields:
            if field.choices is None:
                continue
            codes = [code for code, _label in field.flatchoices]
            unknown = model.objects.exclude(**{f"{field.name}__in": [*codes, ""]}).order_by("pk")
            for record in unknown:
                code = getattr(record, field.name)
                yield f"{_natural_key_text(record)}: '{code}' isn't a code of {field.verbose_name}."


def unreadable_values(read):
    """Yield values that the validators of their field reject, such as an impossible date."""
    for model in (Institution, Company, Tender, Award, Source, Article):
        columns = model._meta.concrete_fields
        fields = [field for field in columns if isinstance(field, PartialDateField) or field.name == "credit_code"]
        for record in read(model._meta.verbose_name_plural, model.objects.order_by("pk")):
            for field in fields:
                value = getattr(record, field.name)
                validate = field.run_validators
                if field.name == "credit_code" and not record.is_credit_code_as_issued:
                    validate = validate_credit_code
                if value and (message := _validation_error(validate, value)):
                    yield f"{_natural_key_text(record)}: {field.verbose_name} isn't valid. {message}"


def wrong_citations(read):
    """Yield citations of another tender's award, with an unknown code, or with a value that is not canonical."""
    codes = cache(lambda model, lookup: set(model.objects.values_list(lookup, flat=True)))
    related = ("tender", "award", "institution", "company", "source")
    for citation in read("Citations", Citation.objects.prefetch_related(*related).order_by("pk")):
        for problem in _citation_problems(citation, codes):
            yield (
                f"{citation.record.reference}: {citation.source.slug} is cited with “{citation.value}” for "
                f"{_quoted_label(citation.fact)}{problem}"
            )


def _citation_problems(citation, codes):
    """Yield what is wrong with one citation, as the ends of sentences; ``codes`` gives those of a model."""
    if problem := citation.quotation_problem:
        yield f" and the words “{citation.stated}”. {problem}"
    if citation.award and citation.award.tender_id != citation.tender_id:
        yield f", but of an award of {citation.award.tender.reference}."
    if citation.attribute is None:
        if citation.fact in Fact.values and not citation.is_chosen:  # the others are reported already
            yield ", a fact that the record doesn't have."
        return
    kind, value = citation.attribute.kind, citation.value
    if message := _validation_error(kind.validate, value):
        yield f". {message}"
    elif isinstance(kind, RelatedRecord) and not codes(kind.model, kind.lookup).issuperset(kind.codes(value)):
        yield ", which is not in the database."


def _validation_error(validate, *values):
    """Return the messages of a validator for these values; empty text if they are valid."""
    try:
        validate(*values)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _natural_key_text(record):
    """Return the natural key as text, which identifies awards and citations too."""
    return ":".join(str(part) for part in record.natural_key())


def too_deep_categories():
    """Yield categories below the lowest level of the classification."""
    for category in Category.objects.select_related("parent__parent__parent").order_by("slug"):
        if len(category.path) > MAX_DEPTH:
            yield f"{category.slug}: it is deeper than {MAX_DEPTH} levels."


def marks_of_no_claim():
    """Yield marks in the text of a public article without a claim of that code; drafts may have them."""
    for article in Article.objects.published().prefetch_related("claims").order_by("slug"):
        for code in sorted(article.codes_without_claim()):
            yield f"{article.slug}: its text marks {code}, but the article has no such claim."


def _quoted_label(fact):
    return f"“{Fact(fact).label}”" if fact in Fact.values else f"“{fact}”"
