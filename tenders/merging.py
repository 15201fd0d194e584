"""
Merging two records that are one and the same: all that points to the one moves to the other, and nothing is lost.

The one that is dropped is deleted; its history stays, and its reference leads to the one that is kept.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tenders.choices import Cause, ChangeKind, EditorialState, Fact
from tenders.claims.verdict_history import track_verdicts
from tenders.integrity import uncited_facts
from tenders.models import (
    Award,
    AwardSupplier,
    Citation,
    Claim,
    Company,
    DatasetVersion,
    DistinctPair,
    Inclusion,
    Institution,
    RedirectedReference,
    Tender,
)
from tenders.models.changes import change_set, record_changed_history
from tenders.models.facts import canonical
from tenders.search import fold

KEEP, DROP = "keep", "drop"
PUBLIC = {EditorialState.PUBLISHED, EditorialState.WITHDRAWN}
# The columns of which one record's value stands after a merger, each with those that say how it is meant.
PARTY_FIELDS = {
    "name_en": ["name_en_status"],
    "name_zh": ["name_zh_status"],
    "kind": [],
    "region": [],
    "city": [],
    "credit_code": [],
}
FIELDS = {
    Institution: {**PARTY_FIELDS, "level": [], "notes": []},
    Company: {
        **PARTY_FIELDS,
        "size": [],
        "founded_year": [],
        "group_name": [],
        "group_region": [],
        "institution": [],
        "notes": [],
    },
    Tender: {
        "title_en": ["title_en_status"],
        "title_zh": ["title_zh_status"],
        "is_title_descriptive": [],
        "certainty": [],
        "buyer": [],
        "region": [],
        "city": [],
        "category": ["category_basis"],
        "year": [],
        "notice_date": [],
        "status": [],
        "procurement_method": [],
        "budget_amount": [],
        "is_main_subject": [],
        "notes": [],
    },
}
AWARD_COLUMNS = ("lot", "amount", "amount_qualifier", "award_date", "contract_date", "status")


@dataclass(frozen=True)
class Difference:
    """A field of which two records hold different values, and the side that is taken if nobody says otherwise."""

    field: str
    label: str
    fact: str  # that the field holds; empty text when sources are not asked for it
    default: str


def differences(keep, drop):
    """Return the fields of which two records of one kind hold different values."""
    facts = {attribute: fact for fact, attribute in keep.FACTS.items()}
    found = []
    for name, companions in FIELDS[type(keep)].items():
        values = [[getattr(record, each) for each in (name, *companions)] for record in (keep, drop)]
        if values[0] != values[1]:
            is_unknown = values[0][0] in (None, "")
            label = str(keep._meta.get_field(name).verbose_name)
            found.append(Difference(name, label, facts.get(name, ""), DROP if is_unknown else KEEP))
    return found


def moving(keep, drop):
    """Return what points to the record that would be dropped, as (what it is, how many) pairs."""
    kind = drop._meta.model_name
    counts = {Citation: Citation.objects.filter(**{kind: drop}).count(), Claim: drop.claims.count()}
    if kind == "institution":
        counts[Tender] = drop.tenders.count()
        counts[Company] = Company.objects.filter(institution=drop).count()
    elif kind == "company":
        counts[Award] = drop.awards.count()
    else:
        counts[Award] = drop.awards.count()
        counts[Inclusion] = drop.inclusions.count()
    return [(model._meta.verbose_name_plural, number) for model, number in counts.items() if number]


@transaction.atomic
def merge(*, keep, drop, choices=None, by=None, reason=""):
    """
    Give all that is of ``drop`` to ``keep``, delete ``drop``, and return ``keep`` as it is then.

    ``choices`` says of fields that differ (``differences``) whose value stands, ``keep`` or ``drop``; the citation that
    was chosen for it stays chosen. Raises ``ValidationError`` where the two cannot be one record.
    """
    if type(keep) is not type(drop):
        raise ValidationError(_("A record is merged with one of its own kind."))
    if keep.pk == drop.pk:
        raise ValidationError(_("A record is not merged with itself: choose two."))
    DatasetVersion.lock()
    found = type(keep).objects.select_for_update().in_bulk([keep.pk, drop.pk])
    if len(found) < 2:
        raise ValidationError(_("One of the two is not there any more."))
    keep, drop = found[keep.pk], found[drop.pk]
    chosen = _chosen_sides(keep, drop, choices or {})
    _refuse(keep, drop, chosen)
    with change_set(ChangeKind.MERGED, by=by, reason=reason), track_verdicts(Cause.MERGED, keep.reference) as written:
        if drop.state in PUBLIC:  # readers see it: of a draft they are told nothing
            written.details = f"{drop.reference} → {keep.reference}"  # kept for readers of any language
        _Merger(keep, drop, chosen).run()
    return keep


def _chosen_sides(keep, drop, choices):
    """Return, for each field that differs, whose value stands."""
    known = {each.field: each for each in differences(keep, drop)}
    if wrong := [name for name, side in choices.items() if name in known and side not in (KEEP, DROP)]:
        raise ValidationError(_("Say whose value stands: %(fields)s.") % {"fields": _(", ").join(sorted(wrong))})
    return {name: choices.get(name, each.default) for name, each in known.items()}


def _refuse(keep, drop, chosen):
    names = {"keep": keep.reference, "drop": drop.reference}
    if keep.state == EditorialState.WITHDRAWN:
        raise ValidationError(_("%(keep)s is withdrawn: keep the other one, or publish it first.") % names)
    if drop.state in PUBLIC and not keep.is_published:
        raise ValidationError(_("%(drop)s has been public and %(keep)s has not: keep the public one.") % names)
    if found := DistinctPair.objects.about(keep, drop):
        raise ValidationError(
            _("%(keep)s and %(drop)s were found not to be the same: “%(reason)s” Take that back first.")
            % {**names, "reason": found.reason}
        )
    if isinstance(keep, Institution):
        companies = Company.objects.filter(institution__in=[keep, drop]).order_by("reference")
        if len(companies) > 1:
            raise ValidationError(
                _("Both buy and supply, as %(companies)s: merge these two companies first.")
                % {"companies": _(", ").join(company.reference for company in companies)}
            )
    if keep.is_published:
        _refuse_hidden_parties(keep, drop, chosen)
        _refuse_uncited_facts(keep, drop, chosen)


def _refuse_uncited_facts(keep, drop, chosen):
    """A published record gets no fact that no source is cited for, neither of its own nor of an award."""
    moving = [award for award, twin in _awards_with_twins(keep, drop) if twin is None]
    for target, fact in uncited_facts(drop):
        words = {"drop": drop.reference, "field": Fact(fact).label}
        if target == drop and chosen.get(drop.FACTS[fact]) == DROP:
            raise ValidationError(
                _("No source is cited for %(field)s of %(drop)s: cite one first, or keep the other value.") % words
            )
        if target in moving:
            raise ValidationError(
                _("No source is cited for %(field)s of award %(number)s of %(drop)s: cite one first.")
                % {**words, "number": target.number}
            )


def _refuse_hidden_parties(keep, drop, chosen):
    """A published tender has only published parties, also those that it would get."""
    if not isinstance(keep, Tender):
        return
    parties = [company for award in drop.awards.all() for company in award.suppliers.all()]
    if chosen.get("buyer") == DROP and drop.buyer:
        parties.append(drop.buyer)
    if hidden := sorted({party.reference for party in parties if not party.is_published}):
        raise ValidationError(
            _("%(keep)s is published, and these are not: %(parties)s. Publish them first.")
            % {"keep": keep.reference, "parties": _(", ").join(hidden)}
        )


class _Merger:
    """One merger, step by step; all of it within one change."""

    def __init__(self, keep, drop, chosen):
        self.keep, self.drop, self.chosen = keep, drop, chosen
        self.kind = keep._meta.model_name
        self.values = {
            name: getattr(drop, name)
            for field, side in chosen.items()
            if side == DROP
            for name in (field, *FIELDS[type(keep)][field])
        }

    def run(self):
        self.take_citations(self.keep, self.drop, self.facts_taken())
        if self.kind == "tender":
            self.move_awards()
            self.move_neighbours()
        elif self.kind == "company":
            self.move_suppliers()
        else:
            self.move_purchases()
        _write(Claim.objects.filter(**{self.kind: self.drop}), **{self.kind: self.keep})
        self.move_identity()
        aliases = self.aliases() if self.kind != "tender" else {}
        type(self.drop).objects.get(pk=self.drop.pk).delete()  # fresh: it keeps no row that has moved
        for name, value in {**self.values, **aliases}.items():
            setattr(self.keep, name, value)
        self.keep.full_clean()
        self.keep.save()
        if self.kind != "tender":
            self.rewrite_statements()

    def facts_taken(self):
        """Return the facts of which the value of the dropped record stands."""
        return {fact for fact, attribute in self.keep.FACTS.items() if self.chosen.get(attribute) == DROP}

    # Citations

    def take_citations(self, target, source, facts_taken=()):
        """Give the citations of a record or an award to another; of each fact the one that is followed stays chosen."""
        is_award = isinstance(target, Award)
        owner = {"tender": self.keep, "award": target} if is_award else {self.kind: target, "award": None}
        mine = list(Citation.objects.filter(**owner))
        theirs = list(source.citations.filter(award__isnull=not is_award).order_by("pk"))
        same = {_statement(citation): citation for citation in mine}
        has_chosen = {citation.fact for citation in mine if citation.is_chosen}
        followed = {
            citation.fact: citation
            for citation in theirs
            if citation.is_chosen
            and (citation.fact in facts_taken or (citation.fact not in has_chosen and citation.fact not in self.lost))
        }
        unchosen = [each for each in mine if each.is_chosen and (each.fact in followed or each.fact in facts_taken)]
        _save(unchosen, is_chosen=False)
        for citation in theirs:
            is_followed = followed.get(citation.fact) is citation
            twin = same.get(_statement(citation))
            if twin is None:
                _save([citation], is_chosen=is_followed, **owner)
                continue
            citation.delete()
            _save(
                [twin],
                is_chosen=twin.is_chosen or is_followed,
                stated=twin.stated or citation.stated,
                reason=twin.reason or citation.reason,
            )

    @property
    def lost(self):
        """The facts of which the kept record's own value stands, and another was that of the dropped one."""
        return {fact for fact, attribute in self.keep.FACTS.items() if self.chosen.get(attribute) == KEEP}

    def rewrite_statements(self):
        """Let what sources state of tenders name the record that is kept."""
        fact = Fact.SUPPLIER if self.kind == "company" else Fact.INSTITUTION
        stating = Citation.objects.filter(fact=fact, value__contains=self.drop.reference).order_by("-is_chosen", "pk")
        for citation in stating:
            named = {self.keep.reference if each == self.drop.reference else each for each in citation.value.split("|")}
            value = "|".join(sorted(named))
            twin = (
                Citation.objects.filter(
                    tender=citation.tender_id,
                    award=citation.award_id,
                    fact=fact,
                    source=citation.source_id,
                    place=citation.place,
                    value=value,
                )
                .exclude(pk=citation.pk)
                .first()
            )
            if twin is None:
                _save([citation], value=value)
                continue
            is_chosen = twin.is_chosen or citation.is_chosen
            citation.delete()
            _save([twin], is_chosen=is_chosen)

    # What points to a party

    def move_purchases(self):
        _write(Tender.objects.filter(buyer=self.drop), buyer=self.keep)
        _write(Company.objects.filter(institution=self.drop), institution=self.keep)

    def move_suppliers(self):
        """Put the kept company where the dropped one was; in an award of both it stays once, and won it alone then."""
        awards = list(Award.objects.filter(suppliers=self.drop).order_by("pk"))
        joint = set(Award.objects.filter(suppliers=self.keep, pk__in=[award.pk for award in awards]))
        AwardSupplier.objects.filter(company=self.drop, award__in=joint).delete()
        AwardSupplier.objects.filter(company=self.drop).update(company=self.keep)
        record_changed_history(awards)
        alone = [award for award in joint if award.suppliers.count() == 1]
        _save(Citation.objects.filter(award__in=alone, fact=Fact.IS_JOINT, is_chosen=True), is_chosen=False)

    def aliases(self):
        """Return the columns of the other names, with all names of both that are not the name of the kept one."""
        columns = {}
        for language in ("en", "zh"):
            name = self.values.get(f"name_{language}", getattr(self.keep, f"name_{language}"))
            named = [
                getattr(self.keep, f"name_{language}"),
                *getattr(self.keep, f"aliases_{language}").splitlines(),
                getattr(self.drop, f"name_{language}"),
                *getattr(self.drop, f"aliases_{language}").splitlines(),
            ]
            others = {}
            for each in filter(None, map(str.strip, named)):
                if each != name:
                    others.setdefault(fold(each), each)
            columns[f"aliases_{language}"] = "\n".join(others.values())
        return columns

    # What belongs to a tender

    def move_awards(self):
        """Give the awards of the dropped tender to the kept one; what both have alike is one award."""
        numbers = list(self.keep.awards.values_list("number", flat=True))
        for award, twin in _awards_with_twins(self.keep, self.drop):
            if twin is not None:
                self.take_citations(twin, award)
                if not twin.notes:
                    _save([twin], notes=award.notes)
                continue
            numbers.append(max(numbers, default=0) + 1)
            citations = list(award.citations.all())
            _save([award], tender=self.keep, number=numbers[-1])
            _save(citations, tender=self.keep)

    def move_neighbours(self):
        """Move the articles that count it, the tenders that it may be the same as, and what an editor suggests."""
        counted = set(self.keep.inclusions.values_list("article", flat=True))
        _write(self.drop.inclusions.exclude(article__in=counted), tender=self.keep)
        others = self.drop.possibly_same_as.exclude(pk=self.keep.pk)
        self.keep.possibly_same_as.add(*others)
        self.keep.possibly_same_as.remove(self.drop)
        self.keep.suggested_categories.add(*self.drop.suggested_categories.all())

    # Which record is which

    def move_identity(self):
        """Let the former references lead to the kept record, and carry over which records are not the same."""
        kept, dropped = self.keep.reference, self.drop.reference
        # Of a record that is there again, and may be led to.
        RedirectedReference.objects.filter(reference=kept).delete()
        RedirectedReference.objects.filter(redirects_to=dropped).update(redirects_to=kept)
        values = {"redirects_to": kept, "is_public": self.drop.state in PUBLIC}
        RedirectedReference.objects.update_or_create(reference=dropped, defaults=values)
        for each in [*DistinctPair.objects.filter(one=dropped), *DistinctPair.objects.filter(other=dropped)]:
            one, other = sorted([kept, each.other if each.one == dropped else each.one])
            if DistinctPair.objects.filter(one=one, other=other).exists():
                each.delete()
            else:
                each.one, each.other = one, other
                each.save(update_fields=["one", "other"])


