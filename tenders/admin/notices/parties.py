"""The institution and the companies that a notice names: those that are here, or proposed as new ones."""

from django.db.models import Q
from django.utils.translation import gettext as _

from tenders import duplicates
from tenders.admin.named_records import typed_name
from tenders.admin.notices.proposals import Option, Proposal
from tenders.search import fold

MAX_OPTIONS = 3  # records that a name looks like


def named(model, name, credit_code=""):
    """Return the records with a credit code, else those with a name or an alias, whatever its width."""
    if credit_code and (found := list(model.objects.filter(credit_code=credit_code))):
        return found
    possible = model.objects.filter(Q(name_zh__iexact=name) | Q(aliases_zh__contains=name) | Q(name_en__iexact=name))
    return [party for party in possible if fold(name) in map(fold, (party.name_zh, party.name_en, *party.aliases))]


def propose_party(model, name, quotation, credit_code=""):
    """Return the ``Proposal`` of one organisation; of one that resembles others none, with these to choose from."""
    found = named(model, name, credit_code)
    if len(found) == 1:
        return Proposal(typed_name(found[0]), quotation)
    if found:
        reason = _("Several records have this name.")
        return Proposal("", quotation, _options(found, name, quotation), reason)
    alike = [candidate.record for candidate in duplicates.candidates(model(name_zh=name, credit_code=credit_code))]
    if alike:
        new = Option(f"+{name}", _("New: %(name)s") % {"name": name}, quotation)
        reason = _("“%(name)s” looks like a record that is here.") % {"name": name}
        return Proposal("", quotation, (*_options(alike[:MAX_OPTIONS], name, quotation), new), reason)
    return Proposal(f"+{name}", quotation)


def _options(records, name, quotation):
    return tuple(Option(typed_name(record), str(record), quotation) for record in records)


def propose_parties(model, proposals):
    """Return the ``Proposal`` of several organisations together; one in doubt leaves all to the editor."""
    if len(proposals) == 1:
        one = proposals[0]
        options = tuple(Option([option.typed], option.shown, option.quotation) for option in one.options)
        return Proposal([one.typed] if one.typed else [], one.quotation, options, one.reason)
    quotation = next((one.quotation for one in proposals if one.quotation), None)
    doubtful = [one for one in proposals if one.options]
    if not doubtful:
        return Proposal([one.typed for one in proposals], quotation)
    options = []
    for place, one in enumerate(proposals):
        for option in one.options:
            typed = [other.typed or other.options[-1].typed for other in proposals]
            typed[place] = option.typed
            options.append(Option(typed, _("; ").join(text.removeprefix("+") for text in typed), quotation))
    return Proposal([], quotation, tuple(options), " ".join(one.reason for one in doubtful))
