"""
Check the cells of columns that follow from others: what differs would be lost, as these columns are not imported.

A cell may repeat what its record has, or what follows from the other columns of its row.
"""

from copy import copy

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tenders.choices import ValueType
from tenders.exports.cells import cell_text, unescape
from tenders.imports.cells import is_unknown, split
from tenders.imports.columns import AMOUNTS, COMPUTED, OF_AWARD, PARTIES, PARTY_NAMES
from tenders.imports.comparing import awards_by_number
from tenders.imports.parsing import REFERENCE_OF, Problem
from tenders.kinds import Flag, Money, canonical
from tenders.models import Tender
from tenders.search import fold

PARSED_AS = {ValueType.MONEY: Money(), ValueType.FLAG: Flag()}
SUPPLIERS = next(column for column, attribute in OF_AWARD.items() if attribute.name == "suppliers")


def computed_problems(row, differences):
    """Return a problem for each cell of a matched row that neither its record nor its other columns give."""
    if not row.parsed.computed:
        return []
    unread = {problem.column for problem in row.parsed.problems}
    if row.parsed.has_merged:  # the names, and more, may be those of before
        unread |= PARTIES.keys()
    cells = {
        name: cell
        for name, cell in row.parsed.computed.items()
        if (row.tender.pk or COMPUTED[name].follows_from)  # a new tender has nothing yet that the site computes
        and unread.isdisjoint(COMPUTED[name].follows_from)
    }
    for result in _results(row, differences):
        cells = {name: cell for name, cell in cells.items() if not _is_same(COMPUTED[name], cell, result)}
        if not cells:
            break
    return [Problem(name, cell, _message(COMPUTED[name])) for name, cell in cells.items()]


def _message(column):
    if not column.follows_from:
        return _("Leave this as it was: the site computes it (%(what)s).") % {"what": column.description}
    columns = _(", ").join(column.follows_from)
    return _("Change this in %(columns)s, from which it follows (%(what)s).") % {
        "columns": columns,
        "what": column.description,
    }


class _Shown:
    """A record as it would be downloaded if it were public."""

    is_published = True

    def __init__(self, record):
        self._record = record

    def __getattr__(self, name):
        return getattr(self._record, name)


class _ShownTender(_Shown):
    """A tender as it would be downloaded, with the winners and the amounts of its awards, both by their numbers."""

    def __init__(self, tender, winners, amounts):
        super().__init__(tender)
        self._winners, self._amounts = winners, amounts

    @cached_property
    def buyer(self):
        buyer = self._record.buyer
        return buyer and _Shown(buyer)

    @cached_property
    def suppliers(self):
        return [_Shown(one) for one in {id(one): one for some in self._winners.values() for one in some}.values()]

    @property
    def award_amount(self):
        amounts = self._amounts.values()
        return sum(amounts) if amounts and None not in amounts else None

    @property
    def is_same_region(self):
        region, seats = self._record.region, [company.region for company in self.suppliers]
        if region is None or not seats:
            return None
        return True if region in seats else None if None in seats else False

    @property
    def is_disputed(self):
        return getattr(self._record, "is_disputed", False)


def _results(row, differences):
    """Yield the tender as it is, if there is one, and as it would be after the import."""
    awards = awards_by_number(row.tender)
    winners = {number: award.suppliers.all() for number, award in awards.items()}
    amounts = {number: award.amount for number, award in awards.items()}
    if row.tender.pk:
        yield _ShownTender(row.tender, dict(winners), dict(amounts))
    changed = copy(row.tender)
    for difference in differences:
        if difference.number is None:
            difference.assign_to(changed)
            continue
        amounts.setdefault(difference.number, None)
        if difference.column == SUPPLIERS:
            winners[difference.number] = difference.new
        elif difference.column == AMOUNTS:
            amounts[difference.number] = difference.new
    yield _ShownTender(changed, winners, amounts)
    if row.tender.pk:  # a file that was imported before has the values of before
        earlier = [_ShownTender(version, winners, amounts) for version in row.tender.history.all()]
        sums = [_ShownTender(row.tender, winners, before) for before in _earlier_amounts(awards)]
        yield from (*earlier, *sums)


def _earlier_amounts(awards):
    """Yield the amounts of some awards as they were before each change of one of them."""
    versions = {number: list(award.history.all()) for number, award in awards.items()}
    for moment in {version.history_date for some in versions.values() for version in some}:
        then = {number: [one for one in some if one.history_date <= moment] for number, some in versions.items()}
        yield {number: some[0].amount for number, some in then.items() if some}


def _is_same(column, cell, result):
    if column.type == ValueType.ADDRESS:
        return set(REFERENCE_OF[Tender].findall(cell)) == {result.reference}
    value = column.value(result)
    if cell == cell_text(value, column.separators):
        return True
    if kind := PARSED_AS.get(column.type):
        try:
            return value is not None and kind.parse(unescape(cell)) == value
        except ValidationError:
            return False
    if column.separators:
        return _texts(split(cell.replace("；", ";"), ";")) == _texts(map(canonical, value or []))
    known = {fold(canonical(value))}
    if any(column.name in names for names in PARTY_NAMES.values()) and result.buyer:
        known |= {fold(name) for name in result.buyer.aliases}
    return fold(unescape(cell)) in known


def _texts(texts):
    """Return the folded texts of a list, without what is unknown."""
    return {fold(unescape(text)) for text in texts if not is_unknown(text)}
