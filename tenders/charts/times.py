"""Timeline of the tenders of a party: each bar covers all days that the notice date, a partial date, may mean."""

import datetime
import math
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenders.charts.marks import Chart, Mark
from tenders.facets import UNKNOWN
from tenders.fields import day_span
from tenders.languages import join_sentences

MAX_TENDERS = 25
MIN_WIDTH = 1.5  # per cent: so that a single day is visible
MAX_YEARS = 4  # that are labelled; of more years, every second or third


@dataclass(frozen=True)
class Span(Mark):
    """The bar of a tender, from the first to the last day on which its notice may have been published."""

    date: str = ""  # partial: year, month or day


def timeline(tenders, base, years):
    """
    Return a timeline of tenders in the given order, or None if there are none.

    ``base`` counts all tenders, of which these are the latest; ``years`` are the first and last year of all of them. A
    tender without a notice date covers its ``year``.
    """
    if not tenders:
        return None
    tenders = tenders[:MAX_TENDERS]
    dates = [tender.notice_date or str(tender.year) for tender in tenders]
    spans = [day_span(date) for date in dates]
    first = min(years[0], *(begin.year for begin, _end in spans))
    last = max(years[1], *(end.year for _begin, end in spans))
    start = datetime.date(first, 1, 1)
    days = (datetime.date(last, 12, 31) - start).days + 1
    marks = []
    for tender, date, (begin, end) in zip(tenders, dates, spans, strict=True):
        label = tender.name
        width = max(MIN_WIDTH, 100 * ((end - begin).days + 1) / days)
        x = min(100 * (begin - start).days / days, 100 - width)
        marks.append(
            Span(
                label,
                url=tender.get_absolute_url(),
                values={"reference": tender.reference, "notice_date": tender.notice_date or None, "year": tender.year},
                x=round(x, 2),
                width=round(width, 2),
                date=date,
            )
        )
    step = math.ceil((last - first + 1) / MAX_YEARS)
    summary = _(
        "Each bar covers the period in which the notice could have been published; "
        "a full year if only the year is known."
    )
    if base.number > len(tenders):
        summary = join_sentences([summary, _("Shown are the latest %(shown)d.") % {"shown": len(tenders)}])
    return Chart(
        name="time",
        type="timeline",
        title=_("In time"),
        summary=summary,
        base=base,
        columns=[_("Tender"), _("Notice")],
        marks=marks,
        ticks=[
            Mark(str(year), x=round(100 * (datetime.date(year, 1, 1) - start).days / days, 2))
            for year in range(first, last + 1, step)
        ],
    )


def timeline_of_party(rows):
    """Return the timeline of the tenders of one institution or company, the latest of them; None for other rows."""
    parties = [value for name in ("institution", "company") for value in rows.filterset.data.getlist(name)]
    if len(parties) != 1 or UNKNOWN in parties:
        return None
    tenders = list(rows.filterset.qs.for_list().order_by("-year", "reference")[:MAX_TENDERS])
    return timeline(tenders, rows.base, rows.filterset.queryset.years())
