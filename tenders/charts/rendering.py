"""SVG pictures as PNG, with the fonts of the machine."""

from functools import cache

import resvg_py
from django.core import checks

SCALE = 2  # pixels of the PNG for each of the SVG
LETTERS = ("A", "汉")  # without a font of each, a picture would lack its words


def png_of(svg):
    """Return the text of an SVG file as the bytes of a PNG."""
    return resvg_py.svg_to_bytes(svg_string=svg, zoom=SCALE)


@cache
def can_draw():
    """Return whether the machine has fonts for Latin letters and for Chinese characters."""
    blank, *drawn = (png_of(_text(letter)) for letter in (" ", *LETTERS))
    return blank not in drawn


def check_fonts(app_configs, **kwargs):
    """What ``check --deploy`` says of the fonts."""
    if can_draw():
        return []
    hint = "Install a font with Latin letters and Chinese characters, such as fonts-noto-cjk (docs/deployment.md)."
    return [checks.Info("No pictures of charts are offered as PNG: fonts are missing.", hint=hint, id="tenders.I001")]


def _text(letter):
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text y="16">{letter}</text></svg>'
