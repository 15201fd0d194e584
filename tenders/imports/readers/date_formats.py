"""What a cell shows of a date: as much of it is read as the format shows."""

import datetime
import re
from decimal import Decimal

from django.utils.translation import gettext as _

from tenders.imports.readers.doubtful import Doubtful, Unknown, differs
from tenders.imports.readers.tables import ReadCell
from tenders.kinds import canonical

DATE_TOKENS = {"date", "ampm", "elapsed"}
FIRST = {False: datetime.datetime(1899, 12, 30), True: datetime.datetime(1904, 1, 1)}  # day 0, also from 1904
# For some programs, 1900 has a 29 February: before March of it, they differ.
FIRST_DAY = datetime.datetime(1900, 3, 1)
MIDNIGHT = datetime.time(23, 59, 59, 500_000)  # from here on
FIELDS = {"y": "year", "e": "year", "g": "era", "m": "month", "d": "day", "a": "weekday", "h": "hour", "s": "second"}
UNITS = {"年": "year", "月": "month", "日": "day", "号": "day", "时": "hour", "分": "minute", "秒": "second"}
BETWEEN = re.compile(r"[-/.,:'()\s]|T|Z")
WHOLE = {"year", "month", "day"}
TIME = {"hour", "minute", "second", "ampm"}


class DateSection:
    """The section of a number format that shows a date; ``code`` is the whole format."""

    def __init__(self, tokens, code):
        self._code = code
        self._parts = []  # (field, text), a literal text without a field
        for token in tokens:
            self._add(token)
        self._find_minutes()
        self._check_units()
        self.fields = {name for name, _text in self._parts if name}

    def _add(self, token):
        if token.kind == "date":
            name = FIELDS[token.text[0].lower()]
            if name == "day" and len(token.text) > 2:
                name = "weekday"
            if name == "month" and len(token.text) > 4:
                name = "initial"
            self._parts.append((name, token.text.lower()))
        elif token.kind in {"ampm", "elapsed"}:
            self._parts.append((token.kind, token.text))
        elif token.kind == "space":
            self._parts.append(("", " "))
        elif token.kind in {"literal", "digit"} or (token.kind == "sign" and token.text != "@"):
            self._parts.append(("", token.text))
        elif token.kind != "fill" and token.text != "@":
            raise Unknown(self._code)

    def _find_minutes(self):
        """Make months minutes that stand behind hours or before seconds."""
        dated = [place for place, (name, _text) in enumerate(self._parts) if name and name != "ampm"]
        for before, place, after in zip([None, *dated], dated, [*dated[1:], None], strict=False):
            name, text = self._parts[place]
            is_minute = (before is not None and self._parts[before][0] in {"hour", "elapsed"}) or (
                after is not None and self._parts[after][0] == "second"
            )
            if name == "month" and len(text) <= 2 and is_minute:
                self._parts[place] = ("minute", text)

    def _check_units(self):
        """Refuse other text than what stands between the parts of a date, and 年, 月, 日 behind another part."""
        last, fraction = "", False
        for name, text in self._parts:
            if name:
                last, fraction = name, False
                continue
            for sign in text:
                if sign == "." and last == "second":
                    fraction = True
                elif sign == "0" and fraction:
                    pass
                elif sign in UNITS:
                    if UNITS[sign] != last:
                        raise Unknown(self._code)
                elif not BETWEEN.fullmatch(sign):
                    raise Unknown(self._code)

    def read(self, value, *, is_1904):
        """Return what the cell shows of a date, a ``ReadCell`` where that is a part of it or more; or ``Doubtful``."""
        moment = self._moment(value, is_1904=is_1904)
        shown = self._render(moment, value)
        is_ambiguous = moment.time() >= MIDNIGHT  # some programs round it up to the next day
        if is_ambiguous or self.fields & {"elapsed", "initial"} or not self.fields & WHOLE:
            raise differs(canonical(value), shown)
        if self.fields >= WHOLE:
            text = f"{moment:%Y-%m-%d}"
            return ReadCell(text, shown) if self.fields & TIME else text
        if "year" in self.fields and not self.fields & {"day", "weekday", *TIME}:
            return ReadCell(f"{moment:%Y-%m}" if "month" in self.fields else f"{moment:%Y}", shown)
        raise Doubtful(
            shown,
            _("Write the date as text, such as 2019, 2019-06 or 2019-06-19: “%(shown)s” isn’t one.") % {"shown": shown},
        )

    def _moment(self, value, *, is_1904):
        try:
            moment = FIRST[is_1904] + datetime.timedelta(microseconds=round(value * Decimal(86_400_000_000)))
        except OverflowError:
            moment = None
        if value < 0 or moment is None or moment < FIRST_DAY:
            raise Doubtful(canonical(value), _("Write the date as text: spreadsheets differ on this one."))
        return moment

    def _render(self, moment, value):
        """Return a date as the cell shows it, with English names."""
        is_half = "ampm" in self.fields
        hours = {"h": str(moment.hour % 12 or 12 if is_half else moment.hour)}
        texts = {
            "year": lambda text: f"{moment:%Y}" if len(text) > 2 or text[0] == "e" else f"{moment:%y}",
            "era": lambda text: "",
            "month": lambda text: [str(moment.month), f"{moment:%m}", f"{moment:%b}", f"{moment:%B}"][len(text) - 1],
            "initial": lambda text: f"{moment:%B}"[0],
            "day": lambda text: str(moment.day).zfill(len(text)),
            "weekday": lambda text: f"{moment:%A}" if len(text) > 3 else f"{moment:%a}",
            "hour": lambda text: hours["h"].zfill(len(text)),
            "minute": lambda text: str(moment.minute).zfill(len(text)),
            "second": lambda text: str(moment.second).zfill(len(text)),
            "ampm": lambda text: "AM" if moment.hour < 12 else "PM",
            "elapsed": lambda text: str(int(value * {"h": 24, "m": 1440, "s": 86400}[text[0].lower()])),
        }
        return "".join(texts[name](text) if name else text for name, text in self._parts).strip()
