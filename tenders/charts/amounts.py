"""The line of amounts: each tender whose awarded amount is known, where its amount lies between powers of ten."""

import math
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenders.charts.marks import Chart, Listed
from tenders.facets import UNKNOWN
from tenders.languages import join_sentences

MOST = 20  # tenders on the line
LANE = 26  # pixels from one mark to that above it
REACH = 36  # what a mark takes with its words
EDGE = 3  # what is left free at both ends of the line


@dataclass(frozen=True)
class AmountMark:
    """A tender on the line; ``is_end`` says that its words stand before its dot."""

    label: str
    amount: Decimal  # yuan
    qualifier: str
    is_disputed: bool  # whether sources disagree on something of the tender
    url: str
    x: float
    y: float
    is_end: bool


@dataclass(frozen=True)
class Tick:
    """A power of ten under the line, in yuan."""

    amount: int
    x: float


def strip_plot(rows):
    """Return the tenders with the largest known amounts on a line, or None where no amount is known."""
    known = rows.filterset.qs.filter(award_amount__isnull=False)
    tenders = list(known.for_list().order_by(F("award_amount").desc(), "reference")[:MOST])
    if not tenders:
        return None
    number = known.count()
    bands = [value for value in rows.filterset.data.getlist("amount") if value != UNKNOWN]
    low = math.floor(_magnitude(tenders[-1].award_amount))
    high = max(math.ceil(_magnitude(tenders[0].award_amount)), low + 1)

    def place(amount):
        return round(EDGE + (100 - 2 * EDGE) * (_magnitude(amount) - low) / (high - low), 2)

    places = [(place(tender.award_amount), tender) for tender in tenders]
    lanes = _lanes([x for x, _tender in places])
    height = LANE * (max(lanes) + 1)
    marks = [
        AmountMark(
            label=tender.title or tender.reference,
            amount=tender.award_amount,
            qualifier=tender.amount_qualifier,
            is_disputed=tender.is_disputed,
            url=tender.get_absolute_url(),
            x=x,
            y=height - LANE * lane - LANE / 2,
            is_end=x > 50,
        )
        for (x, tender), lane in zip(places, lanes, strict=True)
    ]
    summary = ngettext(
        "The awarded amount of %(number)d tender is known.",
        "The awarded amounts of %(number)d tenders are known.",
        number,
    ) % {"number": number}
    if number > MOST:
        summary = join_sentences([summary, _("Shown are the largest %(shown)d.") % {"shown": MOST}])
    summary = join_sentences([summary, _("Equal steps to the right multiply the amount: the scale is logarithmic.")])
    return Chart(
        name="amount",
        type="amounts",
        title=_("Known awarded amounts, in yuan"),
        summary=summary,
        base=rows.base,
        columns=[_("Tender"), _("Awarded (yuan)")],
        rows=[],
        marks=marks,
        height=height,
        ticks=[Tick(amount, place(amount)) for amount in _ticks(low, high)],
        more=[Listed(_("Amount known"), number, rows.url({"amount": bands or ["known"]}))],
        unknown=rows.unknown("amount", _("Awarded amount unknown")),
    )


def _magnitude(amount):
    """Return the power of ten that an amount of yuan is; less than one yuan is shown as one."""
    return math.log10(max(amount, 1))


def _ticks(low, high):
    """Return round amounts between two powers of ten, with both: of one decade 1, 3 and 10, of more the powers."""
    if high - low > 1:
        return [10**power for power in range(low, high + 1)]
    return [multiple * 10**low for multiple in (1, 3, 10)]


def _lanes(places):
    """Return for each mark how high it stands, so that the words of none cover another."""
    taken, lanes = [], []
    for x in places:
        left, right = (x - REACH, x + EDGE) if x > 50 else (x - EDGE, x + REACH)
        free = (lane for lane, spans in enumerate(taken) if all(right <= a or b <= left for a, b in spans))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((left, right))
        lanes.append(lane)
    return lanes
