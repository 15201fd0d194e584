"""Strip plot of awarded amounts on a logarithmic axis, one mark for a tender."""

import math
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenders.charts.marks import Chart, LinkedCount, Mark
from tenders.facets import UNKNOWN
from tenders.languages import join_sentences

MAX_TENDERS = 20
LANE_HEIGHT = 26  # pixels
MARK_WIDTH = 36  # per cent: a mark with its label
MARGIN = 3  # per cent, at both ends of the axis


@dataclass(frozen=True)
class AmountMark(Mark):
    """A tender on the axis; with ``is_end`` its label ends at its dot instead of beginning there."""

    amount: Decimal = None  # yuan
    qualifier: str = ""
    is_disputed: bool = False  # whether sources disagree on a fact of the tender
    is_end: bool = False


def strip_plot(rows):
    """Return a chart of the tenders with the largest known amounts, or None if no amount is known."""
    known = rows.filterset.qs.filter(award_amount__isnull=False)
    tenders = list(known.for_list().order_by(F("award_amount").desc(), "reference")[:MAX_TENDERS])
    if not tenders:
        return None
    number = known.count()
    chosen = [value for value in rows.filterset.data.getlist("amount") if value != UNKNOWN]
    low = math.floor(_log10(tenders[-1].award_amount))
    high = max(math.ceil(_log10(tenders[0].award_amount)), low + 1)

    def x_of(amount):
        return round(MARGIN + (100 - 2 * MARGIN) * (_log10(amount) - low) / (high - low), 2)

    positions = [x_of(tender.award_amount) for tender in tenders]
    lanes = _lanes(positions)
    height = LANE_HEIGHT * (max(lanes) + 1)
    marks = [
        AmountMark(
            label=tender.name,
            amount=tender.award_amount,
            qualifier=tender.amount_qualifier,
            is_disputed=tender.is_disputed,
            url=tender.get_absolute_url(),
            values={
                "reference": tender.reference,
                "award_amount": tender.award_amount,
                "disputed": tender.is_disputed,
            },
            x=x,
            y=height - LANE_HEIGHT * lane - LANE_HEIGHT / 2,
            is_end=x > 50,
        )
        for tender, x, lane in zip(tenders, positions, lanes, strict=True)
    ]
    summary = ngettext(
        "The awarded amount of %(number)d tender is known.",
        "The awarded amounts of %(number)d tenders are known.",
        number,
    ) % {"number": number}
    shown = _("Shown are the largest %(shown)d.") % {"shown": MAX_TENDERS} if number > MAX_TENDERS else ""
    scale = _("Logarithmic scale.")
    return Chart(
        name="amount",
        type="amounts",
        title=_("Known awarded amounts, in yuan"),
        summary=join_sentences([summary, shown, scale]),
        base=rows.base,
        columns=[_("Tender"), _("Awarded (yuan)")],
        marks=marks,
        height=height,
        ticks=[AmountMark("", amount=amount, x=x_of(amount)) for amount in _ticks(low, high)],
        more=[LinkedCount(_("Amount known"), number, rows.url({"amount": chosen or ["known"]}))],
        unknown=rows.unknown("amount", _("Awarded amount unknown")),
    )


def _log10(amount):
    """Return the decimal logarithm of an amount in yuan; less than one yuan counts as one."""
    return math.log10(max(amount, 1))


def _ticks(low, high):
    """Return the round amounts to label: all powers of ten from 10^low to 10^high, or 1, 3 and 10 within one decade."""
    if high - low > 1:
        return [10**power for power in range(low, high + 1)]
    return [multiple * 10**low for multiple in (1, 3, 10)]


def _lanes(positions):
    """Return the number of the lane, from 0 upwards, of each mark, so that no labels overlap."""
    taken, lanes = [], []
    for x in positions:
        left, right = (x - MARK_WIDTH, x + MARGIN) if x > 50 else (x - MARGIN, x + MARK_WIDTH)
        free = (lane for lane, spans in enumerate(taken) if all(right <= a or b <= left for a, b in spans))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((left, right))
        lanes.append(lane)
    return lanes
