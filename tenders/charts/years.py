"""Grid of tenders: a column for each year, a row of bars for each category."""

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tenders.charts.marks import Chart, Mark
from tenders.facets import UNKNOWN

COLUMNS = 5  # if there are more years, the first column has the sum of the earlier ones
WIDEST = {1: 80, 2: 75, 3: 65, 4: 55, 5: 45}  # per cent: widest bar by number of columns; the number needs the rest


def by_year_and_category(rows):
    """Return a grid of the tenders by year and category, or None if there are none."""
    categories, columns = _categories(rows), _columns(rows)
    if not columns:
        return None
    cells = _cells(rows, categories, columns)
    most = max(cells.values())
    widest = WIDEST[len(columns)]
    ticks = [Mark(label, number, rows.url({"year": values})) for label, values, number in columns]
    marks, table = [], []
    for slug, label in categories:
        cells_of_row = [
            Mark(
                f"{label}{_(', ')}{years}",
                cells[slug, place],
                rows.url({"category": [slug], "year": values}) if cells[slug, place] else "",
                {"category": None if slug == UNKNOWN else slug, "year": values},
                width=round(widest * cells[slug, place] / most, 2),
                is_unknown=slug == UNKNOWN,
            )
            for place, (years, values, _number) in enumerate(columns)
        ]
        marks += cells_of_row
        table.append((label, cells_of_row))
    return Chart(
        name="year",
        type="grid",
        title=_("Tenders by year and category"),
        summary=_("The number of tenders of each category in each year."),
        base=rows.base,
        columns=[_("Category"), *(years for years, _values, _number in columns)],
        rows=table,
        marks=marks,
        ticks=ticks,
        unknown=rows.unknown("category", _("Category unknown")),
    )


def _columns(rows):
    """Return (label, values of the parameter ``year``, number of tenders) of each column, the latest last."""
    years = [(option.text, [option.value], option.number) for option in reversed(rows.options("year"))]
    if len(years) <= COLUMNS:
        return years
    early, late = years[: 1 - COLUMNS], years[1 - COLUMNS :]
    label = pgettext("a column of years", "–%(year)s") % {"year": early[-1][0]}
    return [(label, [value for _text, (value,), _number in early], sum(number for *_rest, number in early)), *late]


def _categories(rows):
    """Return the (slug, name) of the chosen categories, else of the top level of the tree, the unknown last."""
    chosen, options = set(rows.filterset.data.getlist("category")), rows.options("category")
    above = rows.filterset.get_filter("category").with_ancestors
    if chosen:
        options = [
            option for option in options if option.value in chosen and not chosen & above(option.value) - {option.value}
        ]
    else:
        options = [option for option in options if option.depth == 0]
    # There is no facet if the category of all tenders is unknown.
    return [(option.value, option.text) for option in options] or [(UNKNOWN, _("Unknown"))]


def _cells(rows, categories, columns):
    """Return the number of tenders of each category in each column: {(slug, index of the column): number}."""
    options_for_key = rows.filterset.get_filter("category").options_for_key
    place_of = {value: place for place, (_words, values, _number) in enumerate(columns) for value in values}
    cells = {(slug, place): 0 for slug, _label in categories for place in range(len(columns))}
    found = rows.filterset.qs.order_by().values_list("year", "category__slug").annotate(Count("pk"))
    for year, slug, number in found:
        for option in options_for_key(slug):
            cell = option, place_of.get(str(year))
            if cell in cells:
                cells[cell] += number
    return cells
