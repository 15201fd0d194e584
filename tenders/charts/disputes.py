"""Amounts on which sources disagree, on one line: ``x`` is per cent of its width, ``y`` pixels."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from tenders.languages import is_chinese
from tenders.money import format_money, format_number

LANE_HEIGHT = 24  # pixels of a label
LETTER_WIDTH = 2.7  # per cent of the narrowest line, on a phone; a Chinese character counts as two letters
LEFT, RIGHT = 4, 84  # per cent: the places of the smallest and the largest amount; the rest is for "more than"
FOOT = 16  # pixels below the line


@dataclass(frozen=True)
class AmountOnLine:
    """One amount that sources state (yuan); ``is_open`` for "more than", which has no upper limit."""

    text: str  # in canonical form
    label: str
    x: float
    is_open: bool = False
    is_chosen: bool = False
    lane: int = 0  # of its label, from 0 upwards
    y: int = 0  # of its label

    @property
    def is_end(self):
        """Whether the label ends at the mark instead of beginning there."""
        return self.x > 50


@dataclass(frozen=True)
class AmountLine:
    """The line: ``y`` is that of the axis."""

    marks: list
    y: int

    @property
    def height(self):
        return self.y + FOOT


def amount_line(texts, chosen):
    """Return the ``AmountLine`` of the stated canonical texts; ``chosen`` is that of the record, or empty."""
    texts = sorted(set(texts), key=lambda text: (_amount(text), text))
    low, high = _amount(texts[0]), _amount(texts[-1])
    places = {
        text: round(float(LEFT + (RIGHT - LEFT) * ((_amount(text) - low) / (high - low) if high > low else 0)), 2)
        for text in texts
    }
    labels = {text: _label(text, is_chosen=text == chosen) for text in texts}
    lanes = _lanes(places, labels)
    y = LANE_HEIGHT * (max(lanes.values()) + 1) + 8
    marks = [
        AmountOnLine(
            text=text,
            label=labels[text],
            x=places[text],
            is_open=text.startswith(">"),
            is_chosen=text == chosen,
            lane=lanes[text],
            y=y - 14 - LANE_HEIGHT * lanes[text],
        )
        for text in texts
    ]
    return AmountLine(marks, y)


def _amount(text):
    return Decimal(text.removeprefix(">"))


def _label(text, *, is_chosen):
    money = format_money(_amount(text)) if is_chinese() else format_number(_amount(text))
    label = _("more than %(number)s") % {"number": money} if text.startswith(">") else money
    return f"✓ {label}" if is_chosen else label


def _lanes(places, labels):
    """Return the lane of each label, so that none overlaps another: the outer ones are higher, so stems are free."""
    taken, lanes = [], {}
    for text in sorted(places, key=lambda text: (abs(places[text] - 50), text)):
        x, width = places[text], LETTER_WIDTH * sum(2 if ord(letter) > 0x2E80 else 1 for letter in labels[text])
        left, right = (x - width, x) if x > 50 else (x, x + width)
        free = (lane for lane, spans in enumerate(taken) if all(right <= a or b <= left for a, b in spans))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((left, right))
        lanes[text] = lane
    return lanes
