"""
Merging two records of one thing: all that points to the dropped record moves to the kept one, and nothing is lost.

The dropped record is deleted; its history stays, and its reference redirects to the kept record.
"""

from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tenders import kinds
from tenders.choices import EVER_PUBLIC, Cause, ChangeKind, EditorialState, Fact
from tenders.claims.verdict_history import track_verdicts
from tenders.integrity import fresh, new_untrue_choices, uncited_facts, untrue_choices
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
from tenders.models.changes import change_set, record_changed_history, record_shortened_lists
from tenders.models.sources import disputed
from tenders.search import fold

KEEP, DROP = "keep", "drop"
# What two awards of one tender that are the same have in common.
AWARD_CONTENT = [
    attribute for attribute in Award.stored_attributes() if attribute.name not in {"number", "notes", "notes_zh"}
]


@dataclass(frozen=True)
class Difference:
    """A field of which two records hold different values, and the side that is taken by default."""

    field: str
    label: str
    fact: str  # that the field holds; empty text for none
    default: str


def differences(keep, drop):
    """Return the fields of which two records of one kind hold different values; lists are joined, not chosen."""
    found = []
    for attribute in keep.stored_attributes():
        if attribute.qualifies or attribute.translates or attribute.kind.is_list:
            continue
        names = fields_of(keep, attribute)
        values = [[getattr(record, name) for name in names] for record in (keep, drop)]
        if values[0] != values[1]:
            is_unknown = values[0][0] in (None, "")
            label = str(keep._meta.get_field(attribute.name).verbose_name)
            found.append(Difference(attribute.name, label, attribute.fact or "", DROP if is_unknown else KEEP))
    return found


def fields_of(record, attribute):
    """Return the names of the fields that hold an attribute: its own, and those that qualify or translate it."""
    others = (other for other in record.ATTRIBUTES if attribute.name in (other.qualifies, other.translates))
    return [attribute.name, *(other.name for other in others)]


def moving(keep, drop):
    """Return what points to the record that would be dropped, as (what it is, how many) pairs."""
    related = {Citation: drop.citations, Claim: drop.claims}
    if isinstance(drop, Institution):
        related |= {Tender: drop.tenders, Company: Company.objects.filter(institution=drop)}
    elif isinstance(drop, Company):
        related |= {Award: drop.awards}
    else:
        related |= {Award: drop.awards, Inclusion: drop.inclusions}
    counts = [(model._meta.verbose_name_plural, objects.count()) for model, objects in related.items()]
    return [(label, number) for label, number in counts if number]


@transaction.atomic
def merge(*, keep, drop, choices=None, by=None, reason=""):
    """
    Move all that belongs to ``drop`` to ``keep``, delete ``drop``, and return ``keep`` as it is then.

    ``choices`` maps fields that differ (``differences``) to the side whose value is taken, ``KEEP`` or ``DROP``; the
    citation that was chosen for it stays chosen. Where the statements of the two disagree, the reason of the merge is
    that of the choice. Raises ``ValidationError`` where the two cannot be one record.
    """
    if type(keep) is not type(drop):
        raise ValidationError(_("Choose two records of the same kind."))
    if keep.pk == drop.pk:
        raise ValidationError(_("Choose two records: a record can’t be merged with itself."))
    DatasetVersion.lock()
    found = type(keep).objects.select_for_update().in_bulk([keep.pk, drop.pk])
    if len(found) < 2:
        raise ValidationError(_("One of the two records no longer exists."))
    keep, drop = found[keep.pk], found[drop.pk]
    chosen = _chosen_sides(keep, drop, choices or {})
    _check_mergeable(keep, drop, chosen)
    with change_set(ChangeKind.MERGED, by=by, reason=reason), track_verdicts(Cause.MERGED, keep.reference) as write:
        if drop.state in EVER_PUBLIC:  # readers see the details: no draft is named, and nothing translated
            write.details = f"{drop.reference} → {keep.reference}"
        before = untrue_choices(fresh(keep))
        _Merger(keep, drop, chosen, reason).run()
        if problems := new_untrue_choices(fresh(keep), before):
            raise ValidationError(problems)
    return keep


