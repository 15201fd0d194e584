"""The institution and the companies that a notice names: those that are here, or proposed as new ones."""

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tenders import duplicates
from tenders.admin.named_records import typed_name
from tenders.admin.notices.proposals import Option, Proposal

MAX_OPTIONS = 3  # records that a name looks like


class Parties:
    """The records of one kind, in which the names of a notice are looked up."""

    def __init__(self, model):
        self.model = model

    @cached_property
    def _index(self):
        return duplicates.Index(self.model)

    def named(self, name, credit_code=""):
        """Return the records with a credit code, else those with a name or an alias, whatever its width."""
        if credit_code and (found := list(self.model.objects.filter(credit_code=credit_code))):
            return found
        return self._index.exact(name)

    def propose(self, name, quotation, credit_code=""):
        """Return the ``Proposal`` of an organisation; of one that resembles others none, with these to choose from."""
        found = self.named(name, credit_code)
        if len(found) == 1:
            return Proposal(typed_name(found[0]), quotation)
        if found:
            reason = _("Several records have this name.")
            return Proposal("", quotation, _options(found, quotation), reason)
        alike = [one.record for one in self._index.similar(self.model(name_zh=name, credit_code=credit_code))]
        if alike:
            new = Option(f"+{name}", _("New: %(name)s") % {"name": name}, quotation)
            reason = _("“%(name)s” looks like a record that is here.") % {"name": name}
            return Proposal("", quotation, (*_options(alike[:MAX_OPTIONS], quotation), new), reason)
        return Proposal(f"+{name}", quotation)


def _options(records, quotation):
    return tuple(Option(typed_name(record), str(record), quotation) for record in records)


def propose_together(proposals):
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
