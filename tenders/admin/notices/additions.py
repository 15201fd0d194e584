"""Another notice of a tender that is here: which tender that is, and what the notice adds. It overwrites nothing."""

import re
import unicodedata
from dataclasses import replace

from django.utils.translation import gettext as _

from tenders import duplicates, kinds
from tenders.admin.fact_table import display_value, next_number
from tenders.admin.named_records import NEW, SEPARATOR
from tenders.admin.notices.drafts import Draft
from tenders.admin.notices.proposals import Proposal
from tenders.models import Award, Tender
from tenders.search import fold

MAX_ALIKE = 3
OF_OURS = {"certainty"}  # no notice states it again


def known_tenders(draft):
    """Return the tenders with the official number of a notice, else those with its title and its institution."""
    number = _plain(draft.tender.get("official_number", Proposal()).typed)
    if number:
        kept = Tender.objects.exclude(official_number="").only("reference", "official_number")
        found = [tender.pk for tender in kept.iterator() if _plain(tender.official_number) == number]
        if found:
            return list(Tender.objects.filter(pk__in=found).order_by("pk"))
    title = draft.tender["title_zh"].typed
    same = Tender.objects.filter(title_zh__iexact=title).select_related("buyer").order_by("pk") if title else ()
    buyer = draft.tender["buyer"].typed
    return [tender for tender in same if not (tender.buyer and buyer) or _is_named(tender.buyer, buyer)]


def similar_tenders(draft):
    """Return tenders that the one of a notice may be, by the likeness of their titles."""
    title, year = draft.tender["title_zh"].typed, draft.tender["year"].typed
    if not title:
        return []
    tender = Tender(title_zh=title, year=int(year) if year else None)
    return [candidate.record for candidate in duplicates.candidates(tender)[:MAX_ALIKE]]


def addition_to(tender, draft):
    """Return the ``Draft`` of what a notice adds to a tender: unknown fields, and statements beside known ones."""
    found = {name: _added(tender, name, proposal) for name, proposal in draft.tender.items() if name not in OF_OURS}
    year = draft.tender["year"]
    if year.reason and tender.year:  # that of the notice itself
        found["year"] = Proposal()
    awards, numbers = {}, {}
    kept, new = list(tender.awards.prefetch_related("suppliers").order_by("number")), next_number(tender)
    for number, proposals in draft.awards.items():
        award = _same_award(kept, proposals, len(draft.awards))
        if award is None:
            numbers[number], new = new, new + 1
            awards[numbers[number]] = proposals
        else:
            kept.remove(award)
            numbers[number] = award.number
            awards[award.number] = {name: _added(award, name, proposal) for name, proposal in proposals.items()}
    corrections = {
        (numbers.get(number, number), name): correction for (number, name), correction in draft.corrections.items()
    }
    for (number, name), correction in corrections.items():
        proposals = awards[number] if number else found
        if (proposal := proposals.get(name)) and proposal.is_disputed:
            words = {"before": correction.before, "after": correction.after}
            reason = _("This notice corrects it: before “%(before)s”, after “%(after)s”. Tick “Used” to follow it.")
            proposals[name] = replace(proposal, reason=reason % words)
    return Draft(draft.reading, draft.source, found, awards, corrections, draft.omitted_lots)


def _added(record, name, proposal):
    """Return what a notice adds to a field of a record, or to one of its awards."""
    attribute = next(one for one in record.ATTRIBUTES if one.name == name)
    known = attribute.canonical(record)
    if attribute.fact is None:
        return Proposal() if known else proposal
    if not known:
        return proposal
    stated = _canonical(attribute, proposal.typed)
    if stated is None:
        names = proposal.typed if isinstance(proposal.typed, list) else [proposal.typed]
        words = {"name": _("; ").join(one.lstrip("+") for one in names), "known": display_value(attribute, known)}
        reason = _(
            "The notice names %(name)s, the record %(known)s. If that is another one, add it, then state it here."
        )
        return Proposal("", proposal.quotation, (), reason % words, record=known)
    if not stated:
        return Proposal("", None, (), proposal.reason if proposal.options else "", record=known)
    return Proposal("", proposal.quotation, (), "", stated=stated, record=known, shown=display_value(attribute, stated))


def _canonical(attribute, typed):
    """Return the canonical form of what would be typed; empty text for nothing, None for a party that is not here."""
    if not typed:
        return ""
    if not isinstance(attribute.kind, kinds.RelatedRecord):
        return attribute.kind.normalize(typed) if not isinstance(attribute.kind, kinds.Existence) else typed
    names = typed if isinstance(typed, list) else [typed]
    if any(name.startswith(NEW) for name in names):
        return None
    return "|".join(sorted(name.rpartition(SEPARATOR)[2] for name in names))


def _same_award(awards, proposals, number):
    """Return the award that a lot is: by its label, by who won it, or as the only one; None for a new one."""
    label = proposals["lot"].typed
    if label:
        first = label.split()[0]
        labelled = [award for award in awards if award.lot and (award.lot == label or award.lot.split()[0] == first)]
        if labelled:
            return labelled[0]
    winners = _canonical(Award.FACTS["supplier"], proposals["suppliers"].typed)
    won = [award for award in awards if winners and award.canonical("supplier") == winners]
    if won:
        return won[0]
    return awards[0] if len(awards) == number == 1 else None


def _is_named(party, typed):
    if typed.startswith(NEW):
        return fold(typed[1:]) in map(fold, (party.name_zh, *party.aliases))
    return typed.rpartition(SEPARATOR)[2] == party.reference


def _plain(text):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text or "")).casefold()
