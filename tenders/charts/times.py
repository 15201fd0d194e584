"""The tenders of one body in time: each as a span that is no shorter than what is known of its date."""

import datetime
import math
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenders.charts.marks import BAR, GAP, LABEL, LINE, Chart, wrapped
from tenders.fields import day_span
from tenders.languages import join_sentences

NARROWEST = 1.5  # so that a day can be seen
MOST_YEARS = 6  # written under the line; of more, every second or third


@dataclass(frozen=True)
class Span:
    """A tender from the first to the last day on which its notice may have been published."""

    label: str
    date: str  # partial, as it is known
    url: str
    lines: list
    x: float
    y: float
    width: float
    height: float

    @property
    def bar_y(self):
        """Where its bar begins, below its top."""
        return LINE * len(self.lines) + 3


@dataclass(frozen=True)
class Year:
    """Where a year begins."""

    number: int
    x: float


def timeline(tenders, base, years):
    """
    Return tenders on a line from the first to the last of all ``years``, in their order, or None where there is none.

    They are the latest of the ``base``. Where no date of notice is known, that is the year to which the sources count
    it.
    """
    if not tenders:
        return None
    dates = [tender.notice_date or str(tender.year) for tender in tenders]
    spans = [day_span(date) for date in dates]
    first = min(years[0], *(begin.year for begin, _end in spans))
    last = max(years[1], *(end.year for _begin, end in spans))
    start = datetime.date(first, 1, 1)
    days = (datetime.date(last, 12, 31) - start).days + 1
    marks, y = [], LINE + GAP
    for tender, date, (begin, end) in zip(tenders, dates, spans, strict=True):
        lines = wrapped(tender.title or tender.reference, LABEL)
        width = max(NARROWEST, 100 * ((end - begin).days + 1) / days)
        x = min(100 * (begin - start).days / days, 100 - width)
        height = LINE * len(lines) + BAR + GAP
        marks.append(
            Span(
                label=tender.title or tender.reference,
                date=date,
                url=tender.get_absolute_url(),
                lines=lines,
                x=round(x, 2),
                y=y,
                width=round(width, 2),
                height=height,
            )
        )
        y += height
    step = math.ceil((last - first + 1) / MOST_YEARS)
    summary = _("Each bar spans the days on which its notice may have been published: a year where no more is known.")
    if base.number > len(tenders):
        summary = join_sentences([summary, _("Shown are the latest %(shown)d.") % {"shown": len(tenders)}])
    return Chart(
        name="time",
        type="timeline",
        title=_("In time"),
        summary=summary,
        base=base,
        columns=[_("Tender"), _("Notice")],
        rows=[],
        marks=marks,
        height=y,
        ticks=[
            Year(year, round(100 * (datetime.date(year, 1, 1) - start).days / days, 2))
            for year in range(first, last + 1, step)
        ],
    )