def _chosen_sides(keep, drop, choices):
    """Return the side whose value is taken, by field that differs."""
    defaults = {difference.field: difference.default for difference in differences(keep, drop)}
    if wrong := [name for name, side in choices.items() if name in defaults and side not in (KEEP, DROP)]:
        raise ValidationError(_("Choose which value to keep: %(fields)s.") % {"fields": _(", ").join(sorted(wrong))})
    return {name: choices.get(name, default) for name, default in defaults.items()}


def _check_mergeable(keep, drop, chosen):
    names = {"keep": keep.reference, "drop": drop.reference}
    if keep.state == EditorialState.WITHDRAWN:
        raise ValidationError(_("Keep the other record, or publish %(keep)s first: it is withdrawn.") % names)
    if drop.state in EVER_PUBLIC and not keep.is_published:
        raise ValidationError(_("Keep %(drop)s instead: it has been public and %(keep)s has not.") % names)
    if found := DistinctPair.objects.about(keep, drop):
        message = _("Undo the decision first that %(keep)s and %(drop)s are different: “%(reason)s”")
        raise ValidationError(message % {**names, "reason": found.reason})
    if isinstance(keep, Institution):
        companies = Company.objects.filter(institution__in=[keep, drop]).order_by("reference")
        if len(companies) > 1:
            message = _("Merge the companies first: both institutions also supply, as %(companies)s.")
            raise ValidationError(message % {"companies": _(", ").join(company.reference for company in companies)})
    if keep.is_published:
        if isinstance(keep, Tender):
            _refuse_hidden_parties(keep, drop, chosen)
        _refuse_uncited_facts(keep, drop, chosen)


def _refuse_uncited_facts(keep, drop, chosen):
    """Refuse facts without a source for a published record, its own and those of awards."""
    new_awards = [award for award, equal in _awards_with_equals(keep, drop) if equal is None]
    for target, fact in uncited_facts(drop):
        words = {"drop": drop.reference, "field": Fact(fact).label}
        if target == drop and chosen.get(drop.FACTS[fact].name) == DROP:
            message = _("Cite a source for %(field)s of %(drop)s first, or keep the other value.")
            raise ValidationError(message % words)
        if target in new_awards:
            message = _("Cite a source for %(field)s of award %(number)s of %(drop)s first.")
            raise ValidationError(message % {**words, "number": target.number})


def _refuse_hidden_parties(keep, drop, chosen):
    """Refuse parties that are not public for a published tender."""
    parties = [company for award in drop.awards.all() for company in award.suppliers.all()]
    if chosen.get("buyer") == DROP and drop.buyer:
        parties.append(drop.buyer)
    if hidden := sorted({party.reference for party in parties if not party.is_published}):
        message = _("Publish these first, as %(keep)s is published: %(parties)s.")
        raise ValidationError(message % {"keep": keep.reference, "parties": _(", ").join(hidden)})


