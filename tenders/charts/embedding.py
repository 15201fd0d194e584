"""How another site embeds a chart: a frame with the chart's own page."""

from django.utils.html import format_html
from django.utils.translation import gettext as _

from tenders.charts.pictures import lay_out

WIDTH = 640  # pixels
FRAME = 40  # pixels around the chart, above and below


def embed_size(chart, max_width=None, max_height=None):
    """Return (width, height) of the frame of a chart in pixels; what does not fit into it can be scrolled to."""
    width, height = WIDTH, round(lay_out(chart, "").height) + FRAME
    return min(width, max_width or width), min(height, max_height or height)


def frame_title(chart):
    """Return the name of the frame, which readers of the other site hear."""
    return _("%(title)s (TenderWatch)") % {"title": chart.title}


def embed_code(chart, build_absolute_uri, size=None):
    """Return the HTML of the frame, ``size`` pixels wide and high or narrower."""
    width, height = size or embed_size(chart)
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy"'
        ' style="max-width: 100%; border: 0"></iframe>',
        build_absolute_uri(chart.embed_url),
        frame_title(chart),
        width,
        height,
    )