def _statement(citation):
    """Return what makes a citation of one target another one."""
    return citation.fact, citation.source_id, citation.place, citation.value


def _content(award):
    """Return what an award says; two of one tender that say the same are one."""
    return (*(canonical(getattr(award, name)) for name in AWARD_COLUMNS), canonical(award.supplier_list))


def _awards_with_twins(keep, drop):
    """Return the awards of a dropped tender, each with the one of the kept tender that says the same, or None."""
    if not isinstance(drop, Tender):
        return []
    alike = {}
    for award in keep.awards.order_by("number"):
        alike.setdefault(_content(award), []).append(award)
    awards = [(award, alike.get(_content(award))) for award in drop.awards.order_by("number")]
    return [(award, twins.pop(0) if twins else None) for award, twins in awards]


def _save(objs, **values):
    """Write values into some objects of one model, one by one."""
    for obj in objs:
        if any(getattr(obj, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(obj, name, value)
            obj.save(update_fields=list(values))


def _write(queryset, **values):
    """Write values into all rows of a query, and into the history of each."""
    pks = list(queryset.values_list("pk", flat=True))
    model = queryset.model
    model._default_manager.filter(pk__in=pks).update(**values)
    record_changed_history(model._default_manager.filter(pk__in=pks).order_by("pk"))