class _Merger:
    """The steps of merging two records."""

    def __init__(self, keep, drop, chosen, reason):
        self.keep, self.drop, self.chosen, self.reason = keep, drop, chosen, reason
        self.kind = keep._meta.model_name
        self.values = {
            name: getattr(drop, name)
            for attribute in keep.stored_attributes()
            if chosen.get(attribute.name) == DROP
            for name in fields_of(keep, attribute)
        }

    def run(self):
        self.move_citations(self.drop, self.keep, self.facts_from(DROP))
        if self.kind == "tender":
            self.move_awards()
            self.move_neighbours()
        elif self.kind == "company":
            self.move_suppliers()
        else:
            _write(Tender.objects.filter(buyer=self.drop), buyer=self.keep)
            _write(Company.objects.filter(institution=self.drop), institution=self.keep)
        _write(Claim.objects.filter(**{self.kind: self.drop}), **{self.kind: self.keep})
        self.move_identity()
        self.join_relations()
        self.values |= self.joined_lines()
        with record_shortened_lists([self.drop]):
            type(self.drop).objects.get(pk=self.drop.pk).delete()  # read anew: it holds no row that has moved
        for name, value in self.values.items():
            setattr(self.keep, name, value)
        self.keep.full_clean()
        self.keep.save()
        if self.kind != "tender":
            self.rewrite_statements()

    def facts_from(self, side):
        """Return the facts that differ and of which the value of a side is taken."""
        return {fact for fact, attribute in self.keep.FACTS.items() if self.chosen.get(attribute.name) == side}

    def move_citations(self, source, target, facts_taken=()):
        """Move the citations of a record or an award; of a fact, the citation of the value that is taken is chosen."""
        is_award = isinstance(target, Award)
        owner = {"tender": self.keep, "award": target} if is_award else {self.kind: target, "award": None}
        mine = list(Citation.objects.filter(**owner))
        theirs = list(source.citations.filter(award__isnull=not is_award).order_by("pk"))
        statement = attrgetter("fact", "source_id", "place", "value")  # unique among the citations of one target
        equals = {statement(citation): citation for citation in mine}
        decided = {citation.fact for citation in mine if citation.is_chosen} | self.facts_from(KEEP)
        followed = {
            citation.fact: citation
            for citation in theirs
            if citation.is_chosen and (citation.fact in facts_taken or citation.fact not in decided)
        }
        superseded = {*followed, *facts_taken}
        _save([citation for citation in mine if citation.is_chosen and citation.fact in superseded], is_chosen=False)
        for citation in theirs:
            is_followed = followed.get(citation.fact) is citation
            equal = equals.get(statement(citation))
            if equal is None:
                _save([citation], is_chosen=is_followed, **owner)
                continue
            citation.delete()
            _save(
                [equal],
                is_chosen=equal.is_chosen or is_followed,
                stated=equal.stated or citation.stated,
                place_zh=equal.place_zh or citation.place_zh,
                reason=equal.reason or citation.reason,
                reason_zh=equal.reason_zh or citation.reason_zh,
            )
        self.explain_choices(owner, {citation.fact for citation in theirs})

    def explain_choices(self, owner, facts):
        """Give the reason of the merge to choices without one, where statements of these facts disagree now."""
        citations = Citation.objects.filter(**owner, fact__in=facts)
        disputes = {fact for _award_id, fact in disputed(citations)}
        _save(citations.filter(fact__in=disputes, is_chosen=True, reason="", reason_zh=""), reason=self.reason)

    def rewrite_statements(self):
        """Replace the reference of the dropped party by that of the kept one in what sources state of tenders."""
        fact = Fact.SUPPLIER if self.kind == "company" else Fact.INSTITUTION
        stating = Citation.objects.filter(fact=fact, value__contains=self.drop.reference).order_by("-is_chosen", "pk")
        for citation in stating:
            kept, dropped = self.keep.reference, self.drop.reference
            named = {kept if reference == dropped else reference for reference in citation.value.split("|")}
            value = "|".join(sorted(named))
            others = Citation.objects.filter(tender=citation.tender_id, award=citation.award_id, fact=fact, value=value)
            others = others.filter(source=citation.source_id, place=citation.place).exclude(pk=citation.pk)
            if equal := others.first():
                citation.delete()
                _save(
                    [equal],
                    is_chosen=equal.is_chosen or citation.is_chosen,
                    stated=equal.stated or citation.stated,
                    place_zh=equal.place_zh or citation.place_zh,
                    reason=equal.reason or citation.reason,
                    reason_zh=equal.reason_zh or citation.reason_zh,
                )
            else:
                _save([citation], value=value)

    def move_suppliers(self):
        """Replace the dropped company by the kept one in awards; of an award of both it is then the only supplier."""
        awards = list(Award.objects.filter(suppliers=self.drop).order_by("pk"))
        joint = set(Award.objects.filter(suppliers=self.keep, pk__in=[award.pk for award in awards]))
        AwardSupplier.objects.filter(company=self.drop, award__in=joint).delete()
        AwardSupplier.objects.filter(company=self.drop).update(company=self.keep)
        record_changed_history(awards)
        alone = [award for award in joint if award.suppliers.count() == 1]
        _save(Citation.objects.filter(award__in=alone, fact=Fact.IS_JOINT, is_chosen=True), is_chosen=False)

    def join_relations(self):
        """Add the related records of the dropped record to those of the kept one, but for the two themselves."""
        for attribute in self.keep.stored_attributes():
            if isinstance(attribute.kind, kinds.RelatedRecords):
                others = [other for other in attribute.value(self.drop) if other not in (self.keep, self.drop)]
                getattr(self.keep, attribute.name).add(*others)

    def joined_lines(self):
        """Return the lines of both records, by field; to aliases belong the names but that of the merged record."""
        fields = {}
        for attribute in self.keep.stored_attributes():
            if not isinstance(attribute.kind, kinds.Lines):
                continue
            name_field = attribute.name.replace("aliases", "name")
            name = self.values.get(name_field, getattr(self.keep, name_field))
            lines = {}
            for record in (self.keep, self.drop):
                for line in (getattr(record, name_field), *getattr(record, attribute.name).splitlines()):
                    if line.strip() and line.strip() != name:
                        lines.setdefault(fold(line.strip()), line.strip())
            fields[attribute.name] = "\n".join(lines.values())
        return fields

    def move_awards(self):
        """Move the awards of the dropped tender; one that the kept tender has too gives it its citations and notes."""
        numbers = list(self.keep.awards.values_list("number", flat=True))
        for award, equal in _awards_with_equals(self.keep, self.drop):
            if equal is not None:
                self.move_citations(award, equal)
                if not equal.shown_notes:
                    _save([equal], notes=award.notes, notes_zh=award.notes_zh)
                continue
            numbers.append(max(numbers, default=0) + 1)
            citations = list(award.citations.all())
            _save([award], tender=self.keep, number=numbers[-1])
            _save(citations, tender=self.keep)

    def move_neighbours(self):
        """Move the articles that count it; the two are no longer tenders that may be the same."""
        counted = set(self.keep.inclusions.values_list("article", flat=True))
        _write(self.drop.inclusions.exclude(article__in=counted), tender=self.keep)
        self.keep.possibly_same_as.remove(self.drop)

    def move_identity(self):
        """Redirect the former references to the kept record, and move the pairs that are known to be distinct."""
        kept, dropped = self.keep.reference, self.drop.reference
        redirects = RedirectedReference.objects
        redirects.filter(reference=kept).delete()  # of a record that is there again, so that it may be a target
        _write(redirects.filter(redirects_to=dropped), redirects_to=kept)
        values = {"redirects_to": kept, "is_public": self.drop.state in EVER_PUBLIC}
        redirects.update_or_create(reference=dropped, defaults=values)
        for pair in DistinctPair.objects.filter(Q(one=dropped) | Q(other=dropped)):
            one, other = sorted([kept, pair.other if pair.one == dropped else pair.one])
            if DistinctPair.objects.filter(one=one, other=other).exists():
                pair.delete()
            else:
                pair.one, pair.other = one, other
                pair.save(update_fields=["one", "other"])


def _content(award):
    """Return the content of an award in canonical form; two of one tender with equal content are the same."""
    return tuple(attribute.canonical(award) for attribute in AWARD_CONTENT)


def _awards_with_equals(keep, drop):
    """Return the awards of a dropped tender, each with the same award of the kept tender, or None."""
    if not isinstance(drop, Tender):
        return []
    equals = defaultdict(list)
    for award in keep.awards.order_by("number"):
        equals[_content(award)].append(award)
    candidates = [(award, equals[_content(award)]) for award in drop.awards.order_by("number")]
    return [(award, same.pop(0) if same else None) for award, same in candidates]


def _save(objs, **values):
    """Save values on objects of one model where they differ, one by one."""
    for obj in objs:
        if any(getattr(obj, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(obj, name, value)
            obj.save(update_fields=list(values))


def _write(queryset, **values):
    """Update all rows of a query, and record their history."""
    pks = list(queryset.values_list("pk", flat=True))
    model = queryset.model
    model._default_manager.filter(pk__in=pks).update(**values)
    record_changed_history(model._default_manager.filter(pk__in=pks).order_by("pk"))
