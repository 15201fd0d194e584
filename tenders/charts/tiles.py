"""Tile map: each province-level division is a square of the same size, so that no border is drawn."""

import math

from django.utils.translation import gettext as _

from tenders.charts.marks import Chart, Mark
from tenders.charts.summaries import largest_summary
from tenders.facets import UNKNOWN
from tenders.languages import is_chinese, join_sentences

TILE = 40  # units of the drawing: a tile with the gap beside it
SHADES = 4  # from light to dark; their thresholds grow geometrically

# The 34 divisions of ISO 3166-2:CN, near their neighbours as far as a grid allows: the letters of the code, and the
# character that abbreviates the division on number plates and maps.
GRID = """
    ...  ...  ...  ...  ...  ...  ...  HL黑
    ...  ...  ...  ...  NM蒙 ...  ...  JL吉
    XJ新 ...  GS甘 NX宁 SX晋 BJ京 TJ津 LN辽
    XZ藏 QH青 ...  SN陕 HA豫 HE冀 SD鲁 ...
    ...  ...  SC川 CQ渝 HB鄂 AH皖 JS苏 SH沪
    ...  ...  YN云 GZ贵 HN湘 JX赣 ZJ浙 ...
    ...  ...  ...  GX桂 GD粤 FJ闽 ...  TW台
    ...  ...  ...  HI琼 MO澳 HK港 ...  ...
"""
TILES = {
    f"CN-{cell[:2]}": (column, row, cell[:2], cell[2])
    for row, line in enumerate(GRID.split("\n")[1:-1])
    for column, cell in enumerate(line.split())
    if cell != "..."
}


def tile_map(rows, name, title):
    """Return a tile map of a facet of regions, or None if no region is known."""
    listed = [
        Mark(
            option.text,
            option.number,
            rows.url({name: [option.value]}),
            {name: None if option.value == UNKNOWN else option.value},
            is_unknown=option.value == UNKNOWN,
        )
        for option in rows.options_by_number(name)
    ]
    numbers = {option.value: option.number for option in rows.options(name) if option.value != UNKNOWN}
    if not numbers:
        return None
    thresholds = _thresholds(max(numbers.values()))
    names = dict(rows.filterset.get_filter(name).options)
    marks = []
    for code, (column, line, letters, character) in TILES.items():
        number = numbers.get(code, 0)
        marks.append(
            Mark(
                str(names.get(code, code)),
                number,
                rows.url({name: [code]}) if number else "",
                x=column * TILE,
                y=line * TILE,
                short=character if is_chinese() else letters,
                shade=sum(number >= threshold for threshold in thresholds),
            )
        )
    return Chart(
        name=name,
        type="tiles",
        title=str(title),
        summary=join_sentences([largest_summary(listed, name), _("A tile stands for each province-level division.")]),
        kind=rows.kind,
        base=rows.base,
        columns=[rows.label(name), _("Number")],
        rows=[(mark.label, [mark]) for mark in listed],
        marks=marks,
        ticks=_legend(thresholds),
        unknown=rows.unknown(name),
    )


def _thresholds(most):
    """Return the smallest number of each shade; with small numbers, 1 and 2 are still light."""
    most = max(most, 10)
    return [math.ceil(round(most ** (shade / (SHADES - 1)), 9)) for shade in range(SHADES)]


def _legend(thresholds):
    """Return a mark for each shade, labelled with its range of numbers."""
    ends = [threshold - 1 for threshold in thresholds[1:]]
    labels = [
        str(threshold) if threshold == end else f"{threshold}–{end}"
        for threshold, end in zip(thresholds, ends, strict=False)
    ]
    return [Mark(label, shade=shade) for shade, label in enumerate([*labels, f"{thresholds[-1]}+"], 1)]
