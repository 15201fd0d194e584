"""Bar charts: the options of a facet, and pairs of the purchase's region with the winner's."""

from collections import Counter
from dataclasses import replace

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenders.charts.marks import Chart, LinkedCount, Mark
from tenders.charts.summaries import largest_summary
from tenders.facets import UNKNOWN, ReferencesFilter
from tenders.languages import join_sentences

MAX_PAIRS = 12  # of regions
NUMBER_WIDTH = 17  # per cent: the space that the longest bar leaves for its number


def bars(rows, name, title, *, by_number=False, everything=None):
    """
    Return a bar for each option of a facet, or None if only the option "unknown" has rows.

    ``by_number`` puts the longest bar first. A facet of records lists only those with the most rows: for these
    ``everything(rows)`` returns links to the whole list.
    """
    options = rows.options_by_number(name) if by_number else rows.options(name)
    if all(option.value == UNKNOWN for option in options):
        return None
    marks = [
        Mark(
            option.text,
            option.number,
            rows.url({name: [option.value]}),
            {name: None if option.value == UNKNOWN else option.value},
            depth=option.depth,
            is_unknown=option.value == UNKNOWN,
        )
        for option in options
    ]
    names_records = isinstance(rows.filterset.get_filter(name), ReferencesFilter)
    are_cut_off = names_records and sum(not mark.is_unknown for mark in marks) >= rows.filterset.biggest
    cut_off = _("Shown are the first %(n)d.") % {"n": rows.filterset.biggest} if are_cut_off else ""
    return _bar_chart(
        rows,
        marks,
        name=name,
        title=str(title),
        summary=join_sentences([largest_summary(marks, name, rows.numbers(name) if are_cut_off else None), cut_off]),
        columns=[rows.label(name), _("Number")],
        unknown=rows.unknown(name),
        more=everything(rows) if are_cut_off and everything else [],
    )


def pairs_of_regions(rows):
    """
    Return a bar for each pair of the purchase's and a winner's region, or None if no pair is known.

    It shows the article's "closest principle": whether buyers choose winners near them.
    """
    regions = {option.value: option.text for name in ("region", "supplier_region") for option in rows.options(name)}
    regions.pop(UNKNOWN, None)
    pairs = Counter()
    found = rows.filterset.qs.order_by().values_list("region__code", "figures__company_regions").annotate(Count("pk"))
    for region, others, number in found:
        for other in filter(None, others.split(",")):
            if region in regions and rows.shows("supplier_region", other):
                pairs[region, other] += number
    if not pairs:
        return None
    frequent = sorted(pairs.items(), key=lambda item: (-item[1], len(set(item[0])), item[0]))[:MAX_PAIRS]
    more = _("Shown are the %(shown)d most frequent pairs of %(all)d.") % {"shown": MAX_PAIRS, "all": len(pairs)}
    share, lists = _within_region(rows)
    marks = []
    for (region, other), number in frequent:
        text = _("%(region)s, within the region") if region == other else _("%(region)s → %(other)s")
        label = text % {"region": regions[region], "other": regions[other]}
        pair = {"region": region, "supplier_region": other}
        url = rows.url({name: [value] for name, value in pair.items()})
        marks.append(Mark(label, number, url, pair, shade=int(region == other)))
    return _bar_chart(
        rows,
        marks,
        name="same_region",
        title=_("From the region of the purchase to that of the winner"),
        summary=join_sentences([share, more if len(pairs) > MAX_PAIRS else ""]),
        more=lists,
        columns=[_("Purchase → winner"), _("Number")],
        unknown=[
            *rows.unknown("region", _("Region of the purchase unknown")),
            *rows.unknown("supplier_region", _("Region of the winner unknown")),
        ],
    )


def _bar_chart(rows, marks, **data):
    """Return a chart of marks as bars below each other, each beside its label."""
    most = max(mark.number for mark in marks)
    placed = [replace(mark, width=round((100 - NUMBER_WIDTH) * mark.number / most, 2)) for mark in marks]
    cells = [(mark.label, [mark]) for mark in placed]
    return Chart(type="bars", kind=rows.kind, base=rows.base, marks=placed, rows=cells, **data)


def _within_region(rows):
    """Return a sentence on how many tenders were won from within their region, and links to the lists it counts."""
    numbers = {option.value: option.number for option in rows.options("same_region") if option.value != UNKNOWN}
    near, known = numbers.get("yes", 0), sum(numbers.values())
    if not known:
        return "", []
    text = ngettext(
        "%(near)d of the %(known)d tender whose regions are known was won from within the region.",
        "%(near)d of the %(known)d tenders whose regions are known were won from within the region.",
        known,
    )
    lists = [LinkedCount(_("Regions known"), known, rows.url({"same_region": list(numbers)}))]
    if near:
        lists.insert(0, LinkedCount(_("Within the region"), near, rows.url({"same_region": ["yes"]})))
    return text % {"near": near, "known": known}, lists
