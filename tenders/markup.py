"""HTML of values, which template tags and tables share: names and titles in their language, hits of a search, dates."""

import datetime
import re
from functools import lru_cache
from itertools import islice

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenders.fields import day_span
from tenders.models.parties import Party
from tenders.search import HAN, fold, hits, pinyin

LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
HAN_RUN = re.compile(f"(?:{HAN.pattern})+")
EXCERPT = 60  # characters before and after a hit


@lru_cache(maxsize=10_000)  # a list needs it of a hundred names and titles (Q1 of the benchmark)
def language(text):
    """
    Return the language of a text: ``zh-Hans`` if it has more Chinese characters than Latin words, else ``en``.

    A Chinese name within an English sentence does not count, however long it is.
    """
    if len(HAN.findall(text)) <= len(LATIN_WORD.findall(text)):
        return "en"
    pieces = HAN_RUN.split(text)
    num_latin = sum(bool(LATIN_WORD.search(piece)) for piece in pieces)
    return "zh-Hans" if num_latin < len(pieces) else "en"


def in_language(text, pieces=()):
    """Return a text in a span with its language; ``pieces`` are those of ``hits``, which are marked."""
    if pieces:
        text_or_marked = ((format_html("<mark>{}</mark>", piece) if is_hit else piece,) for piece, is_hit in pieces)
        return format_html('<span lang="{}">{}</span>', language(text), format_html_join("", "{}", text_or_marked))
    return format_html('<span lang="{}">{}</span>', language(text), text)


def sought_in_language(text, sought, *, in_pinyin=False):
    """Return a text in a span with its language, with the hits of the words of a search: by pinyin too in names."""
    return in_language(text, hits(text, sought, in_pinyin=in_pinyin) if sought else ())


def link_to(record, sought=(), *, in_pinyin=False):
    """Return the link to a public record: its title or name; an untitled tender is called by what is known of it."""
    title = record.name if isinstance(record, Party) else record.title
    if title:
        text = sought_in_language(title, sought, in_pinyin=in_pinyin)
    else:  # two of one institution and year have one name
        hidden = format_html('<span class="visually-hidden"> {}</span>', record.reference)
        text = format_html('<span class="untitled">{}</span>{}', record.name, hidden)
    return format_html('<a href="{}">{}</a>', record.get_absolute_url(), text)


def date_element(text):
    """Return a partial date as readers of the active language write it, with its canonical form for machines."""
    return format_html('<time datetime="{}">{}</time>', text, partial_date(text))


def partial_date(text):
    """Format a partial date in the active language, to its own precision; another text is returned unchanged."""
    return _partial_date(text, get_language())


@lru_cache(maxsize=4096)
def _partial_date(text, language):
    try:
        day_span(text)
    except ValueError:
        return text
    parts = [int(part) for part in text.split("-")]
    day = datetime.date(*parts, *[1] * (3 - len(parts)))
    # Translators: the format of a year, of a month and of a day, as in Django's date filter.
    formats = {1: _("Y"), 2: _("F Y"), 3: _("j F Y")}
    return date_format(day, formats[len(parts)])


def found_elsewhere(record, sought, shown):
    """
    Return excerpts with the search words that a row does not show: from other names, the reference, or the notes.

    ``shown`` are the names and titles that it does show.
    """
    shown = list(shown)
    missing = sought
    for text in (fold("\n".join(shown)), *map(pinyin, shown)):
        missing = [word for word in missing if word not in text]
    if not missing:
        return []
    if isinstance(record, Party):
        parties, quoted = [record], [record.reference]
    else:
        parties = [party for party in (record.buyer, *record.suppliers) if party and party.is_published]
        quoted = [record.reference, record.other_title]
        quoted += [text for party in parties for text in (party.name, party.reference)]
    quoted += [name for party in parties for name in (party.other_name, *party.aliases)]
    in_names = [hits(name, missing, in_pinyin=True) for name in quoted]
    in_notes = [hits(notes, missing) for notes in (record.shown_notes, record.notes, record.notes_zh)]
    elsewhere = [*filter(_has_hit, in_names), *islice(filter(_has_hit, in_notes), 1)]
    return [_excerpt(pieces) for pieces in elsewhere]


def _has_hit(pieces):
    return any(is_hit for _piece, is_hit in pieces)


def _excerpt(pieces):
    """Return the marked text around the first hit."""
    first = next(number for number, (_piece, is_hit) in enumerate(pieces) if is_hit)
    hit = pieces[first][0]
    before, after = ("".join(piece for piece, _ in some) for some in (pieces[:first], pieces[first + 1 :]))
    before = before if len(before) <= EXCERPT else f"…{before[-EXCERPT:]}"
    after = after if len(after) <= EXCERPT else f"{after[:EXCERPT]}…"
    return in_language(before + hit + after, [(before, False), (hit, True), (after, False)])
